"""What every rule of an incident gets to see."""

from domain.cases.decisions import Asked
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.vendors.jobs import JobStatus


class IncidentAsked(Asked[Incident, IncidentProgress]):
    """Its clocks are the workflow's affair, which knows the hours."""


def settled(asked: IncidentAsked) -> IncidentProgress:
    """What held it no longer does, and a vendor need not come."""
    progress = asked.progress.lifted(asked.progress.holds, asked.at)
    job = progress.job
    if job is None or not job.is_open:
        return progress
    is_vendors = job.status not in (JobStatus.SEEKING, JobStatus.OFFERED)
    return progress.with_job(job.become(JobStatus.DONE if is_vendors else JobStatus.CALLED_OFF, asked.at))
