"""The plan of a project: from the rows of its list to orders in waves, compared with others and approved."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime, time

import pytest

from domain.cases.wave_briefs import Gate
from domain.kinds import OrderKind
from domain.lists import DataIssue
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import Conflict, RowState, StagedList, StagedRow
from domain.moves.plans.approvals import ApprovePlan, approve
from domain.moves.plans.changes import changes_between
from domain.moves.plans.making import MOST_WORKPLACES, PlanGround, make
from domain.moves.plans.plan import Assignment
from domain.moves.plans.rescheduling import RescheduleWave, rescheduled
from domain.moves.plans.versions import CrewMember, DailyWindow, Effort, Fixed, PlanRequest, ProjectPlan, legs_of
from domain.moves.plans.waves import CutBy, Wave
from domain.moves.project import Project
from domain.people import MACHINE, Actor, Role
from domain.places import Place
from domain.refusals import NotAllowed, Refused, Unacceptable
from tests.domain.moves.plans.plan_samples import at, desk, site
from tests.world import APPROVER, CONTRACT, COORDINATOR, SDM, TECHNICIAN
from tests.world import PEOPLE as KNOWN_PEOPLE

NOW = datetime(2026, 3, 20, tzinfo=UTC)
AGREED = CONTRACT.but(targets={kind: 60 for kind in OrderKind if kind is not OrderKind.ADD})
PROJECT = Project(id="p", customer="adler", contract=CONTRACT.id, name="Umzug", sites=("nord", "ost"))
LIST = StagedList(
    project="p",
    version=3,
    file_name="l.csv",
    digest="0",
    at=NOW,
    actor=MACHINE,
    headings=(),
    **dict.fromkeys(("rows", "ready", "with_issues", "with_conflicts", "accepted"), 0),
    **dict.fromkeys(("swaps", "added", "changed", "unchanged"), 0),
)
TUESDAY, WEDNESDAY = date(2026, 3, 31), date(2026, 4, 1)
ONE_DAY = DailyWindow(first=TUESDAY)
STORE = Place(site="nord", room="store")


def listed(row: int, *way: Place | None, **more: object) -> StagedRow:
    source, target = way or (desk(f"old{row}"), desk(f"new{row}"))
    move = KitMove(assets=("N-1", "M-1"), source=source, target=target)
    return StagedRow(row=row, key=f"k{row}", said={}, cells=(), move=move.but(**more))


def planned(rows: Sequence[StagedRow], request: PlanRequest | None = None) -> ProjectPlan:
    ground = PlanGround(PROJECT, AGREED, LIST, rows, [site(name) for name in PROJECT.sites], KNOWN_PEOPLE)
    usual = PlanRequest(window=ONE_DAY, technicians=(CrewMember(id="p-lang"),), interim=(STORE,))
    return make(request or usual, ground, actor=COORDINATOR, at=NOW)


def replanned(rows: Sequence[StagedRow], request: PlanRequest, keep: Sequence[Assignment]) -> ProjectPlan:
    ground = PlanGround(PROJECT, AGREED, LIST, rows, [site(name) for name in PROJECT.sites], KNOWN_PEOPLE, keep)
    return make(request, ground, actor=COORDINATOR, at=NOW)


def refused(rows: Sequence[StagedRow], request: PlanRequest) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as raised:
        planned(rows, request)
    return [(problem.code, problem.at) for problem in raised.value.problems]


def wave(name: str, start: str = "2026-03-31T08:00", end: str = "2026-03-31T18:00", **more: object) -> Wave:
    return Wave(id=name, start=at(start), end=at(end)).but(**more)


def test_what_is_not_ready_is_named_with_its_reasons_and_the_rest_is_planned() -> None:
    issue = DataIssue(row=3, column="Raum neu", value="", code="target_needed")
    conflict = Conflict(row=4, column="Platz neu", value="7", code="desk_shared", values={"place": "x", "rows": "9"})
    rows = [
        listed(2),
        listed(3).but(move=None, issues=(issue,), state=RowState.ISSUE),
        listed(4).but(conflicts=(conflict,), state=RowState.CONFLICT),
        listed(5, kind=OrderKind.ADD),
        listed(6, desk(1, "moon"), desk(1)),
    ]

    made = planned(rows)

    assert [(row.row, [problem.code for problem in row.why]) for row in made.not_planned] == [
        *((3, ["target_needed"]), (4, ["desk_shared"]), (5, ["kind_not_offered"]), (6, ["site_unknown"])),
    ]
    assert (made.rows, made.workplaces, made.planned, made.list_version) == (5, 1, 1, 3)
    assert made.header.planned == 1


def test_rows_of_every_kind_get_their_own_time_and_free_or_need_their_desks() -> None:
    rows = [
        listed(2, desk(1), desk(2)),
        listed(3, desk(2), None, kind=OrderKind.REMOVE),
        listed(4, None, desk(1), kind=OrderKind.INSTALL),
        listed(5, None, None, kind=OrderKind.DISPOSE),
    ]
    efforts = {OrderKind.REMOVE: Effort(minutes=20), OrderKind.DISPOSE: Effort(skills=("waste",))}
    crew = (CrewMember(id="p-lang"), CrewMember(id="p-wolf", skills=("waste",)))
    rows[1] = rows[1].but(move=rows[1].move.but(target=None))  # type: ignore[union-attr]

    made = planned(rows, PlanRequest(window=ONE_DAY, technicians=crew, efforts=efforts, minutes=60))
    by_row = {leg.row: leg for wave in made.basis.waves for leg in legs_of(made, wave.id)}
    minutes = {row.row: row.minutes for row in made.basis.workplaces}

    assert minutes == {2: 60, 3: 20, 4: 60, 5: 60}
    assert {row: (leg.kind, leg.after) for row, leg in by_row.items()} == {
        2: ("move", ("k3.whole",)),
        3: ("remove", ()),
        4: ("install", ("k2.whole",)),
        5: ("dispose", ()),
    }


def test_the_legs_of_a_swap_wait_for_each_other() -> None:
    made = planned([listed(2, desk(1), desk(2)), listed(3, desk(2), desk(1))])

    legs = legs_of(made, "w1")

    assert [(leg.id, leg.row, leg.after) for leg in legs] == [
        ("k2.aside", 2, ()),
        ("k3.whole", 3, ("k2.aside",)),
        ("k2.on", 2, ("k2.aside", "k3.whole")),
    ]


UNDATED = [
    listed(2, wave="Welle 9"),
    listed(3, wave="welle 9"),
    listed(4, desk(3), desk(4, floor="2"), wave="Welle 10"),
    listed(5, desk(6, "ost"), desk(5, "ost"), wave="Welle 9"),
]
DATED = [listed(2, day=WEDNESDAY), listed(3, day=TUESDAY, hour=time(14)), listed(4)]


@pytest.mark.parametrize(
    ("rows", "by", "window", "waves"),
    [
        pytest.param(UNDATED, CutBy.SITE, {}, [("03-31", "04-01", [2, 3, 4]), ("04-02", "04-02", [5])], id="by site"),
        pytest.param(
            UNDATED,
            CutBy.FLOOR,
            {},
            [("03-31", "04-01", [2, 3]), ("04-02", "04-02", [4]), ("04-06", "04-06", [5])],
            id="by floor, over a holiday and a weekend",
        ),
        pytest.param(
            UNDATED, None, {}, [("03-31", "04-01", [2, 3, 5]), ("04-02", "04-02", [4])], id="by what the list says"
        ),
        pytest.param(
            UNDATED,
            CutBy.FLOOR,
            {"days": 2},
            [("03-31", "04-01", [2, 3]), ("04-01", "04-01", [4]), ("04-01", "04-01", [5])],
            id="on no more days than there are",
        ),
        pytest.param(
            DATED,
            None,
            {},
            [("03-31", "03-31", [3]), ("04-01", "04-01", [2]), ("04-02", "04-02", [4])],
            id="by date, what has none at last",
        ),
    ],
)
def test_waves_are_proposed(
    rows: list[StagedRow], by: CutBy | None, window: dict[str, int], waves: list[tuple[str, str, list[int]]]
) -> None:
    crew = (CrewMember(id="p-lang"),)

    made = planned(rows, PlanRequest(cut_by=by, window=ONE_DAY.but(**window), technicians=crew, minutes=300))

    found = {wave.id: [row.row for row in made.basis.workplaces if row.wave == wave.id] for wave in made.basis.waves}
    assert [(wave.start, wave.end, found[wave.id]) for wave in made.basis.waves] == [
        (at(f"2026-{first}T08:00"), at(f"2026-{last}T16:00"), mine) for first, last, mine in waves
    ]
    assert [wave.after for wave in made.basis.waves] == [(), ("w1",), ("w2",)][: len(waves)]


def test_technicians_work_in_the_window_and_no_wave_grows_beyond_what_the_engine_bears() -> None:
    made = planned(
        [listed(n, desk(1), desk(f"new{n}")) for n in range(2, 303)], PlanRequest(window=ONE_DAY, minutes=10)
    )

    assert [sum(row.wave == wave.id for row in made.basis.workplaces) for wave in made.basis.waves] == [250, 51]
    assert {one.id for one in made.basis.technicians} == set(CONTRACT.people(Role.TECHNICIAN))
    assert {entry.start.hour + 2 for entry in made.plan.assignments} == set(range(8, 16))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param("v1", "v1", id="its id"),
        pytest.param("WELLE  2", "v2", id="its group, as people write it"),
        pytest.param("Halle", "v4", id="its group, at the site of the target"),
        pytest.param("Welle 7", None, id="no wave of that name"),
    ],
)
def test_waves_that_are_given_take_what_the_list_gives_them(said: str, found: str | None) -> None:
    waves = (
        wave("v1", group="Welle 1"),
        wave("v2", group="Welle 2"),
        wave("v3", group="Halle", site="nord"),
        wave("v4", group="Halle", site="ost"),
    )
    request = PlanRequest(waves=waves, technicians=(CrewMember(id="p-lang"),))

    made = planned([listed(2, desk(1, "ost"), desk(2, "ost"), wave=said)], request)

    assert [entry.wave for entry in made.plan.assignments] == [*([found] if found else [])]
    assert [problem.code for left in made.plan.left_over for problem in left.why] == ["no_wave_takes"] * (not found)


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        pytest.param(PlanRequest(), [("first_day_needed", "/window/first")], id="no day at all"),
        pytest.param(
            PlanRequest(
                window=ONE_DAY.but(start=960, end=480),
                technicians=(CrewMember(id="p-huber"), CrewMember(id="nobody"), CrewMember(id="p-of-another")),
                fixed=(Fixed(row=9, wave="w1", technician="p-lang", start=NOW),),
            ),
            [
                ("row_not_planned", "/fixed/0/row"),
                ("period_reversed", "/window/end"),
                ("person_unknown", "/technicians/1/id"),
                ("person_unknown", "/technicians/2/id"),
            ],
            id="everything at once",
        ),
        pytest.param(
            PlanRequest(
                waves=(wave("v1", end="2026-09-01T08:00", crew=("p-koch",), gate=Gate(by="p-of-another")),),
                cut_by=CutBy.SITE,
                fixed=(Fixed(row=2, wave="v9", technician="p-lang", start=NOW),),
            ),
            [
                ("waves_given", "/cut_by"),
                ("person_unknown", "/waves/0/gate/by"),
                ("wave_too_long", "/waves/0/end"),
                ("technician_unknown", "/waves/0/crew"),
                ("wave_unknown", "/keep/0/wave"),
            ],
            id="waves that cannot be",
        ),
    ],
)
def test_everything_wrong_with_a_request_is_named_at_once(request_: PlanRequest, found: list[tuple[str, str]]) -> None:
    assert refused([listed(2)], request_) == found


def test_a_first_day_after_those_that_the_list_names_is_refused() -> None:
    rows = [listed(2, day=date(2026, 8, 31)), listed(3, day=date(2026, 10, 1)), listed(4)]
    late, early = (PlanRequest(window=ONE_DAY.but(first=day, days=60)) for day in (date(2026, 9, 1), date(2026, 8, 31)))

    assert refused(rows, late) == [("days_before_first", "/window/first")]
    assert planned(rows, early).planned == len(rows)


def test_a_list_without_a_ready_row_or_with_too_many_makes_no_plan() -> None:
    issue = listed(2).but(state=RowState.ISSUE, issues=(DataIssue(row=2, column="x", value="", code="row_twice"),))

    assert refused([issue], PlanRequest()) == [("nothing_to_plan", "")]
    assert refused([listed(2)] * (MOST_WORKPLACES + 1), PlanRequest()) == [("too_many_workplaces", "")]


def fixed_at(start: str) -> ProjectPlan:
    fixed = (Fixed(row=3, wave="w1", technician="p-lang", start=at(start)),)
    crew = (CrewMember(id="p-lang"),)
    return planned([listed(2), listed(3)], PlanRequest(window=ONE_DAY, technicians=crew, fixed=fixed)).but(version=2)


def test_what_people_fix_is_planned_around_and_what_it_breaks_is_a_conflict() -> None:
    good, bad = fixed_at("2026-03-31T08:00"), fixed_at("2026-03-31T20:00")

    assert [(entry.workplace, entry.start) for entry in good.plan.assignments] == [
        ("k3", at("2026-03-31T08:00")),
        ("k2", at("2026-03-31T09:15")),
    ]
    assert (good.conflicts, [problem.code for problem in bad.conflicts]) == (
        (),
        ["outside_window", "visit_outside_access"],
    )


def test_two_plans_are_compared_row_by_row() -> None:
    one = planned([listed(2), listed(3), listed(4)])
    other = planned([listed(2), listed(4), listed(5)]).but(version=2)

    changes = changes_between(one, other)

    assert [[row.row for row in rows] for rows in (changes.added, changes.withdrawn, changes.unchanged)] == [
        *([5], [3], [2])
    ]
    assert [(row.row, row.before.start, row.after.start) for row in changes.moved] == [
        (4, at("2026-03-31T10:30"), at("2026-03-31T09:15"))
    ]


SHORT = PlanRequest(waves=(wave("v1", end="2026-03-31T09:00"),), technicians=(CrewMember(id="p-lang"),))
NOBODY = CONTRACT.but(approvers=())


@pytest.mark.parametrize(
    ("plan", "command", "actor", "newest", "found"),
    [
        pytest.param("whole", {}, APPROVER, (3, 1), [], id="a named approver"),
        pytest.param("whole", {}, TECHNICIAN, (3, 1), ["not_an_approver"], id="somebody else"),
        pytest.param("whole", {}, SDM, (3, 1), ["not_an_approver"], id="the SDM, where others are named"),
        pytest.param("own", {}, APPROVER, (3, 1), ["own_plan"], id="whoever made it"),
        pytest.param("whole", {}, APPROVER, (4, 2), ["newer_list", "newer_plan"], id="an old plan of an old list"),
        pytest.param("short", {}, APPROVER, (3, 1), ["workplaces_left_over"], id="not everybody has a time"),
        pytest.param("short", {"accept_left_over": True}, APPROVER, (3, 1), [], id="and that is known"),
        pytest.param("broken", {}, APPROVER, (3, 2), ["plan_conflicts_open"], id="open conflicts"),
        pytest.param(
            "broken", {"accept_conflicts": True}, APPROVER, (3, 2), ["approval_reason_needed"], id="without a reason"
        ),
        pytest.param(
            "broken", {"accept_conflicts": True, "reason": "Nachtarbeit"}, APPROVER, (3, 2), [], id="with one"
        ),
    ],
)
def test_who_may_approve_what(
    plan: str, command: dict[str, object], actor: Actor, newest: tuple[int, int], found: list[str]
) -> None:
    plans = {
        "whole": lambda: planned([listed(2)]),
        "own": lambda: planned([listed(2)]).but(actor=APPROVER),
        "short": lambda: planned([listed(2)], SHORT),
        "broken": lambda: fixed_at("2026-03-31T20:00"),
    }
    approving = ApprovePlan.model_validate(command)

    with pytest.raises(Refused) if found else nullcontext() as raised:
        approved = approve(plans[plan](), approving, CONTRACT, newest, actor=actor, at=NOW)

    if raised is None:
        assert approved.actor == actor
    else:
        assert [problem.code for problem in raised.value.problems] == found


def test_where_nobody_is_named_the_sdm_approves_and_again_changes_nothing() -> None:
    made = planned([listed(2)])

    approval = approve(made, ApprovePlan(), NOBODY, (3, 1), actor=SDM, at=NOW)
    again = approve(made.but(approved=approval), ApprovePlan(), NOBODY, (9, 9), actor=COORDINATOR, at=NOW)

    assert again == approval
    with pytest.raises(NotAllowed):
        approve(made, ApprovePlan(), NOBODY, (3, 1), actor=COORDINATOR, at=NOW)


def test_a_wave_is_planned_for_another_time_and_everything_else_stays() -> None:
    rows = [listed(2, wave="v1"), listed(3, wave="v2", day=WEDNESDAY)]
    later = wave("v2", "2026-04-01T08:00", "2026-04-01T18:00", after=("v1",))
    made = planned(rows, PlanRequest(waves=(wave("v1"), later), technicians=(CrewMember(id="p-lang"),)))

    request, keep = rescheduled(made, RescheduleWave(wave="v2", start=at("2026-04-02T08:00")), {"v1"}, NOW)
    again = replanned(rows, request, keep)
    moved = changes_between(made, again).moved
    early, early_keep = rescheduled(made, RescheduleWave(wave="v1", start=at("2026-04-02T08:00")), (), NOW)
    broken = replanned(rows, early, early_keep)

    assert [(row.row, row.before.start, row.after.start) for row in moved] == [
        (3, at("2026-04-01T08:00"), at("2026-04-02T08:00"))
    ]
    assert again.conflicts == ()
    assert [left.workplace for left in broken.plan.left_over] == ["k2"]
    for wave_id, start, code in (
        ("v9", "2026-04-02T08:00", "wave_unknown"),
        ("v1", "2026-04-02T08:00", "wave_has_opened"),
        ("v2", "2020-04-02T08:00", "begins_in_the_past"),
    ):
        with pytest.raises(Refused, match=code):
            rescheduled(made, RescheduleWave(wave=wave_id, start=at(start)), {"v1"}, NOW)


def test_what_was_planned_before_still_waits_for_its_desk_in_the_next_plan() -> None:
    rows = [listed(2, desk(1), desk(2)), listed(3, desk(2), desk(1)), listed(4)]
    made = planned(rows)
    before = {leg.id: leg.after for wave_ in made.basis.waves for leg in legs_of(made, wave_.id)}

    again = replanned(rows, made.request, made.plan.assignments)

    assert any(before.values())
    assert {leg.id: leg.after for wave_ in again.basis.waves for leg in legs_of(again, wave_.id)} == before


def test_waves_that_are_proposed_can_have_gates() -> None:
    gates = {"w2": Gate(by="p-huber"), "w1": Gate(percent=90)}

    made = planned(DATED[:2], PlanRequest(cut_by=CutBy.DATE, gates=gates))

    assert [(wave.id, wave.gate) for wave in made.basis.waves][:2] == [("w1", gates["w1"]), ("w2", gates["w2"])]


@pytest.mark.parametrize(
    ("gates", "code"),
    [({"w9": Gate()}, "gate_of_no_wave"), ({"w1": Gate(by="p-nobody")}, "person_unknown")],
)
def test_gates_of_no_wave_and_of_nobody_are_named(gates: dict[str, Gate], code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        planned(DATED[:2], PlanRequest(cut_by=CutBy.DATE, gates=gates))

    assert [problem.code for problem in refused.value.problems] == [code]
