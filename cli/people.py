"""`imac person`: somebody leaves."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.http import parsed, path
from cli.moments import clock_at
from cli.moves.previews import ask, must_be_asked
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from documents.wording import word
from domain.leaving import LeavingSheet, PlaceKind
from domain.people import Language

ZONE = "Europe/Berlin"


async def leave(
    person: str,
    /,
    *,
    last_day: date,
    to: Annotated[str | None, Parameter(help="Who takes over wherever somebody has to.")] = None,
    preview: Annotated[bool, Parameter(negative="", help="List every place without changing anything.")] = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    asking: Asking = ASKING,
) -> None:
    """Take a person out of contracts, rotas and open cases, and end their keys. Every place is shown first.

    Refused, with all reasons, if a role, a shift or a visit would be left without anybody. What projects have planned
    is only listed: plan it anew.

    Parameters
    ----------
    person
        Person who leaves.
    last_day
        The last day on which they work; shifts and keys last until then.
    """
    if not preview:
        must_be_asked(asking, yes=yes)
    body: Mapping[str, JsonValue] = {"last_day": last_day.isoformat(), "successor": to, "zone": ZONE}
    async with asking.api() as api:
        answer = await api.post(path("people", person, "leaving"), body, query={"preview": True})
        if preview or not asking.json:
            asking.show(answer, lambda: leaving_picture(parsed(LeavingSheet, answer), asking.language))
        if preview:
            return
        if not yes:
            ask(phrase("leave_like_this", asking.language))
        done = await api.post(path("people", person, "leaving"), body)
        if asking.json:
            asking.show(done, lambda: "")
        else:
            asking.console.print(phrase("has_left", asking.language, person=person), markup=False)


def leaving_picture(sheet: LeavingSheet, language: Language) -> RenderableType:
    made = table(language, "what", "id", "role", "taken_over_by", "until")
    rows = (
        (
            word("left_place", place.kind, language),
            place.of,
            word("role", place.role, language) if place.role else "",
            place.to or _nobody_in_particular(place.kind, language),
            clock_at(place.at, ZONE) if place.at else "",
        )
        for place in sheet.places
    )
    return stacked(f"{sheet.person}, {heading('until', language)} {clock_at(sheet.ends_at, ZONE)}", filled(made, rows))


def _nobody_in_particular(kind: PlaceKind, language: Language) -> str:
    if kind == PlaceKind.KEY:
        return ""
    return heading("planned_anew" if kind.is_planned_anew else "whoever_is_left", language)
