"""Incidents are found by their words and category, and remember how they are about to stand to each other."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "incident_relations",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("other", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "no", name=op.f("pk_incident_relations")),
    )
    with op.batch_alter_table("incident_relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_relations_customer"), ["customer"], unique=False)
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        batch_op.create_index(
            "ix_incidents_category_received", ["customer", "category", "received_at", "no"], unique=False
        )
    _find_words()
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.alter_column("words", server_default=None)


def _find_words() -> None:
    incidents = sa.table("incidents", *map(sa.column, ("no", "incident", "progress", "category", "words")))
    connection, last = op.get_bind(), ""
    while True:
        query = sa.select(incidents.c.no, incidents.c.incident, incidents.c.progress)
        query = query.where(incidents.c.no > last).order_by(incidents.c.no).limit(AT_ONCE)
        rows = connection.execute(query).all()
        for no, incident, progress in rows:
            request = json.loads(incident)["request"]
            said = (no, request["title"], request.get("description"), request.get("reference"))
            category = json.loads(progress).get("category") if progress else request.get("category")
            found = {"category": category, "words": "\n".join(text for text in said if text).casefold()}
            connection.execute(sa.update(incidents).where(incidents.c.no == no).values(found))
        if not rows:
            return
        last = rows[-1][0]


def downgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_category_received")
        batch_op.drop_column("words")
        batch_op.drop_column("category")
    with op.batch_alter_table("incident_relations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_relations_customer"))
    op.drop_table("incident_relations")
