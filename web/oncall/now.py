"""On call: who it is now and next, what rings and has to be taken over, and the coming weeks of a rota."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import Tables
from api.oncall.page import PageQuery, listed_pages
from api.oncall.rota import show_gaps, show_rotas, show_shifts
from api.policy import Operation
from api.queries import QueryValue
from connectors.holidays import dated
from db.engine import Database
from db.oncall.pages import PageRow
from domain.cases.page_commands import Acknowledge, Decline
from domain.oncall.page import PageSheet, PageState
from domain.oncall.rota import Override, Rota
from domain.oncall.rota_changes import LOOKED_AHEAD
from domain.oncall.shifts import DutyStretch, Gap, Layer, Shift
from domain.refusals import unknown
from domain.values import Slug
from web.forms import PageForm, shapes_of
from web.oncall.forms import ending_of
from web.oncall.strips import Strips, midnights, strips_of
from web.order_sheets import names_of
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
ON_CALL = "/on-call"
WEEKS = (2, 4, 8)
ANSWERS: Mapping[str, Any] = {kind.model_fields["type"].default: kind for kind in (Acknowledge, Decline)}
_WEEK = 7
# As many open pages as are looked at before anything else is done.
MOST_PAGES = 20
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ROTAS))]


class OnCallQuery(QueryValue):
    """Of several rotas one is shown, for so many weeks."""

    rota: Slug | None = None
    weeks: int = Field(default=WEEKS[0], ge=WEEKS[0], le=WEEKS[-1])


@dataclass(frozen=True)
class LayerNow:
    """Who is on call in a layer until when, and who comes after that; None is nobody."""

    layer: Layer
    person: Slug | None
    until: datetime
    following: Slug | None
    instead_of: Slug | None


@dataclass(frozen=True)
class RotaSheet:
    """What is shown of one rota."""

    rota: Rota
    watches: tuple[LayerNow, ...]
    strips: Strips
    shifts: Sequence[Shift]
    gaps: Sequence[Gap]
    # Each with where it is ended.
    stand_ins: Sequence[tuple[Override, str]]
    may_change: bool

    def people(self) -> Iterable[Slug | None]:
        yield self.rota.owner
        for watch in self.watches:
            yield from (watch.person, watch.following, watch.instead_of)
        for shift in self.shifts:
            yield from (shift.person, shift.instead_of)
        yield from (gap.person for gap in self.gaps)
        yield from (one.person for one in self.rota.overrides)
        yield from (turn.person for swap in self.rota.swaps for turn in (swap.first, swap.second))


@dataclass(frozen=True)
class OpenPage:
    """An open page with what this reader can say to it now."""

    sheet: PageSheet
    answers: Sequence[PageForm]

    def people(self) -> Iterable[Slug | None]:
        yield from (self.sheet.owner, self.sheet.final_owner)
        yield from (call.person for call in self.sheet.calls)


@router.get(ON_CALL, name="onCallPage")
async def on_call_page(
    request: Request, query: Annotated[OnCallQuery, Query()], reader: Reading, database: Tables
) -> Response:
    rotas = await show_rotas(reader.key, database)
    rota = _chosen(rotas, query.rota, reader)
    sheet = await _rota_sheet(rota, query.weeks, reader, database) if rota else None
    pages = await _open_pages(reader, database)
    people = {*(sheet.people() if sheet else ()), *(person for one in pages or () for person in one.people())}
    values = {
        "now": reader.now,
        "zone": rota.zone if rota else reader.zone,
        "rotas": rotas,
        "sheet": sheet,
        "weeks": query.weeks,
        "offered_weeks": WEEKS,
        "pages": pages,
        "reads_incidents": reader.may(Operation.READ_INCIDENTS),
        "names": await names_of(filter(None, people), reader, database),
        "live": "incident rota",
    }
    return page(request, "on_call.html", reader.look, values, reader=reader)


def _chosen(rotas: Sequence[Rota], wanted: str | None, reader: Reader) -> Rota | None:
    """The one asked for, or the first in which the reader takes turns. Raises `Unknown`."""
    if wanted is not None:
        found = next((rota for rota in rotas if rota.id == wanted), None)
        if found is None:
            raise unknown("rota", wanted, "/query/rota")
        return found
    own = [rota for rota in rotas if any(reader.key.person in turns.members for _, _, turns in rota.places())]
    return next(iter([*own, *rotas]), None)


async def _rota_sheet(rota: Rota, weeks: int, reader: Reader, database: Database) -> RotaSheet:
    now = reader.now
    edges = midnights(now, weeks * _WEEK, rota.zone)
    shifts = await show_shifts(rota.id, reader.key, database, now, edges[0], edges[-1])
    return RotaSheet(
        rota=rota,
        watches=tuple(watch_of(dated(rota, now), layer, now) for layer in Layer),
        strips=strips_of(shifts, edges, now, reader.look.language),
        shifts=[shift for shift in shifts if shift.end > now],
        gaps=await show_gaps(rota.id, reader.key, database, now, now, edges[-1]),
        stand_ins=[(one, ending_of(one)) for one in rota.overrides if one.end > now],
        # Whoever is only named in a rota of the house sees it and leaves it to those who keep it.
        may_change=reader.may(Operation.CHANGE_SHIFTS) and reader.key.sees(rota.customer),
    )


def watch_of(rota: Rota, layer: Layer, now: datetime) -> LayerNow:
    """`rota` has the holidays of its calendars."""
    stretches = joined(rota.stretches(layer, now, now + LOOKED_AHEAD))
    first, rest = stretches[0], stretches[1:]
    following = next((one.person for one in rest if one.person is not None), None)
    return LayerNow(layer, first.person, first.end, following, first.instead_of)


def joined(stretches: Iterable[DutyStretch]) -> list[DutyStretch]:
    """What one person has on end is one to whoever looks at it."""
    found: list[DutyStretch] = []
    for one in stretches:
        if found and (found[-1].person, found[-1].end) == (one.person, one.start):
            found[-1] = found[-1]._replace(end=one.end)
        else:
            found.append(one)
    return found


async def _open_pages(reader: Reader, database: Database) -> Sequence[OpenPage] | None:
    """None where the reader has nothing to do with pages. What nobody has taken comes first."""
    if not reader.may(Operation.READ_PAGES):
        return None
    rows, _ = await listed_pages(PageQuery(open=True, limit=MOST_PAGES), reader.key, database)
    found = [_ringing(row, reader) for row in rows]
    return sorted(found, key=lambda one: one.sheet.state == PageState.ACKNOWLEDGED)


def _ringing(row: PageRow, reader: Reader) -> OpenPage:
    sheet = row.as_sheet()
    return OpenPage(sheet, tuple(answer_form(row, command) for command in answers_of(sheet, reader)))


def answer_form(row: PageRow, command: str) -> PageForm:
    seq = row.as_progress().seq
    # The same for whoever sends it twice, another one as soon as anything has happened.
    key = sha256(f"{row.no}/{seq}/{command}".encode()).hexdigest()[:32]
    shapes = shapes_of(ANSWERS[command], leaving_out=("step",))
    return PageForm(f"{ON_CALL}/pages/{row.no}/{command}", command, key, seq, shapes)


def answers_of(sheet: PageSheet, reader: Reader) -> Sequence[str]:
    """What this reader can say to it now; the first is what it waits for."""
    person = reader.key.person
    if not reader.may(Operation.ANSWER_PAGES) or sheet.state == PageState.STOPPED:
        return ()
    if sheet.owner is not None:
        return ("decline",) if sheet.owner == person else ()
    is_asked = any(call.person == person for call in sheet.calls) and person not in sheet.declined
    return ("acknowledge", "decline") if is_asked else ("acknowledge",)
