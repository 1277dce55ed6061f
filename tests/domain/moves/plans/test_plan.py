"""Plans keep what they claim to keep, leave nothing unexplained, and name what would have to give."""

from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.wording import sentence
from domain.clocks.calendars import Calendar
from domain.kinds import Leg
from domain.moves.plans.charts import PlannedLoad, bars, critical_path, loads
from domain.moves.plans.checks import conflicts_of
from domain.moves.plans.plan import Assignment, Basis, Plan, Technician, VendorCapacity
from domain.moves.plans.planning import plan
from domain.moves.plans.waves import CutBy, Freeze, Wave, Workplace, cut
from domain.places import Place
from domain.refusals import Problem, Unacceptable
from tests.domain.moves.plans.plan_samples import (
    ALWAYS,
    HOLIDAY,
    OFFICE,
    at,
    big,
    desk,
    office,
    site,
    technicians,
    wild,
)
from tests.domain.moves.plans.plan_walk import broken

STORE = Place(site="nord", room="store")


def row(key: str, source: Place | None = None, target: Place | None = None, **more: object) -> Workplace:
    places = {"source": source or desk(f"{key}-old"), "target": target or desk(f"{key}-new")}
    return Workplace(key=key, **places).but(**more)


def rows(number: int, **more: object) -> tuple[Workplace, ...]:
    return tuple(row(f"w{n}").but(**more) for n in range(number))


def wave(name: str = "one", start: str = "2026-03-31T07:00", hours: float = 12, **more: object) -> Wave:
    return Wave(id=name, start=at(start), end=at(start) + timedelta(hours=hours)).but(**more)


def basis(*workplaces: Workplace, **more: object) -> Basis:
    usual = Basis(workplaces=workplaces, waves=(wave(),), technicians=technicians(1), sites=(site("nord"),))
    return usual.but(**more)


def reasons(made: Plan) -> dict[str, list[str]]:
    return {left.workplace: [problem.code for problem in left.why] for left in made.left_over}


def in_order(made: Plan) -> list[tuple[str, Leg]]:
    return [(entry.workplace, entry.leg) for entry in made.assignments]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000_000))
def test_a_plan_breaks_nothing_and_explains_what_it_leaves(seed: int) -> None:
    project = wild(seed)

    made = plan(project, seed, steps=20)

    assert broken(project, made) == []
    assert conflicts_of(project, made) == []


def test_a_large_project_is_planned_completely_and_again_the_same() -> None:
    project = big(1)

    made = plan(project)

    assert made.left_over == ()
    assert broken(project, made) == []
    assert plan(project) == made


def test_improving_finds_a_place_for_more_than_the_first_attempt() -> None:
    project = big(3)

    greedy, improved = plan(project, steps=0), plan(project, steps=60)

    assert len(improved.left_over) < len(greedy.left_over)
    assert broken(project, improved) == []


def test_a_chain_moves_from_its_end() -> None:
    chain = (row("a", desk(1), desk(2)), row("b", desk(2), desk(3)), row("c", desk(3), desk(4)))

    made = plan(basis(*chain, technicians=technicians(3)))

    assert in_order(made) == [("c", Leg.WHOLE), ("b", Leg.WHOLE), ("a", Leg.WHOLE)]


def test_a_swap_goes_by_way_of_an_interim_place() -> None:
    swap = (row("a", desk(1), desk(2)), row("b", desk(2), desk(1)))

    made = plan(basis(*swap, interim=(STORE,), technicians=technicians(2)))

    assert in_order(made) == [("a", Leg.ASIDE), ("b", Leg.WHOLE), ("a", Leg.ON)]
    assert [entry.target for entry in made.assignments] == [STORE, desk(1), desk(2)]


def test_a_desk_that_two_rows_leave_is_free_when_both_have_left() -> None:
    shared = (row("a", desk(1), desk(2)), row("b", desk(2), desk(3)), row("c", desk(2), desk(4), minutes=120))

    made = plan(basis(*shared, technicians=technicians(2)))
    times = {entry.workplace: entry for entry in made.assignments}

    assert times["a"].start == times["c"].end > times["b"].end


def test_an_hour_in_the_list_is_kept() -> None:
    made = plan(basis(row("a", day=at(TUESDAY).date(), hour=time(14)), row("b")))

    assert [(entry.workplace, entry.start) for entry in made.assignments] == [
        ("b", at("2026-03-31T07:00")),
        ("a", at("2026-03-31T14:00")),
    ]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000_000), st.floats(0, 1))
