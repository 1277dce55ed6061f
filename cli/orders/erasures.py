"""`imac order erasure-report` and `imac order erasures`: what is proven erased, and by which record."""

import sys
import uuid
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from cyclopts import Parameter
from pydantic import TypeAdapter
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import Exit
from cli.http import parsed, path
from cli.moments import clock_at
from cli.orders.order import ORDERS, OrderNo
from cli.tables import filled, stacked, table
from cli.words import phrase
from documents.wording import word
from domain.orders.erasures import ErasureOutcome, ErasureRecord
from domain.people import Language

_RECORDS: TypeAdapter[tuple[ErasureRecord, ...]] = TypeAdapter(tuple[ErasureRecord, ...])


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ReportOptions:
    operator: str
    "Person who ran the tool."
    verifier: str
    "Person who verified the erasures; must be someone else."
    validation: str
    "How it was validated that erasing works, such as drives of the lot read back by another tool."
    place: str = "workshop"
    "Where the erasures took place."
    step: str | None = None
    "Step id; needed only if several steps could be meant."
    reason: str | None = None
    "Reason, kept in the history of the order."


async def erasure_report(no: OrderNo, file: Path, /, *, report: ReportOptions, asking: Asking = ASKING) -> None:
    """Prove erasures by the report of the tool: Blancco XML, or the log of nwipe. Drives are matched by serial.

    Ends with 1 when any drive of the report is not proven.

    Parameters
    ----------
    file
        Report of the tool.
    """
    content = content_of(file)
    async with asking.api() as api:
        where = path("orders", no, "erasure-reports")
        answer = await api.upload(where, asdict(report), file.name, content, key=uuid.uuid4().hex)
        zone = await ORDERS.zone_of(api, no)
    records = _RECORDS.validate_python(answer.json()["records"])
    asking.show(answer, lambda: picture(records, zone, asking.language))
    if any(one.outcome != ErasureOutcome.PROVEN for one in records):
        sys.exit(Exit.REFUSED)


async def erasures(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """List every erasure record of an order: typed, or from the report of a tool."""
    async with asking.api() as api:
        answer = await api.get(path("orders", no, "erasures"))
        zone = await ORDERS.zone_of(api, no)
    asking.show(answer, lambda: picture(parsed(tuple[ErasureRecord, ...], answer), zone, asking.language))


def picture(records: tuple[ErasureRecord, ...], zone: str, language: Language) -> RenderableType:
    counts = Counter(one.outcome for one in records)
    said = ", ".join(
        f"{counts[outcome]} {word('erasure_outcome', outcome, language)}"
        for outcome in ErasureOutcome
        if counts[outcome]
    )
    rows = (
        (
            one.serial or one.machine or "?",
            one.asset or "",
            word("erasure_outcome", one.outcome, language),
            word("erasure_method", one.method, language) if one.method else "",
            one.standard,
            f"{one.tool} {one.tool_version or ''}".strip(),
            clock_at(one.done_at, zone),
            one.verifier,
            one.report[:8] if one.report else phrase("typed_record", language),
        )
        for one in records
    )
    columns = ("serial", "asset", "outcome", "method", "standard", "tool", "when", "verifier", "report")
    return stacked(filled(table(language, *columns), rows), said)
