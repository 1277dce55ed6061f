"""From when to when an alert fired: every spell is kept once, none overlaps another, and none is made up."""

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.alert import Alert, AlertRecord, Flapping, fallen_silent, heard
from domain.alerts.maintenance import MaintenanceWindow
from domain.alerts.spells import Spell, SpellEnd, sound
from domain.refusals import Unacceptable
from tests.domain.alerts.test_alert import CALM, FIRING, NINE, RESOLVED, says

CASES = json.loads((Path(__file__).parents[1] / "golden" / "alerts.json").read_text(encoding="utf-8"))
PLAYED = [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == "alerts"]
WINDOWS = [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] == "windows"]
MINUTE = timedelta(minutes=1)
Said = list[tuple[float, Alert]]


def minutes(at: datetime) -> float:
    return (at - NINE) / MINUTE


def spells(said: Said, flapping: Flapping = CALM) -> tuple[list[tuple[float, float, str]], AlertRecord]:
    """Those that are over, from and until which minute and how, and what is known in the end."""
    known: AlertRecord | None = None
    over: list[Spell] = []
    for minute, alert in said:
        now = heard(known, alert, NINE + minute * MINUTE, flapping)
        over += now.ended
        known = now.record
    assert known is not None
    return [(minutes(spell.start), minutes(spell.end), spell.ended.value) for spell in over], known


@pytest.mark.parametrize("case", PLAYED)
def test_cases_after_what_other_products_got_wrong(case: dict[str, Any]) -> None:
    known: AlertRecord | None = None
    for told in case["heard"]:
        times = {"starts_at": told.get("starts"), "ends_at": told.get("ends")}
        alert = Alert.model_validate({"source": "s", "key": "k", "title": "t", "status": told["status"]} | times)
        known = heard(known, alert, datetime.fromisoformat(told["at"]), Flapping()).record
    assert known is not None

    last = datetime.fromisoformat(case["heard"][-1]["at"])
    found = {"status": known.alert.status, "changes": known.changes, "flapping": known.is_flapping_at(last)}
    assert case["right"].items() <= found.items()


@pytest.mark.parametrize("case", WINDOWS)
def test_windows_cover_what_lies_in_them(case: dict[str, Any]) -> None:
    window = MaintenanceWindow.model_validate(case["window"])
    alert = Alert(source="s", key="k", title="t")

    found = {at: window.covers(alert, "anywhere", datetime.fromisoformat(at)) for at in case["ask"]}

    assert found == case["right"]


FIRES = says(FIRING, 0)
ENDS = says(RESOLVED, 0, 10)


