"""The ledger: what a price is for, and counter-entries that can be counted."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None

# A counter-entry took back the amount and left the quantity as it was: their product was not the amount.
COUNTED = "UPDATE ledger SET quantity = -quantity WHERE kind = 'reverse'"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("per", sa.Integer(), server_default="1", nullable=False))
    op.execute(COUNTED)


def downgrade() -> None:
    op.execute(COUNTED)
    op.drop_column("ledger", "per")
