"""What cases wait for people to say, beside the cases; `imac migrate` fills it from what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INDEXES = ("customer", "exception", "person", "role")


def upgrade() -> None:
    op.create_table(
        "awaited",
        sa.Column("case", sa.String(length=160), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("command", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exception", sa.Boolean(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case", "step", "person", name=op.f("pk_awaited")),
    )
    with op.batch_alter_table("awaited", schema=None) as batch_op:
        for name in INDEXES:
            batch_op.create_index(f"ix_awaited_{name}", [name, "due", "case", "step"], unique=False)
        batch_op.create_index("ix_awaited_due", ["due", "case", "step"], unique=False)


def downgrade() -> None:
    op.drop_table("awaited")
