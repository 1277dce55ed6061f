"""`imac order watch`: an order's events as they happen."""

import sys

import httpx2

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import Api, path, unreachable
from cli.orders import OrderNo, event_row
from domain.events import Event
from domain.places import Site
from domain.sheets import OrderSheet


async def watch(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """Print every event of an order, the past ones first, until the order ends."""
    async with asking.api() as api:
        sheet = await api.read(OrderSheet, path("orders", no))
        zone = (await api.read(Site, path("sites", sheet.site))).access.zone
        follower = Follower(api, no, zone, asking)
        try:
            # Connected first and read afterwards, nothing can happen in between unseen.
            async with api.events() as source:
                if await follower.catch_up():
                    return
                async for event in source:
                    if no in event.data and await follower.catch_up():
                        return
        except httpx2.TransportError as error:
            raise unreachable(api.client.base_url, error) from None
    raise CliError(f"The server stopped telling about {no}.", hint="Watch again.", exit_code=Exit.UNREACHABLE)


class Follower:
    def __init__(self, api: Api, no: str, zone: str, asking: Asking) -> None:
        self.api = api
        self.no = no
        self.zone = zone
        self.asking = asking
        self.seen = 0

    async def catch_up(self) -> bool:
        """Print what is new and tell whether the order has ended."""
        for event in await self.api.read(tuple[Event, ...], path("orders", self.no, "timeline")):
            if event.seq > self.seen:
                self.tell(event)
                self.seen = event.seq
        return (await self.api.read(OrderSheet, path("orders", self.no))).state.is_final

    def tell(self, event: Event) -> None:
        if self.asking.json:
            line = event.model_dump_json(exclude_none=True)
        else:
            at, what, step, actor, details = event_row(event, self.zone, self.asking.language)
            line = f"{at}  {what:<22} {step:<16} {actor}" + (f"  {details}" if details else "")
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