def test_what_has_begun_stays_as_it_was_planned_and_the_rest_is_planned_around_it(seed: int, share: float) -> None:
    project = wild(seed)
    before = plan(project, seed, steps=5).assignments
    begun = before[: round(len(before) * share)]

    made = plan(project, seed + 1, steps=5, keep=begun)

    assert set(begun) <= set(made.assignments)
    assert conflicts_of(project, made) == []


def test_who_stands_aside_goes_on_even_if_the_swap_was_called_off() -> None:
    swap = (row("a", desk(1), desk(2)), row("b", desk(2), desk(1)))
    (aside, *_) = plan(basis(*swap, interim=(STORE,))).assignments

    made = plan(basis(swap[0]), keep=[aside])

    assert in_order(made) == [("a", Leg.ASIDE), ("a", Leg.ON)]
    assert [entry.target for entry in made.assignments] == [STORE, desk(2)]


def test_what_is_kept_must_be_known() -> None:
    strange = entry("w7", TUESDAY, 1, technician="t7", wave="seven", leg=Leg.BACK)

    with pytest.raises(Unacceptable) as refused:
        plan(basis(*rows(1)), keep=[strange])

    assert [problem.code for problem in refused.value.problems] == [
        *("workplace_unknown", "technician_unknown", "wave_unknown", "legs_contradict")
    ]


def test_nobody_is_moved_aside_who_cannot_move_on() -> None:
    swap = (row("a", desk(1), desk(2), minutes=60), row("b", desk(2), desk(1), minutes=60))

    made = plan(basis(*swap, interim=(STORE,), waves=(wave(hours=1.75),)))

    assert made.assignments == ()
    assert reasons(made) == {"a": ["hours_taken"], "b": ["desk_not_left"]}


SWAP = (row("a", desk(1), desk(2)), row("b", desk(2), desk(1)))
GOOD_FRIDAY = f"{HOLIDAY}T07:00"
FREEZE = Freeze(start=at("2026-03-31T00:00"), end=at("2026-04-01T00:00"), why="Jahresabschluss")
CARRIED = {"vendor": "carrier", "kit": 4}


@pytest.mark.parametrize(
    ("workplaces", "more", "expected"),
    [
        pytest.param(rows(1, wave="two"), {}, ["wave_unknown"], id="a wave that does not exist"),
        pytest.param(rows(1), {"waves": (wave(floor="9"),)}, ["no_wave_takes"], id="no wave for the place"),
        pytest.param(rows(1, skills=("cad",)), {}, ["skills_missing"], id="nobody who can"),
        pytest.param(rows(1, day=HOLIDAY), {}, ["day_outside_wave"], id="a day outside the wave"),
        pytest.param(rows(1), {"waves": (wave(start=GOOD_FRIDAY),)}, ["holiday_without_reason"], id="a holiday"),
        pytest.param(
            rows(1),
            {
                "waves": (wave(start="2026-04-05T07:00"),),
                "sites": (site("nord", ALWAYS),),
                "technicians": technicians(1, ALWAYS),
            },
            ["holiday_without_reason"],
            id="a Sunday at a site that never closes",
        ),
        pytest.param(rows(1), {"waves": (wave(start="2026-03-31T20:00", hours=8),)}, ["sites_closed"], id="at night"),
        pytest.param(rows(1), {"freezes": (FREEZE,)}, ["wave_frozen"], id="a freeze"),
        pytest.param(
            rows(1), {"technicians": technicians(1, office(days=("mon",)))}, ["nobody_on_duty"], id="nobody there"
        ),
        pytest.param(rows(1, minutes=90), {"waves": (wave(hours=1),)}, ["job_too_long"], id="too short a window"),
        pytest.param(SWAP, {}, ["interim_needed", "interim_needed"], id="a swap without an interim place"),
        pytest.param(
            (SWAP[0].but(wave="one"), SWAP[1].but(wave="two")),
            {"waves": (wave(), wave("two", "2026-04-01T07:00", after=("one",))), "interim": (STORE,)},
            ["swap_apart", "swap_apart"],
            id="a swap in two waves",
        ),
        pytest.param(
            (row("a", desk(1), desk(2)), row("b", desk(2), desk(3), skills=("cad",))),
            {},
            ["desk_not_left", "skills_missing"],
            id="a desk that nobody leaves",
        ),
        pytest.param(
            (row("a", desk(1), desk(2), wave="one"), row("b", desk(2), desk(3), wave="two")),
            {"waves": (wave(), wave("two", "2026-04-01T07:00", after=("one",)))},
            ["order_too_tight"],
            id="a desk that is left a wave too late",
        ),
        pytest.param(rows(2), {"waves": (wave(capacity=1),)}, ["wave_full"], id="a full wave"),
        pytest.param(rows(1, **CARRIED), {}, ["carrier_unknown"], id="a carrier nobody knows"),
        pytest.param(
            rows(2, **CARRIED),
            {"vendors": (VendorCapacity(vendor="carrier", pieces_per_day=7),)},
            ["carrier_full"],
            id="a carrier who is full",
        ),
        pytest.param(rows(2, minutes=300), {}, ["hours_taken"], id="too little time"),
    ],
)
def test_what_is_left_over_names_the_constraint(
    workplaces: tuple[Workplace, ...], more: dict[str, object], expected: list[str]
) -> None:
    made = plan(basis(*workplaces, **more), steps=5)

    assert [code for codes in reasons(made).values() for code in codes] == expected


