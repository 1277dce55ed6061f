"""Forms as they are shown: each field with its label and all that is wrong with it, none mistaken for another."""

import re
from collections import Counter
from typing import Any

import pytest

from web.forms import PageForm, flat, shapes_of
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
