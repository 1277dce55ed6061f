"""Steps that are offered to vendors: who is asked by name, and what vendors say to it."""

from collections.abc import Iterator

from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import Dispatch, ReportVendor
from domain.cases.vendor_decisions import dispatched, reported
from domain.contracts.chains import Custody
from domain.orders.decisions.asked import OrderAsked
from domain.orders.decisions.custodians import AT, uncertified
from domain.orders.progress import Progress, StepStatus
from domain.refusals import Problem, conflict, refuse_if
from domain.vendors.jobs import JobStatus

_AT_WORK = (JobStatus.ACCEPTED, JobStatus.ON_THE_WAY, JobStatus.ON_SITE)


def dispatch(asked: OrderAsked, command: Dispatch) -> Progress:
    """Whoever is named is asked, else the directory from its beginning; a step that nobody had taken waits again."""
    refuse_if(list(_problems(asked, command)))
    return _waiting(asked, dispatched(asked.progress, command, asked.at, asked.step_id), StepStatus.OPEN)


def report_vendor(asked: OrderAsked, command: ReportVendor) -> Progress:
    """A vendor that has the job is at work until it is done; goods have been taken when both sides say so."""
    step, status = asked.step, JobStatus(command.status)
    if isinstance(step, Custody) and status == JobStatus.DONE:
        raise conflict("handover_ends_job", step=step.id)
    progress = reported(asked.progress, command, asked.at, asked.step_id)
    _check_speaker(asked, command)
    if status == JobStatus.DONE:
        return progress.settled(asked.step_id, asked.at)
    if isinstance(step, Custody) and status == JobStatus.DECLINED:
        # What one side had confirmed of this vendor is void.
        return progress.with_step(asked.step_id, status=StepStatus.OPEN, opened_at=asked.at)
    begun = not isinstance(step, Custody) and status in _AT_WORK
    return _waiting(asked, progress, StepStatus.STARTED if begun else StepStatus.OPEN)


def _check_speaker(asked: OrderAsked, command: ReportVendor) -> None:
    """What a vendor says, its own people say or ours; those of another one that was asked do not."""
    job = asked.progress.job_of(command.vendor, asked.step_id)
    if job is None or job.terms is None or asked.actor.person in job.terms.people:
        return
    others = (one.terms.people for one in asked.progress.jobs if one.terms is not None)
    if any(asked.actor.person in people for people in others):
        raise conflict("speaks_for_another", vendor=job.terms.name)


def _waiting(asked: OrderAsked, progress: Progress, status: StepStatus) -> Progress:
    """Of goods that one side has confirmed it stays true that they are on their way."""
    if isinstance(asked.step, Custody) and progress.step(asked.step_id).status == StepStatus.STARTED:
        return progress
    return progress.with_step(asked.step_id, status=status, problem=None)


def _problems(asked: OrderAsked, command: Dispatch) -> Iterator[Problem]:
    """What was looked up for the command is the directory as it stands at this moment."""
    step, found = asked.step, asked.looked_up
    if command.vendor is None or not isinstance(step, Custody) or step.certificate is None:
        return
    if isinstance(found, CustodianFound):
        yield from uncertified(asked, step, found)
    else:
        yield Problem(code="custodian_needed", at=AT, values={"certificate": step.certificate})
