"""The work that goes on while programs die: orders placed and carried out one after the other, and the example move."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console

from cli.demo.case import DemoCase, case_of
from cli.demo.move import MoveDemo
from cli.demo.move_report import MoveReport
from cli.demo.people import Cast
from cli.demo.plot import example_plot
from cli.demo.stage import Stage, bring_example
from cli.errors import CliError, Exit
from cli.http import ApiRefused, Query, parsed, path
from db.engine import Database
from domain.kinds import OrderKind
from domain.orders.sheets import OrderSheet
from domain.people import Role
from tests.distributed.callers import InsistentKeys, insisting
from tests.distributed.house import House
from tests.patience import PATIENCE

# In a run by hand: IMAC_TEST_ORDERS=50.
ORDERS = int(os.environ.get("IMAC_TEST_ORDERS", "200"))
# How long after one order the next is placed, in seconds.
APART = 0.4
LOOK_AGAIN = 0.5
CUSTOMER, REQUESTER = "adler", "p-vogel"
COLUMNS = "Inventarnummer;Seriennummer;Modell;Kategorie;Status;Standort;Gebäude;Etage;Raum;Platz;Nutzer"


def tag(number: int) -> str:
    return f"DT-{number:04}"


def goal(number: int) -> str:
    """In a room that the example move does not need: it would not move to a desk that somebody has."""
    return f"{1000 + number}"


def devices() -> str:
    lines = (f"{tag(n)};SN{n:04};OptiPlex 7010;PC;im Einsatz;Augsburg;A;3;3.01;{n};Nutzer {n}" for n in numbers())
    return "\n".join((COLUMNS, *lines, ""))


def numbers() -> Iterator[int]:
    return iter(range(1, ORDERS + 1))


@dataclass
class Office:
    """`accepted` says when each order was first answered; `said_twice` which of them were sent twice at once."""

    stage: Stage
    accepted: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)
    said_twice: set[str] = field(default_factory=set)

    async def stock(self) -> None:
        query: Query = {"customer": CUSTOMER, "dry_run": False}
        await self.stage.import_assets()
        await self.stage.give_keys()
        await self.stage.admin.upload(path("imports", "assets"), query, "devices.csv", devices().encode())

    async def carry_out(self, number: int) -> DemoCase:
        """Place one order and bring it to its end."""
        sheet = await self._place(number)
        while True:
            case = await self._case(sheet)
            try:
                await case.work(self.stage.keys, lambda _: None)
            except ApiRefused as refused:
                # Said before and heard after all, or not yet written: it is looked at again.
                if refused.status not in (404, 409):
                    raise
            if case.is_over:
                return case
            await asyncio.sleep(LOOK_AGAIN)

    async def _place(self, number: int) -> OrderSheet:
        requester = await self.stage.keys.acting_as(REQUESTER, Role.REQUESTER)
        body: dict[str, JsonValue] = {
            "kind": OrderKind.MOVE,
            "contract": self.stage.contract.id,
            "requester": REQUESTER,
            "site": "adler-hq",
            "target": {"site": "adler-hq", "building": "A", "floor": "3", "room": "3.01", "desk": goal(number)},
            "holder": f"Nutzer {number}",
            "assets": [tag(number)],
        }
        times = 2 if number % 3 == 0 else 1
        sent = (requester.post(path("orders"), body, key=f"order-{number}") for _ in range(times))
        sheets = [parsed(OrderSheet, answer) for answer in await asyncio.gather(*sent)]
        (no,) = {sheet.no for sheet in sheets}
        self.accepted[no], self.tags[no], self.goals[tag(number)] = time.monotonic(), tag(number), goal(number)
        if times > 1:
            self.said_twice.add(no)
        return sheets[0]

    async def _case(self, sheet: OrderSheet) -> DemoCase:
        """It is readable when a worker has written it."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                now = await self.stage.admin.read(OrderSheet, path("orders", sheet.no))
                return await case_of(self.stage.admin, now, Cast(self.stage.contract))
            except ApiRefused as refused:
                if refused.status != 404 or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(LOOK_AGAIN)

    async def move(self) -> MoveReport:
        """Whoever drives it begins again where it stands whenever nobody has answered."""
        while True:
            try:
                return await MoveDemo(self.stage, example_plot()).run()
            except CliError as error:
                if error.exit_code != Exit.UNREACHABLE:
                    raise
            await asyncio.sleep(LOOK_AGAIN)


@asynccontextmanager
async def office(house: House, database: Database) -> AsyncIterator[Office]:
    console, folder = Console(quiet=True), house.folder / "keys"
    async with insisting(house.api_ports, house.key) as admin:
        contract = await bring_example(admin, console, "en")
        async with InsistentKeys(admin, contract.customer, database, folder, house.api_ports) as keys:
            made = Office(Stage(admin, keys, contract, console, "en", Path(house.folder)))
            await made.stock()
            yield made
