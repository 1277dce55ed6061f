"""What a technician does on site, step by step, and what goes wrong while they do it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import Complete, ConfirmCustody, Found, RecordErasure, ReportVendor, Start, Verify
from domain.contracts.chains import Appointment, Custody, Erasure, Step, StepBase, Verification, Work
from domain.ids import order_workflow_id
from domain.moves.rehearsals.rehearsal import RowTrouble
from domain.orders.erasures import name_of, to_erase
from domain.orders.progress import StepStatus
from domain.people import Actor, Role
from domain.times import DAY, FIRST_DAY, LAST_DAY
from domain.vendors.certificates import DatedCertificate, VendorCertificate
from rehearsal.scenes import Scene
from rehearsal.stand_ins import ANYBODY
from rehearsal.whiteboards import OrderOnBoard

ON_SITE = (Work, Custody, Erasure, Verification)
# Nobody finds out at once that they have come for nothing.
SHARE_OF_WASTED = 0.3
CARRIER = Actor(person=ANYBODY, role=Role.TECHNICIAN)
WITNESS = "witness"


def step_on_site(shown: OrderOnBoard) -> Step | None:
    """What somebody on site can do next."""
    progress = shown.progress
    if progress.ending is not None:
        return None
    live = (step.id for step in progress.steps if step.status in (StepStatus.OPEN, StepStatus.STARTED))
    steps = map(shown.order.chain.step, live)
    return next((step for step in steps if isinstance(step, ON_SITE)), None)


class Visit:
    """One technician at one order, as long as there is something to do."""

    def __init__(self, scene: Scene, no: str, technician: str) -> None:
        self.no = no
        self._scene = scene
        self._actor = Actor(person=technician, role=Role.TECHNICIAN)

    @property
    def shown(self) -> OrderOnBoard:
        return self._scene.board.orders[self.no]

    async def make(self) -> None:
        while (step := step_on_site(self.shown)) is not None:
            await _DONE[step.type](self, step)

    async def work(self, step: Work) -> None:
        await self._say(Start(step=step.id))
        if self._comes_for_nothing(step):
            spent = await self._spend(step, SHARE_OF_WASTED)
            self._note(RowTrouble.WASTED_VISIT)
            await self._say(Complete(step=step.id, outcome="wasted_visit", minutes=spent, reason="nobody there"))
        elif self._fails(step):
            spent = await self._spend(step)
            await self._say(Complete(step=step.id, outcome="failed", minutes=spent, reason="as the dice would have it"))
        else:
            spent = await self._spend(step)
            await self._say(Complete(step=step.id, minutes=spent))

    async def hand_over(self, step: Custody) -> None:
        await self._spend(step)
        serials = tuple(name_of(asset) for asset in self.shown.progress.assets)
        is_asked = step.certificate is not None or step.offered
        found = _custodian(step, self._scene.time.now) if is_asked else None
        if step.offered:
            await self._say(ReportVendor(step=step.id, status="accepted"))
        await self._say(ConfirmCustody(step=step.id, side="giver", serials=serials), found=found)
        await self._say(ConfirmCustody(step=step.id, side="taker", serials=serials), CARRIER, found)

    async def erase(self, step: Erasure) -> None:
        await self._spend(step)
        for serial in sorted(to_erase(self.shown.progress.assets)):
            record = RecordErasure(
                step=step.id,
                serial=serial,
                method=step.at_least,
                tool="nwipe",
                passed=True,
                verification="sampled",
                operator=self._actor.person,
                verifier=WITNESS,
                place=self.shown.order.request.site,
                done_at=self._scene.time.now,
            )
            await self._say(record)

    async def verify(self, step: Verification) -> None:
        """What is missing at first is there when somebody has looked for it."""
        await self._spend(step)
        found = tuple(Found(tag=asset.tag, serial=asset.serial) for asset in self.shown.progress.assets)
        if self._round(step) == 1 and self._scene.dice.happens(self._scene.chances.mismatch, "mismatch", self._draw):
            self._note(RowTrouble.MISMATCH)
            found = found[:-1]
        await self._say(Verify(step=step.id, found=found))

    def _comes_for_nothing(self, step: Work) -> bool:
        chain = self.shown.order.chain
        before = [chain.step(earlier) for earlier in chain.before(step.id)]
        is_first = not any(isinstance(earlier, ON_SITE) for earlier in before)
        is_agreed = any(isinstance(earlier, Appointment) for earlier in before)
        if not (step.on_site and is_first and is_agreed and self._round(step) == 1):
            return False
        return self._scene.dice.happens(self._scene.chances.wasted_visit, "wasted", self._draw)

    def _fails(self, step: Work) -> bool:
        """If anything, it is the last piece of work that fails."""
        last = [one.id for one in self.shown.order.chain.in_order() if isinstance(one, Work)][-1]
        return step.id == last and self._scene.dice.happens(self._scene.chances.failed_work, "failed", self._draw)

    async def _spend(self, step: StepBase, share: float = 1.0) -> int:
        """The planned minutes of the visit are shared out among its steps as these are estimated."""
        weights = {one.id: self._weight(one) for one in self.shown.order.chain.steps if isinstance(one, ON_SITE)}
        window = self.shown.part.visit.window
        middle = share * (window.end - window.start) / timedelta(minutes=1) * weights[step.id] / sum(weights.values())
        begun = self._scene.time.now
        await self._scene.time.sleep(self._scene.dice.minutes(middle, self._draw, step.id, self._round(step)))
        return round((self._scene.time.now - begun) / timedelta(minutes=1))

    def _weight(self, step: StepBase) -> float:
        chances, items = self._scene.chances, max(len(self.shown.order.assets), 1)
        match step:
            case Work():
                return step.estimate_minutes
            case Custody():
                return chances.custody_minutes
            case Erasure():
                return chances.erasure_minutes * items
            case _:
                return chances.verification_minutes * items

    @property
    def _draw(self) -> str:
        return f"{self.shown.leg}/{self.shown.part.attempt}"

    def _round(self, step: StepBase) -> int:
        return self.shown.progress.step(step.id).round

    def _note(self, trouble: RowTrouble) -> None:
        self._scene.board.note_trouble(self.no, trouble)

    async def _say(
        self,
        command: Start | Complete | ConfirmCustody | RecordErasure | ReportVendor | Verify,
        by: Actor | None = None,
        found: CustodianFound | None = None,
    ) -> None:
        await self._scene.say(order_workflow_id(self.no), by or self._actor, command, found)


def _custodian(step: Custody, now: datetime) -> CustodianFound:
    """A stand-in has every certificate: whether the real one has it by then nobody knows yet."""
    asked = CustodianFound(vendor=step.vendor or ANYBODY, name=CARRIER.person, version=1)
    if step.certificate is None:
        return asked
    held = VendorCertificate(
        kind=step.certificate, number="rehearsal", valid_from=FIRST_DAY, valid_until=LAST_DAY, scope="rehearsal"
    )
    valid = DatedCertificate(certificate=held, begins_at=now - DAY, ends_at=now + 400 * DAY)
    return asked.but(certificates=(valid,))


_DONE: dict[str, Callable[[Visit, Any], Awaitable[None]]] = {
    "work": Visit.work,
    "custody": Visit.hand_over,
    "erasure": Visit.erase,
    "verification": Visit.verify,
}
