"""What is wrong with a case outside its rules: nothing runs it, its tasks fail, or whoever should act never will."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases.events import Message
from domain.people import Role
from domain.times import Instant
from domain.values import Line, Slug, Value

# A task that was lost with its worker is tried again; so often only one that fails.
TRIES_OF_TASK = 3
FAILING_FOR = timedelta(minutes=1)
# Shorter than this, an outage is nobody's news.
UNANSWERED_FOR = timedelta(hours=1)
# A letter with more numbers is not read; the lists have them all.
MOST_NAMED = 20
# What is looked at, in this order: the kinds of case as their ids name them.
CHECKED = ("order", "incident", "page", "project", "wave")


class FaultKind(StrEnum):
    """Orphaned: open in the tables, and nothing runs it; unanswered: what it asks for has failed for hours.

    Left alone: it is with somebody who has left.
    """

    ORPHANED = "orphaned"
    STANDS_STILL = "stands_still"
    UNANSWERED = "unanswered"
    LEFT_ALONE = "left_alone"


class RunEnd(StrEnum):
    """How what ran a case ended; gone: Temporal knows nothing of it."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"
    GONE = "gone"


class Unfinished(Value):
    """What is being tried, since when, and how often."""

    what: Slug
    since: Instant
    tries: int


class RunStanding(Value):
    """What Temporal says of a case: how it ended if it has, its task if it has one, and what it is asking for."""

    ended: RunEnd | None = None
    ended_at: Instant | None = None
    task: Unfinished | None = None
    asking: tuple[Unfinished, ...] = ()

    @property
    def stands_still(self) -> bool:
        return self.ended is None and self.task is not None and self.task.tries >= TRIES_OF_TASK


class CaseFault(Value):
    """`about` is how its run ended, what is not answered, or who has left. `told` says that its owner has been told."""

    kind: FaultKind
    since: Instant
    about: Slug | None = None
    tries: int = 0
    told: bool = False

    @property
    def name(self) -> tuple[FaultKind, str | None]:
        return self.kind, self.about


class FaultyCase(Value):
    """`case` is its workflow's id."""

    case: Line
    no: Line
    customer: Slug
    contract: Slug
    faults: tuple[CaseFault, ...]


class CheckReport(Value):
    """`rewritten` had no row and were asked to write one; `faulty` are the first of `count`."""

    looked_at: int
    rewritten: int
    count: int
    faulty: tuple[FaultyCase, ...]


def faults_of(standing: RunStanding, at: Instant) -> tuple[CaseFault, ...]:
    """What is wrong with a case that is open."""
    if standing.ended is not None:
        return (CaseFault(kind=FaultKind.ORPHANED, since=standing.ended_at or at, about=standing.ended),)
    found = [
        CaseFault(kind=FaultKind.UNANSWERED, since=asking.since, about=asking.what, tries=asking.tries)
        for asking in standing.asking
        if asking.tries > 1 and at - asking.since >= UNANSWERED_FOR
    ]
    task = standing.task
    if standing.stands_still and task is not None and at - task.since >= FAILING_FOR:
        found.insert(0, CaseFault(kind=FaultKind.STANDS_STILL, since=task.since, tries=task.tries))
    return _once(found)


def left_alone(relied_on: Iterable[str], gone: Mapping[str, datetime]) -> tuple[CaseFault, ...]:
    """`gone` is who has left, and since when."""
    return tuple(
        CaseFault(kind=FaultKind.LEFT_ALONE, since=gone[person], about=person)
        for person in sorted(relied_on)
        if person in gone
    )


def with_known(found: Iterable[CaseFault], known: Iterable[CaseFault]) -> tuple[CaseFault, ...]:
    """What was told stays told, and began when it was seen first."""
    before = {fault.name: fault for fault in known}
    return tuple(
        fault.but(told=before[fault.name].told, since=min(fault.since, before[fault.name].since))
        if fault.name in before
        else fault
        for fault in found
    )


def _once(found: list[CaseFault]) -> tuple[CaseFault, ...]:
    """Of several that ask for the same, the one that has asked longest."""
    longest: dict[tuple[FaultKind, str | None], CaseFault] = {}
    for fault in sorted(found, key=lambda fault: fault.since):
        longest.setdefault(fault.name, fault)
    return tuple(longest.values())


def letters(cases: Sequence[FaultyCase]) -> list[Message]:
    """One for all cases of a contract with the same untold fault: a wrong upgrade is one piece of news."""
    together: dict[tuple[str, FaultKind, str | None], list[tuple[FaultyCase, CaseFault]]] = {}
    for case in cases:
        for fault in case.faults:
            if not fault.told:
                together.setdefault((case.contract, *fault.name), []).append((case, fault))
    return [_letter(contract, members) for (contract, _, _), members in together.items()]


def _letter(contract: str, members: list[tuple[FaultyCase, CaseFault]]) -> Message:
    first = min((fault for _, fault in members), key=lambda fault: fault.since)
    numbers = sorted(case.no for case, _ in members)
    facts = "\n".join(f"{case.case} {fault.since.isoformat()}" for case, fault in members)
    return Message(
        key=f"notice:faults/{first.kind}/{hashlib.sha256(facts.encode()).hexdigest()[:24]}",
        case="faults",
        contract=contract,
        template="case_faults",
        roles=(Role.SDM, Role.COORDINATOR),
        values={
            "kind": first.kind,
            "about": first.about or "",
            "since": first.since.isoformat(),
            "tries": str(max(fault.tries for _, fault in members)),
            "count": str(len(numbers)),
            "cases": ", ".join(numbers[:MOST_NAMED]) + (" …" if len(numbers) > MOST_NAMED else ""),
            "zone": "UTC",
        },
    )
