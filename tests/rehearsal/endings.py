"""How lives end: when everybody wants an end and nothing is in the way, there is one."""

from datetime import timedelta

from domain.cases.incident_commands import Confirm
from domain.cases.order_commands import Cancel, CommandBase, Resume, Skip
from domain.contracts.chains import AssetUpdate, Erasure
from domain.incidents.progress import OVER
from domain.kinds import OrderState
from domain.orders.order import Order
from domain.orders.progress import LIVE, SETTLED, Progress, StepStatus
from domain.people import Actor
from tests.rehearsal.lives import CaseLife
from tests.world import COORDINATOR, SDM
from workflows.receipts import Receipt

# Whatever was away is tried again, and a solution holds after so many days in the rarest of calendars.
ENOUGH = timedelta(days=60)
FINAL = frozenset({*(state for state in OrderState if state.is_final), *OVER})


def live_through(life: CaseLife) -> bool:
    """Whether the case has come to its end."""
    ended = life.engine.run(_from_birth_to_end(life))
    _check_journal(life)
    return ended


async def _from_birth_to_end(life: CaseLife) -> bool:
    await life.live()
    for case in life.engine.open_ids():
        life.kill(case)
    last_words = (Resume(), Cancel(reason="over"))
    for command in last_words if isinstance(life.birth.asked, Order) else (*last_words, Confirm()):
        await _ask(life, COORDINATOR, command)
    await life.time.sleep(ENOUGH)
    if isinstance(life.birth.asked, Order):
        await _leave_out_the_rest(life, life.birth.asked)
    if life.engine.is_open(life.case):
        return False
    receipt = await life.engine.result(life.case, Receipt)
    assert receipt.state in FINAL, receipt
    assert life.engine.open_ids() == [], life.last[life.case]
    return True


async def _ask(life: CaseLife, actor: Actor, command: CommandBase) -> None:
    if life.engine.is_open(life.case):
        await life.say(life.case, life.gossip.by(actor, command, life.time.now))


async def _leave_out_the_rest(life: CaseLife, order: Order) -> None:
    for _ in range(len(order.chain.steps)):
        progress = life.progress()
        assert isinstance(progress, Progress)
        for step in progress.steps:
            if step.status not in SETTLED and life.engine.is_open(life.case):
                await _ask(life, COORDINATOR, Skip(step=step.id, reason="over"))
                await _ask(life, SDM, Skip(step=step.id, reason="over"))
        await life.time.sleep(ENOUGH)


def waits_for_people(life: CaseLife) -> bool:
    """For what may not be left out: data to be erased, and a register that does not agree."""
    order, progress = life.birth.asked, life.progress()
    if not isinstance(order, Order) or not isinstance(progress, Progress) or progress.ending is not None:
        return False
    mandatory = (step.id for step in order.chain.steps if isinstance(step, Erasure))
    registers = (step.id for step in order.chain.steps if isinstance(step, AssetUpdate))
    return any(progress.step(step).status in LIVE for step in mandatory) or any(
        progress.step(step).status == StepStatus.STUCK for step in registers
    )


def _check_journal(life: CaseLife) -> None:
    """What lies beyond the end was written in a task that was lost and has come out otherwise."""
    for case, events in life.events.items():
        last = life.last[case].seq
        assert [seq for seq in sorted(events) if seq <= last] == list(range(1, last + 1)), (case, sorted(events))
