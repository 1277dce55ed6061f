"""Giving a step of an order to vendors: a piece of work, or goods that are to be carried or taken for good."""

from collections.abc import Iterable

from temporalio import workflow

from activities.vendors import VendorAsked
from domain.contracts.chains import Custody, VendorDispatch
from domain.orders.decisions.offered import work_of
from domain.orders.progress import Progress
from domain.orders.promises import WHOLE
from domain.people import Role
from domain.refusals import Problem
from domain.vendors.jobs import JobStatus, VendorJob
from workflows.effects import Impossible
from workflows.order_case import HUMAN, OrderCase
from workflows.vendor_desk import VendorDesk, give_out


class StepVendorDesk(VendorDesk[Progress]):
    promise = WHOLE
    asks, warns = "order_vendor_asked", "order_vendor_too_slow"
    answering = (Role.SDM, Role.COORDINATOR)

    def __init__(self, case: OrderCase, step: Custody | VendorDispatch) -> None:
        super().__init__(case)
        self.step = step.id
        self._step = step
        self._order = case.order

    @property
    def is_wanted(self) -> bool:
        progress = self.case.progress
        return progress.step(self._step.id).status in HUMAN and progress.ending is None

    @property
    def is_over(self) -> bool:
        return not self.is_wanted

    def begin(self) -> None:
        """Whom the chain names is asked first; a job that somebody has given out meanwhile goes on."""
        job = self.job
        if job is None or not job.is_open:
            no, now = self.case.progress.next_job, workflow.now()
            self.put(VendorJob(no=no, step=self.step, wanted=self._step.vendor, asked_at=now))

    def asked(self, job: VendorJob) -> VendorAsked:
        assets = self.case.progress.assets
        return VendorAsked(
            customer=self._order.customer,
            manufacturer=_one(asset.manufacturer for asset in assets),
            product_class=_one(asset.category for asset in assets),
            site=self._order.request.site,
            work=work_of(self._step),
            certificate=self._step.certificate if isinstance(self._step, Custody) else None,
            zone=self._order.terms.access.zone,
            vendor=job.wanted,
            declined=job.passed_over,
            at=workflow.now(),
        )

    def nobody(self, job: VendorJob) -> None:
        """Who was named and cannot take it makes way for the directory. With nobody left the step is stuck."""
        if job.wanted is not None:
            self.put(job.become(JobStatus.CALLED_OFF, workflow.now()))
            self.pass_on(job, workflow.now())
            return
        super().nobody(job)
        raise Impossible(Problem(code="no_vendor_left", values={"passed_over": ", ".join(job.passed_over)}))


async def have_taken(case: OrderCase, step: Custody | VendorDispatch) -> None:
    """Return when people have done with the step. Raises `Impossible` when nobody is left who could take it."""
    if case.is_answered(step.id):
        return
    desk = StepVendorDesk(case, step)
    desk.begin()
    await give_out(desk)


def _one(names: Iterable[str | None]) -> str | None:
    """What all of them have alike."""
    found = set(names)
    return found.pop() if len(found) == 1 else None
