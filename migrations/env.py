"""How Alembic reaches the database; `db.schema.migrate` and `make migration` both come through here."""

from importlib import import_module
from pkgutil import walk_packages

from alembic import context
from sqlalchemy import Connection, engine_from_config, event, pool
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


def begin_to_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def leave_beginning_to_us(connection: object, _: object) -> None:
    # Left alone, the driver commits every change of a table by itself, and what is broken off is half done.
    connection.isolation_level = None  # type: ignore[attr-defined]  # the driver's own type


def run() -> None:
    section = context.config.get_section(context.config.config_ini_section, {})
    on_sqlite = section["sqlalchemy.url"].startswith("sqlite")
    # Whoever starts at the same moment waits for its turn.
    patience = {"timeout": 600} if on_sqlite else {"connect_timeout": 10}
    engine = engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool, connect_args=patience)
    if on_sqlite:
        event.listen(engine, "connect", leave_beginning_to_us)
        event.listen(engine, "begin", begin_to_write)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=True,
            render_item=render,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if not on_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7042103)")
            context.run_migrations()


run()
