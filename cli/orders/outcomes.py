"""What an order leaves behind: what became of its assets, its charges and its messages."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rich.console import RenderableType

from cli.moments import clock_at
from cli.tables import filled, table
from cli.words import heading
from documents.wording import service, word
from domain.assets.asset import Asset
from domain.cases.notices import NoticeAttempt
from domain.contracts.catalogue import ItemWords, in_words
from domain.orders.ledger import LedgerEntry
from domain.people import Language


def assets_table(things: Iterable[Asset], language: Language) -> RenderableType:
    rows = (
        (asset.tag, asset.serial, asset.model, word("asset_status", asset.status, language), asset.place, asset.holder)
        for asset in things
    )
    return filled(table(language, "tag", "serial", "model", "status", "place", "holder", title="assets"), rows)


def charges_table(
    entries: tuple[LedgerEntry, ...], language: Language, names: Mapping[str | None, ItemWords] = MappingProxyType({})
) -> RenderableType:
    """`names` are those of items that flat prices are for."""
    made = table(
        language, "order", "reason", "text", ">quantity", "unit", ">unit_price", ">factor", ">amount", title="charges"
    )
    filled(
        made,
        (
            (
                e.order_no,
                word("charge_reason", e.reason, language),
                in_words(names.get(e.text, {}), language, service(e.reason, e.text, language)),
                f"{e.quantity.normalize():f}",
                word("unit", e.unit, language),
                f"{e.unit_price:.2f}" + (f" / {e.per}" if e.per != 1 else ""),
                f"× {e.factor.normalize():f}" if e.factor != 1 else "",
                f"{e.amount:.2f}",
            )
            for e in entries
        ),
    )
    made.add_section()
    return filled(
        made, [("", "", heading("sum_eur", language), "", "", "", "", f"{sum(entry.amount for entry in entries):.2f}")]
    )


def messages_table(attempts: Iterable[NoticeAttempt], zone: str, language: Language) -> RenderableType:
    rows = (
        (
            clock_at(a.at, zone),
            word("notice", a.template, language),
            a.person,
            a.channel,
            word("attempt", a.outcome, language),
        )
        for a in attempts
    )
    return filled(table(language, "time", "what", "person", "channel", "outcome", title="messages"), rows)
