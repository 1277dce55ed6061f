"""Layers whose hours are shared: day and night, weekends, holidays, and one country after the other."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.holidays import dated
from domain.clocks.calendars import Calendar
from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.rota_checks import gaps, problems_of
from domain.oncall.rotations import FurtherRotation
from domain.oncall.shifts import Gap, GapReason, Layer
from tests.api.spent import machine
from tests.domain.oncall.test_rota import at, override, rota, rotation, swap

PRIMARY, BACKUP = Layer.PRIMARY, Layer.BACKUP
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
KNOWN = {"anna", "ben", "cora", "dora", "eva", "ida"}
HALF_HOUR = timedelta(minutes=30)


def hours(start: str, end: str, *days: str, zone: str = "Europe/Berlin", **changes: object) -> Calendar:
    weekly = {day: [[start, end]] for day in days or (*WORKDAYS, "sat", "sun")}
    return Calendar.model_validate({"zone": zone, "weekly": weekly} | changes)


def further(
    name: str, *members: str, layer: Layer = PRIMARY, start: str = "2026-03-02", **changes: object
) -> FurtherRotation:
    plain = rotation(*members, start=start).model_dump(mode="json") | {"layer": layer, "name": name}
    return FurtherRotation.model_validate(plain).but(**changes)


BY_DAY = hours("08:00", "20:00")
OFFICE = hours("08:00", "17:00", *WORKDAYS, region="DE-BY")


def shared(by_day: Calendar = BY_DAY, /, **changes: object) -> Rota:
    """Anna and Ben by day, Cora and Dora when it is over; Eva is always the backup."""
    usual = rota(
        primary=rotation("anna", "ben").but(hours=by_day),
        further=(further("Nacht", "cora", "dora", hours=by_day, outside=True),),
        backup=rotation("eva"),
    )
    return usual.but(**changes)


def primaries(found: Rota, *asked: str) -> list[str | None]:
    return [dated(found, at(one)).on_call_at(at(one)).primary for one in asked]


@pytest.mark.parametrize(
    ("found", "asked", "who"),
    [
        pytest.param(shared(), "2026-03-03T07:59:59+01:00", "cora", id="at the end of the night"),
        pytest.param(shared(), "2026-03-03T08:00+01:00", "anna", id="when the day begins"),
        pytest.param(shared(), "2026-03-03T20:00+01:00", "cora", id="when the night begins"),
        pytest.param(shared(), "2026-03-10T00:00+01:00", "dora", id="at midnight of the second week"),
        pytest.param(shared(), "2026-03-29T01:30+01:00", "dora", id="in the night that is short"),
        pytest.param(shared(OFFICE), "2026-03-07T12:00+01:00", "cora", id="on a Saturday"),
        pytest.param(shared(OFFICE), "2026-04-03T12:00+02:00", "cora", id="on Good Friday"),
        pytest.param(shared(OFFICE), "2026-04-02T12:00+02:00", "anna", id="on the day before it"),
    ],
)
def test_who_is_on_call_by_the_hour(found: Rota, asked: str, who: str) -> None:
    assert primaries(found, asked) == [who]


def test_shifts_are_shorter_than_a_day() -> None:
    found = shared().shifts(at("2026-03-03T08:00+01:00"), at("2026-03-04T20:00+01:00"))

    assert [(s.person, s.end - s.start) for s in found if s.layer == PRIMARY] == [
        ("anna", timedelta(hours=12)),
        ("cora", timedelta(hours=12)),
        ("anna", timedelta(hours=12)),
    ]
    assert {s.handed_over for s in found if s.layer == PRIMARY} == {at("2026-03-02T09:00+01:00")}


def test_nobody_is_on_call_outside_of_the_hours_and_it_is_said_until_when() -> None:
    weekends = rota(primary=rotation("anna").but(hours=hours("00:00", "24:00", "sat", "sun")), backup=rotation("ben"))

    found = weekends.on_call_at(at("2026-03-03T12:00+01:00"))

    assert (found.primary, found.until) == (None, at("2026-03-07T00:00+01:00"))


def test_only_what_must_be_covered_is_a_gap() -> None:
    weekend = hours("00:00", "24:00", "sat", "sun")
    weekends = rota(primary=rotation("anna").but(hours=weekend), backup=rotation("ben"))
    since, until = at("2026-03-02T09:00+01:00"), at("2026-03-16T09:00+01:00")

    assert gaps(weekends.but(coverage=weekend), since, until, KNOWN) == []
    assert {(gap.why, gap.layer) for gap in gaps(weekends, since, until, KNOWN)} == {(GapReason.NOBODY, PRIMARY)}


def test_what_two_countries_leave_open_while_their_clocks_differ_is_a_gap() -> None:
    """In winter Chicago begins when Berlin ends. Three weeks of March it begins an hour earlier, and ends so."""
    sun = rota(
        primary=rotation("anna", start="2026-01-05").but(hours=hours("08:00", "20:00")),
        further=(
            further("Chicago", "cora", start="2026-01-05", hours=hours("13:00", "01:00", zone="America/Chicago")),
        ),
        backup=rotation("ben", start="2026-01-05"),
    )

    in_winter = gaps(sun, at("2026-03-01T12:00Z"), at("2026-03-07T12:00Z"), KNOWN)
    in_march = gaps(sun, at("2026-03-09T12:00Z"), at("2026-03-10T12:00Z"), KNOWN)

    assert in_winter == []
    assert [(gap.start, gap.end) for gap in in_march] == [(at("2026-03-10T06:00Z"), at("2026-03-10T07:00Z"))]
    assert problems_of(sun, at("2026-02-20T12:00Z"), KNOWN) == []


def test_a_swap_is_of_the_turns_of_the_rotation_on_duty_then() -> None:
    swapped = shared(swaps=(swap("cora", "2026-03-03T22:00+01:00", "dora", "2026-03-10T22:00+01:00"),))

    assert problems_of(swapped, at("2026-03-02T00:00Z"), KNOWN) == []
    assert primaries(swapped, "2026-03-04T03:00+01:00", "2026-03-04T12:00+01:00") == ["dora", "anna"]


def test_a_stand_in_has_the_hours_in_between_too() -> None:
    ill = shared(overrides=(override("ben", "2026-03-03T12:00+01:00", "2026-03-04T12:00+01:00"),))

    assert primaries(ill, "2026-03-03T13:00+01:00", "2026-03-03T22:00+01:00", "2026-03-04T12:00+01:00") == [
        "ben",
        "ben",
        "anna",
    ]


def test_each_rotation_goes_on_from_its_own_turn() -> None:
    now = at("2026-03-11T12:00+01:00")
    kept = shared()

    changed = continued(shared(further=(further("Nacht", "cora", "eva", hours=BY_DAY, outside=True),)), kept, now)

    assert primaries(changed, "2026-03-12T02:00+01:00", "2026-03-17T02:00+01:00", "2026-03-24T02:00+01:00") == [
        "dora",
        "cora",
        "eva",
    ]
    assert primaries(changed, "2026-03-12T12:00+01:00") == primaries(kept, "2026-03-12T12:00+01:00")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, set(), id="day and night"),
        pytest.param(
            {"further": (further("Nacht", "cora", hours=hours("19:00", "08:00")),)},
            {("hours_overlap", "/further/0/hours")},
            id="an hour twice",
        ),
        pytest.param(
            {"further": (further("Nacht", "cora"),)}, {("hours_overlap", "/further/0/hours")}, id="no hours at all"
        ),
        pytest.param(
            {"further": (further("Nacht", "cora", hours=Calendar(zone="UTC", always=True), outside=True),)},
            {("hours_never_open", "/further/0/hours")},
            id="never a minute",
        ),
        pytest.param(
            {"coverage": BY_DAY},
            {("hours_never_needed", "/further/0/hours")},
            id="never a minute in which somebody must be on call",
        ),
        pytest.param(
            {"further": (further("Nacht", "cora", outside=True),)},
            {("hours_missing", "/further/0/outside"), ("hours_overlap", "/further/0/hours")},
            id="outside of nothing",
        ),
        pytest.param(
            {
                "further": (
                    further("Nacht", "cora", hours=hours("20:00", "02:00")),
                    further("Nacht", "gone", hours=hours("02:00", "09:00")),
                )
            },
            {
                ("rotation_named_twice", "/further/1/name"),
                ("hours_overlap", "/further/1/hours"),
                ("person_unknown", "/further/1/members/0"),
            },
            id="everything at once",
        ),
    ],
)
def test_hours_that_cannot_be_are_named(changes: dict[str, object], found: set[tuple[str, str]]) -> None:
    wrong = shared(**changes)

    assert {(problem.code, problem.at) for problem in problems_of(wrong, at("2026-03-02T12:00Z"), KNOWN)} == found


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    day = st.lists(st.sampled_from([("00:00", "08:30"), ("08:30", "17:00"), ("22:00", "02:30")]), unique=True)
    weekly = {name: draw(day) for name in (*WORKDAYS, "sat", "sun")}
    weekly["wed"] = weekly["wed"] or [("08:30", "17:00")]
    return Calendar.model_validate({"zone": draw(st.sampled_from(ZONES)), "weekly": weekly})


@settings(max_examples=25, deadline=None)
@given(
    by_day=calendars(),
    days=st.integers(1, 9),
    start=st.sampled_from(["2026-03-05T00:00Z", "2026-03-26T00:00Z", "2026-10-22T00:00Z", "2026-10-29T00:00Z"]),
)
def test_everything_agrees_with_asking_every_half_hour(by_day: Calendar, days: int, start: str) -> None:
    day = rotation("anna", "ben", start="2026-02-02", hand_over="08:00", days=days).but(hours=by_day)
    night = further("Nacht", "cora", "dora", start="2026-02-02", hours=by_day, outside=True)
    found = rota(primary=day, further=(night,))
    since = at(start)
    until = since + timedelta(days=9)

    line = list(found.stretches(PRIMARY, since, until))

    assert all(one.end == other.start for one, other in pairwise(line))
    assert (line[0].start <= since, line[-1].end >= until) == (True, True)
    for n in range((until - since) // HALF_HOUR):
        asked = since + n * HALF_HOUR
        on_duty = next(rotation for rotation in found.rotations(PRIMARY) if rotation.is_on_duty(asked))
        expected = on_duty.turn_at(asked, by_day.zone).person
        assert next(one.person for one in line if one.start <= asked < one.end) == expected
        assert n % 11 or found.on_call_at(asked).primary == expected


def test_twelve_rotations_are_checked_over_eight_weeks_in_no_time() -> None:
    """Of processor time, however busy the machine is; a hundred milliseconds are promised."""
    slots = [(f"{hour:02}:00", f"{hour + 4:02}:00") for hour in range(0, 24, 4)]
    since = at("2026-03-02T09:00+01:00")

    def shared_by_six(layer: Layer) -> list[FurtherRotation]:
        return [
            further(
                start,
                f"{layer}-{start[:2]}-a",
                f"{layer}-{start[:2]}-b",
                layer=layer,
                hours=hours(start, end, region="DE-BY"),
            )
            for start, end in slots
        ]

    spent = []
    for _ in range(3):
        first, backup = shared_by_six(PRIMARY), shared_by_six(BACKUP)
        known = {member for one in (*first, *backup) for member in one.members} | {"ida"}
        found = dated(rota(primary=first[0], backup=backup[0], further=(*first[1:], *backup[1:])), since)
        began = time.process_time()
        problems = [*problems_of(found, since, known), *gaps(found, since, since + timedelta(weeks=8), known)]
        spent.append(time.process_time() - began)
        # Good Friday and the two days of Easter are nobody's.
        assert {gap.layer for gap in problems if isinstance(gap, Gap)} == set(Layer)

    assert min(spent) < 0.05 * machine()
