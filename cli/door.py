"""`imac door`: who was refused, and who changed keys and channels."""

from collections.abc import Iterable

from rich.console import RenderableType

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.http import Query, parsed, path
from cli.moments import clock_at
from cli.tables import filled, table
from documents.wording import word
from domain.door import AtDoor, NumberedEntry
from domain.people import Language

LARGEST_PAGE = 200
ZONE = "UTC"


async def show(
    *,
    what: AtDoor | None = None,
    key: str | None = None,
    about: str | None = None,
    customer: str | None = None,
    limit: int = 50,
    asking: Asking = ASKING,
) -> None:
    """List the entries of the door's log, the newest first. None is ever changed or removed.

    Parameters
    ----------
    what
        Only entries of this kind.
    key
        Only what was done or tried with this key.
    about
        Only changes of this key or channel.
    """
    query: Query = {
        "what": what,
        "key": key,
        "about": about,
        "customer": customer,
        "limit": min(limit, LARGEST_PAGE),
    }
    async with asking.api() as api:
        answer = await api.get(path("door"), query)
    asking.show(answer, lambda: door_table(parsed(AnsweredPage[NumberedEntry], answer).items, asking.language))


def door_table(entries: Iterable[NumberedEntry], language: Language) -> RenderableType:
    headings = ("when", "what", "person", "key", "address", "operation", "about", "why", ">times")
    return filled(
        table(language, *headings),
        (
            (
                clock_at(entry.at, ZONE),
                word("at_door", entry.what, language),
                entry.person,
                entry.key,
                entry.address,
                entry.operation,
                entry.about,
                word("at_door_why", entry.why, language) if entry.why else None,
                entry.count,
            )
            for entry in entries
        ),
    )
