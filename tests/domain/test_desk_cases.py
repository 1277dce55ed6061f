"""Clocks, rotas and pages where other products were reported to be wrong: what is right was worked out by hand."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import AwareDatetime, TypeAdapter

from domain.clocks.calendars import Calendar
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.sla import ClockKind, SlaClock
from domain.contracts.paging import PagingPolicy
from domain.oncall.page import PageState
from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.rota_checks import gaps, problems_of
from tests.domain.oncall.page_samples import PAGE, Ladder

Case = Mapping[str, Any]
CASES = json.loads((Path(__file__).parent / "golden" / "desks.json").read_text(encoding="utf-8"))
MINUTE = timedelta(minutes=1)


def of(*kinds: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for case in CASES if case["kind"] in kinds]


def instant(written: str) -> datetime:
    return TypeAdapter[datetime](AwareDatetime).validate_python(written)


def told(clock: SlaClock, hours: Calendar, event: Case) -> SlaClock:
    at, reason = instant(event["at"]), HoldReason(event.get("reason", "waiting_customer"))
    match event["do"]:
        case "hold":
            return clock.hold(ClockHold(reason=reason, actor="p-koch", at=at))
        case "resume":
            return clock.resume(reason, at)
        case "stop":
            return clock.stop(at)
        case "reopen":
            return clock.reopen(at)
    return clock.change_target(hours, event["target"] * MINUTE, at)


@pytest.mark.parametrize("case", of("clock"))
def test_clocks(case: Case) -> None:
    hours, now = Calendar.model_validate(case["calendar"]), instant(case["now"])
    clock = SlaClock(name="resolution", kind=ClockKind.RESOLUTION, target=case["target"] * MINUTE)
    clock = clock.start(instant(case["start"]))
    for event in case.get("events", ()):
        clock = told(clock, hours, event)

    found = {
        "deadline": clock.deadline(hours, now),
        "used": clock.used(hours, now) / MINUTE,
        "breached": clock.breach(hours, now),
    }
    right = {what: instant(value) if isinstance(value, str) else value for what, value in case["right"].items()}
    assert {what: found[what] for what in right} == right


@pytest.mark.parametrize("case", of("elapsed"))
def test_time_that_passed(case: Case) -> None:
    hours = Calendar.model_validate(case["calendar"])

    assert hours.elapsed(instant(case["start"]), instant(case["end"])) == case["right"]["minutes"] * MINUTE


@pytest.mark.parametrize("case", of("is_open"))
def test_hours_that_are_open(case: Case) -> None:
    hours = Calendar.model_validate(case["calendar"])

    assert {at: hours.is_open(instant(at)) for at in case["ask"]} == case["right"]


def on_call(rota: Rota, at: str) -> list[str | None]:
    found = rota.on_call_at(instant(at))
    return [found.primary, found.backup]


@pytest.mark.parametrize("case", of("rota"))
def test_rotas(case: Case) -> None:
    rota, right = Rota.model_validate(case["rota"]), dict(case["right"])
    if (codes := right.pop("problems", None)) is not None:
        assert [problem.code for problem in problems_of(rota, instant(case["now"]), case["known"])] == codes
    if (expected := right.pop("gaps", None)) is not None:
        since, until = map(instant, case["gaps"])
        found = gaps(rota, since, until, case["reachable"])
        assert [(gap.layer, gap.why, gap.person, gap.start, gap.end) for gap in found] == [
            (layer, why, person, instant(start), instant(end)) for layer, why, person, start, end in expected
        ]

    assert {at: on_call(rota, at) for at in right} == right


@pytest.mark.parametrize("case", of("changed"))
def test_rotas_that_are_changed(case: Case) -> None:
    (at,), before = case["ask"], Rota.model_validate(case["rota"])
    changed = Rota.model_validate(case["rota"] | case["change"])

    assert on_call(before, at) == case["right"]["before"]
    assert on_call(continued(changed, before, instant(at)), at) == case["right"][at]


def log_of(ladder: Ladder, backs: list[float], unreachable: frozenset[str]) -> list[tuple[float, str, str]]:
    """Minute by minute who was tried first by which word, when people were called again, and when it turned red."""
    tried = [
        (number, "fails" if who in unreachable else "call", who) for number, who, how in ladder.said if how == "chat"
    ]
    return sorted(
        [*tried, *((at, "again", "") for at in backs), *((at, "red", "") for at in ladder.reds)], key=_in_time
    )


def _in_time(line: tuple[float, str, str]) -> tuple[float, bool]:
    return line[0], line[1] != "again"


@pytest.mark.parametrize("case", of("page"))
def test_pages(case: Case) -> None:
    start, unreachable = instant(case["start"]), frozenset(case.get("unreachable", ()))

    def minute(written: str) -> int:
        return int((instant(written) - start) / MINUTE)

    ladder = Ladder(
        *map(tuple, case["people"]),
        fails=unreachable,
        page=PAGE.but(policy=PagingPolicy.model_validate(case["policy"])),
    )
    answers = {minute(answer["at"]): answer for answer in case.get("answers", ())}
    backs: list[float] = []
    for number in range(minute(case["until"]) + 1):
        was_taken = ladder.progress.state == PageState.ACKNOWLEDGED
        ladder.at(number)
        if was_taken and ladder.progress.state == PageState.CALLING:
            backs.append(number)
        if (answer := answers.get(number)) is not None:
            tell = ladder.acknowledge if answer["do"] == "acknowledge" else ladder.decline
            tell(answer["who"], number)

    log = log_of(ladder, backs, unreachable)
    if (right := case["right"].get("log")) is not None:
        assert log == [(minute(at), what, who) for at, what, who in (map(str, (*line, "")[:3]) for line in right)]
    else:
        red = ladder.reds[0]
        assert any(what == "call" and red < at <= red + 120 for at, what, _ in log)
