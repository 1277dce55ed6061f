"""One order under way: what every step may see, say and do."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

from activities.notices import Notices, Outgoing
from activities.records import Entry, Records
from domain.commands import Book, Instruction
from domain.decisions.decide import clamped, decide, following
from domain.events import TELLS, Event, Happening, Message, facts_of
from domain.ids import order_workflow_id
from domain.orders import Order
from domain.people import MACHINE, Actor, Role
from domain.progress import Progress, StepStatus
from domain.promises import WHOLE
from domain.refusals import Problem
from domain.windows import BeyondHorizon
from workflows.effects import Activity, Impossible, In, Out, Slow, act, patiently, quickly
from workflows.hours import Hours

HUMAN = frozenset({StepStatus.OPEN, StepStatus.STARTED})


class OrderCase:
    """The order, how far it has come, and what is still to be written down and told.

    Events are noted at once and written in one go when the workflow has come to rest, so that a command which
    moves three steps costs one entry.
    """

    def __init__(self, order: Order, progress: Progress) -> None:
        self.order = order
        self.progress = progress
        self.hours = Hours(order, self.act)
        self.undoable: list[str] = []
        self._unwritten: list[Event] = []
        self._unsent: list[Message] = []
        self._sending: list[asyncio.Task[None]] = []
        self._written = 0
        self._told = 0
        self._writes_whole = False
        self._acting = 0
        self._last_heard = order.received_at

    def check(self, instruction: Instruction) -> None:
        """Raises what `decide` raises; nothing changes."""
        decide(self.order, self.progress, self._heard(instruction))

    def obey(self, instruction: Instruction) -> None:
        heard = self._heard(instruction)
        decided = decide(self.order, self.progress, heard)
        if decided is self.progress:
            return
        self.progress = decided
        given = decided.given[-1]
        self._last_heard = given.given_at
        self.note(given.command.type, actor=given.actor, step=given.command.step, given=given)
        agreed = decided.appointment
        if isinstance(given.command, Book) and agreed is not None and agreed.technician is not None:
            place = {"place": self._place()}
            self.tell("visit_assigned", people=(agreed.technician,), values=place, given=given)

    def note(
        self,
        what: str,
        *,
        actor: Actor = MACHINE,
        step: str | None = None,
        given: Instruction | None = None,
        values: dict[str, str] | None = None,
    ) -> None:
        """Put it into the journal and tell those who are to know."""
        self.progress = self.progress.but(seq=self.progress.seq + 1)
        command = given.command if given else None
        event = Event(
            seq=self.progress.seq,
            at=given.given_at if given else workflow.now(),
            what=what,
            actor=actor,
            step=step,
            reason=command.reason if command else None,
            command=command,
            values=values or {},
        )
        self._unwritten.append(event)
        facts = facts_of(command) if command else {}
        facts |= {"step": self.name_of(step)} if step else {}
        for template, roles in TELLS.get(what, ()):
            self.tell(template, roles=roles, values=facts | (values or {}), given=given)

    def tell(
        self,
        template: str,
        *,
        roles: tuple[Role, ...] = (),
        people: tuple[str, ...] = (),
        values: dict[str, str] | None = None,
        given: Instruction | None = None,
    ) -> None:
        """One message, numbered within the order: the number is part of its business key.

        So is the request it stems from: when a command is lost with its server, another may take its number.
        """
        self._told += 1
        number = f"{self._told}-{given.request_id}" if given else f"{self._told}"
        self._unsent.append(
            Message(
                key=f"notice:{self.order.no}/{template}/{number}",
                case=order_workflow_id(self.order.no),
                contract=self.order.terms.contract,
                template=template,
                roles=roles,
                people=(*people, *(person for role in roles for person in self._pinned(role))),
                values=self._background() | (values or {}),
            )
        )

    def advance(self, progress: Progress) -> None:
        self.progress = following(self.order, progress, workflow.now())

    def open(self, step_id: str) -> None:
        self.advance(self.progress.opened(step_id, workflow.now()))
        self.note(Happening.STEP_OPENED, step=step_id)

    def settle(self, step_id: str) -> None:
        """A machine has done the step."""
        self.advance(self.progress.settled(step_id, workflow.now()))
        self.note(Happening.STEP_DONE, step=step_id)

    def stick(self, step_id: str, problem: Problem) -> None:
        """A machine cannot go on: the step becomes a visible task for a person."""
        self.advance(self.progress.with_step(step_id, status=StepStatus.STUCK, problem=problem))
        self.note(Happening.STEP_STUCK, step=step_id, values={"problem": problem.code} | problem.values)

    def name_of(self, step_id: str) -> str:
        return self.order.chain.step(step_id).title or step_id

    def status(self, step_id: str) -> StepStatus:
        return self.progress.step(step_id).status

    def is_answered(self, step_id: str) -> bool:
        """Whether people have done with the step, whatever came of it, or the order is to end."""
        return self.status(step_id) not in HUMAN or self.progress.ending is not None

    async def answered(self, step_id: str, *, until: datetime | None = None, summary: str | None = None) -> bool:
        """Return when people have done with the step, or False when the time is up."""
        left = None if until is None else max(until - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(lambda: self.is_answered(step_id), timeout=left, timeout_summary=summary)
        except TimeoutError:
            return self.is_answered(step_id)
        return True

    def will_undo(self, step_id: str) -> None:
        """Say so before the step acts; saying it again, as on a second try, changes nothing."""
        if step_id not in self.undoable:
            self.undoable.append(step_id)

    async def act(self, activity: Activity[In, Out], asked: In, *, summary: str) -> Out:
        """What `effects.act` does; while it is quick, the order is not at rest. Raises `Impossible`."""
        self._acting += 1
        try:
            return await quickly(activity, asked, summary=summary)
        except Slow:
            pass
        finally:
            self._acting -= 1
        return await patiently(activity, asked, summary=summary)

    @property
    def deadline(self) -> datetime | None:
        """When the customer was promised the end; None while the clock is held, has stopped, or ends too far away."""
        hours = self.hours.known
        whole = next(clock for clock in self.progress.clocks if clock.name == WHOLE)
        try:
            return whole.deadline(hours, workflow.now()) if hours else None
        except BeyondHorizon:
            return None

    @property
    def is_at_rest(self) -> bool:
        """Nothing quick is under way and all that happened is written."""
        return not self._acting and not self._unwritten and self._written == self.progress.seq

    async def keep_records(self) -> None:
        """Write and send whatever has been noted, until cancelled."""
        while True:
            await workflow.wait_condition(lambda: bool(self._unwritten or self._unsent or self._writes_whole))
            await self._settle_down()
            await self._write()
            self._send()

    def write_whole(self) -> None:
        """The tables may hold what this order never did: write down how it really stands."""
        self._writes_whole = True

    async def all_told(self) -> None:
        """Return when everything is written and every message is out."""
        await workflow.wait_condition(lambda: self.is_at_rest and not self._unsent and not self._is_sending())
        await asyncio.gather(*self._sending)

    def _is_sending(self) -> bool:
        return not all(task.done() for task in self._sending)

    async def _settle_down(self) -> None:
        """Let everything that goes on by itself in this activation go on first."""
        seen = -1
        while self._acting or seen != self.progress.seq:
            seen = self.progress.seq
            await workflow.wait_condition(lambda: not self._acting)

    async def _write(self) -> None:
        if not self._unwritten and not self._writes_whole:
            return
        entry = Entry(
            order=self.order,
            progress=self.progress,
            events=tuple(self._unwritten),
            deadline=self.deadline,
            at=workflow.now(),
            whole=self._writes_whole,
        )
        self._unwritten.clear()
        self._writes_whole = False
        summary = ", ".join(event.what for event in entry.events) or "all that happened"
        self._written = await act(Records.record, entry, summary=summary)

    def _send(self) -> None:
        if self._unsent:
            # What was told before the service hours were known did not know the deadline yet.
            promise = {"deadline": self.deadline.isoformat()} if self.deadline else {}
            messages = (message.but(values=promise | message.values) for message in self._unsent)
            outgoing = Outgoing(messages=tuple(messages))
            self._unsent.clear()
            self._sending.append(asyncio.create_task(self._deliver(outgoing)))

    async def _deliver(self, outgoing: Outgoing) -> None:
        names = ", ".join(message.template for message in outgoing.messages)
        try:
            await self.act(Notices.deliver, outgoing, summary=names)
        except Impossible as impossible:
            facts = {"problem": impossible.problem.code, "notices": names}
            self.note(Happening.NOTICE_UNDELIVERABLE, values=facts)

    def _heard(self, instruction: Instruction) -> Instruction:
        return clamped(instruction, earliest=self._last_heard, latest=workflow.now())

    def _pinned(self, role: Role) -> tuple[str, ...]:
        return (self.order.request.requester,) if role == Role.REQUESTER else ()

    def _background(self) -> dict[str, str]:
        request = self.order.request
        values = {
            "order": self.order.no,
            "kind": request.kind,
            "site": request.site,
            "zone": self.order.terms.access.zone,
            "reference": request.reference or "",
        }
        if self.progress.appointment is not None:
            window = self.progress.appointment.window
            values |= {"from": window.start.isoformat(), "to": window.end.isoformat()}
        return values

    def _place(self) -> str:
        """Where on the site the work is."""
        places = (self.order.request.target, *(asset.place for asset in self.order.assets))
        return str(next((place for place in places if place), self.order.request.site))
