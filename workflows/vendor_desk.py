"""Giving work to vendors: ask whoever is responsible, wait for an answer, ask the next.

What is given away is an incident, or a step of an order (`steps/offering`).
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from temporalio import workflow

from activities.vendors import VendorAsked, Vendors
from domain.cases.events import Happening
from domain.cases.holders import HeldProgress
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import RESOLUTION
from domain.people import Role
from domain.vendors.jobs import JobStatus, VendorJob
from domain.vendors.vendor import VendorTerms, uc_verdict
from workflows.case import Case
from workflows.effects import Impossible
from workflows.incident_case import IncidentCase

P = TypeVar("P", bound=HeldProgress)
_OURS = frozenset({JobStatus.SEEKING, JobStatus.OFFERED, JobStatus.DECLINED})
# In cases where that had happened before, nobody was asked when one declined that had accepted late.
PASSES_ON_WHO_CAME_LATE = "passes-on-who-came-late"


class VendorDesk(ABC, Generic[P]):
    """Gives out what one case, or one step of it, wants to be done.

    `promise` is the clock that a vendor's promise has to meet; `asks` is how vendors are asked, `warns` what those are
    told who are `answering` for it when it cannot.
    """

    promise: str
    asks: str
    warns: str
    answering: tuple[Role, ...]
    step: str | None = None

    def __init__(self, case: Case[P]) -> None:
        self.case = case

    @property
    def job(self) -> VendorJob | None:
        """The one that is under way, or the last one."""
        return self.case.progress.job_at(self.step)

    @property
    @abstractmethod
    def is_wanted(self) -> bool:
        """Whether anything is to be done at all just now."""

    @property
    @abstractmethod
    def is_over(self) -> bool:
        """Whether nothing will be given out any more."""

    @abstractmethod
    def asked(self, job: VendorJob) -> VendorAsked:
        """What the directory is asked."""

    def nobody(self, job: VendorJob) -> None:
        """There is nobody to ask: a person has to act."""
        self.put(job.become(JobStatus.NOBODY, workflow.now()))
        self.note(Happening.NO_VENDOR, {"passed_over": ", ".join(job.passed_over)})

    def put(self, job: VendorJob) -> None:
        self.case.advance(self.case.progress.with_job(job))

    def note(self, what: Happening, values: dict[str, str]) -> None:
        self.case.note(what, step=self.step, values=values)

    def pass_on(self, job: VendorJob, now: datetime) -> None:
        """To the next whom the directory names; one that somebody has chosen by name is not replaced by itself."""
        progress = self.case.progress
        later = (vendor for one in progress.later_jobs(job) for vendor in one.passed_over)
        gone = tuple(dict.fromkeys((*job.passed_over, *later, *((job.vendor,) if job.vendor else ()))))
        self.put(VendorJob(no=progress.next_job, step=self.step, passed_over=gone, asked_at=now))


class IncidentVendorDesk(VendorDesk[IncidentProgress]):
    promise = RESOLUTION
    asks, warns = "incident_vendor_asked", "incident_vendor_too_slow"
    answering = (Role.SDM, Role.ASSIGNEE)

    def __init__(self, case: IncidentCase) -> None:
        super().__init__(case)
        self._incident = case.incident

    @property
    def is_wanted(self) -> bool:
        return self.case.progress.state.is_unsolved

    @property
    def is_over(self) -> bool:
        """What is solved may be opened again."""
        return False

    def asked(self, job: VendorJob) -> VendorAsked:
        asset = self._incident.asset
        return VendorAsked(
            customer=self._incident.customer,
            manufacturer=asset.manufacturer if asset else None,
            product_class=asset.category if asset else None,
            site=self._incident.request.site,
            vendor=job.wanted,
            declined=job.passed_over,
            at=workflow.now(),
        )


async def give_out(desk: VendorDesk[P]) -> None:
    """Look after every job that is to be given to a vendor, until nothing is to be given out any more."""
    while True:
        await workflow.wait_condition(lambda: desk.is_over or _waiting(desk) is not None)
        if desk.is_over:
            return
        job = _waiting(desk)
        assert job is not None
        match job.status:
            case JobStatus.SEEKING:
                await _offer(desk, job)
            case JobStatus.OFFERED:
                await _await_answer(desk, job)
            case _:
                desk.pass_on(job, workflow.now())


def _waiting(desk: VendorDesk[P]) -> VendorJob | None:
    """The job about which we have to do something."""
    job = desk.job
    if job is None or job.status not in _OURS or not desk.is_wanted:
        return None
    if desk.case.progress.later_jobs(job) and not workflow.patched(PASSES_ON_WHO_CAME_LATE):
        return None
    return job


async def _offer(desk: VendorDesk[P], job: VendorJob) -> None:
    try:
        terms = await desk.case.act(Vendors.find_vendor, desk.asked(job), summary="who is responsible")
    except Impossible:
        terms = None
    if desk.job != job:
        return
    if terms is None:
        desk.nobody(job)
        return
    _hand_out(desk, job, terms)


def _hand_out(desk: VendorDesk[P], job: VendorJob, terms: VendorTerms) -> None:
    now, case = workflow.now(), desk.case
    offered = job.but(status=JobStatus.OFFERED, terms=terms, offered_at=now)
    progress = case.progress
    if terms.uc is not None and terms.hours is not None:
        case.hours.learn(job.hours, terms.hours)
        progress = progress.but(calendars=progress.calendars | {job.hours: terms.uc.calendar})
        deadline = case.deadline_of(desk.promise)
        if deadline is not None:
            offered = offered.but(verdict=uc_verdict(terms.uc, terms.hours, at=now, deadline=deadline))
    case.advance(progress.with_job(offered))
    facts = {"vendor": terms.name, "answer_minutes": str(terms.answer_minutes), **_warning(offered)}
    desk.note(Happening.VENDOR_ASKED, facts)
    told = case.facts_at(desk.step) | facts
    case.tell(desk.asks, people=terms.people, values=told, key=f"{job.no}")
    if "late_minutes" in facts:
        case.tell(desk.warns, roles=desk.answering, values=told, key=f"{job.no}")


def _warning(job: VendorJob) -> dict[str, str]:
    """What is to be said when the vendor's promise cannot meet the customer's deadline."""
    if job.verdict is None or job.verdict.is_met:
        return {}
    late = int(job.verdict.resolution_late / timedelta(minutes=1))
    return {"late_minutes": str(late), "vendor_due": job.verdict.resolve_by.isoformat()}


async def _await_answer(desk: VendorDesk[P], job: VendorJob) -> None:
    """Who has not answered in time is passed over."""
    assert job.answer_due is not None
    left = max(job.answer_due - workflow.now(), timedelta(milliseconds=1))
    try:
        await workflow.wait_condition(
            lambda: desk.job != job or not desk.is_wanted,
            timeout=left,
            timeout_summary=f"{job.vendor} has to answer",
        )
    except TimeoutError:
        if desk.job == job:
            now = workflow.now()
            silent = job.become(JobStatus.NO_ANSWER, now)
            desk.put(silent)
            desk.note(Happening.VENDOR_SILENT, {"vendor": job.vendor or ""})
            desk.pass_on(silent, now)
