"""`imac migrate`: the database is brought to the schema of this version, all of it or nothing."""

from sqlalchemy.exc import SQLAlchemyError

from cli.errors import CliError, Exit
from cli.stack.ground import silent_database
from cli.stack.programs import keep_private, must_be_whole, read_settings
from db.revisions import HEAD
from db.schema import SchemaAhead
from db.schema import migrate as bring_up_to_date


def migrate() -> None:
    """Upgrade the database to the latest schema."""
    migrate_database(read_settings().database_url)


def migrate_database(url: str) -> None:
    """Raises `CliError` for a database that does not answer, is damaged, or was made by a newer version."""
    keep_private()
    must_be_whole(url)
    try:
        bring_up_to_date(url)
    except SchemaAhead as ahead:
        raise CliError("schema_ahead", Exit.REFUSED, found=ahead.found, needed=HEAD) from None
    except (SQLAlchemyError, OSError) as error:
        raise silent_database(error) from None
