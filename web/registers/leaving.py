"""A person leaves: looked at with everything that it changes, and only then done, over what was looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.customers import show_person
from api.dependencies import Context, InContext
from api.leaving import AtExit, ExitDoor, leave
from api.policy import Operation
from db.contracts import list_people
from domain.leaving import Leaving, LeavingSheet
from domain.people import Person
from domain.refusals import NotAllowed, Problem, Refused, Unknown
from domain.values import Slug
from web.forms import Control, FieldShape, PageForm, checked, said_in, shapes_of, typed_in
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Managing = Annotated[Reader, Depends(Signed(Operation.MANAGE_KEYS))]
# Stands for what was looked at: nothing else is done.
SEEN = "seen"
_MOST_OFFERED = 300


@dataclass(frozen=True)
class LeavingDesk:
    """Somebody about to leave, before whoever sees to it."""

    request: Request
    reader: Reader
    context: Context
    person: Person
    others: Sequence[Person]

    @property
    def here(self) -> str:
        return f"/people/{self.person.id}/leaving"

    def form(self) -> PageForm:
        return PageForm(self.here, "leave", "", 0, tuple(self._fitted()))

    def _fitted(self) -> Iterator[FieldShape]:
        for shape in shapes_of(Leaving, leaving_out=("zone",)):
            if shape.name == "last_day":
                yield replace(shape, control=Control.DAY)
            else:
                named = ((one.id, one.name) for one in self.others)
                yield shape.offering(named) if len(self.others) <= _MOST_OFFERED else replace(shape, is_usual=True)

    async def page(
        self,
        form: PageForm,
        sheet: LeavingSheet | None = None,
        *,
        seen: str = "",
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        people = {place.to for place in sheet.places if place.to} if sheet else set()
        values = {
            "form": form,
            "person": self.person,
            "sheet": sheet,
            "seen": seen,
            "names": await names_of(people, self.reader, self.context.database),
            "now": self.context.now,
        }
        return page(self.request, "leaving.html", self.reader.look, values, reader=self.reader, status=status)

    async def refused(self, form: PageForm, problems: Sequence[Problem]) -> Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await self.page(form.refused(problems, self.reader.look.language), status=status)


async def _desk(request: Request, person_id: Slug, reader: Managing, context: InContext) -> LeavingDesk:
    person = await show_person(person_id, reader.key, context.database, Response())
    async with context.database.reading() as session:
        people = await list_people(session, reader.key.customers)
    fitting = [one for one in people if one.id != person.id and one.customer in (None, person.customer)]
    return LeavingDesk(request, reader, context, person, sorted(fitting, key=lambda one: one.name.casefold()))


AtDesk = Annotated[LeavingDesk, Depends(_desk)]


@router.get("/people/{person_id}/leaving", name="leavingPage")
async def leaving_page(desk: AtDesk) -> Response:
    return await desk.page(desk.form())


@router.post("/people/{person_id}/leaving", name="leaveByPage")
async def leave_by_page(desk: AtDesk, exit_door: AtExit) -> Response:
    typed = typed_in(await desk.request.form())
    looked_at = next(iter(typed.pop(SEEN, ())), "")
    form = replace(desk.form(), typed=typed)
    body, problems = said_in(typed, form.shapes, desk.reader.zone)
    said, wrong = checked(Leaving, {**body, "zone": desk.reader.zone})
    if problems or wrong:
        return await desk.refused(form, [*problems, *wrong])
    try:
        sheet = await _told(desk, said, exit_door, preview=True)
        if looked_at != (seen := _digest(sheet, typed)):
            return await desk.page(form, sheet, seen=seen)
        await _told(desk, said, exit_door, preview=False)
    except (NotAllowed, Unknown):
        raise
    except Refused as refused:
        return await desk.refused(form, refused.problems)
    return see_other(f"/people?q={desk.person.id}")


async def _told(desk: LeavingDesk, said: Leaving, exit_door: ExitDoor, *, preview: bool) -> LeavingSheet:
    return await leave(desk.person.id, said, desk.reader.key, desk.context, exit_door, preview)


def _digest(sheet: LeavingSheet, typed: Mapping[str, Sequence[str]]) -> str:
    said = sorted((name, *texts) for name, texts in typed.items())
    return sha256(f"{sheet.model_dump_json()}/{said}".encode("utf-8", "replace")).hexdigest()[:32]
