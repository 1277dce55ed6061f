"""An order played on paper: commands are decided, and what machines do is done at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest

from domain.cases.instructions import Instruction
from domain.cases.lookups import LookedUp
from domain.cases.order_commands import (
    Accept,
    AddEvidence,
    Approve,
    Book,
    Command,
    Complete,
    ConfirmCustody,
    Found,
    RecordErasure,
    Verify,
    Window,
)
from domain.contracts.chains import (
    DEFAULTS,
    Acceptance,
    Appointment,
    Approval,
    AssetUpdate,
    Chain,
    Charge,
    Custody,
    Erasure,
    Evidence,
    Notice,
    Reservation,
    Step,
    Verification,
)
from domain.kinds import OrderKind, OrderState
from domain.orders.decisions.decide import decide, following
from domain.orders.erasures import name_of, to_erase
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus, begin
from domain.orders.promises import order_clock
from domain.people import Actor, Role
from domain.refusals import Refused
from tests.world import (
    APPROVER,
    COORDINATOR,
    DESK,
    NEW_DESK,
    RECYCLER,
    REQUESTER,
    SDM,
    TECHNICIAN,
    order,
    request,
    usually_found,
)

# A Monday morning in winter: nine in Augsburg.
MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = {
    OrderKind.INSTALL: request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber"),
    OrderKind.MOVE: request(OrderKind.MOVE, target=NEW_DESK, assets=["NB-200"]),
    OrderKind.ADD: request(OrderKind.ADD, assets=["NB-200"], wanted=[{"model": "RAM 16 GB"}]),
    OrderKind.CHANGE: request(OrderKind.CHANGE, assets=["NB-200"], new_model="ThinkPad T14s"),
    OrderKind.REMOVE: request(OrderKind.REMOVE, assets=["NB-200"]),
    OrderKind.DISPOSE: request(OrderKind.DISPOSE, assets=["NB-900"]),
    OrderKind.BREAK_FIX: request(OrderKind.BREAK_FIX, assets=["NB-200"]),
    OrderKind.ASSIST: request(OrderKind.ASSIST, note="half a day of training"),
}
EVERYBODY = (REQUESTER, APPROVER, COORDINATOR, TECHNICIAN, SDM, RECYCLER)
_HUMAN = (StepStatus.OPEN, StepStatus.STARTED)
_MACHINES = (Reservation, AssetUpdate, Charge, Notice)


def placed(kind: OrderKind, chain: Chain | None = None, **changes: object) -> Order:
    placed = order(ASKED[kind].but(**changes), MONDAY)
    return placed.but(chain=chain or DEFAULTS[kind])


def window(start: datetime, hours: float = 2) -> Window:
    return Window(start=start, end=start + timedelta(hours=hours))


class Paper:
    """`stuck` names machine steps that cannot do their work."""

    def __init__(self, order: Order, *, stuck: tuple[str, ...] = ()) -> None:
        self.order = order
        self.now = order.received_at
        self.stuck = stuck
        self.states = [OrderState.REQUESTED]
        self._numbers = count(1)
        self.progress = begin(order, (order_clock(order),))
        self.go_on()

    def say(
        self,
        actor: Actor,
        command: Command,
        *,
        at: datetime | None = None,
        request_id: str | None = None,
        looked_up: LookedUp | None = None,
    ) -> None:
        """A minute later than what was said before, unless told when."""
        self.now = at or self.now + timedelta(minutes=1)
        said = self._said(actor, command, request_id)
        said = said.but(looked_up=looked_up) if looked_up else said
        self.progress = self._keep(decide(self.order, self.progress, said))
        self.go_on()

    def refusal(
        self,
        actor: Actor,
        command: Command,
        *,
        request_id: str | None = None,
        looked_up: LookedUp | None = None,
    ) -> Refused:
        said = self._said(actor, command, request_id)
        said = said.but(looked_up=looked_up) if looked_up else said
        with pytest.raises(Refused) as refused:
            decide(self.order, self.progress, said)
        return refused.value

    def codes(self, actor: Actor, command: Command, *, request_id: str | None = None) -> list[str]:
        return [problem.code for problem in self.refusal(actor, command, request_id=request_id).problems]

    def go_on(self) -> None:
        while ready := self.progress.ready(self.order):
            for step_id in ready:
                self._advance(self.progress.opened(step_id, self.now))
                self._let_machine_do(step_id)

    def until(self, step_id: str) -> "Paper":
        """Everything that goes well before a step opens."""
        while self.status(step_id) == StepStatus.WAITING:
            self.bring_on()
        return self

    def finish(self) -> "Paper":
        while not self.progress.is_chain_done:
            self.bring_on()
        return self

    def bring_on(self) -> None:
        """What people usually say to the first step that is open, if any is."""
        step = next((step for step in self.progress.steps if step.status in _HUMAN), None)
        if step is None:
            return
        for actor, command in self._usual(step.id, self.order.chain.step(step.id)):
            self.say(actor, command)

    def _usual(self, step_id: str, step: Step) -> Iterator[tuple[Actor, Command]]:
        serials = tuple(name_of(asset) for asset in self.progress.assets)
        if isinstance(step, Approval):
            usual = {Role.APPROVER: APPROVER, Role.REQUESTER: REQUESTER, Role.COORDINATOR: COORDINATOR}
            price = Decimal("450.00") if step.quotes else None
            yield usual.get(step.role, SDM), Approve(step=step_id, price=price)
        elif isinstance(step, Appointment):
            yield COORDINATOR, Book(step=step_id, window=window(self.now + HOUR))
        elif isinstance(step, Erasure):
            yield from (
                (TECHNICIAN, erased(serial, self.now, step=step_id))
                for serial in sorted(to_erase(self.progress.assets))
            )
        elif isinstance(step, Custody):
            yield TECHNICIAN, ConfirmCustody(step=step_id, side="giver", serials=serials)
            yield RECYCLER, ConfirmCustody(step=step_id, side="taker", serials=serials)
        elif isinstance(step, Evidence):
            yield COORDINATOR, AddEvidence(step=step_id, document=step.document, document_no="EN-1", serials=serials)
        elif isinstance(step, Verification):
            yield TECHNICIAN, Verify(found=tuple(Found(tag=asset.tag) for asset in self.progress.assets))
        elif isinstance(step, Acceptance):
            yield REQUESTER, Accept(step=step_id)
        else:
            yield TECHNICIAN, Complete(step=step_id, minutes=30)

    def status(self, step_id: str) -> StepStatus:
        return self.progress.step(step_id).status

    @property
    def state(self) -> OrderState:
        return self.progress.state

    def _let_machine_do(self, step_id: str) -> None:
        step = self.order.chain.step(step_id)
        if step_id in self.stuck:
            self._advance(self.progress.with_step(step_id, status=StepStatus.STUCK))
        elif isinstance(step, _MACHINES) or (isinstance(step, Erasure) and not to_erase(self.progress.assets)):
            self._advance(self.progress.settled(step_id, self.now))

    def _advance(self, progress: Progress) -> None:
        self._keep(following(self.order, progress, self.now))

    def _keep(self, progress: Progress) -> Progress:
        self.progress = progress
        if progress.state != self.states[-1]:
            self.states.append(progress.state)
        return progress

    def _said(self, actor: Actor, command: Command, request_id: str | None) -> Instruction:
        said = request_id or f"said-{next(self._numbers)}"
        found = usually_found(command)
        return Instruction(command=command, actor=actor, given_at=self.now, request_id=said, looked_up=found)


def erased(serial: str, at: datetime, **changes: object) -> RecordErasure:
    record = RecordErasure.model_validate(
        {
            "serial": serial,
            "method": "purge",
            "tool": "nwipe",
            "passed": True,
            "verification": "sampled",
            "operator": TECHNICIAN.person,
            "verifier": COORDINATOR.person,
            "place": "Werkstatt",
            "done_at": at,
        }
    )
    return record.but(**changes)
