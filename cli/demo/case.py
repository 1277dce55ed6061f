"""One order of the demonstration, worked to its end by the people it waits for."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cli.demo.people import Cast, Keys
from cli.http import Api, ApiRefused, parsed, path
from cli.moments import now
from cli.orders.sheet import next_visit
from domain.cases import order_commands as commands
from domain.contracts.chains import Chain, Custody, Erasure, ErasureMethod, Evidence, Work
from domain.kinds import OrderState
from domain.orders.erasures import name_of, to_erase
from domain.orders.progress import StepProgress, StepStatus
from domain.orders.sheets import Awaited, OrderSheet
from domain.people import Role
from domain.places import Site

MACHINES_TURN = 0.2
# How often it is looked whether an order that refuses has moved on: a worker that dies writes it down when it is back.
LOOKS = 100
PROOF_NO = "ES-2026-1187"
# Of examples/vendors.yaml: whoever is certified to take what leaves for good.
RECYCLER = "lindner"
FAILURE = "Der Monitorarm lässt sich nicht lösen."
OTHER_SERIAL = "CN0X999"
LEAST = ErasureMethod.PURGE
TOOLS = {ErasureMethod.PURGE: "nwipe 0.38", ErasureMethod.DESTROY: "shredder, particles up to 6 mm"}
CHECKS = {ErasureMethod.PURGE: "a tenth of all sectors read back", ErasureMethod.DESTROY: "particles inspected"}


@dataclass(frozen=True)
class Saying:
    """What somebody tells an order. The key is drawn from the order alone: said twice, it is the same request."""

    person: str
    role: Role
    command: commands.Command
    key: str


class DemoTrouble(StrEnum):
    """Work fails, or something else stands at the target than was sent there."""

    FAILS = "fails"
    DIFFERS = "differs"


class DemoCase:
    def __init__(
        self, sheet: OrderSheet, chain: Chain, site: Site, cast: Cast, trouble: DemoTrouble | None = None
    ) -> None:
        self.sheet = sheet
        self.chain = chain
        self.site = site
        self.cast = cast
        self.trouble = trouble
        self.saying: Saying | None = None

    @property
    def is_over(self) -> bool:
        return self.sheet.state.is_final

    @property
    def needs_help(self) -> bool:
        """Somebody holds it, or a step is stuck: not for the demonstration to decide."""
        stuck = any(step.status in (StepStatus.STUCK, StepStatus.FAILED) for step in self.sheet.steps)
        return stuck or self.sheet.state == OrderState.ON_HOLD

    async def work(self, keys: Keys, tell: Callable[["DemoCase"], None]) -> None:
        """Say what is waited for, until the order has ended or needs help."""
        while not self.is_over and not self.needs_help:
            seen = self.sheet.seq
            for saying in self._next_sayings():
                self.saying = saying
                tell(self)
                await self._say(saying, keys)
            self.saying = None
            if self.sheet.seq == seen:
                await asyncio.sleep(MACHINES_TURN)
                await self._look(keys)
        tell(self)

    async def _say(self, saying: Saying, keys: Keys) -> None:
        api = await keys.acting_as(saying.person, saying.role)
        body = saying.command.model_dump(mode="json", exclude_none=True)
        try:
            answer = await api.post(path("orders", self.sheet.no, "commands"), body, key=saying.key)
        except ApiRefused:
            if not await self._has_moved_on(keys):
                raise
        else:
            self.sheet = parsed(OrderSheet, answer)

    async def _has_moved_on(self, keys: Keys) -> bool:
        """Somebody at another terminal may have been quicker, or a machine, whose doing is not written down yet."""
        seen = self.sheet.seq
        for _ in range(LOOKS):
            await self._look(keys)
            if self.sheet.seq != seen:
                return True
            await asyncio.sleep(MACHINES_TURN)
        return False

    async def _look(self, keys: Keys) -> None:
        self.sheet = await keys.admin.read(OrderSheet, path("orders", self.sheet.no))

    def _next_sayings(self) -> list[Saying]:
        for awaited in self.sheet.awaiting:
            step = next(step for step in self.sheet.steps if step.id == awaited.step)
            if awaited.command == "complete" and step.status == StepStatus.OPEN:
                continue
            return list(sayings(self, awaited, step))
        return []


def sayings(case: DemoCase, awaited: Awaited, step: StepProgress) -> Iterator[Saying]:
    """Made of what stands on the sheet only, so that after an interruption the same is said again."""
    role = awaited.role or Role.COORDINATOR
    person = case.cast.player(role, case.sheet)
    if awaited.command == "confirm_custody":
        person = giver_or_taker(case, step, person)
    for number, command in enumerate(told(case, awaited, step, person)):
        key = f"demo-{case.sheet.no}-{step.id}-{awaited.command}-{step.round}-{number}"
        if isinstance(command, commands.Book):
            key += f"-{command.window.start:%Y%m%d%H%M}"
        yield Saying(person, role, command, key)


def told(case: DemoCase, awaited: Awaited, step: StepProgress, person: str) -> Iterator[commands.Command]:
    match awaited.command:
        case "approve":
            yield commands.Approve(step=step.id)
        case "book":
            yield visit(case, step)
        case "start":
            yield commands.Start(step=step.id)
        case "complete":
            yield completion(case, step)
        case "accept":
            yield commands.Accept(step=step.id)
        case _:
            yield from told_of_goods(case, awaited, step, person)


def told_of_goods(case: DemoCase, awaited: Awaited, step: StepProgress, person: str) -> Iterator[commands.Command]:
    listed = tuple(name_of(asset) for asset in case.sheet.assets)
    match awaited.command:
        case "record_erasure":
            yield from erasures(case, step, person)
        case "report_vendor":
            taken = any(job.step == step.id and job.is_taken for job in case.sheet.jobs)
            yield commands.ReportVendor(step=step.id, status="done" if taken else "accepted")
        case "confirm_custody":
            begun = step.status != StepStatus.OPEN
            vendor = RECYCLER if asks_for_certificate(case, step) and not begun else None
            side = "taker" if begun else "giver"
            yield commands.ConfirmCustody(step=step.id, side=side, serials=listed, vendor=vendor)
        case "add_evidence":
            wanted = case.chain.step(step.id)
            document = wanted.document if isinstance(wanted, Evidence) else "disposal_proof"
            yield commands.AddEvidence(step=step.id, document=document, document_no=PROOF_NO, serials=listed)
        case "verify":
            yield commands.Verify(step=step.id, found=tuple(found_at_target(case, step)))


def completion(case: DemoCase, step: StepProgress) -> commands.Complete:
    minutes = effort(case.chain, step)
    if case.trouble == DemoTrouble.FAILS:
        return commands.Complete(step=step.id, outcome="failed", minutes=minutes, reason=FAILURE)
    return commands.Complete(step=step.id, minutes=minutes)


def found_at_target(case: DemoCase, step: StepProgress) -> Iterator[commands.Found]:
    """The first time, the first thing may be another one with the same tag."""
    first, *others = case.sheet.assets
    differs = case.trouble == DemoTrouble.DIFFERS and step.round == 1
    yield commands.Found(tag=first.tag, serial=OTHER_SERIAL if differs else first.serial)
    yield from (commands.Found(tag=asset.tag, serial=asset.serial) for asset in others)


def visit(case: DemoCase, step: StepProgress) -> commands.Book:
    """The first opening since the step was opened, or since now where that has gone by."""
    opened_at = step.opened_at or case.sheet.received_at
    start, end = next_visit(case.site, opened_at)
    if end <= now():
        start, end = next_visit(case.site, now())
    technician = case.cast.player(Role.TECHNICIAN, case.sheet)
    return commands.Book(step=step.id, window=commands.Window(start=start, end=end), technician=technician)


def erasures(case: DemoCase, step: StepProgress, operator: str) -> Iterator[commands.RecordErasure]:
    wanted = case.chain.step(step.id)
    method = max(wanted.at_least if isinstance(wanted, Erasure) else LEAST, LEAST, key=list(ErasureMethod).index)
    for serial in sorted(to_erase(case.sheet.assets)):
        yield commands.RecordErasure(
            step=step.id,
            serial=serial,
            method=method,
            tool=TOOLS[method],
            passed=True,
            verification=CHECKS[method],
            operator=operator,
            verifier=case.cast.second(operator),
            place=case.site.name,
            done_at=step.opened_at or case.sheet.received_at,
        )


def giver_or_taker(case: DemoCase, step: StepProgress, giver: str) -> str:
    if step.status == StepStatus.OPEN:
        return giver
    custody = case.chain.step(step.id)
    leaves = isinstance(custody, Custody) and custody.leaves_control
    return case.cast.recycler if leaves else case.cast.second(giver)


def asks_for_certificate(case: DemoCase, step: StepProgress) -> bool:
    custody = case.chain.step(step.id)
    return isinstance(custody, Custody) and custody.certificate is not None


def effort(chain: Chain, step: StepProgress) -> int:
    work = chain.step(step.id)
    return work.estimate_minutes if isinstance(work, Work) else 0


async def case_of(admin: Api, sheet: OrderSheet, cast: Cast, trouble: DemoTrouble | None = None) -> DemoCase:
    chain = await admin.read(Chain, path("orders", sheet.no, "chain"))
    return DemoCase(sheet, chain, await admin.read(Site, path("sites", sheet.site)), cast, trouble)
