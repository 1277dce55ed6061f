"""What came of the demonstration: orders, events, assets, charges and messages."""

from collections.abc import Iterator

from pydantic import BaseModel
from rich.console import RenderableType

from cli.http import Api, path
from cli.moments import clock_at
from cli.names import step_name
from cli.orders.outcomes import charges_table
from cli.tables import filled, stacked, state, table
from documents.wording import ordered, word
from domain.assets.asset import Asset, LifeEntry
from domain.cases.events import Event, Happening
from domain.cases.notices import NoticeAttempt
from domain.ids import order_workflow_id
from domain.kinds import OrderState
from domain.orders.ledger import LedgerEntry
from domain.orders.sheets import OrderSheet
from domain.people import Language

# Steps that open and close by themselves would hide what people did.
LEFT_OUT = (Happening.STEP_OPENED, Happening.STEP_DONE)


class OrderReport(BaseModel):
    sheet: OrderSheet
    events: tuple[Event, ...]
    moves: tuple[LifeEntry, ...]
    charges: tuple[LedgerEntry, ...]
    messages: tuple[NoticeAttempt, ...]


class Report(BaseModel):
    """`placed` counts the orders that were placed this time."""

    zone: str
    placed: int
    orders: tuple[OrderReport, ...]

    @property
    def is_whole(self) -> bool:
        return all(order.sheet.state == OrderState.COMPLETED for order in self.orders)


async def report_on(api: Api, sheet: OrderSheet) -> OrderReport:
    no = sheet.no
    moves = [await move_of(api, sheet, asset) for asset in sheet.assets]
    return OrderReport(
        sheet=sheet,
        events=await api.read(tuple[Event, ...], path("orders", no, "timeline")),
        moves=tuple(move for move in moves if move is not None),
        charges=await api.read(tuple[LedgerEntry, ...], path("orders", no, "charges")),
        messages=await api.read(tuple[NoticeAttempt, ...], path("orders", no, "notices")),
    )


async def move_of(api: Api, sheet: OrderSheet, asset: Asset) -> LifeEntry | None:
    """From what the asset was before the order to what the order made of it, the ways between left out."""
    query = {"customer": sheet.customer}
    life = await api.read(tuple[LifeEntry, ...], path("assets", asset.tag, "life"), query)
    ours = [turn for turn in life if turn.source == order_workflow_id(sheet.no)]
    return ours[-1].but(before=ours[0].before) if ours else None


def picture(report: Report, language: Language) -> RenderableType:
    orders = report.orders
    charges = tuple(entry for order in orders for entry in order.charges)
    return stacked(
        orders_table(report, language),
        events_table(report, language),
        moves_table(report, language),
        charges_table(charges, language),
        messages_table(report, language),
    )


def orders_table(report: Report, language: Language) -> RenderableType:
    made = table(language, "order", "item", "state", "reference", ">events", ">charges", ">messages", title="orders")
    return filled(
        made,
        (
            (
                order.sheet.no,
                ordered(order.sheet.item_name, order.sheet.kind, language),
                state(order.sheet.state, language),
                order.sheet.request.reference,
                len(order.events),
                f"{sum(entry.amount for entry in order.charges):.2f}",
                len(order.messages),
            )
            for order in report.orders
        ),
    )


def events_table(report: Report, language: Language) -> RenderableType:
    made = table(language, "time", "order", "what", "step", "actor", title="events")
    told = ((event, order.sheet) for order in report.orders for event in order.events if event.what not in LEFT_OUT)
    return filled(
        made,
        (
            (
                clock_at(event.at, report.zone),
                ordered(sheet.item_name, sheet.kind, language),
                word("happening", event.what, language),
                step_name(event.step, language) if event.step else "",
                event.actor.person,
            )
            for event, sheet in told
        ),
    )


def moves_table(report: Report, language: Language) -> RenderableType:
    made = table(language, "tag", "model", "order", "before", "afterwards", title="assets")
    rows = (
        (
            turn.after.tag,
            turn.after.model,
            ordered(order.sheet.item_name, order.sheet.kind, language),
            standing(turn.before, language),
            standing(turn.after, language),
        )
        for order in report.orders
        for turn in order.moves
    )
    return filled(made, rows)


def messages_table(report: Report, language: Language) -> RenderableType:
    """By what was said: who was told, and how often."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for order in report.orders:
        for attempt in order.messages:
            told.setdefault((attempt.template, attempt.channel, attempt.outcome), []).append(attempt.person)
    rows = (
        (
            word("notice", template, language),
            len(people),
            channel,
            word("attempt", outcome, language),
            ", ".join(sorted(set(people))),
        )
        for (template, channel, outcome), people in told.items()
    )
    return filled(table(language, "what", ">count", "channel", "outcome", "person", title="messages"), rows)


def standing(asset: Asset | None, language: Language) -> str:
    if asset is None:
        return ""
    return ", ".join(facts(asset, language))


def facts(asset: Asset, language: Language) -> Iterator[str]:
    yield word("asset_status", asset.status, language)
    if asset.place is not None:
        yield f"{asset.place}"
    if asset.holder is not None:
        yield asset.holder
    if asset.part_of is not None:
        yield f"→ {asset.part_of}"
