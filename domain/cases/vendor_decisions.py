"""Giving a case to vendors, and what those say to it: the same for an incident and for a step of an order."""

from datetime import datetime
from typing import TypeVar

from domain.cases.holders import HeldProgress
from domain.cases.incident_commands import HolderKind
from domain.cases.order_commands import Dispatch, ReportVendor
from domain.refusals import conflict
from domain.vendors.jobs import JobStatus, VendorJob

P = TypeVar("P", bound=HeldProgress)


def dispatched(progress: P, command: Dispatch, at: datetime, step: str | None = None) -> P:
    """Whom it goes to is looked up afterwards; one vendor at a time. Raises `Refused`."""
    job = progress.job_at(step)
    if job is not None and job.is_open:
        raise conflict("vendor_at_work", vendor=job.vendor or "–")
    return progress.with_job(VendorJob(no=progress.next_job, step=step, wanted=command.vendor, asked_at=at))


def reported(progress: P, command: ReportVendor, at: datetime, step: str | None = None) -> P:
    """From its acceptance on the vendor holds the case; done or declined it is ours again. Raises `Refused`.

    One that accepts late has the job all the same, unless another has accepted it.
    """
    job, current = progress.job_of(command.vendor, step), progress.job_at(step)
    status = JobStatus(command.status)
    if job is None or not job.may_become(status):
        raise conflict("no_such_job", status=status)
    if current is not None and current.is_open and current.no != job.no:
        if current.accepted_at is not None:
            raise conflict("vendor_at_work", vendor=current.vendor or "–")
        progress = progress.with_job(current.become(JobStatus.CALLED_OFF, at))
    progress = progress.with_job(job.become(status, at, ticket=command.ticket))
    if status in (JobStatus.DONE, JobStatus.DECLINED):
        return progress.back_with_us(at)
    return progress.held_now_by(HolderKind.VENDOR, job.vendor or "", at)