@pytest.mark.parametrize(
    ("said", "over", "since"),
    [
        pytest.param([(1, FIRES)], [], 0, id="one that goes on"),
        pytest.param([(1, FIRES), (11, ENDS)], [(0, 10, "resolved")], 0, id="one that is over"),
        pytest.param([(1, FIRES), (11, ENDS), (12, ENDS), (15, ENDS)], [(0, 10, "resolved")], 0, id="over once only"),
        pytest.param([(1, FIRES), (11, ENDS), (12, FIRES)], [(0, 10, "resolved")], 0, id="overtaken by its end"),
        pytest.param([(1, FIRES), (11, ENDS), (12.1, FIRES)], [(0, 10, "resolved")], 12.1, id="the old start again"),
        pytest.param(
            [(1, FIRES), (11, ENDS), (30, FIRES), (45, says(RESOLVED, 0, 44))],
            [(0, 10, "resolved"), (30, 44, "resolved")],
            30,
            id="the old start again and over again",
        ),
        pytest.param(
            [(1, FIRES), (11, ENDS), (30, FIRES), (31, ENDS)], [(0, 10, "resolved")], 30, id="the old end late"
        ),
        pytest.param(
            [(1, FIRES), (11, ENDS), (30, FIRES), (31, says(RESOLVED, 0, 29))],
            [(0, 10, "resolved")],
            30,
            id="over before it was heard of: no time at all",
        ),
        pytest.param([(1, FIRES), (11, ENDS), (30, says(FIRING, 25))], [(0, 10, "resolved")], 25, id="a new start"),
        pytest.param(
            [(1, FIRES), (5, FIRES), (30, says(FIRING, 25))], [(0, 5, "began_anew")], 25, id="its end was never heard"
        ),
        pytest.param(
            [(1, FIRES), (11, ENDS), (40, says(RESOLVED, 20, 30))],
            [(0, 10, "resolved"), (20, 30, "resolved")],
            20,
            id="only its end was heard",
        ),
        pytest.param([(40, says(RESOLVED, 20, 30))], [(20, 30, "resolved")], 20, id="heard of when it was over"),
        pytest.param([(1, says(RESOLVED))], [], 1, id="over, and nobody says since when"),
        pytest.param([(1, says(FIRING, 90))], [], 1, id="a start in the future"),
        pytest.param([(1, says(FIRING, 90)), (2, says(FIRING, 90))], [], 1, id="a start in the future, repeated"),
        pytest.param([(1, FIRES), (5, says(RESOLVED, 0, 90))], [(0, 5, "resolved")], 0, id="an end in the future"),
        pytest.param(
            [(1, says(FIRING)), (5, says(RESOLVED, ends=-9))], [], 1, id="a sender whose clock goes far behind"
        ),
        pytest.param(
            [(1, FIRES), (5, FIRES.but(severity="critical")), (9, says(RESOLVED, 0, 8))],
            [(0, 5, "regraded"), (5, 8, "resolved")],
            5,
            id="graver in between",
        ),
    ],
)
def test_spells(said: Said, over: list[tuple[float, float, str]], since: float) -> None:
    found, known = spells(said)

    assert found == over
    assert minutes(known.since) == since
    assert all(before[1] <= after[0] for before, after in pairwise(found))


def test_what_falls_silent_is_over_when_it_was_last_heard_and_the_time_after_is_nobodys() -> None:
    known = heard(None, FIRES, NINE + MINUTE, CALM).record
    known = heard(known, FIRES, NINE + 5 * MINUTE, CALM).record

    silent = fallen_silent(known)
    again = heard(silent.record, FIRES, NINE + 900 * MINUTE, CALM)
    over = heard(silent.record, ENDS, NINE + 900 * MINUTE, CALM)

    assert silent.ended == (Spell(NINE, NINE + 5 * MINUTE, None, SpellEnd.SILENT),)
    assert (silent.record.is_firing, again.record.is_firing, over.record.is_firing) == (False, True, False)
    assert again.record.since == NINE + 900 * MINUTE
    assert (again.ended, over.ended) == ((), ())
    assert (again.has_changed, over.has_changed) == (True, True)


@pytest.mark.parametrize(
    ("start", "end", "problems"),
    [
        pytest.param(0, 5, [], id="sound"),
        pytest.param(5, 0, [("period_reversed", "/end")], id="ends before it begins"),
        pytest.param(5, 20, [("in_the_future", "/end")], id="ends in the future"),
        pytest.param(
            30,
            20,
            [("period_reversed", "/end"), ("in_the_future", "/start"), ("in_the_future", "/end")],
            id="all of it",
        ),
    ],
)
def test_a_bad_spell_is_refused_with_all_that_is_wrong(start: int, end: int, problems: list[tuple[str, str]]) -> None:
    spell = Spell(NINE + start * MINUTE, NINE + end * MINUTE, None, SpellEnd.RESOLVED)

    if not problems:
        assert sound(spell, NINE + 10 * MINUTE) == spell
        return
    with pytest.raises(Unacceptable) as refused:
        sound(spell, NINE + 10 * MINUTE)
    assert [(problem.code, problem.at) for problem in refused.value.problems] == problems
