"""Stand-ins and swaps: entered, looked at with what they change, and only then saved, over what was seen."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response
from pydantic import JsonValue

from api.dependencies import Context, InContext
from api.oncall.rota_checks import known_rota
from api.oncall.stand_ins import ShiftChanging, add_layer_swap, add_override, add_swap, drop_override
from api.oncall.telling import Change, Teller
from api.policy import Operation
from api.saving import Saving, tag_of
from db.oncall.rotas import versions_since
from domain.oncall.rota import Override, Rota
from domain.oncall.shifts import Layer, RotaChange
from domain.refusals import NotAllowed, Problem, Refused, Unknown
from domain.times import Instant
from domain.values import Slug
from web.forms import SEQ, FieldShape, PageForm, checked, said_in, typed_in
from web.oncall.forms import KINDS, ShiftChange, ending_of, rota_forms, turn_said
from web.oncall.now import ON_CALL
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Changing = Annotated[Reader, Depends(Signed(Operation.CHANGE_SHIFTS))]
# Stands for what was looked at: nothing else is saved.
SEEN = "seen"
_LONGEST_NUMBER = 9
Sending = Callable[[Any, ShiftChanging], Awaitable[Rota]]


@dataclass(frozen=True)
class RotaDesk:
    """One rota before somebody who is about to change who is on call."""

    request: Request
    reader: Reader
    context: Context
    tasks: BackgroundTasks
    rota: Rota

    @property
    def address(self) -> str:
        return f"{ON_CALL}?rota={self.rota.id}"

    def asked(self, *, preview: bool) -> ShiftChanging:
        """Over this version only: whoever else has changed the rota meanwhile is not overwritten."""
        database = self.context.database
        making = Change(
            self.context.now, preview, Teller(self.tasks, self.context.temporal, self.request.app.state.unnoted)
        )
        return ShiftChanging(database, making, Saving(database, Response(), frozenset({tag_of(self.rota)})))


@dataclass(frozen=True)
class ShiftForm:
    """One kind of change; `send` makes it or tells what it would make."""

    desk: RotaDesk
    change: ShiftChange
    form: PageForm
    send: Sending
    override: Override | None = None

    def typing(self, typed: Mapping[str, Sequence[str]]) -> "ShiftForm":
        return replace(self, form=replace(self.form, typed=typed))

    def refused(self, problems: Sequence[Problem]) -> "ShiftForm":
        return replace(self, form=self.form.refused(problems, self.desk.reader.look.language))

    def read(self, typed: Mapping[str, Sequence[str]]) -> tuple[Any, list[Problem]]:
        body, problems = said_in(typed, self.form.shapes, self.desk.rota.zone)
        said, wrong = checked(KINDS[self.change], self._as_said(body))
        return said, [*problems, *wrong]

    def _as_said(self, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        if self.change != ShiftChange.SWAPS:
            return dict(body)
        return {side: turn_said(f"{body[side]}") for side in ("first", "second") if side in body}


async def _desk(request: Request, rota: Slug, reader: Changing, context: InContext, tasks: BackgroundTasks) -> RotaDesk:
    async with context.database.reading() as session:
        return RotaDesk(request, reader, context, tasks, await known_rota(session, rota, reader.key))


AtDesk = Annotated[RotaDesk, Depends(_desk)]


@router.get(f"{ON_CALL}/{{rota}}/{{change}}", name="shiftChangePage")
async def change_form(change: str, desk: AtDesk) -> Response:
    return await _page(await _form(desk, change))


@router.post(f"{ON_CALL}/{{rota}}/{{change}}", name="changeShifts")
async def change_shifts(change: str, desk: AtDesk) -> Response:
    return await _made(await _form(desk, change))


@router.get(f"{ON_CALL}/{{rota}}/overrides/{{layer}}/{{start}}", name="endOverridePage")
async def ending_form(layer: Layer, start: Instant, desk: AtDesk) -> Response:
    return await _page(_ending(desk, layer, start))


@router.post(f"{ON_CALL}/{{rota}}/overrides/{{layer}}/{{start}}", name="endOverride")
async def end_override(layer: Layer, start: Instant, desk: AtDesk) -> Response:
    try:
        form = _ending(desk, layer, start)
    except Unknown:
        # Ended before, by this form or another.
        return see_other(desk.address)
    return await _made(form)


async def _form(desk: RotaDesk, change: str) -> ShiftForm:
    rota, caller = desk.rota, desk.reader.key
    senders: Mapping[str, Sending] = {
        ShiftChange.OVERRIDES: lambda said, asked: add_override(rota.id, said, caller, asked),
        ShiftChange.SWAPS: lambda said, asked: add_swap(rota.id, said, caller, asked),
        ShiftChange.LAYER_SWAPS: lambda said, asked: add_layer_swap(rota.id, said, caller, asked),
    }
    if change not in senders:
        raise Unknown(Problem(code="not_found"))
    kind = ShiftChange(change)
    forms = await rota_forms(rota, desk.context.now, desk.reader, desk.context.database)
    return ShiftForm(desk, kind, _empty(desk, f"{rota.id}/{kind}", kind, forms.shapes(kind)), senders[kind])


def _ending(desk: RotaDesk, layer: Layer, start: datetime) -> ShiftForm:
    """Raises `Unknown`."""
    rota, caller = desk.rota, desk.reader.key
    found = next((one for one in rota.overrides if (one.layer, one.start) == (layer, start)), None)
    if found is None:
        raise Unknown(Problem(code="override_unknown", at="/path/start"))

    def send(_: Any, asked: ShiftChanging) -> Awaitable[Rota]:  # noqa: ANN401  # the address says it all
        return drop_override(rota.id, layer, start, caller, asked)

    kind = ShiftChange.ENDING
    return ShiftForm(desk, kind, _empty(desk, f"{rota.id}/{ending_of(found)}", kind, ()), send, found)


def _empty(desk: RotaDesk, path: str, change: ShiftChange, shapes: tuple[FieldShape, ...]) -> PageForm:
    return PageForm(f"{ON_CALL}/{path}", change, "", desk.rota.version, shapes)


async def _made(form: ShiftForm) -> Response:
    desk = form.desk
    typed = typed_in(await desk.request.form())
    looked_at = next(iter(typed.pop(SEEN, ())), "")
    filled = form.typing(typed)
    said, problems = form.read(typed)
    if problems:
        return await _refused(filled, problems)
    try:
        changed = await form.send(said, desk.asked(preview=True))
        if _is_there(desk, changed):
            return see_other(desk.address)
        if looked_at != _digest(desk.rota, typed):
            return await _page(filled, changed.change, seen=_digest(desk.rota, typed))
        await form.send(said, desk.asked(preview=False))
    except (NotAllowed, Unknown):
        raise
    except Refused as refused:
        return await _refused(filled, refused.problems)
    return see_other(desk.address)


def _is_there(desk: RotaDesk, changed: Rota) -> bool:
    """Sent twice it is done once."""
    kept = desk.rota.without_past(desk.context.now)
    return (kept.overrides, kept.swaps) == (changed.overrides, changed.swaps)


def _digest(rota: Rota, typed: Mapping[str, Sequence[str]]) -> str:
    said = sorted((name, *texts) for name, texts in typed.items() if name != SEQ)
    return sha256(f"{rota.version}/{said}".encode("utf-8", "replace")).hexdigest()[:32]


async def _refused(form: ShiftForm, problems: Sequence[Problem]) -> Response:
    return await _page(form.refused(problems), status=HTTPStatus.UNPROCESSABLE_ENTITY)


async def _page(
    form: ShiftForm, changes: RotaChange | None = None, *, seen: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    desk = form.desk
    news = await _news(form)
    people = {one for change in (changes, *(rota.change for _, rota in news)) for one in _people(change)}
    people |= {form.override.person} if form.override else set()
    values = {
        "form": form.form,
        "change": f"{form.change}".replace("-", "_"),
        "override": form.override,
        "rota": desk.rota,
        "back": desk.address,
        "changes": changes,
        "seen": seen,
        "news": news,
        "zone": desk.rota.zone,
        "now": desk.context.now,
        "names": await names_of(people, desk.reader, desk.context.database),
    }
    if news and status == HTTPStatus.OK:
        status = HTTPStatus.CONFLICT
    return page(desk.request, "shift_change.html", desk.reader.look, values, reader=desk.reader, status=status)


async def _news(form: ShiftForm) -> Sequence[tuple[datetime, Rota]]:
    """The versions that were saved since the form was shown."""
    shown, version = next(iter((form.form.typed or {}).get(SEQ, ())), ""), form.desk.rota.version
    if not shown.isascii() or not shown.isdecimal() or len(shown) > _LONGEST_NUMBER or int(shown) >= version:
        return ()
    async with form.desk.context.database.reading() as session:
        versions = await versions_since(session, form.desk.rota.id, datetime.min.replace(tzinfo=UTC))
    return [(since, rota) for since, rota in versions if rota.version > int(shown)]


def _people(change: RotaChange | None) -> Iterator[Slug]:
    if change is None:
        return
    yield from (moved.person for moved in change.shifts)
    yield from (gap.person for gap in change.gaps if gap.person)
    for found in (change.before, change.after):
        yield from (person for person in (found.primary, found.backup) if found and person) if found else ()
