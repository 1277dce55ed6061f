"""Giving an incident to vendors: ask whoever is responsible, wait for an answer, ask the next."""

from datetime import datetime, timedelta

from temporalio import workflow

from activities.vendors import VendorAsked, Vendors
from domain.cases.events import Happening
from domain.incidents.promises import RESOLUTION
from domain.people import Role
from domain.vendors.jobs import JobStatus, VendorJob
from domain.vendors.vendor import VendorTerms, uc_verdict
from workflows.effects import Impossible
from workflows.incident_case import IncidentCase

_OURS = frozenset({JobStatus.SEEKING, JobStatus.OFFERED, JobStatus.DECLINED})


async def give_out(case: IncidentCase) -> None:
    """Look after every job that is to be given to a vendor, until cancelled."""
    while True:
        await workflow.wait_condition(lambda: _waiting(case) is not None)
        job = _waiting(case)
        assert job is not None
        match job.status:
            case JobStatus.SEEKING:
                await _offer(case, job)
            case JobStatus.OFFERED:
                await _await_answer(case, job)
            case _:
                _pass_on(case, job, workflow.now())


def _waiting(case: IncidentCase) -> VendorJob | None:
    """The job about which we have to do something."""
    job = case.progress.job
    return job if job and job.status in _OURS and case.progress.state.is_unsolved else None


async def _offer(case: IncidentCase, job: VendorJob) -> None:
    asset = case.incident.asset
    asked = VendorAsked(
        customer=case.incident.customer,
        manufacturer=asset.manufacturer if asset else None,
        product_class=asset.category if asset else None,
        site=case.incident.request.site,
        vendor=job.wanted,
        declined=job.passed_over,
        at=workflow.now(),
    )
    try:
        terms = await case.act(Vendors.find_vendor, asked, summary="who is responsible")
    except Impossible:
        terms = None
    if case.progress.job != job:
        return
    if terms is None:
        case.advance(case.progress.with_job(job.become(JobStatus.NOBODY, workflow.now())))
        case.note(Happening.NO_VENDOR, values={"passed_over": ", ".join(job.passed_over)})
        return
    _hand_out(case, job, terms)


def _hand_out(case: IncidentCase, job: VendorJob, terms: VendorTerms) -> None:
    now = workflow.now()
    offered = job.but(status=JobStatus.OFFERED, terms=terms, offered_at=now)
    progress = case.progress
    if terms.uc is not None and terms.hours is not None:
        case.hours.learn(job.hours, terms.hours)
        progress = progress.but(calendars=progress.calendars | {job.hours: terms.uc.calendar})
        deadline = case.deadline_of(RESOLUTION)
        if deadline is not None:
            offered = offered.but(verdict=uc_verdict(terms.uc, terms.hours, at=now, deadline=deadline))
    case.advance(progress.with_job(offered))
    facts = {"vendor": terms.name, "answer_minutes": str(terms.answer_minutes), **_warning(offered)}
    case.note(Happening.VENDOR_ASKED, values=facts)
    case.tell("incident_vendor_asked", people=terms.people, values=facts, key=f"{job.no}")
    if "late_minutes" in facts:
        case.tell("incident_vendor_too_slow", roles=(Role.SDM, Role.ASSIGNEE), values=facts, key=f"{job.no}")


def _warning(job: VendorJob) -> dict[str, str]:
    """What is to be said when the vendor's promise cannot meet the customer's deadline."""
    if job.verdict is None or job.verdict.is_met:
        return {}
    late = int(job.verdict.resolution_late / timedelta(minutes=1))
    return {"late_minutes": str(late), "vendor_due": job.verdict.resolve_by.isoformat()}


async def _await_answer(case: IncidentCase, job: VendorJob) -> None:
    """Who has not answered in time is passed over."""
    assert job.answer_due is not None
    left = max(job.answer_due - workflow.now(), timedelta(milliseconds=1))
    try:
        await workflow.wait_condition(
            lambda: case.progress.job != job or not case.progress.state.is_unsolved,
            timeout=left,
            timeout_summary=f"{job.vendor} has to answer",
        )
    except TimeoutError:
        if case.progress.job == job:
            now = workflow.now()
            silent = job.become(JobStatus.NO_ANSWER, now)
            case.advance(case.progress.with_job(silent))
            case.note(Happening.VENDOR_SILENT, values={"vendor": job.vendor or ""})
            _pass_on(case, silent, now)


def _pass_on(case: IncidentCase, job: VendorJob, now: datetime) -> None:
    """To the next whom the directory names; one that somebody has chosen by name is not replaced by itself."""
    gone = (*job.passed_over, job.vendor) if job.vendor else job.passed_over
    following = VendorJob(no=job.no + 1, passed_over=gone, asked_at=now)
    case.advance(case.progress.with_job(following))