def test_a_reason_opens_a_holiday() -> None:
    made = plan(
        basis(
            *rows(1), waves=(wave(start=GOOD_FRIDAY, reason="Stillstand der Fertigung"),), technicians=(ALWAYS_THERE,)
        )
    )

    assert made.left_over == ()


ALWAYS_THERE = Technician(id="t0", hours=ALWAYS)


def test_what_a_wave_lacks_is_summed_up() -> None:
    made = plan(basis(*rows(9, minutes=110), waves=(wave("2"),)))

    assert len(made.assignments) == 4
    (shortfall,) = made.shortfalls
    assert sentence(shortfall, "en").startswith("Wave 2 lacks 9:10 technician hours (2026-03-31). Left over: w")
    assert sentence(shortfall, "de").startswith("Der Welle 2 fehlen 9:10 Technikerstunden (31.03.2026).")


def test_a_wave_waits_for_those_before_it() -> None:
    waves = (wave("second", after=("first",)), wave("first"))
    made = plan(basis(*rows(2, wave="first"), row("x", wave="second"), waves=waves, technicians=technicians(2)))

    assert [entry.wave for entry in made.assignments] == ["first", "first", "second"]
    assert made.assignments[2].start == made.assignments[0].end
    assert critical_path(basis(waves=waves), made) == ("first", "second")


def test_bars_and_loads_show_the_plan() -> None:
    project = basis(*rows(2))
    made = plan(project)

    assert [(bar.workplace, bar.critical) for bar in bars(project, made)] == [
        (None, True),
        ("w0", False),
        ("w1", False),
    ]
    assert loads(project, made) == (
        PlannedLoad(technician="t0", day=at("2026-03-31T12:00").date(), minutes=150, limit=480),
    )


def test_everything_that_contradicts_itself_is_refused_at_once() -> None:
    wrong = basis(
        row("a", desk(1), desk(2)),
        row("a", desk(3), desk(2, "ost")),
        row("b", desk(1), desk(2)),
        waves=(wave(hours=-1, daily_minutes=720, crew=("t7",), after=("none",)),),
        technicians=(Technician(id="t0", hours=OFFICE, daily_minutes=601),),
    )

    with pytest.raises(Unacceptable) as refused:
        plan(wrong)

    assert sorted(problem.code for problem in refused.value.problems) == [
        "name_twice",
        "period_reversed",
        "site_unknown",
        "technician_day_too_long",
        "technician_unknown",
        "wave_day_too_long",
        "wave_unknown",
    ]


def test_waves_in_a_circle_are_refused() -> None:
    with pytest.raises(Unacceptable, match="wave_cycle"):
        plan(basis(waves=(wave("a", after=("b",)), wave("b", after=("a",)))))


def entry(key: str, start: str, hours: float, **more: object) -> Assignment:
    begin = at(start)
    usual = Assignment(
        workplace=key,
        leg=Leg.WHOLE,
        wave="one",
        technician="t0",
        start=begin,
        end=begin + timedelta(hours=hours),
        source=desk(f"{key}-old"),
        target=desk(f"{key}-new"),
    )
    return usual.but(**more)


TUESDAY, LATE, EARLY = "2026-03-31T07:00", "2026-03-31T17:00", "2026-04-01T07:00"


