"""The report of a move says of every row what has come of it and why, and of every wave how it kept its plan."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.cases.instructions import AnyCommand
from domain.cases.order_commands import Complete, LogWork
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.kinds import Leg
from domain.moves.launched.wave_progress import LegProgress, WorkplaceState
from domain.moves.reports.records import facts_of, order_numbers
from domain.moves.reports.report import ProjectReport, report
from domain.moves.reports.rows import ReportedRow
from domain.orders.progress import Progress
from tests.domain.moves.launched.wave_samples import leg
from tests.domain.moves.reports.report_samples import ADLER, HOUR, START, begins, called_off, order, said, under_way

LATER = START + 80 * HOUR
OFF = report(called_off(), ADLER, LATER)
RUNNING = report(under_way(), ADLER, START + 26 * HOUR)


def row(number: int, of: ProjectReport = OFF) -> ReportedRow:
    return next(row for row in of.rows if row.row == number)


@pytest.mark.parametrize(
    ("number", "wave", "state", "why"),
    [
        pytest.param(1, "w1", "ok", [], id="moved"),
        pytest.param(3, "w2", "exception", ["work_failed"], id="left with a person"),
        pytest.param(4, "w2", "skipped", ["row_withdrawn"], id="taken out by somebody"),
        pytest.param(5, "w2", "rolled_back", ["row_called_off"], id="brought back"),
        pytest.param(6, "w3", "skipped", ["row_called_off"], id="of a wave that never opened"),
        pytest.param(7, None, "skipped", ["wave_frozen"], id="for which the plan had no time"),
        pytest.param(8, None, "skipped", ["person_unknown"], id="that nobody has put right"),
    ],
)
def test_every_row_has_a_result_and_a_reason(number: int, wave: str | None, state: str, why: list[str]) -> None:
    found = row(number)

    assert (found.wave, found.state, [problem.code for problem in found.why]) == (wave, state, why)


def test_rows_stand_as_in_the_list_and_say_who_went_where() -> None:
    first, unready = row(1), row(8)

    assert [one.row for one in OFF.rows] == list(range(1, 9))
    assert (first.holder, str(first.source), str(first.target), first.assets) == (
        "Person 1",
        "adler-hq / B / 1.01 / 1",
        "adler-hq / B / 2.01 / 1",
        ("PC-1",),
    )
    assert (unready.kind, unready.holder, unready.target) == (None, "Person 8", None)


def test_minutes_and_charges_of_all_attempts_count() -> None:
    tried_twice = row(3)

    assert (tried_twice.orders, tried_twice.minutes, tried_twice.amount) == (
        (order(3), order(3, 2)),
        35,
        Decimal("49.00"),
    )
    assert [(wave.id, wave.orders, wave.minutes, wave.amount) for wave in OFF.waves] == [
        ("w1", 2, 90, Decimal("192.00")),
        ("w2", 3, 95, Decimal("49.00")),
        ("w3", 0, 0, Decimal(0)),
    ]
    assert (OFF.total.orders, OFF.total.minutes, OFF.total.amount) == (5, 185, Decimal("241.00"))


def test_what_was_charged_and_taken_back_stands_line_by_line() -> None:
    assert OFF.charges is not None
    assert [(line.row, line.wave, str(line.amount)) for line in OFF.charges] == [
        (1, "w1", "96.00"),
        (2, "w1", "96.00"),
        (3, "w2", "49.00"),
        (5, "w2", "96.00"),
        (5, "w2", "-96.00"),
    ]


def test_whoever_may_not_read_charges_sees_none() -> None:
    bare = report(replace(called_off(), entries=None), ADLER, LATER)

    amounts = {bare.total.amount, *(wave.amount for wave in bare.waves), *(row.amount for row in bare.rows)}
    assert (bare.charges, amounts, bare.total.minutes) == (None, {None}, 185)


def test_waves_are_compared_with_their_plan_and_counted() -> None:
    first, second, third = OFF.waves

    assert (first.planned_end, first.ended_at) == (begins(2) + HOUR, begins(2) + timedelta(minutes=75))
    assert [wave.late_minutes for wave in OFF.waves] == [15, 15, None]
    assert (first.counts.ok, second.counts.exceptions, second.counts.rolled_back, third.counts.skipped) == (2, 1, 1, 1)
    assert (OFF.total.counts.workplaces, OFF.total.counts.ok, OFF.total.counts.skipped) == (8, 2, 4)


def test_gates_say_who_said_what_and_which_opened_themselves() -> None:
    assert [(word.wave, word.what, word.by, word.reason) for word in OFF.gates] == [
        ("w1", "refuse_go", "p-huber", "the lift is broken"),
        ("w1", "go", "p-huber", None),
        ("w2", "wave_opened", None, None),
    ]


def test_what_is_left_open_has_an_owner_and_what_was_promised_and_not_kept_is_named() -> None:
    assert [(one.row, one.wave, one.owner) for one in OFF.exceptions] == [(3, "w2", "p-koch")]
    assert [(one.row, one.wave, one.order, one.clock) for one in OFF.missed] == [(2, "w1", order(2), "fulfilment")]
    assert OFF.people == {"p-huber", "p-koch", "p-lang"}


def test_while_it_is_under_way_it_is_an_interim_report() -> None:
    first, second, _ = RUNNING.waves

    assert (RUNNING.interim, RUNNING.ended_at, OFF.interim) == (True, None, False)
    assert OFF.ended_at == begins(5) + timedelta(minutes=75)
    assert (first.started_at, first.ended_at, first.late_minutes) == (START + 25 * HOUR, None, None)
    assert (second.counts.waiting, row(6, RUNNING).why) == (3, ())
    assert RUNNING.total.counts.in_flight == 1


def test_a_list_with_the_same_row_twice_reports_the_right_one_and_the_refused_one() -> None:
    records = called_off()
    first, *others = records.rows
    twin = records.plan.not_planned[0].but(row=9, workplace=first.key)
    doubled = replace(
        records,
        rows=[first, *others, first.but(row=9, move=None)],
        plan=records.plan.but(not_planned=(twin,)),
    )

    made = report(doubled, ADLER, LATER)

    assert (row(1, made).state, row(1, made).holder) == (WorkplaceState.OK, "Person 1")
    assert (row(9, made).state, row(9, made).workplace) == (WorkplaceState.SKIPPED, first.key)


def test_a_row_that_has_left_the_list_since_it_moved_is_still_reported() -> None:
    records = called_off()

    made = report(replace(records, rows=records.rows[1:]), ADLER, LATER)

    assert (row(1, made).state, row(1, made).minutes, row(1, made).holder) == (WorkplaceState.OK, 50, None)


def test_an_order_tells_what_was_logged_and_which_promises_broke() -> None:
    told: tuple[AnyCommand, ...] = (LogWork(step="set_up", minutes=15), Complete(step="set_up", minutes=30))
    clocks = [
        SlaClock(name=name, kind=ClockKind.FULFILMENT, type=kind, target=HOUR, breached_at=START)
        for name, kind in (("fulfilment", ClockType.SLA), ("ours", ClockType.OLA))
    ]

    facts = facts_of(Progress(steps=(), given=tuple(said(command, START) for command in told), clocks=tuple(clocks)))

    assert (facts.minutes, facts.broken) == (45, (("fulfilment", START),))


def test_each_attempt_at_each_leg_has_an_order_of_its_own() -> None:
    aside, back = leg("anna", 1, Leg.ASIDE), leg("anna", 1, Leg.BACK)
    legs = (LegProgress(planned=aside, attempt=2), LegProgress(planned=back, attempt=1), LegProgress(planned=aside))

    assert len(set(order_numbers("haus-b", legs))) == 3
