"""Vendors at work on a case: offered, accepted, on the way, on site, done; or declined, or never answered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.times import Instant
from domain.values import Line, Slug, Value
from domain.vendors.vendor import UcVerdict, VendorTerms


class JobStatus(StrEnum):
    """`seeking`: nobody is named yet; `nobody`: there is nobody to ask, a person has to."""

    SEEKING = "seeking"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ON_THE_WAY = "on_the_way"
    ON_SITE = "on_site"
    DONE = "done"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    NOBODY = "nobody"
    CALLED_OFF = "called_off"


OPEN = frozenset({JobStatus.SEEKING, JobStatus.OFFERED, JobStatus.ACCEPTED, JobStatus.ON_THE_WAY, JobStatus.ON_SITE})
# A vendor whose answer comes late has the job all the same, unless it has gone to another.
_WAYS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.OFFERED: frozenset({JobStatus.ACCEPTED, JobStatus.DECLINED}),
    JobStatus.ACCEPTED: frozenset({JobStatus.ON_THE_WAY, JobStatus.ON_SITE, JobStatus.DONE, JobStatus.DECLINED}),
    JobStatus.ON_THE_WAY: frozenset({JobStatus.ON_SITE, JobStatus.DONE}),
    JobStatus.ON_SITE: frozenset({JobStatus.DONE}),
    JobStatus.NO_ANSWER: frozenset({JobStatus.ACCEPTED}),
    JobStatus.SEEKING: frozenset(),
    JobStatus.DONE: frozenset(),
    JobStatus.DECLINED: frozenset(),
    JobStatus.NOBODY: frozenset(),
    JobStatus.CALLED_OFF: frozenset(),
}


class VendorJob(Value):
    """`wanted` is the vendor somebody has chosen; `ticket` its own number for the job; `verdict` compares promises.

    `step` is that of an order; an incident has none.
    """

    no: int
    step: Slug | None = None
    wanted: Slug | None = None
    passed_over: tuple[Slug, ...] = ()
    asked_at: Instant
    status: JobStatus = JobStatus.SEEKING
    terms: VendorTerms | None = None
    offered_at: Instant | None = None
    accepted_at: Instant | None = None
    ended_at: Instant | None = None
    ticket: Line | None = None
    verdict: UcVerdict | None = None

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def vendor(self) -> Slug | None:
        return self.terms.vendor if self.terms else self.wanted

    @property
    def hours(self) -> str:
        """The name of the vendor's calendar among those of its case."""
        return f"vendor-{self.no}"

    @property
    def is_taken(self) -> bool:
        """The vendor has accepted it and is at work."""
        return self.is_open and self.accepted_at is not None

    @property
    def answer_due(self) -> datetime | None:
        """Until when the vendor has to say whether it takes the job."""
        if self.status != JobStatus.OFFERED or self.terms is None or self.offered_at is None:
            return None
        return self.offered_at + timedelta(minutes=self.terms.answer_minutes)

    def may_become(self, status: JobStatus) -> bool:
        return status in _WAYS[self.status]

    def become(self, status: JobStatus, at: datetime, *, ticket: str | None = None) -> Self:
        facts: dict[str, object] = {"status": status, "ticket": ticket or self.ticket}
        if status == JobStatus.ACCEPTED:
            facts["accepted_at"] = at
        if self.status == JobStatus.NO_ANSWER:
            # Who was passed over is not late from the first offer on.
            facts["offered_at"] = at
        facts["ended_at"] = None if status in OPEN else at
        return self.but(**facts)


def for_customers(jobs: Iterable[VendorJob]) -> tuple[VendorJob, ...]:
    """Whom we ask in vain is not their affair, nor what vendors have promised us."""
    taken = (job for job in jobs if job.accepted_at is not None)
    return tuple(job.but(wanted=job.vendor, passed_over=(), terms=None, verdict=None) for job in taken)
