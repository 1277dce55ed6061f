"""Forms as they are shown: each field with its label and all that is wrong with it, none mistaken for another."""

import re
from collections import Counter
from typing import Any

import pytest

from domain.cases.order_commands import Hold
from domain.clocks.holds import HoldReason
from domain.people import Language
from web.forms import PageForm, checked, flat, said_in, shapes_of
from web.incidents import COMMANDS as OF_INCIDENTS
from web.move_forms import PROJECT_COMMANDS, WAVE_COMMANDS
from web.order_forms import COMMANDS as OF_ORDERS
from web.rendering import templates

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
