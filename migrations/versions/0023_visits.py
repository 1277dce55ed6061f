"""Who works where when: the visits of orders are columns, and are asked by technician and day."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("technician", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    _find_visits()
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_technician", ["technician", "starts_at", "no"], unique=False)
        batch_op.create_index("ix_orders_starts", ["starts_at", "no"], unique=False)


def _find_visits() -> None:
    orders = sa.table(
        "orders",
        sa.column("no", sa.String()),
        sa.column("progress", sa.Text()),
        sa.column("technician", sa.String()),
        sa.column("starts_at", sa.DateTime(timezone=True)),
        sa.column("ends_at", sa.DateTime(timezone=True)),
    )
    connection, last = op.get_bind(), ""
    while True:
        query = sa.select(orders.c.no, orders.c.progress).where(orders.c.no > last)
        rows = connection.execute(query.order_by(orders.c.no).limit(AT_ONCE)).all()
        for no, progress in rows:
            visit = json.loads(progress).get("appointment") if progress else None
            if visit is not None:
                start, end = (
                    datetime.fromisoformat(visit["window"][name]).astimezone(UTC) for name in ("start", "end")
                )
                found = {"technician": visit.get("technician"), "starts_at": start, "ends_at": end}
                connection.execute(sa.update(orders).where(orders.c.no == no).values(found))
        if not rows:
            return
        last = rows[-1][0]


def downgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index("ix_orders_starts")
        batch_op.drop_index("ix_orders_technician")
        batch_op.drop_column("ends_at")
        batch_op.drop_column("starts_at")
        batch_op.drop_column("technician")
