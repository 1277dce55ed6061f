"""Forms as they are shown: each field with its label and all that is wrong with it, none mistaken for another."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from api.moves.project import AcceptConflict
from documents.wording import LANGUAGES, wording
from domain.cases.order_commands import Hold
from domain.clocks.holds import HoldReason
from domain.incidents.incident import IncidentRequest
from domain.keys import Grant
from domain.leaving import Leaving
from domain.moves.plans.approvals import ApprovePlan
from domain.moves.plans.rescheduling import RescheduleWave
from domain.moves.project import Project
from domain.orders.order import OrderWish
from domain.people import Language
from web.forms import PageForm, checked, flat, said_in, shapes_of
from web.incidents import COMMANDS as OF_INCIDENTS
from web.move_forms import PROJECT_COMMANDS, WAVE_COMMANDS
from web.oncall.forms import KINDS
from web.oncall.now import ANSWERS
from web.order_forms import COMMANDS as OF_ORDERS
from web.preparing.rehearsals import RehearsalWish
from web.preparing.shown import PlanAgain, PlanWish
from web.rendering import templates
from web.words import page_wording

SHOWN = '{% import "forms.html" as forms with context %}{{ forms.filled(form, "page") }}'
FORMS = {("command", name): kind for of_cases in (OF_ORDERS, OF_INCIDENTS) for name, kind in of_cases.items()} | {
    ("move_command", name): kind for of_moves in (PROJECT_COMMANDS, WAVE_COMMANDS) for name, kind in of_moves.items()
}


@pytest.mark.parametrize(("noun", "command"), FORMS, ids=lambda part: f"{part}")
def test_however_much_is_wrong_with_a_field_no_two_things_have_one_id(noun: str, command: str) -> None:
    kind: Any = FORMS[noun, command]
    shapes = shapes_of(kind)
    problems = {shape.at: ("Too long.", "Cannot be written.") for shape in (*flat(shapes), *shapes)}
    form = PageForm("/here", command, "key", 1, shapes, {}, problems, noun)

    html = templates().from_string(SHOWN).render(form=form, language="en")

    ids = re.findall(r' id="([^"]*)"', html)
    told = {one for said in re.findall(r' aria-describedby="([^"]*)"', html) for one in said.split()}
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert told <= set(ids)
    assert set(re.findall(r'<label for="([^"]*)"', html)) <= set(ids)
    assert html.count("Too long.") == html.count("Cannot be written.") == len(problems)


# What is filled in on pages beside commands, without what they never ask.
OTHER_FORMS: Mapping[Any, tuple[str, ...]] = {
    OrderWish: (),
    IncidentRequest: (),
    Project: ("customer", "places", "closed"),
    PlanWish: (),
    PlanAgain: (),
    RehearsalWish: (),
    RescheduleWave: (),
    ApprovePlan: (),
    AcceptConflict: ("code",),
    Grant: (),
    Leaving: ("zone",),
    **dict.fromkeys((*KINDS.values(), *ANSWERS.values()), ("second",)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", OTHER_FORMS, ids=lambda kind: kind.__name__)
def test_every_field_of_a_form_is_called_something_in_each_language(kind: type[BaseModel], language: Language) -> None:
    known = page_wording(language).fields.keys() | wording(language).words["field"].keys()
    shapes = shapes_of(kind, leaving_out=("step", *OTHER_FORMS[kind]))

    assert {shape.last for shape in (*flat(shapes), *shapes)} - known == set()


STRANGE = {
    "a year beyond all calendars": "2201-01-01T10:00",
    "a year before them": "1969-12-31T23:00",
    "the first hour of all": "0001-01-01T00:00",
    "a year of five digits": "12026-01-01T10:00",
    "words": "morgen",
    "a sign that does nothing": "a\x07b",
    "two lines": "a\nb",
    "half of a sign": "\ud83d",
    "a number below all": "-5",
    "a number beyond all": "999999999999",
    "a fraction": "1,5",
    "much": "x" * 5_000,
}


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize(("noun", "command"), FORMS, ids=lambda part: f"{part}")
def test_whatever_is_wrong_with_a_field_is_said_in_the_readers_words(noun: str, command: str, typed: str) -> None:
    kind: Any = FORMS[noun, command]
    shapes = shapes_of(kind)

    body, problems = said_in({shape.name: [typed] for shape in flat(shapes)}, shapes, "Europe/Berlin")
    _, wrong = checked(kind, {"type": command, **body})

    # What a code says in no words of ours stands there in English.
    known = wording("de")
    worded = known.problems.keys() | known.faults.keys()
    assert {problem.code for problem in (*problems, *wrong)} <= worded - {"value_error", "assertion_error"}


@pytest.mark.parametrize("typed", [STRANGE[name] for name in STRANGE if "year" in name or "hour" in name][:3])
def test_a_time_beyond_all_calendars_is_refused_beside_its_field(typed: str) -> None:
    shapes = shapes_of(Hold, leaving_out=("step",))
    filled = {"code": [HoldReason.AGREED_DATE.value], "reason": ["x"], "max_until": [typed]}

    body, problems = said_in(filled, shapes, "Europe/Berlin")
    _, wrong = checked(Hold, body)
    form = PageForm("/here", "hold", "key", 1, shapes, filled).refused([*problems, *wrong], "de")

    assert form.problems == {"/max_until": ["Das Jahr muss zwischen 1989 und 2200 liegen."]}


@pytest.mark.parametrize(
    ("typed", "language", "said"),
    [
        pytest.param(
            "2027-10-31T02:30", "de", "Diese Uhrzeit gibt es an diesem Tag zweimal", id="an hour that is there twice"
        ),
        pytest.param("2027-03-28T02:30", "en", "", id="an hour that is left out"),
        pytest.param("", "de", "Diese Angabe fehlt.", id="nothing"),
    ],
)
def test_one_thing_is_said_of_a_time_that_cannot_be_taken(typed: str, language: Language, said: str) -> None:
    shapes = shapes_of(Hold, leaving_out=("step",))
    filled = {"code": [HoldReason.AGREED_DATE.value], "reason": ["x"], "max_until": [typed]}

    body, problems = said_in(filled, shapes, "Europe/Berlin")
    _, wrong = checked(Hold, body)
    form = PageForm("/here", "hold", "key", 1, shapes, filled).refused([*problems, *wrong], language)

    assert list(form.problems) == ["/max_until"]
    assert len(form.problems["/max_until"]) == 1
    assert form.problems["/max_until"][0].startswith(said)
