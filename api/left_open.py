"""What somebody who leaves has open in cases: incidents, visits, exceptions of projects; and handing it over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.instructions import instruction
from api.dependencies import Context
from db.incidents import IncidentRow, unsolved_of
from db.moves.launches import WorkplaceRow, exceptions_of, under_way
from db.moves.plans import plan_of
from db.orders import OrderRow, visits_of
from domain.cases.incident_commands import HandOver, HolderKind
from domain.cases.instructions import AnyCommand
from domain.cases.move_commands import AssignRows
from domain.cases.order_commands import Reschedule
from domain.ids import incident_workflow_id, order_workflow_id, wave_workflow_id
from domain.keys import Key
from domain.leaving import Leaving, LeftPlace, PlaceKind
from domain.people import Role
from domain.refusals import Problem, Refused


@dataclass(frozen=True)
class LeftOpen:
    """`planned` is only named: whoever plans the waves that have not begun plans them anew."""

    person: str
    leaving: Leaving
    incidents: Sequence[IncidentRow]
    visits: Sequence[OrderRow]
    exceptions: Sequence[WorkplaceRow]
    planned: Sequence[LeftPlace]

    def places(self) -> Iterator[LeftPlace]:
        to = self.leaving.successor
        yield from (LeftPlace(kind=PlaceKind.INCIDENT, of=row.no, to=to) for row in self.incidents)
        yield from (LeftPlace(kind=PlaceKind.VISIT, of=row.no, to=to, at=_starts(row)) for row in self.visits)
        for row in self.exceptions:
            yield LeftPlace(kind=PlaceKind.EXCEPTION, of=f"{row.project}/{row.row}", to=to, at=row.due)
        yield from self.planned

    def problems(self) -> Iterator[Problem]:
        """What would be left to nobody. The service desk takes over incidents, if it has anybody else."""
        if self.leaving.successor is not None:
            return
        for held in self.incidents:
            if not _has_desk_without(held, self.person):
                at = f"/incidents/{held.no}"
                yield Problem(code="incident_left_alone", at=at, values={"incident": held.no})
        for visit in self.visits:
            values = {"order": visit.no, "start": _starts(visit).isoformat()}
            yield Problem(code="visit_left_alone", at=f"/orders/{visit.no}", values=values)
        for row in self.exceptions:
            values = {"project": row.project, "row": f"{row.row}"}
            yield Problem(code="exception_left_alone", at=f"/projects/{row.project}/rows/{row.row}", values=values)

    async def hand_over(self, caller: Key, context: Context) -> None:
        for case, seq, command in self._commands():
            # What was given back to them since is another thing to hand over.
            key = f"leaving/{self.person}/{case}/{self.leaving.successor}/{seq}"
            given = instruction(command, caller, key, context)
            try:
                await context.temporal.command(case, given)
            except Refused:
                # Done, begun or handed over meanwhile: nobody has to take it over any more.
                continue

    def _commands(self) -> Iterator[tuple[str, int, AnyCommand]]:
        """To which case, and how far that has come."""
        to = self.leaving.successor
        for held in self.incidents:
            desk = HandOver(kind=HolderKind.TEAM, to=Role.SERVICE_DESK, instead_of=self.person)
            command = HandOver(to=to, instead_of=self.person) if to else desk
            yield incident_workflow_id(held.no), held.as_progress().seq, command
        if to is None:
            return
        for row in self.visits:
            yield order_workflow_id(row.no), row.as_progress().seq, _visited_by(row, to, self.person)
        for (project, wave), rows in groupby(self.exceptions, key=lambda row: (row.project, row.wave)):
            assigned = AssignRows(rows=tuple(row.row for row in rows), to=to)
            yield wave_workflow_id(project, wave), assigned.rows[0], assigned


async def left_open(session: AsyncSession, person: str, leaving: Leaving) -> LeftOpen:
    return LeftOpen(
        person,
        leaving,
        incidents=await unsolved_of(session, person),
        visits=await visits_of(session, person, leaving.ends_at),
        exceptions=await exceptions_of(session, person),
        planned=await _planned(session, person, leaving.ends_at),
    )


async def _planned(session: AsyncSession, person: str, after: datetime) -> list[LeftPlace]:
    """Of waves that have not begun: the first visit that would come too late, and gates that only they open."""
    found = []
    for row in await under_way(session):
        progress = row.as_progress()
        waiting = {wave.id: wave.brief for wave in progress.waves if wave.opened_at is None}
        for wave, brief in waiting.items():
            if brief.gate.by == person:
                found.append(LeftPlace(kind=PlaceKind.GATE, of=f"{row.no}/{wave}", at=brief.start))
        plan = await plan_of(session, row.no, progress.plan) if waiting else None
        starts = [
            entry.start
            for entry in (plan.plan.assignments if plan else ())
            if entry.wave in waiting and entry.technician == person and entry.end > after
        ]
        if starts:
            found.append(LeftPlace(kind=PlaceKind.PLANNED_WORK, of=row.no, at=min(starts)))
    return found


def _has_desk_without(row: IncidentRow, person: str) -> bool:
    return any(one != person for one in row.as_incident().terms.team.get(Role.SERVICE_DESK, ()))


def _starts(row: OrderRow) -> datetime:
    visit = row.as_progress().appointment
    assert visit is not None
    return visit.window.start


def _visited_by(row: OrderRow, technician: str, instead_of: str) -> Reschedule:
    """The same visit by somebody else."""
    visit = row.as_progress().appointment
    assert visit is not None
    return Reschedule(
        window=visit.window,
        technician=technician,
        customer_asked=visit.customer_asked,
        reason=f"{technician} ← {instead_of}",
    )
