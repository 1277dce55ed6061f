"""Who has a case: one of our teams, a person, a vendor; and the jobs that vendors have, or are asked to take."""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from domain.cases.case import CaseProgress
from domain.cases.incident_commands import HolderKind
from domain.clocks.sla import ClockType, SlaClock
from domain.clocks.windows import ServiceHours
from domain.times import ZERO, Instant
from domain.values import Line, Slug, Value
from domain.vendors.jobs import VendorJob


class Stint(Value):
    """One holder's time with the case; the last one is still open."""

    kind: HolderKind
    holder: Slug
    since: Instant
    until: Instant | None = None


class Burnt(Value):
    """What of the time that was promised passed while this holder had the case; held time counts for nobody."""

    kind: HolderKind
    holder: Slug
    minutes: int


class Broken(Value):
    """A promise that was not kept, and by its type whose it was."""

    clock: Line
    type: ClockType
    breached_at: Instant


class HeldProgress(CaseProgress):
    """What cases that are given to vendors keep alike. An order that never is has no stints."""

    stints: tuple[Stint, ...] = ()
    jobs: tuple[VendorJob, ...] = ()
    burnt: tuple[Burnt, ...] = ()

    @property
    def holder(self) -> Stint:
        return self.stints[-1]

    def held_now_by(self, kind: HolderKind, holder: str, at: datetime) -> Self:
        """A change of holder closes a stint and opens the next; there is always exactly one."""
        last = self.holder
        if (last.kind, last.holder) == (kind, holder):
            return self
        stint = Stint(kind=kind, holder=holder, since=at)
        return self.but(stints=(*self.stints[:-1], last.but(until=at), stint))

    @abstractmethod
    def back_with_us(self, at: datetime) -> Self:
        """The vendor has nothing more to do with it."""

    @property
    def next_job(self) -> int:
        """The number of the next job that is given out."""
        return max((job.no for job in self.jobs), default=0) + 1

    def jobs_at(self, step: str | None) -> tuple[VendorJob, ...]:
        return tuple(job for job in self.jobs if job.step == step)

    def job_at(self, step: str | None) -> VendorJob | None:
        """The job that a vendor has there or is asked to take, or the one that ended last. Incidents have no steps."""
        there = self.jobs_at(step)
        current = next((job for job in there if job.is_open), None)
        return current or _came_late(there) or (there[-1] if there else None)

    def later_jobs(self, job: VendorJob) -> tuple[VendorJob, ...]:
        """Those given out there since: more than none where it was accepted late."""
        return tuple(one for one in self.jobs_at(job.step) if one.no > job.no)

    def job_of(self, vendor: str | None, step: str | None = None) -> VendorJob | None:
        """The last job of this vendor there; without a name the current one."""
        if vendor is None:
            return self.job_at(step)
        return next((job for job in reversed(self.jobs) if (job.vendor, job.step) == (vendor, step)), None)

    def with_job(self, job: VendorJob) -> Self:
        """The job as it now stands, under its number."""
        others = (known for known in self.jobs if known.no != job.no)
        return self.but(jobs=tuple(sorted((*others, job), key=lambda known: known.no)))


def _came_late(jobs: tuple[VendorJob, ...]) -> VendorJob | None:
    """The job of whoever accepted when all the others had been asked already: it ended after theirs."""
    late = [
        (accepted_at, job)
        for n, job in enumerate(jobs[:-1])
        if (accepted_at := job.accepted_at) is not None and all(later.asked_at < accepted_at for later in jobs[n + 1 :])
    ]
    return max(late, key=lambda one: one[0])[1] if late else None


def burnt(stints: tuple[Stint, ...], clock: SlaClock, hours: ServiceHours, now: datetime) -> tuple[Burnt, ...]:
    """Counted in the hours of the clock of what was promised; whole minutes, rounded down once per holder."""
    spent: dict[tuple[HolderKind, str], timedelta] = {}
    for stint in stints:
        until = min(stint.until or now, now)
        parts = ((max(run.start, stint.since), min(run.end, until)) for run in clock.runs(now))
        whose = (stint.kind, stint.holder)
        spent[whose] = spent.get(whose, ZERO) + sum(
            (hours.elapsed(start, end) for start, end in parts if start < end), ZERO
        )
    return tuple(
        Burnt(kind=kind, holder=holder, minutes=int(span.total_seconds() // 60))
        for (kind, holder), span in spent.items()
    )


def broken(clocks: Iterable[SlaClock]) -> tuple[Broken, ...]:
    return tuple(
        Broken(clock=clock.name, type=clock.type, breached_at=clock.breached_at)
        for clock in clocks
        if clock.breached_at is not None
    )
