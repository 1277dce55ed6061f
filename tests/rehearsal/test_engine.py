"""The engine keeps its word to workflows: time, deaths of workers, acts that fail, last or are called off."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from domain.cases.instructions import AnyCommand
from domain.cases.lookups import LookedUp
from domain.cases.order_commands import Complete
from domain.kinds import OrderKind
from domain.people import Actor
from rehearsal.engine import AlreadyStarted, Engine
from rehearsal.executions import Gone
from rehearsal.lives import Diverged
from rehearsal.virtual_time import AtRest
from tests.rehearsal.desks import House, VirtualDesk
from tests.rehearsal.toys import Errand, Fickle, Hasty, Moody, Parent, Patient, Waiting
from tests.stories import scripts
from tests.world import TECHNICIAN, order, request
from workflows.receipts import Receipt
from workflows.refusals import as_refusal

MONDAY = datetime(2027, 11, 22, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ERRAND = Errand(what="errand")


class DangerousDesk(VirtualDesk):
    """Where the worker dies before what is said is heard, or while it is being done."""

    def __init__(self, house: House, case: str, dice: random.Random) -> None:
        super().__init__(house, case)
        self.dice = dice

    async def say(
        self, actor: Actor, command: AnyCommand, *, request_id: str | None = None, looked_up: LookedUp | None = None
    ) -> Receipt:
        for accident in (self.engine.kill, self.engine.kill_in_task):
            if self.dice.random() < 0.5:
                accident(self.case)
        return await super().say(actor, command, request_id=request_id, looked_up=looked_up)


@pytest.mark.parametrize("kind", [OrderKind.MOVE, OrderKind.DISPOSE])
def test_an_order_comes_to_the_same_however_often_its_worker_dies(kind: OrderKind) -> None:
    placed = order(request(kind, **scripts.FIELDS[kind]), MONDAY)
    calm = House(MONDAY)
    desk = calm.place(placed)
    calm.engine.run(fulfilled(desk, scripts.USUAL[kind]))

    for seed in range(4):
        house = House(MONDAY, remembers=True)
        house.place(placed)
        troubled = DangerousDesk(house, desk.case, random.Random(seed))
        house.engine.run(fulfilled(troubled, scripts.USUAL[kind]))

        assert house.events(desk.case) == calm.events(desk.case)
        assert house.world.register.assets == calm.world.register.assets
        assert house.world.till.lines == calm.world.till.lines


async def fulfilled(desk: VirtualDesk, script: Callable[[VirtualDesk], Awaitable[None]]) -> None:
    await script(desk)
    await desk.ended()


def test_a_workflow_that_does_not_do_the_same_again_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(MONDAY, [Moody], [], remembers=True)
    engine.start(Moody, ERRAND, "moody")
    engine.run(engine.time.sleep(timedelta(minutes=1)))
    monkeypatch.setattr(Moody, "waits", 2 * HOUR)

    with pytest.raises(Diverged):
        engine.kill("moody")


def test_a_command_is_refused_with_its_reasons() -> None:
    house = House(MONDAY)
    desk = house.place(order(request(OrderKind.MOVE, **scripts.FIELDS[OrderKind.MOVE]), MONDAY))

    with pytest.raises(ApplicationError) as refused:
        house.engine.run(desk.say(TECHNICIAN, Complete()))

    refusal = as_refusal(refused.value)
    assert refusal is not None
    assert [problem.code for problem in refusal.problems] == ["no_such_step_open"]


def said(engine: Engine, workflow: type) -> str:
    engine.start(workflow, ERRAND, "it")
    return engine.run(engine.result("it", str))


def test_what_fails_is_tried_again_later_and_later() -> None:
    tries: list[datetime] = []

    async def do(what: str) -> str:
        tries.append(engine.time.now)
        if len(tries) < 7:
            raise ConnectionError
        return what

    engine = Engine(MONDAY, [Patient], [do])

    assert said(engine, Patient) == "errand at 08:35"
    assert [(at - MONDAY) // timedelta(minutes=1) for at in tries] == [0, 1, 3, 7, 15, 25, 35]


def test_what_takes_time_takes_it_and_what_takes_too_long_is_given_up() -> None:
    async def do(what: str) -> str:
        await engine.time.sleep(timedelta(minutes=20))
        return what

    engine = Engine(MONDAY, [Patient], [do])
    assert said(engine, Patient) == "errand at 08:20"

    engine = Engine(MONDAY, [Hasty], [do])
    assert said(engine, Hasty) == "too slow by 08:00:02"


def test_what_cannot_be_done_is_not_tried_again() -> None:
    async def do(what: str) -> str:
        raise ApplicationError(what, type="Impossible", non_retryable=True)

    engine = Engine(MONDAY, [Hasty], [do])

    assert said(engine, Hasty) == "refused: Impossible"


def test_what_is_called_off_stops() -> None:
    done: list[str] = []

    async def do(what: str) -> str:
        await engine.time.sleep(2 * HOUR)
        done.append(what)
        return what

    engine = Engine(MONDAY, [Fickle], [do])

    assert said(engine, Fickle) == "CancelledError"
    engine.run(engine.time.sleep(3 * HOUR))
    assert done == []


def test_workflows_start_and_tell_each_other() -> None:
    engine = Engine(MONDAY, [Parent, Waiting], [])

    assert said(engine, Parent) == ("errand ['once']; Unable to signal external workflow because it was not found")


def test_an_id_is_used_once_and_who_is_gone_hears_nothing() -> None:
    engine = Engine(MONDAY, [Waiting], [])
    engine.start(Waiting, ERRAND, "it")
    with pytest.raises(AlreadyStarted):
        engine.start(Waiting, ERRAND, "it")

    engine.signal_to("it", "ring", "once")
    engine.run(engine.result("it", str))

    with pytest.raises(Gone):
        engine.signal_to("it", "ring", "twice")
    assert engine.open_ids() == []


def test_who_waits_for_what_never_comes_is_told_so() -> None:
    engine = Engine(MONDAY, [Waiting], [])
    engine.start(Waiting, ERRAND, "it")

    with pytest.raises(AtRest):
        engine.run(engine.result("it", str))


def test_a_fault_of_a_stand_in_ends_the_run() -> None:
    async def do(what: str) -> str:
        raise ZeroDivisionError(what)

    engine = Engine(MONDAY, [Patient], [do])

    with pytest.raises(ZeroDivisionError):
        said(engine, Patient)
