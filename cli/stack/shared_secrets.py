"""Secrets that every process of one house must have alike. The database remembers them, and gives none away."""

from cli.errors import CliError, Exit
from connectors.links import links
from db.engine import Database
from db.shared_secrets import is_shared, share_anew
from settings import Settings

LINKS = "links"


def must_be_given(settings: Settings) -> None:
    """A file in one machine's data directory is no secret that others share."""
    if settings.link_secret is None and not settings.database_url.startswith("sqlite"):
        raise CliError("link_secret_missing", Exit.USAGE)


async def agree(database: Database, settings: Settings) -> None:
    """Raises `CliError` when others sign links with another secret than this process would."""
    must_be_given(settings)
    if not await is_shared(database, LINKS, links(settings).secret):
        raise CliError("link_secret_differs", Exit.REFUSED)


async def adopt(database: Database, settings: Settings) -> None:
    """From now on the secret of these settings is the one; links signed with the one before open nothing."""
    must_be_given(settings)
    await share_anew(database, LINKS, links(settings).secret)
