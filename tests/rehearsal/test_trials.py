"""Whatever goes wrong with a move: every row ends well, as before, or with somebody who looks after it."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from activities.moves import Placed
from domain.cases.move_commands import WithdrawRows
from domain.cases.wave_briefs import Gate
from domain.ids import wave_workflow_id
from domain.kinds import OrderState
from domain.moves.launched.trips import PlaceLeg
from domain.moves.launched.wave_progress import WorkplaceState
from domain.moves.plans.plan import Basis
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.rehearsals.rehearsal import Distributions, RehearsalPack
from domain.places import Place
from rehearsal.placing import Dispatcher
from tests.domain.moves.plans.plan_samples import at, desk, site, technicians
from tests.rehearsal.packs import CALM, packed
from tests.rehearsal.trials import Trial
from tests.world import COORDINATOR

TRIALS = int(os.environ.get("IMAC_TEST_TRIALS", "8"))
TROUBLE = Distributions(wasted_visit=0.1, failed_work=0.15, mismatch=0.15, outage_days=36_500, answer_minutes=60)
OK, FAILED, EXCEPTION = WorkplaceState.OK, WorkplaceState.FAILED, WorkplaceState.EXCEPTION


def some_workplaces(dice: Random, number: int) -> Sequence[Workplace]:
    """Some go to new desks, the others to each other's: in swaps, rings, and chains that end at a desk left empty."""
    sources = [desk(f"old{n}") for n in range(number)]
    movers = dice.sample(range(number), number // 2)
    targets = {n: desk(f"new{n}") for n in range(number)}
    while len(movers) > 1:
        ring, movers = movers[: (length := dice.randint(2, 4))], movers[length:]
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
            targets[one] = sources[other]
        if dice.random() < 0.5:
            targets[ring[-1]] = desk(f"new{ring[-1]}")
    return [
        Workplace(key=f"w{n}", source=sources[n], target=targets[n], kit=dice.randint(1, 2), minutes=45)
        for n in range(number)
    ]


def some_pack(seed: int) -> RehearsalPack:
    dice = Random(seed)
    first = at("2026-04-13 07:00")
    waves = [_some_wave(dice, number, first) for number in range(dice.randint(1, 4))]
    basis = Basis(
        workplaces=tuple(some_workplaces(dice, dice.randint(4, 14))),
        waves=tuple(waves),
        technicians=technicians(dice.randint(1, 4)),
        sites=(site("nord"),),
        interim=(Place(site="nord", room="store"),),
    )
    gate = dice.choice((Gate(), Gate(by="p-huber"), Gate(percent=60)))
    pack = packed(basis, TROUBLE, gate)
    return pack.but(launch=pack.launch.but(at_once=dice.randint(1, 6)))


def _some_wave(dice: Random, number: int, first: datetime) -> Wave:
    start = first + timedelta(days=number)
    after = (f"v{number - 1}",) if number and dice.random() < 0.6 else ()
    return Wave(id=f"v{number}", start=start, end=start + timedelta(hours=11), after=after)


def stands(trial: Trial, key: str) -> set[str]:
    """Where the things of a workplace are."""
    move = trial.pack.rows[key].move
    assert move is not None
    return {str(asset.place) for asset in trial.register.of(trial.pack.contract.customer, move.assets)}


def implied(trial: Trial, key: str) -> set[str]:
    """Where they are to be if those of its orders were carried out that say so of themselves."""
    row = trial.pack.rows[key]
    assert row.move is not None
    done = [
        shown
        for shown in trial.orders.values()
        if shown.part.workplace == key and shown.progress.state == OrderState.COMPLETED
    ]
    last = max(done, key=lambda shown: (shown.order.received_at, shown.part.attempt), default=None)
    return {str(last.order.request.target if last else row.move.source)}


@pytest.mark.parametrize("seed", range(TRIALS))
def test_every_row_ends_well_or_as_before_or_with_somebody_who_looks_after_it(seed: int) -> None:
    trial = Trial(some_pack(seed), seed)

    assert trial.run(), trial.progress()

    assert trial.state.is_final
    planned = {entry.workplace for entry in trial.pack.plan.plan.assignments}
    shown = {standing.workplace: standing for standing in trial.board.rows.values()}
    for key in planned & shown.keys():
        row, standing = trial.pack.rows[key], shown[key]
        assert row.move is not None
        source, target = {str(row.move.source)}, {str(row.move.target)}
        assert stands(trial, key) == implied(trial, key), (key, standing)
        match standing.state:
            case WorkplaceState.OK:
                assert stands(trial, key) == target
            case WorkplaceState.SKIPPED | WorkplaceState.ROLLED_BACK:
                assert stands(trial, key) == source
            case _:
                assert standing.state in (FAILED, EXCEPTION), standing
                assert standing.owner is not None
                assert standing.problem is not None
    for key in planned - shown.keys():
        assert stands(trial, key) == implied(trial, key) == {str(trial.pack.rows[key].move.source)}  # type: ignore[union-attr]
    assert trial.deaths > 0


class SlowToPlace(Dispatcher):
    """Orders are started an hour after they were asked for: tables or server were away."""

    async def place_order(self, asked: PlaceLeg) -> Placed:
        if self.engine.time.now < self.slow_until:
            await self.engine.time.until(self.slow_until)
        return await super().place_order(asked)

    slow_until = at("2026-04-13 08:00")


def test_an_order_that_is_being_placed_hears_that_it_is_not_wanted_any_more() -> None:
    row = Workplace(key="w0", source=desk("old"), target=desk("new"), kit=1, minutes=45)
    wave = Wave(id="v0", start=at("2026-04-13 07:00"), end=at("2026-04-13 18:00"))
    basis = Basis(workplaces=(row,), waves=(wave,), technicians=technicians(1), sites=(site("nord"),))
    trial = Trial(packed(basis, CALM), 1, deaths_a_day=0, whims=False, dispatching=SlowToPlace)
    trial.engine.time.begin(_withdrawn(trial, at("2026-04-13 07:30")))

    assert trial.run()

    assert [one.state for one in trial.board.rows.values()] == [WorkplaceState.SKIPPED]
    assert stands(trial, "w0") == {str(row.source)}


async def _withdrawn(trial: Trial, when: datetime) -> None:
    await trial.engine.time.until(when)
    case = wave_workflow_id(trial.pack.launch.project, "v0")
    await trial.scene.say(case, COORDINATOR, WithdrawRows(rows=(2,), reason="it stays"))
