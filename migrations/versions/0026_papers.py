"""Papers: photos, signatures and documents, by the digest of what they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_papers")),
    )
    op.create_table(
        "paper_contents",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_paper_contents")),
    )
    op.create_table(
        "papers_handed_in",
        sa.Column("case", sa.String(length=96), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["papers.digest"], name=op.f("fk_papers_handed_in_digest_papers")),
        sa.PrimaryKeyConstraint("case", "digest", name=op.f("pk_papers_handed_in")),
    )


def downgrade() -> None:
    op.drop_table("papers_handed_in")
    op.drop_table("paper_contents")
    op.drop_table("papers")