@pytest.mark.parametrize(
    ("entries", "more", "expected"),
    [
        pytest.param([entry("w0", TUESDAY, 1)], {}, [], id="nothing"),
        pytest.param(
            [entry("w0", TUESDAY, 5), entry("w1", "2026-03-31T13:00", 5.5)], {}, ["worked_too_long"], id="10 h"
        ),
        pytest.param([entry("w0", TUESDAY, 9)], {}, ["technician_over_capacity"], id="more than they have"),
        pytest.param(
            [entry("w0", TUESDAY, 1)], {"workplaces": rows(2, skills=("cad",))}, ["technician_unfit"], id="skills"
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1)], {"waves": (wave(crew=("t7",)),)}, ["not_in_crew"], id="somebody else's crew"
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1), entry("w1", "2026-03-31T08:10", 1, source=desk(1, "ost"))],
            {"sites": (site("nord"), site("ost"))},
            ["way_too_short"],
            id="no time for the way",
        ),
        pytest.param([entry("w0", LATE, 4), entry("w1", EARLY, 1)], {}, ["rest_too_short"], id="11 h of rest"),
        pytest.param([entry("w0", "2026-04-05T09:00", 1)], {}, ["holiday_without_reason"], id="a Sunday"),
        pytest.param([entry("w0", f"{HOLIDAY}T09:00", 1)], {}, ["holiday_without_reason"], id="a holiday"),
        pytest.param(
            [entry("w0", TUESDAY, 2), entry("w1", "2026-03-31T08:00", 1)], {}, ["two_at_once"], id="two places"
        ),
        pytest.param([entry("w0", TUESDAY, 1)], {"freezes": (FREEZE,)}, ["during_freeze"], id="a freeze"),
        pytest.param([entry("w0", "2026-03-31T06:00", 1)], {}, ["outside_window"], id="too early for the wave"),
        pytest.param(
            [entry("w0", TUESDAY, 1)], {"sites": (site("nord", office("12:00")),)}, ["visit_outside_access"], id="shut"
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1, target=desk("w1-old"))], {}, ["desk_still_taken"], id="somebody still sits there"
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1), entry("w1", "2026-03-31T08:00", 1)],
            {"waves": (wave(capacity=1),)},
            ["wave_overfull"],
            id="a full wave",
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1)],
            {"workplaces": rows(2, **CARRIED), "vendors": (VendorCapacity(vendor="carrier", pieces_per_day=3),)},
            ["carrier_overloaded"],
            id="too much for a carrier",
        ),
        pytest.param(
            [entry("w0", TUESDAY, 1), entry("w1", "2026-03-31T08:00", 1, wave="zero")],
            {"waves": (wave(after=("zero",)), wave("zero"))},
            ["wave_too_early"],
            id="a wave before its turn",
        ),
    ],
)
def test_conflicts_of_a_plan_changed_by_hand(
    entries: list[Assignment], more: dict[str, object], expected: list[str]
) -> None:
    usual = {"waves": (wave(hours=300),), "sites": (site("nord", ALWAYS_WITH_HOLIDAY),)}

    found: list[Problem] = conflicts_of(basis(*rows(2), **(usual | more)), Plan(assignments=tuple(entries)))

    assert [problem.code for problem in found] == expected


ALWAYS_WITH_HOLIDAY = Calendar(zone="Europe/Berlin", always=True, holidays=OFFICE.holidays)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        pytest.param(CutBy.SITE, {("nord",): ["a", "b"], ("ost",): ["c"]}, id="site"),
        pytest.param(
            CutBy.FLOOR, {("nord", "", "1"): ["a"], ("nord", "", "2"): ["b"], ("ost", "", "1"): ["c"]}, id="floor"
        ),
        pytest.param(CutBy.DATE, {("",): ["b", "c"], ("2026-04-03",): ["a"]}, id="date"),
        pytest.param(CutBy.COLUMN, {("",): ["b"], ("Vertrieb",): ["a", "c"]}, id="column"),
    ],
)
def test_waves_are_cut(by: CutBy, expected: dict[tuple[str, ...], list[str]]) -> None:
    workplaces = (
        row("a", day=HOLIDAY, group="Vertrieb"),
        row("b", target=desk(1, floor="2")),
        row("c", target=desk(1, "ost"), group="Vertrieb"),
    )

    assert cut(workplaces, by) == expected
