"""Incidents as the tables show them: written by the workflow's record, read by pages and the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, Text, bindparam
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col, select

from db.cases.case import NEVER, CaseRow, Section, narrowed, received_within, section_of
from db.columns import Document
from db.engine import Glance
from domain.cases.incident_commands import HolderKind
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.progress import OVER, IncidentProgress, IncidentState
from domain.incidents.relatives import MOST_PARENTS
from domain.incidents.sheets import IncidentLine, next_deadline
from domain.priorities import Priority


class IncidentRow(CaseRow, table=True):
    """`stuck` is the red state: everybody was paged and nobody took it, or nobody can be told.

    As long as it is red, `owner` is whoever answers for it.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_customer_received", "customer", "received_at", "no"),
        Index("ix_incidents_customer_state_received", "customer", "state", "received_at", "no"),
        Index("ix_incidents_customer_deadline", "customer", "deadline", "no"),
        Index("ix_incidents_state_received", "state", "received_at", "no"),
        Index("ix_incidents_priority_received", "priority", "received_at", "no"),
        Index("ix_incidents_contract_received", "contract", "received_at", "no"),
        Index("ix_incidents_owner_received", "owner", "received_at", "no"),
        Index("ix_incidents_holder_received", "holder", "received_at", "no"),
        Index("ix_incidents_asset_received", "customer", "asset", "received_at", "no"),
        Index("ix_incidents_category_received", "customer", "category", "received_at", "no"),
        Index("ix_incidents_parent", "parent", "no"),
        Index("ix_incidents_received", "received_at", "no"),
        Index("ix_incidents_deadline", "deadline", "no"),
        Index("ix_incidents_updated", "updated_at", "no"),
    )

    priority: str = Field(max_length=16)
    title: str = Field(max_length=200)
    category: str | None = Field(default=None, max_length=64)
    # What is searched: number, title, description and reference, without regard to case.
    words: str = Field(default="", sa_type=Text)
    reporter: str | None = Field(default=None, max_length=64)
    asset: str | None = Field(default=None, max_length=64)
    owner: str | None = Field(default=None, max_length=64)
    holder: str = Field(max_length=64)
    parent: str | None = Field(default=None, max_length=64)
    incident: str = Field(sa_type=Text)
    # By clock, of those that run.
    deadlines: dict[str, str] = Field(default={}, sa_type=Document)

    @property
    def workflow_id(self) -> str:
        return incident_workflow_id(self.no)

    @classmethod
    def made(cls, incident: Incident, progress: IncidentProgress) -> "IncidentRow":
        request = incident.request
        return IncidentRow(
            no=incident.no,
            customer=incident.customer,
            contract=incident.terms.contract,
            state=progress.state,
            priority=progress.priority,
            title=request.title,
            category=request.category,
            words=searched(incident),
            site=request.site,
            reporter=request.reporter,
            asset=request.asset,
            holder=progress.holder.holder,
            reference=request.reference,
            received_at=incident.received_at,
            updated_at=incident.received_at,
            # Whole: a limit of None is no limit, left out it would be the usual one.
            incident=incident.model_dump_json(),
            progress="",
        )

    def follow(self, progress: IncidentProgress, deadlines: Mapping[str, datetime]) -> None:
        self.state, self.priority, self.category = progress.state, progress.priority, progress.category
        self.owner, self.holder, self.parent = progress.answerable, progress.holder.holder, progress.parent
        self.deadline = next_deadline(progress, deadlines) or NEVER
        self.deadlines = {name: due.isoformat() for name, due in deadlines.items()}
        self.missed, self.stuck = progress.is_missed, progress.red
        self.progress = progress.model_dump_json(exclude_none=True)

    def as_incident(self) -> Incident:
        return Incident.model_validate_json(self.incident)

    def as_progress(self) -> IncidentProgress:
        return IncidentProgress.model_validate_json(self.progress)

    def relies_on(self, at: datetime) -> frozenset[str]:
        """Whoever has it or answers for it, until it is solved."""
        if not IncidentState(self.state).is_unsolved:
            return frozenset()
        stint = self.as_progress().holder
        holder = stint.holder if stint.kind == HolderKind.PERSON else None
        return frozenset(person for person in (holder, self.owner) if person is not None)

    @property
    def due_times(self) -> dict[str, datetime]:
        """The deadlines of the running clocks, by name."""
        return {name: datetime.fromisoformat(due) for name, due in self.deadlines.items()}

    def as_line(self) -> IncidentLine:
        facts = self.model_dump(exclude={"incident", "progress", "seq", "deadlines", "faults", "words"})
        return IncidentLine.model_validate(facts | {"deadline": self.promised, "faults": self.as_faults()})


