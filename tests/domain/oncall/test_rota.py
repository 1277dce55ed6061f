"""Rotas: hand-overs by the wall clock, stand-ins, swaps, gaps, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.clocks.calendars import Calendar
from domain.oncall.rota import Override, Rota, RotaTurn, Swap
from domain.oncall.rota_checks import gaps, problems_of
from domain.oncall.rota_versions import InForce, on_call_at, shifts
from domain.oncall.rotations import Rotation
from domain.oncall.shifts import Gap, Layer, Shift
from tests.domain.oncall.rota_walk import STEP, Walk, stepped

PRIMARY, BACKUP = Layer.PRIMARY, Layer.BACKUP
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = Calendar.model_validate(
    {"zone": "Europe/Berlin", "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def rotation(*members: str, start: str = "2026-03-02", hand_over: str = "09:00", days: int = 7) -> Rotation:
    return Rotation.model_validate({"members": members, "start": start, "hand_over": hand_over, "days": days})


def rota(**changes: object) -> Rota:
    usual = Rota(
        id="adler",
        name="Adler",
        zone="Europe/Berlin",
        owner="ida",
        primary=rotation("anna", "ben", "cora"),
        backup=rotation("ben", "cora", "anna"),
    )
    return usual.but(**changes)


def override(person: str, start: str, end: str, layer: Layer = PRIMARY) -> Override:
    return Override(layer=layer, person=person, start=at(start), end=at(end))


def swap(first: str, first_at: str, second: str, second_at: str) -> Swap:
    return Swap(
        first=RotaTurn(layer=PRIMARY, person=first, at=at(first_at)),
        second=RotaTurn(layer=PRIMARY, person=second, at=at(second_at)),
    )


def names(found: list[Shift], layer: Layer = PRIMARY) -> list[str | None]:
    return [shift.person for shift in found if shift.layer == layer]


@pytest.mark.parametrize(
    ("asked", "primary", "backup", "until"),
    [
        pytest.param("2026-03-09T08:59:59+01:00", "anna", "ben", "2026-03-09T09:00+01:00", id="just before hand-over"),
        pytest.param("2026-03-09T09:00+01:00", "ben", "cora", "2026-03-16T09:00+01:00", id="at hand-over"),
        pytest.param("2026-03-01T12:00+01:00", None, None, "2026-03-02T09:00+01:00", id="before the rota begins"),
        pytest.param("2026-03-29T02:00+02:00", "anna", "ben", "2026-03-30T09:00+02:00", id="on the short night"),
        pytest.param("2026-10-25T02:30+01:00", "anna", "ben", "2026-10-26T09:00+01:00", id="on the long night"),
        pytest.param("2026-12-31T23:59+01:00", "ben", "cora", "2027-01-04T09:00+01:00", id="on New Year's Eve"),
    ],
)
def test_who_is_on_call(asked: str, primary: str | None, backup: str | None, until: str) -> None:
    found = rota().on_call_at(at(asked))

    assert (found.primary, found.backup, found.until) == (primary, backup, at(until))


@pytest.mark.parametrize(
    ("hand_over", "asked", "on_call"),
    [
        pytest.param("02:30", "2026-10-25T02:29:59+02:00", "anna", id="before the repeated hour shows it"),
        pytest.param("02:30", "2026-10-25T02:30+02:00", "ben", id="when the repeated hour first shows it"),
        pytest.param("02:30", "2026-10-25T02:29:59+01:00", "ben", id="when the hour begins again"),
        pytest.param("02:30", "2026-10-25T02:30+01:00", "ben", id="when the repeated hour shows it again"),
        pytest.param("02:30", "2026-03-29T01:59:59+01:00", "anna", id="before the skipped hour"),
        pytest.param("02:30", "2026-03-29T03:00+02:00", "ben", id="after the skipped hour"),
        pytest.param("09:00", "2026-03-29T08:59:59+02:00", "anna", id="before nine in summer time"),
        pytest.param("09:00", "2026-03-29T09:00+02:00", "ben", id="at nine in summer time"),
    ],
)
def test_people_hand_over_once_on_nights_when_the_clocks_change(hand_over: str, asked: str, on_call: str) -> None:
    start = f"{at(asked) - DAY:%Y-%m-%d}"
    daily = rota(
        primary=rotation("anna", "ben", start=start, hand_over=hand_over, days=1),
        backup=rotation("ben", "anna", start=start, hand_over=hand_over, days=1),
    )

    found = daily.on_call_at(at(asked))

    assert (found.primary, found.backup) == (on_call, "ben" if on_call == "anna" else "anna")


@pytest.mark.parametrize(
    ("day", "hand_over", "begins", "hours"),
    [
        pytest.param("2026-03-28", "09:00", "2026-03-28T09:00+01:00", 23, id="spring"),
        pytest.param("2026-10-24", "09:00", "2026-10-24T09:00+02:00", 25, id="autumn"),
        pytest.param("2026-03-28", "02:30", "2026-03-28T02:30+01:00", 23.5, id="until the hour that is skipped"),
        pytest.param("2026-03-29", "02:30", "2026-03-29T03:00+02:00", 23.5, id="from the hour that is skipped"),
        pytest.param("2026-10-24", "02:30", "2026-10-24T02:30+02:00", 24, id="until the hour that comes twice"),
        pytest.param("2026-10-25", "02:30", "2026-10-25T02:30+02:00", 25, id="from the hour that comes twice"),
        pytest.param("2026-10-24", "24:00", "2026-10-25T00:00+02:00", 25, id="at midnight"),
        pytest.param("2026-06-01", "09:00", "2026-06-01T09:00+02:00", 24, id="any other day"),
    ],
)
def test_a_daily_shift_keeps_to_the_wall_clock(day: str, hand_over: str, begins: str, hours: float) -> None:
    daily = rotation("anna", start=day, hand_over=hand_over, days=1)

    begin, end = (daily.begins(number, "Europe/Berlin") for number in (0, 1))

    assert (begin, end - begin) == (at(begins), hours * HOUR)


def test_a_day_that_a_zone_skipped_has_no_shift() -> None:
    samoa = rota(
        zone="Pacific/Apia", primary=rotation("anna", "ben", "cora", start="2011-12-29", hand_over="00:00", days=1)
    )

    found = samoa.shifts(at("2011-12-29T10:00Z"), at("2012-01-01T10:00Z"))

    assert names(found) == ["anna", "cora", "anna"]


def test_a_stand_in_takes_over_and_gives_back() -> None:
    ill = rota(overrides=(override("dora", "2026-03-03T18:00+01:00", "2026-03-10T12:00+01:00"),))

    found = ill.shifts(at("2026-03-02T09:00+01:00"), at("2026-03-16T09:00+01:00"))

    assert [(s.person, s.instead_of) for s in found if s.layer == PRIMARY] == [
        ("anna", None),
        ("dora", "anna"),
        ("dora", "ben"),
        ("ben", None),
    ]
    assert names(found, BACKUP) == ["ben", "cora"]
    assert ill.on_call_at(at("2026-03-03T17:00+01:00")).until == at("2026-03-03T18:00+01:00")


def test_a_stand_in_may_begin_before_the_rotation() -> None:
    early = rota(overrides=(override("dora", "2026-03-01T00:00+01:00", "2026-03-02T12:00+01:00"),))

    assert early.on_call_at(at("2026-03-01T12:00+01:00")).primary == "dora"


def test_two_people_exchange_their_shifts() -> None:
    swapped = rota(swaps=(swap("anna", "2026-03-04T00:00+01:00", "cora", "2026-03-20T12:00+01:00"),))

    found = swapped.shifts(at("2026-03-02T09:00+01:00"), at("2026-03-30T09:00+02:00"))

    assert names(found) == ["cora", "ben", "anna", "anna"]
    assert [s.instead_of for s in found if s.layer == PRIMARY] == ["anna", None, "cora", None]


def test_a_swapped_shift_can_be_swapped_again_by_whoever_has_it_now() -> None:
    swaps = (
        swap("anna", "2026-03-04T00:00+01:00", "ben", "2026-03-11T00:00+01:00"),
        swap("ben", "2026-03-04T00:00+01:00", "cora", "2026-03-18T00:00+01:00"),
    )
    twice = rota(swaps=swaps)

    assert problems_of(twice, at("2026-03-02T00:00Z"), {"anna", "ben", "cora", "ida"}) == []
    assert names(twice.shifts(at("2026-03-02T08:00Z"), at("2026-03-23T08:00Z"))) == ["cora", "anna", "ben"]


def test_what_is_over_can_be_left_out_without_changing_what_comes() -> None:
    swaps = (
        swap("anna", "2026-03-04T00:00+01:00", "ben", "2026-03-11T00:00+01:00"),
        swap("ben", "2026-03-04T00:00+01:00", "cora", "2026-03-18T00:00+01:00"),
    )
    now, end = at("2026-03-17T00:00Z"), at("2026-06-01T00:00Z")
    whole = rota(swaps=swaps, overrides=(override("dora", "2026-03-03T00:00Z", "2026-03-04T00:00Z"),))

    left = whole.without_past(now)

    assert (len(left.swaps), len(left.overrides)) == (1, 0)
    assert left.shifts(now, end) == whole.shifts(now, end)
    assert problems_of(left, now, {"anna", "ben", "cora", "ida"}) == []


MONDAY = "2026-03-02T09:00+01:00"
TUESDAY = "2026-03-03T09:00+01:00"
NEXT_MONDAY = "2026-03-09T09:00+01:00"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [], id="always two people"),
        pytest.param(
            {"primary": rotation("anna", "ben", "cora", start="2026-03-03")},
            [(MONDAY, TUESDAY, PRIMARY, "nobody", None)],
            id="nobody yet",
        ),
        pytest.param(
            {"overrides": (override("ben", MONDAY, TUESDAY),)},
            [(MONDAY, TUESDAY, BACKUP, "same_person", "ben")],
            id="one person as both",
        ),
        pytest.param(
            {"overrides": (override("gone", MONDAY, TUESDAY, BACKUP),)},
            [(MONDAY, TUESDAY, BACKUP, "unreachable", "gone")],
            id="somebody who cannot be reached",
        ),
        pytest.param(
            {"overrides": (override("gone", MONDAY, TUESDAY), override("gone", MONDAY, TUESDAY, BACKUP))},
            [
                (MONDAY, TUESDAY, BACKUP, "same_person", "gone"),
                (MONDAY, TUESDAY, BACKUP, "unreachable", "gone"),
                (MONDAY, TUESDAY, PRIMARY, "unreachable", "gone"),
            ],
            id="everything at once",
        ),
        pytest.param(
            {
                "overrides": (override("ben", "2026-03-02T16:00+01:00", "2026-03-03T09:00+01:00"),),
                "coverage": OFFICE,
            },
            [
                ("2026-03-02T16:00+01:00", "2026-03-02T17:00+01:00", BACKUP, "same_person", "ben"),
                ("2026-03-03T08:00+01:00", "2026-03-03T09:00+01:00", BACKUP, "same_person", "ben"),
            ],
            id="only while somebody must be on call",
        ),
        pytest.param(
            {"primary": rotation("ben", days=1)},
            [(MONDAY, NEXT_MONDAY, BACKUP, "same_person", "ben")],
            id="one gap over several shifts",
        ),
    ],
)
def test_gaps_are_named(changes: dict[str, object], found: list[tuple[str, str, Layer, str, str | None]]) -> None:
    known = {"anna", "ben", "cora"}

    seen = gaps(rota(**changes), at(MONDAY), at(NEXT_MONDAY), known)

    assert sorted((gap.start, gap.end, gap.layer, gap.why.value, gap.person) for gap in seen) == sorted(
        (at(start), at(end), layer, why, person) for start, end, layer, why, person in found
    )


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = rota(
        backup=rotation("ben", "nobody").but(weekday="tue"),
        overrides=(
            override("anna", "2026-03-03T00:00Z", "2026-03-20T00:00Z"),
            override("cora", "2026-03-04T00:00Z", "2026-03-05T00:00Z"),
            override("cora", "2026-03-06T00:00Z", "2026-03-07T00:00Z"),
            override("ben", "2026-03-20T00:00Z", "2026-03-21T00:00Z"),
            override("ben", "2026-03-23T00:00Z", "2026-03-22T00:00Z"),
        ),
        swaps=(
            swap("ben", "2026-03-04T00:00Z", "cora", "2026-02-01T00:00Z"),
            swap("anna", "2026-03-25T00:00Z", "anna", "2026-03-26T00:00Z"),
            swap("ben", "2026-03-31T00:00Z", "ben", "2026-04-21T00:00Z"),
        ),
    )

    found = problems_of(wrong, at("2026-01-01T00:00Z"), {"anna", "ben", "cora", "ida"})

    assert {(problem.code, problem.at) for problem in found} == {
        ("handover_off_weekday", "/backup/weekday"),
        ("overrides_overlap", "/overrides/1"),
        ("overrides_overlap", "/overrides/2"),
        ("period_reversed", "/overrides/4/end"),
        ("shift_not_theirs", "/swaps/0/first/person"),
        ("shift_not_theirs", "/swaps/0/second/person"),
        ("swap_of_one_shift", "/swaps/1"),
        ("swap_with_oneself", "/swaps/2"),
        ("person_unknown", "/backup/members/1"),
    }


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        pytest.param({"zone": "Europe/Augsburg"}, {("zone",)}, id="an unknown zone"),
        pytest.param({"primary": None, "backup": None}, {("primary",), ("backup",)}, id="no layers"),
        pytest.param({"tertiary": {}}, {("tertiary",)}, id="a third layer"),
        pytest.param(
            {"primary": {"members": [], "start": "2026-03-02", "hand_over": "25:00"}},
            {("primary", "members"), ("primary", "hand_over")},
            id="nobody takes turns",
        ),
        pytest.param(
            {"overrides": [{"layer": "third", "person": "a", "start": "2026-03-02T09:00", "end": "2026-03-03T09:00Z"}]},
            {("overrides", 0, "layer"), ("overrides", 0, "start")},
            id="an override of an unknown layer without an offset",
        ),
    ],
)
def test_a_rota_that_cannot_be_read_is_refused(changes: dict[str, object], where: set[tuple[str | int, ...]]) -> None:
    with pytest.raises(ValidationError) as refused:
        Rota.model_validate(rota().model_dump(mode="json") | changes)

    assert {fault["loc"] for fault in refused.value.errors()} == where


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        rota().on_call_at(datetime(2026, 3, 4))  # noqa: DTZ001


def test_a_rota_written_as_json_reads_back_the_same() -> None:
    whole = rota(
        overrides=(override("dora", MONDAY, TUESDAY),),
        swaps=(swap("anna", "2026-03-04T00:00Z", "cora", "2026-03-20T00:00Z"),),
        coverage=OFFICE,
    )

    assert Rota.model_validate_json(whole.model_dump_json()) == whole


def test_the_past_is_answered_by_the_version_in_force_then() -> None:
    changed = at("2026-03-04T12:00Z")
    versions = [
        InForce(at("2026-03-02T08:00Z"), rota()),
        InForce(changed, rota(version=2, primary=rotation("dora", "ben", "cora"))),
        InForce(at("2026-03-05T12:00Z"), rota(version=3, primary=rotation("dora", "ben", "eva"))),
    ]

    before, after = (on_call_at(versions, moment) for moment in (changed - STEP, changed))
    found = shifts(versions, at("2026-03-01T00:00Z"), at("2026-03-16T08:00Z"))

    assert before is not None
    assert after is not None
    assert (before.primary, before.until, before.version) == ("anna", changed, 1)
    assert (after.primary, after.version) == ("dora", 2)
    assert on_call_at(versions, at("2026-03-01T00:00Z")) is None
    assert [(s.person, s.start, s.end) for s in found if s.layer == PRIMARY] == [
        ("anna", at(MONDAY), changed),
        ("dora", changed, at(NEXT_MONDAY)),
        ("ben", at(NEXT_MONDAY), at("2026-03-16T08:00Z")),
    ]
    assert names(found, BACKUP) == ["ben", "cora"]


# Around both clock changes of Berlin, and of Lord Howe with its half hour.
STARTS = [datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)]
LENGTH = 20 * 48
people = st.sampled_from(["anna", "ben", "cora", "dora"])
steps = st.integers(2 * 48, LENGTH - 1)


@st.composite
def rotations(draw: st.DrawFn, first: date) -> Rotation:
    return Rotation(
        members=tuple(draw(st.lists(people, min_size=1, max_size=4))),
        start=first + draw(st.integers(1, 6)) * DAY,
        hand_over=f"{draw(st.integers(0, 23)):02}:{draw(st.sampled_from(['00', '30']))}",
        days=draw(st.integers(1, 9)),
    )


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    start = draw(st.sampled_from(STARTS))
    layers = st.sampled_from(Layer)

    def instant() -> datetime:
        return start + draw(steps) * STEP

    overrides: list[Override] = []
    for _ in range(draw(st.integers(0, 3))):
        begin, end = sorted((instant(), instant()))
        layer = draw(layers)
        if begin < end and all(o.layer != layer or o.end <= begin or end <= o.start for o in overrides):
            overrides.append(Override(layer=layer, person=draw(people), start=begin, end=end))
    swaps = [
        Swap(
            first=RotaTurn(layer=draw(layers), person=draw(people), at=instant()),
            second=RotaTurn(layer=draw(layers), person=draw(people), at=instant()),
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    made = rota(
        zone=draw(st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "UTC"])),
        primary=draw(rotations(start.date())),
        backup=draw(rotations(start.date())),
        overrides=tuple(overrides),
        swaps=tuple(swaps),
        coverage=draw(st.sampled_from([OFFICE, Calendar(zone="UTC", always=True)])),
    )
    return Walk(made, start, LENGTH)


@settings(max_examples=40, deadline=None)
@given(walks(), st.sets(people))
def test_everything_agrees_with_a_walk_along_the_wall_clock(walk: Walk, reachable: set[str]) -> None:
    # The walk must have seen the day before to know what the clock has shown.
    start, end = walk.start + 2 * DAY, walk.start + LENGTH * STEP
    moments = walk.instants()[2 * 48 :]
    shifted = walk.rota.shifts(start, end)
    found: list[Gap] = gaps(walk.rota, start, end, reachable)

    for layer in Layer:
        walked = dict(zip(walk.instants(), walk.people(layer), strict=True))
        listed = {
            shift.start + n * STEP: shift.person
            for shift in shifted
            if shift.layer == layer
            for n in range((shift.end - shift.start) // STEP)
        }
        assert listed == {moment: walked[moment] for moment in moments if walked[moment] is not None}
        answered = [getattr(walk.rota.on_call_at(moment), layer) for moment in moments[::7]]
        assert answered == [walked[moment] for moment in moments[::7]]
    assert stepped(found) == {gap for gap in walk.gaps(reachable) if gap[0] >= start}


def test_a_rota_stored_before_there_were_hours_means_the_same() -> None:
    layer: dict[str, object] = {"start": "2026-03-02", "hand_over": "09:00", "days": 7, "weekday": None}
    stored: dict[str, object] = {
        "id": "adler",
        "name": "Adler",
        "customer": None,
        "version": 3,
        "zone": "Europe/Berlin",
        "owner": "ida",
        "primary": layer | {"members": ["anna", "ben", "cora"]},
        "backup": layer | {"members": ["ben", "cora", "anna"]},
        "overrides": [],
        "swaps": [],
        "coverage": {"zone": "UTC", "always": True},
    }

    assert Rota.model_validate(stored) == rota(version=3)
