"""One run of a rehearsal: people do what the plan says, and what goes wrong is put right."""

from datetime import timedelta

import pytest

from domain.cases.wave_briefs import Gate
from domain.moves.rehearsals.forecasts import critical_path
from domain.moves.rehearsals.rehearsal import LegRun, RehearsalPack, RowTrouble, RunOutcome
from rehearsal.productions import Production
from rehearsal.runs import rehearse
from tests.domain.moves.plans.plan_samples import at
from tests.rehearsal.packs import CALM, packed, small

MOMENT = timedelta(seconds=1)


def troubles(run: RunOutcome) -> set[RowTrouble]:
    return {trouble for leg in run.legs for trouble in leg.troubles}


def first(run: RunOutcome) -> LegRun:
    return min(run.legs, key=lambda leg: (leg.planned_start, leg.leg))


def test_when_nothing_goes_wrong_everything_is_done_as_planned() -> None:
    pack = packed(small(), CALM)

    run = Production(pack, seed=1).run()

    for leg in run.legs:
        assert leg.began is not None
        assert leg.ended is not None
        assert leg.began - leg.planned_start < MOMENT
        assert leg.ended - leg.planned_end < MOMENT
    assert run.waves["one"] - at("2026-04-13 09:00") < MOMENT
    assert run.waves["two"] - at("2026-04-14 09:00") < MOMENT
    assert (run.finished, run.exceptions, troubles(run), run.missed) == (True, 0, set(), ())
    assert sum(load.minutes for load in run.loads) == 60 * len(run.legs)


@pytest.mark.parametrize(
    ("chance", "trouble", "ended"),
    [
        pytest.param({"wasted_visit": 1}, RowTrouble.WASTED_VISIT, "2026-04-14", id="nobody was there: a day later"),
        pytest.param(
            {"mismatch": 1}, RowTrouble.MISMATCH, "2026-04-13", id="something was missing: looked for at once"
        ),
        pytest.param(
            {"outage_days": 0.1}, RowTrouble.REGISTER_AWAY, "2026-04-13", id="the register was away for a while"
        ),
    ],
)
def test_what_goes_wrong_is_put_right(chance: dict[str, float], trouble: RowTrouble, ended: str) -> None:
    pack = packed(small(), CALM.but(**chance))

    run = Production(pack, seed=1).run()

    assert trouble in troubles(run)
    assert first(run).ended is not None
    assert f"{max(leg.ended for leg in run.legs if leg.wave == 'one' and leg.ended):%Y-%m-%d}" == ended
    assert (run.finished, run.exceptions) == (True, 0)


def test_what_fails_again_and_again_is_left_as_an_exception_and_stands_where_it_stood() -> None:
    pack = packed(small(2), CALM.but(failed_work=1))
    production = Production(pack, seed=1)

    run = production.run()

    assert (run.finished, run.exceptions) == (True, 2)
    assert {(missed.row, missed.clock) for missed in run.missed} == {(2, "exception"), (3, "exception")}
    assert [leg.ended for leg in run.legs] == [None, None]
    assert sorted(production.register.assets.values(), key=lambda asset: asset.tag) == list(pack.assets)


def test_who_is_late_keeps_the_next_one_waiting() -> None:
    run = Production(packed(small(people=1), CALM.but(pace=1.5)), seed=1).run()

    waits = {leg.workplace: leg.bound_by for leg in run.legs if leg.bound_by is not None}
    # Three a day: the first of each begins as planned.
    assert waits == {"w1": "w0.whole", "w2": "w1.whole", "w4": "w3.whole", "w5": "w4.whole"}
    assert critical_path(run.legs) == (5, 6, 7)


def test_a_gate_opens_on_somebodys_word() -> None:
    pack = packed(small(), CALM.but(go_minutes=90), gate=Gate(by="p-huber"))

    run = Production(pack, seed=1).run()

    # Asked on Friday for the first wave, and on Monday as soon as that is through for the second.
    assert first(run).began == at("2026-04-13 07:00")
    assert run.finished


def test_a_swap_goes_by_way_of_the_interim_place() -> None:
    run = Production(swap(), seed=1).run()

    assert [leg.leg for leg in sorted(run.legs, key=lambda leg: (leg.ended, leg.leg))] == [
        "w0.aside",
        "w1.whole",
        "w0.on",
    ]
    assert run.exceptions == 0


def swap() -> RehearsalPack:
    basis = small(2)
    one, two = basis.workplaces
    rows = (one.but(target=two.source), two.but(target=one.source, kit=2))
    store = one.source.but(room="store", desk=None)
    return packed(basis.but(workplaces=rows, waves=(basis.waves[1].but(after=()),), interim=(store,)), CALM)


def test_a_rehearsal_is_the_same_in_one_process_and_in_two() -> None:
    pack = packed(small())
    done: list[int] = []

    together = rehearse(pack, runs=3, seed=7, processes=2, progress=lambda so_far, _: done.append(so_far))

    assert done == [1, 2, 3]
    assert rehearse(pack, runs=3, seed=7, processes=1) == together
    assert rehearse(pack, runs=3, seed=8, processes=1) != together
