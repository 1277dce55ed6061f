"""`imac order`: placing orders and seeing how they stand."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue
from rich.console import RenderableType

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.cases import LARGEST_PAGE, Cases, Names, OrderSort, Several
from cli.contracts.contract import json_in
from cli.errors import CliError, Exit
from cli.faults import fault_names
from cli.http import Api, if_allowed, parsed, path
from cli.moments import clock_at
from cli.orders import sheet as order_sheet
from cli.tables import filled, state, table
from cli.words import heading
from documents.wording import names_of_steps, ordered
from domain.cases.notices import NoticeAttempt
from domain.contracts.chains import Chain
from domain.kinds import OrderKind, OrderState
from domain.orders.ledger import LedgerEntry
from domain.orders.sheets import OrderLine, OrderSheet
from domain.people import Language
from domain.places import Site

OrderNo = Annotated[str, Parameter(help="Order number.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Wish:
    contract: str | None = None
    "Contract for the order."
    kind: OrderKind | None = None
    "Type of order; not needed with --item."
    item: str | None = None
    "Item of the contract's catalogue, see imac catalogue list."
    answer: Annotated[tuple[str, ...], Several] = ()
    "Answer to a question of the item, as QUESTION=ANSWER."
    requester: str | None = None
    "Requester; must be authorised under the contract."
    site: str | None = None
    "Site where the work is done."
    assets: Annotated[tuple[str, ...], Parameter(name="--asset"), Several] = ()
    "Tags of the affected assets."
    wanted: Annotated[tuple[str, ...], Several] = ()
    "Models to take from stock, as MODEL or MODEL:QUANTITY."
    new_model: str | None = None
    "Model of the assets after a change."
    target_building: str | None = None
    "Destination at the same site."
    target_floor: str | None = None
    target_room: str | None = None
    target_desk: str | None = None
    holder: str | None = None
    "User of the assets afterwards."
    risk: Literal["low", "high"] | None = None
    "High risk requires a change approval."
    reference: str | None = None
    "The customer's reference number."
    note: str | None = None
    incident: str | None = None
    "Incident that this order resolves."

    def over(self, request: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A request with what the options say in place of what it says."""
        fields: dict[str, JsonValue] = {
            name: value
            for name, value in asdict(self).items()
            if value and name != "answer" and not name.startswith("target_")
        }
        body = request | fields | {"assets": list(self.assets) or request.get("assets", [])}
        if self.wanted:
            body["wanted"] = [{"model": model, "quantity": number} for model, number in map(counted, self.wanted)]
        if self.answer:
            body["answers"] = dict(map(answer_in, self.answer))
        target = {
            name: value for name in ("building", "floor", "room", "desk") if (value := getattr(self, f"target_{name}"))
        }
        return body | ({"target": {"site": body.get("site"), **target}} if target else {})


NOTHING_SAID = Wish()


async def place(
    *, wish: Wish = NOTHING_SAID, file: Path | None = None, key: str | None = None, asking: Asking = ASKING
) -> None:
    """Place an order and show it.

    Parameters
    ----------
    file
        JSON request, as for POST /orders; options override it.
    key
        Idempotency key: repeating a request with the same key places only one order.
    """
    body = wish.over(read_request(file) if file else {})
    async with asking.api() as api:
        await show_order(asking, api, await api.post(path("orders"), body, key=key))


def counted(written: str) -> tuple[str, int]:
    """NAME or NAME:NUMBER."""
    name, colon, number = written.rpartition(":")
    return (name, int(number)) if colon and number.isdigit() else (written, 1)


def answer_in(written: str) -> tuple[str, str]:
    """QUESTION=ANSWER."""
    question, equals, answer = written.partition("=")
    if not equals:
        raise CliError("no_answer_to_a_question", Exit.USAGE, typed=written)
    return question, answer


def read_request(file: Path) -> dict[str, JsonValue]:
    read = json_in(file)
    if not isinstance(read, dict):
        raise CliError("file_holds_no_order", Exit.USAGE, file=file)
    return read


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OrderFilterOptions:
    state: Annotated[tuple[OrderState, ...], Several] = ()
    "Filter by state."
    kind: Annotated[tuple[OrderKind, ...], Several] = ()
    "Filter by type of order."
    customer: str | None = None
    site: str | None = None
    requester: str | None = None
    contract: str | None = None
    reference: str | None = None
    technician: str | None = None
    "Whose visits."
    day: str | None = None
    "Visits on this day, by the clock at their sites, such as 2026-11-30."
    received_from: str | None = None
    "Received at or after this time, such as 2026-11-24T09:00+01:00."
    received_until: str | None = None
    "Received before this time."
    missed: bool | None = None
    "Only orders with (or without) a missed deadline."
    stuck: bool | None = None
    "Only orders that are (or are not) stuck."
    sort: OrderSort = "-received_at"
    "Sort field; a leading minus sorts in descending order."
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=LARGEST_PAGE))] = 50
    "Orders per page."


EVERYTHING = OrderFilterOptions()


async def list_orders(
    *,
    wanted: OrderFilterOptions = EVERYTHING,
    all_pages: Annotated[bool, Parameter(name="--all", negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """List orders, newest first.

    Parameters
    ----------
    all_pages
        Show all pages, not just the first.
    """
    await ORDERS.list(asking, asdict(wanted), follow=all_pages, picture=lines_table)


def lines_table(lines: Sequence[OrderLine], zones: Mapping[str, str], language: Language) -> RenderableType:
    made = table(language, "order", "item", "state", "site", "requester", "received", "deadline", "note")
    for line in lines:
        zone = zones.get(line.site, "UTC")
        deadline = clock_at(line.deadline, zone) if line.deadline else ""
        notes = [heading(name, language) for name, is_so in (("missed", line.missed), ("stuck", line.stuck)) if is_so]
        notes += fault_names(line.faults, language)
        what = ordered(line.item_name, line.kind, language)
        row = (line.no, what, state(line.state, language), line.site, line.requester)
        filled(made, [(*row, clock_at(line.received_at, zone), deadline, ", ".join(notes))])
    return made


async def show(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """Show an order: steps, next command, clocks, assets, charges and messages."""
    async with asking.api() as api:
        await show_order(asking, api, await api.get(path("orders", no)))


async def show_order(asking: Asking, api: Api, answer: httpx2.Response) -> None:
    if asking.json:
        sys.stdout.write(f"{answer.text}\n")
        return
    papers = await papers_of(api, parsed(OrderSheet, answer))
    asking.console.print(order_sheet.picture(papers, asking.language))


async def papers_of(api: Api, sheet: OrderSheet) -> order_sheet.OrderPapers:
    return order_sheet.OrderPapers(
        sheet=sheet,
        chain=await api.read(Chain, path("orders", sheet.no, "chain")),
        site=await api.read(Site, path("sites", sheet.site)),
        charges=await if_allowed(api.read(tuple[LedgerEntry, ...], path("orders", sheet.no, "charges")), ()),
        messages=await if_allowed(api.read(tuple[NoticeAttempt, ...], path("orders", sheet.no, "notices")), ()),
    )


async def timeline(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """Show the history of an order."""
    await ORDERS.timeline(asking, no)


async def watch(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """Show all past events of an order, then follow new ones until it is closed."""
    await ORDERS.watch(asking, no)


async def _steps(api: Api, no: str, language: Language) -> Names:
    return names_of_steps(await api.read(Chain, path("orders", no, "chain")), language)


ORDERS = Cases("orders", OrderSheet, AnsweredPage[OrderLine], lambda sheet: sheet.state.is_final, show_order, _steps)