def searched(incident: Incident) -> str:
    request = incident.request
    said = (incident.no, request.title, request.description, request.reference)
    return "\n".join(text for text in said if text).casefold()


@dataclass(frozen=True)
class IncidentFilter:
    """What a list is narrowed to; None means any. `customers` is the caller's scope, None being all.

    Of `text` every word is to be found, anywhere in what is searched.
    """

    customers: tuple[str, ...] | None = None
    states: tuple[IncidentState, ...] = ()
    priorities: tuple[Priority, ...] = ()
    text: str | None = None
    category: str | None = None
    site: str | None = None
    contract: str | None = None
    reporter: str | None = None
    owner: str | None = None
    holder: str | None = None
    asset: str | None = None
    parent: str | None = None
    reference: str | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    missed: bool | None = None
    stuck: bool | None = None


# Asked for whatever is new under a key: built once, and read without a session.
_HAS = select(IncidentRow.no).where(col(IncidentRow.no) == bindparam("no"))


async def has_incident(session: Glance, no: str) -> bool:
    return (await session.execute(_HAS, {"no": no})).scalar_one_or_none() is not None


async def incident_row(session: AsyncSession, no: str) -> IncidentRow | None:
    return await session.get(IncidentRow, no)


async def incidents_over(session: AsyncSession, nos: Iterable[str]) -> frozenset[str]:
    """Those of them that nobody works on any more."""
    query = select(IncidentRow.no).where(col(IncidentRow.no).in_(list(nos)), col(IncidentRow.state).in_(OVER))
    return frozenset((await session.execute(query)).scalars())


async def goes_on_in(session: AsyncSession, no: str) -> str:
    """The incident that has it now: itself, unless it was merged into another one."""
    for _ in range(MOST_PARENTS):
        row = await session.get(IncidentRow, no)
        if row is None or row.state != IncidentState.MERGED:
            break
        merger = row.as_progress().merger
        assert merger is not None
        no = merger.into
    return no


async def solved_at(session: AsyncSession, no: str) -> datetime | None:
    """When people have solved it, be it closed or not; None while they have not."""
    row = await session.get(IncidentRow, no)
    is_solved = row is not None and row.state in (IncidentState.RESOLVED, IncidentState.CLOSED)
    return row.as_progress().resolved_at if row is not None and is_solved else None


async def list_incidents(session: AsyncSession, wanted: IncidentFilter, section: Section) -> Sequence[IncidentRow]:
    """One row more than the limit, so that the caller sees whether there is a next page."""
    anyof = {"customer": wanted.customers, "state": wanted.states or None, "priority": wanted.priorities or None}
    named = ("category", "site", "contract", "reporter", "owner", "holder", "asset", "parent", "reference")
    query = narrowed(IncidentRow, anyof, {name: getattr(wanted, name) for name in (*named, "missed", "stuck")})
    for word in (wanted.text or "").casefold().split():
        query = query.where(col(IncidentRow.words).contains(word, autoescape=True))
    query = received_within(IncidentRow, query, wanted.received_from, wanted.received_until)
    return await section_of(session, IncidentRow, query, section)


async def unsolved_of(session: AsyncSession, person: str) -> Sequence[IncidentRow]:
    """What somebody works on, or answers for."""
    unsolved = [state for state in IncidentState if state.is_unsolved]
    theirs = (col(IncidentRow.holder) == person) | (col(IncidentRow.owner) == person)
    query = select(IncidentRow).where(theirs, col(IncidentRow.state).in_(unsolved)).order_by(col(IncidentRow.no))
    return (await session.execute(query)).scalars().all()
