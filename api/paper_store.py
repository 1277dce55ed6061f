"""Where papers are kept, each under its digest: in a folder of this machine, or where the database is."""

from typing import Protocol

from connectors.paper_folder import PaperFolder
from db.damage import file_of
from db.engine import Database
from db.papers import PaperTable
from settings import Settings


class PaperStore(Protocol):
    """Where the files are, each under its digest."""

    async def put(self, digest: str, content: bytes) -> None: ...

    async def get(self, digest: str) -> bytes | None: ...


def paper_store(settings: Settings, database: Database) -> PaperStore:
    """The data directory belongs to a machine, a server to all who ask it."""
    is_server = file_of(settings.database_url) is None
    return PaperTable(database) if is_server else PaperFolder(settings.data_dir / "papers")
