"""The migrations that bring a database up to date. Apart from the engine: who only reads loads no Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script.revision import ResolutionError
from alembic.util import CommandError

from db.revisions import MIGRATIONS


class SchemaAhead(Exception):
    """The database has been brought to a schema of which this version knows nothing."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def migrate(url: str) -> None:
    """Bring the database to the newest schema: all of it or nothing, and one at a time. Raises `SchemaAhead`.

    Blocking: call it before the loop runs, or in a thread.
    """
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("+aiosqlite", "").replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise SchemaAhead(str(error.__cause__.argument)) from error
        raise
