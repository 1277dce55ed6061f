"""Vendors at the steps of an order: who is asked to take which, and what the steps make of it."""

from datetime import datetime

from domain.contracts.chains import Custody, StepBase, is_offered
from domain.orders.progress import Progress, StepStatus
from domain.vendors.jobs import JobStatus
from domain.vendors.vendor import VendorWork

# While it waits for people, or for the decision of one, a vendor may still be at it.
_LIVE = frozenset({StepStatus.OPEN, StepStatus.STARTED, StepStatus.STUCK})


def work_of(step: StepBase) -> VendorWork:
    """What a vendor is asked to do there; by that the directory names somebody."""
    if not isinstance(step, Custody):
        return VendorWork.SERVICE
    return VendorWork.DISPOSAL if step.leaves_control else VendorWork.TRANSPORT


def with_jobs_ended(progress: Progress, at: datetime) -> Progress:
    """A job is over with its step: done where that is, else the vendor need not come."""
    for job in progress.jobs:
        if not job.is_open or job.step is None:
            continue
        status = progress.step(job.step).status
        if status in _LIVE and progress.ending is None:
            continue
        is_done = status == StepStatus.DONE and job.is_taken
        ended = job.become(JobStatus.DONE if is_done else JobStatus.CALLED_OFF, at)
        progress = progress.with_job(ended).back_with_us(at)
    return progress


def can_be_told(progress: Progress, step: StepBase, command: str) -> bool:
    """Of a step for which vendors are asked: first one has to take it, then it is as with any other."""
    if not is_offered(step):
        return command not in ("dispatch", "report_vendor")
    job = progress.job_at(step.id)
    match command:
        case "start":
            return False
        case "dispatch":
            return job is None or not job.is_open
        case "report_vendor":
            return any(one.may_become(JobStatus.ACCEPTED) or one.is_taken for one in progress.jobs_at(step.id))
        case "confirm_custody" | "complete":
            return job is not None and job.is_taken
    return True


def is_awaited(progress: Progress, step: StepBase, command: str) -> bool:
    """What brings it on: of a job that a vendor has it is heard how it goes, of goods that they have changed hands."""
    if not can_be_told(progress, step, command):
        return False
    job = progress.job_at(step.id) if is_offered(step) else None
    if job is None:
        return True
    if command == "complete":
        return False
    return command != "report_vendor" or not (job.is_taken and isinstance(step, Custody))
