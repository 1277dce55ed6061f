"""The migrations make exactly the tables the code knows, and can be taken back."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from db.schema import MIGRATIONS


def test_the_newest_schema_is_what_the_code_expects_and_every_step_can_be_taken_back(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", database_url.replace("+aiosqlite", "").replace("%", "%%"))

    command.check(config)
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    command.check(config)

    assert list(Path(MIGRATIONS, "versions").glob("*.py"))
