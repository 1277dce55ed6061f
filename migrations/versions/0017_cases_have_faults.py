"""Cases show what is wrong with what runs them, and what is done now and then is done by one worker at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CASES = ("orders", "incidents", "pages", "launches", "waves")


def upgrade() -> None:
    for table in CASES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("faults", sa.Text(), nullable=True))
    op.create_table(
        "rounds",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rounds")),
    )


def downgrade() -> None:
    op.drop_table("rounds")
    for table in CASES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("faults")
