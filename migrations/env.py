"""How Alembic reaches the database; `db.schema.migrate` and `make migration` both come through here."""

from alembic import context
from sqlalchemy import engine_from_config, pool
from sqlmodel import AutoString

import db.access.door
import db.access.keys
import db.alerts.alert
import db.alerts.groups
import db.alerts.maintenance
import db.alerts.rules
import db.assets.asset
import db.assets.imports
import db.cases.journal
import db.cases.notices
import db.channels
import db.contracts
import db.incidents
import db.ledger
import db.moves.launches
import db.moves.plans
import db.moves.projects
import db.oncall.pages
import db.oncall.rotas
import db.orders
import db.vendors.directories
import db.vendors.vendor  # noqa: F401  # importing a table makes it known
from db.columns import METADATA, UtcDateTime


def render(kind: str, value: object, autogen_context: object) -> str | bool:
    """Types are written as what they are in the database, so that old migrations need no code of ours."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, AutoString):
        return f"sa.String(length={value.length})"
    return False


def run() -> None:
    section = context.config.get_section(context.config.config_ini_section, {})
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=METADATA, render_as_batch=True, render_item=render, compare_type=True
        )
        with context.begin_transaction():
            context.run_migrations()


run()
