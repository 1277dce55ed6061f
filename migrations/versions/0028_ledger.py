"""The ledger: what a price is for, counter-entries that can be counted, and nothing that can be changed."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# A counter-entry took back the amount and left the quantity as it was: their product was not the amount.
COUNTED = "UPDATE ledger SET quantity = -quantity WHERE kind = 'reverse'"
# SQLite deletes without a trigger's notice where a row is inserted over another: that is refused as well.
APPEND_ONLY = {
    "sqlite": [
        f"""CREATE TRIGGER ledger_no_{name} BEFORE {what} ON ledger {when}
        BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"""
        for name, what, when in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", "WHEN EXISTS (SELECT 1 FROM ledger WHERE key = NEW.key)"),
        )
    ],
    "postgresql": [
        """CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'ledger is append-only'; END $$""",
        """CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()""",
    ],
}
TAKEN_AWAY = {
    "sqlite": [f"DROP TRIGGER ledger_no_{name}" for name in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER ledger_no_change ON ledger", "DROP FUNCTION ledger_is_append_only()"],
}


def upgrade() -> None:
    op.add_column("ledger", sa.Column("per", sa.Integer(), server_default="1", nullable=False))
    op.execute(COUNTED)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in TAKEN_AWAY[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute(COUNTED)
    op.drop_column("ledger", "per")
