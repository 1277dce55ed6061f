"""How Alembic reaches the database; `db.schema.migrate` and `make migration` both come through here."""

from importlib import import_module
from pkgutil import walk_packages

from alembic import context
from sqlalchemy import engine_from_config, pool
from sqlmodel import AutoString

import db
from db.columns import METADATA, UtcDateTime

# Importing a table makes it known, wherever it lives.
for module in walk_packages(db.__path__, "db."):
    import_module(module.name)


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
