"""Customers say once what headings and words in their lists mean."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import AutoString

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_words",
        sa.Column("customer", AutoString(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customers.id"]),
        sa.PrimaryKeyConstraint("customer"),
    )


def downgrade() -> None:
    op.drop_table("list_words")
