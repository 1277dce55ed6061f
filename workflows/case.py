"""What a durable case does, whatever it is about: keep its journal, tell people, act on the world, watch its time."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from temporalio import workflow

from activities.notices import Notices, Outgoing
from domain.cases.case import CaseProgress
from domain.cases.events import Event, Happening, Message, Telling, facts_of
from domain.cases.instructions import Instruction, clamped
from domain.cases.order_commands import Migrate
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import SlaClock
from domain.clocks.thresholds import DueThreshold
from domain.clocks.windows import BeyondHorizon
from domain.people import MACHINE, NAMED_BY_CASE, Actor, Role
from domain.refusals import Refused
from domain.times import ZERO
from workflows.effects import Activity, Impossible, In, Out, Slow, patiently, quickly
from workflows.hours import CaseHours
from workflows.receipts import Receipt
from workflows.refusals import as_failure

P = TypeVar("P", bound=CaseProgress)


class Case(ABC, Generic[P]):
    """How far the case has come, and what is still to be written down and told.

    Events are noted at once and written in one go when the workflow has come to rest, so that a command which
    moves three steps costs one entry.
    """

    tells: Mapping[str, Sequence[Telling]] = {}
    # Warnings of many cases fall due together; each case may wait a little of its own. Deadlines never do.
    spread = ZERO

    def __init__(self, workflow_id: str, no: str, contract: str, received_at: datetime, progress: P) -> None:
        self.workflow_id = workflow_id
        self.no = no
        self.contract = contract
        self.received_at = received_at
        self.progress = progress
        self.hours = CaseHours(self, self.act)
        self._unwritten: list[Event] = []
        self._unsent: list[Message] = []
        self._sending: list[asyncio.Task[None]] = []
        self._written = 0
        self._told = 0
        self._writes_whole = False
        self._acting = 0
        self._last_heard = received_at

    @property
    def known_as(self) -> str:
        """The number or name by which whoever tells it something knows it."""
        return self.no

    @property
    def receipt(self) -> Receipt:
        return Receipt(no=self.known_as, state=self.progress.state, seq=self.progress.seq)

    @property
    @abstractmethod
    def calendars(self) -> Mapping[str, Calendar]:
        """What its clocks may run by."""

    @property
    @abstractmethod
    def deadline(self) -> datetime | None:
        """When the customer was promised the end; None while that cannot be said."""

    @abstractmethod
    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]: ...

    @abstractmethod
    def advance(self, progress: P) -> None:
        """Take on this progress with all that follows from it."""

    @abstractmethod
    def background(self) -> dict[str, str]:
        """What every message may say of the case."""

    @abstractmethod
    def people_as(self, role: Role) -> tuple[str, ...]:
        """Whom the case itself names for a role; the contract names the others when they are told."""

    @abstractmethod
    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        """Have it recorded; the sequence number that is written then."""

    def written(self) -> None:
        """All that has happened so far stands in the tables, and the case is at rest."""

    @abstractmethod
    def decide(self, instruction: Instruction) -> P:
        """The progress after a command; the same one when it was heard before. Raises `Refused`."""

    def evolve(self, decided: P, given: Instruction) -> P:
        """What follows for the clocks. Raises `BeyondHorizon`, and nothing has happened then."""
        command = given.command
        return decided.migrated(command, self.hours.of, given.given_at) if isinstance(command, Migrate) else decided

    async def reachable(self) -> None:
        """Fetch what any command may need."""

    def check(self, instruction: Instruction) -> None:
        """Raises what `decide` raises; nothing changes."""
        self.decide(self._heard(instruction))

    def execute(self, instruction: Instruction) -> Instruction | None:
        """The command as it was understood; None when it was heard before."""
        decided = self.decide(self._heard(instruction))
        if decided is self.progress:
            return None
        given = decided.given[-1]
        self.progress = self.evolve(decided, given)
        self._last_heard = given.given_at
        self.note(given.command.type, actor=given.actor, step=given.command.step, given=given)
        return given

    async def apply(self, instruction: Instruction) -> None:
        """Obey as soon as the hours that this takes are known. Fails if something else has come first meanwhile."""
        while True:
            try:
                self.execute(instruction)
            except BeyondHorizon as beyond:
                await self.hours.further(beyond)
            except Refused as refused:
                raise as_failure(refused) from refused
            else:
                return

    @property
    def clocks(self) -> tuple[SlaClock, ...]:
        return self.progress.clocks

    def deadline_of(self, name: str) -> datetime | None:
        """None while the clock is not there, held, has stopped, or ends too far away."""
        clock = next((clock for clock in self.clocks if clock.name == name), None)
        try:
            return clock.deadline(self.hours.of(clock), workflow.now()) if clock else None
        except BeyondHorizon:
            return None

    def note(
        self,
        what: str,
        *,
        actor: Actor = MACHINE,
        step: str | None = None,
        given: Instruction | None = None,
        reason: str | None = None,
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
            reason=command.reason if command else reason,
            command=command,
            values=values or {},
        )
        self._unwritten.append(event)
        facts = facts_of(command) if command else {}
        facts |= self.facts_at(step) | (values or {})
        for template, roles in self.tells.get(what, ()):
            self.tell(template, roles=roles, values=facts, key=self.numbered(given))

    def escalate(self, clock: SlaClock, told: DueThreshold, template: str, facts: dict[str, str]) -> None:
        """Tell those whom the ladder names for what a clock has reached: once per clock, cycle and point."""
        rows = [row for row in self.ladder(clock) if told.threshold in row.points()]
        roles = tuple(dict.fromkeys(role for row in rows for role in row.tell))
        channels = tuple(dict.fromkeys(channel for row in rows for channel in row.channels))
        if roles:
            key = f"{clock.name}/{clock.cycle}/{told.threshold.name}"
            self.tell(template, roles=roles, channels=channels, values=facts, key=key)

    def facts_at(self, step: str | None) -> dict[str, str]:
        """What of a step those who are told of an event there need to know."""
        return {"step": step} if step else {}

    def tell(
        self,
        template: str,
        *,
        roles: tuple[Role, ...] = (),
        people: tuple[str, ...] = (),
        channels: tuple[str, ...] = (),
        values: dict[str, str] | None = None,
        key: str | None = None,
    ) -> None:
        """One message under its business key: numbered within the case unless what it tells has a name of its own."""
        named = (*people, *(person for role in roles for person in self.people_as(role)))
        if not named and NAMED_BY_CASE.issuperset(roles):
            # A machine has reported it, or no vendor has it: there is nobody to whom it could be told.
            return
        self._unsent.append(
            Message(
                key=f"notice:{self.no}/{template}/{key or self.numbered()}",
                case=self.workflow_id,
                contract=self.contract,
                template=template,
                roles=roles,
                people=named,
                channels=channels,
                values=self.background() | (values or {}),
            )
        )

    def numbered(self, given: Instruction | None = None) -> str:
        """A message's number within the case, and the request it stems from.

        When a command is lost with its server, another may take its number.
        """
        self._told += 1
        return f"{self._told}-{given.request_id}" if given else f"{self._told}"

    async def act(self, activity: Activity[In, Out], asked: In, *, summary: str) -> Out:
        """What `effects.act` does; while it is quick, the case is not at rest. Raises `Impossible`."""
        self._acting += 1
        try:
            return await quickly(activity, asked, summary=summary)
        except Slow:
            pass
        finally:
            self._acting -= 1
        return await patiently(activity, asked, summary=summary)

    @property
    def is_at_rest(self) -> bool:
        """Nothing quick is under way and all that happened is written."""
        return not self._acting and not self._unwritten and self._written == self.progress.seq

    async def keep(self, course: Coroutine[Any, Any, None], *keepers: Coroutine[Any, Any, None]) -> Receipt:
        """Return when the course is done; until then records are kept, and whatever else is to go on beside it."""
        keeping = [asyncio.create_task(keeper) for keeper in (self.keep_records(), *keepers)]
        over = asyncio.create_task(course)
        # The keepers never end by themselves: what is done first is the course, or a fault that must not be lost.
        done, _ = await workflow.wait([over, *keeping], return_when=asyncio.FIRST_COMPLETED)
        for task in keeping:
            task.cancel()
        for task in done:
            task.result()
        return self.receipt

    async def keep_records(self) -> None:
        """Write and send whatever has been noted, until cancelled."""
        while True:
            await workflow.wait_condition(lambda: bool(self._unwritten or self._unsent or self._writes_whole))
            await self._settle_down()
            await self._write()
            self.written()
            self._send()

    def write_whole(self) -> None:
        """The tables may hold what this case never did: write down how it really stands."""
        self._writes_whole = True

    async def all_told(self) -> None:
        """Return when everything is written and every message is out."""
        await workflow.wait_condition(lambda: self.is_at_rest and not self._unsent and not self._is_sending())
        await asyncio.gather(*self._sending)

    def _heard(self, instruction: Instruction) -> Instruction:
        return clamped(instruction, earliest=self._last_heard, latest=workflow.now())

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
        events, whole = tuple(self._unwritten), self._writes_whole
        self._unwritten.clear()
        self._writes_whole = False
        summary = ", ".join(event.what for event in events) or "all that happened"
        self._written = await self.write(events, whole=whole, summary=summary)

    def _send(self) -> None:
        if self._unsent:
            # What was told before the service hours were known did not know the deadline yet.
            promise = {"deadline": self.deadline.isoformat()} if self.deadline else {}
            messages = (message.but(values=promise | message.values) for message in self._unsent)
            outgoing = Outgoing(messages=tuple(messages))
            self._unsent.clear()
            self.send(self._deliver(outgoing))

    def send(self, sending: Coroutine[Any, Any, None]) -> None:
        """Beside everything else; the case does not end before it is done."""
        self._sending.append(asyncio.create_task(sending))

    async def _deliver(self, outgoing: Outgoing) -> None:
        names = ", ".join(message.template for message in outgoing.messages)
        try:
            await self.act(Notices.deliver, outgoing, summary=names)
        except Impossible as impossible:
            facts = {"problem": impossible.problem.code, "notices": names}
            self.note(Happening.NOTICE_UNDELIVERABLE, values=facts)
