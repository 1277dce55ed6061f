"""A project on one time axis: planned, rehearsed and actual side by side."""

from datetime import timedelta

from domain.kinds import Leg
from domain.moves.launched.wave_progress import LegProgress, LegStatus
from domain.moves.plans.launches import PlannedLeg
from domain.moves.reports.gantt import Rehearsed, gantt
from tests.domain.moves.reports.report_samples import HOUR, START, begins, called_off, key, plan, under_way

LATE = START + 60 * HOUR
FOUND = {"w1": Rehearsed(p50=begins(2) + HOUR, p90=begins(2) + 2 * HOUR)}


def test_before_the_launch_it_shows_the_plan_and_what_rehearsals_have_found() -> None:
    drawn = gantt(plan(), None, (), FOUND)

    assert [(wave.id, wave.gate, wave.planned_start, wave.rehearsed) for wave in drawn.waves] == [
        ("w1", None, begins(1), FOUND["w1"]),
        ("w2", None, begins(3), None),
        ("w3", None, begins(6), None),
    ]
    assert [(bar.row, bar.state, bar.technician, bar.planned_end) for bar in drawn.waves[0].bars] == [
        (row, "waiting", "p-lang", begins(row) + HOUR) for row in (1, 2)
    ]
    assert [(load.technician, load.minutes, load.limit) for load in drawn.loads] == [
        ("p-lang", 120, 480),
        ("p-lang", 180, 480),
        ("p-lang", 60, 480),
    ]


def test_what_has_happened_stands_beside_what_was_planned() -> None:
    records = called_off()

    first, second, third = gantt(plan(), records.progress, records.standings, {}).waves

    assert (first.started_at, first.ended_at) == (START + 25 * HOUR, begins(2) + timedelta(minutes=75))
    assert [(bar.row, bar.state, bar.started_at, bar.ended_at is not None) for bar in second.bars] == [
        (3, "exception", begins(3), True),
        (4, "skipped", None, False),
        (5, "rolled_back", begins(5), True),
    ]
    assert (third.gate, third.started_at, third.bars[0].state) == ("called_off", None, "skipped")


def test_a_wave_that_is_running_has_no_end_yet() -> None:
    records = under_way()

    first = gantt(plan(), records.progress, records.standings, {}).waves[0]

    assert (first.state, first.started_at is not None, first.ended_at) == ("running", True, None)


def test_a_way_back_has_a_bar_although_no_plan_foresaw_it() -> None:
    records = called_off()
    back = PlannedLeg(workplace=key(1), row=1, leg=Leg.BACK, start=LATE)
    going = LegProgress(planned=back, status=LegStatus.PLACED, attempt=1, started_at=LATE)
    first, *others = records.standings
    moved = first.but(legs=(*first.legs, going))

    bars = gantt(plan(), records.progress, [moved, *others], {}).waves[0].bars

    assert [(bar.row, bar.leg, bar.planned_end is None, bar.technician) for bar in bars] == [
        (1, "whole", False, "p-lang"),
        (2, "whole", False, "p-lang"),
        (1, "back", True, None),
    ]


def test_what_has_begun_in_one_wave_stays_there_when_the_plan_has_it_in_another() -> None:
    records = called_off()
    first, *others = records.standings

    drawn = gantt(plan(), records.progress, [first.but(wave="w2"), *others], {})

    assert [[bar.row for bar in wave.bars] for wave in drawn.waves] == [[2], [1, 3, 4, 5], [6]]
