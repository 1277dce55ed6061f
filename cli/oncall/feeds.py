"""`imac oncall calendar`: addresses by which calendar programs follow a rota."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.http import parsed, path
from cli.moments import clock_at
from cli.oncall.rota import RotaId, rota_of
from cli.tables import filled, table
from domain.oncall.feeds import CalendarFeed
from domain.oncall.rota import Rota
from domain.people import Language


async def calendar(
    person: str | None = None,
    /,
    *,
    everybody: Annotated[bool, Parameter(negative="")] = False,
    revoke: str | None = None,
    rota: RotaId = None,
    asking: Asking = ASKING,
) -> None:
    """List calendar addresses, make one, or revoke one. They open without a key.

    Parameters
    ----------
    person
        Make an address for this person's shifts.
    everybody
        Make an address for all shifts of the rota.
    revoke
        Id of an address that is to open nothing any more.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        feeds = path("rotas", asked.id, "calendar-feeds")
        if revoke is not None:
            await api.delete(path("rotas", asked.id, "calendar-feeds", revoke))
        if person is not None or everybody:
            await api.post(feeds, {"person": None if everybody else person})
        answer = await api.get(feeds)
    asking.show(answer, lambda: feeds_table(parsed(tuple[CalendarFeed, ...], answer), asked, asking.language))


def feeds_table(found: Sequence[CalendarFeed], rota: Rota, language: Language) -> RenderableType:
    made = table(language, "id", "person", "made_by", "from", "address")
    return filled(
        made,
        ((feed.id, feed.person or "–", feed.made_by, clock_at(feed.made_at, rota.zone), feed.url) for feed in found),
    )
