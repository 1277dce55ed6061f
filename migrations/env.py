"""How Alembic reaches the database; `db.schema.migrate` and `make migration` both come through here."""

from alembic import context
from sqlalchemy import engine_from_config, pool
from sqlmodel import AutoString

import db.alert_groups
import db.alert_rules
import db.alerts
import db.assets
import db.channels
import db.contracts
import db.directories
import db.door
import db.imports
import db.incidents
import db.journal
import db.keys
import db.launches
import db.ledger
import db.maintenance
import db.notices
import db.orders
import db.pages
import db.project_plans
import db.projects
import db.rotas
import db.vendors  # noqa: F401  # importing a table makes it known
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
