"""The clocks of what vendors have promised us: two for each job, in the vendor's own hours, from when it was asked."""

from collections.abc import Mapping

from domain.clocks.sla import MADE_TO, ClockKind, SlaClock
from domain.vendors.jobs import JobStatus, VendorJob


def vendor_clocks(job: VendorJob, clocks: Mapping[str, SlaClock]) -> dict[str, SlaClock]:
    """As the job makes them; `clocks` are those there were so far. Who has promised nothing has none."""
    if job.terms is None or job.terms.uc is None or job.offered_at is None:
        return {}
    found = {}
    promised = {"response": (job.terms.uc.response, job.accepted_at), "resolution": (job.terms.uc.resolution, None)}
    for what, (target, kept_at) in promised.items():
        name = f"{job.hours}-{what}"
        kind = ClockKind.VENDOR
        fresh = SlaClock(name=name, kind=kind, type=MADE_TO[kind], target=target, hours=job.hours)
        clock = clocks.get(name) or fresh.start(job.offered_at)
        if clock.cancelled_at is not None and job.is_open:
            clock = clock.reset(job.offered_at)
        ended_at = kept_at or job.ended_at
        if ended_at is not None:
            # What was said before we had asked counts from then.
            ended_at = max(ended_at, clock.started_at or ended_at)
            clock = clock.stop(ended_at) if job.status == JobStatus.DONE or kept_at else clock.cancel(ended_at)
        found[name] = clock
    return found
