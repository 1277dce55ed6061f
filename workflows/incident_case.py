"""One incident under way: its promises, who is told and paged, and what it hears from elsewhere."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow

from activities.alert_groups import AlertGroups, Solved
from activities.records import IncidentEntry, Records
from domain.alerts.groups import AlertNews, News
from domain.alerts.incidents import facts_of, hear
from domain.cases.case import service_hours
from domain.cases.events import INCIDENT_TELLS, Event, Happening, told_of
from domain.cases.incident_commands import (
    ChangePriority,
    Classify,
    Confirm,
    CustomerAnswer,
    HandOver,
    HolderKind,
    Merge,
    Reopen,
    Resolve,
    SendTechnician,
    Waive,
)
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Migrate
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import SERVICE, SlaClock
from domain.clocks.thresholds import DueThreshold
from domain.clocks.windows import BeyondHorizon
from domain.contracts.matrix import ON_CALL, Cell, WhoeverIsOnCall
from domain.incidents.asked import IncidentAsked
from domain.incidents.bounds import check_bounds
from domain.incidents.charges import check_log
from domain.incidents.clocks import clocks_of_cells
from domain.incidents.decisions import decide, following
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import RESOLUTION, answered_anew, answering_for_overdue, ladder_of, timed, waived
from domain.incidents.relation_decisions import children_of, news_for_children, news_of_merger
from domain.incidents.relatives import Envelope, LinkedOrder
from domain.incidents.reports import burnt
from domain.incidents.sheets import next_deadline
from domain.orders.news import OrderNews
from domain.people import Role
from domain.priorities import Priority
from workflows.effects import act
from workflows.incident_pages import PagedIncident

# What incidents that began before these changes go on without, where they had come to the point already.
LIKE_NEW = "reopened-like-new"
CALLED_BY_MONITORING, TELLS_OF_MORE = "called-by-monitoring", "tells-of-more-alerts"
# Who is being called when the priority is lowered is called on.
CALLS_OFF = "calls-off-what-can-wait"
# Answers to solutions that had been given before these changes keep nothing from closing.
HEEDS_ANSWERS, HEEDS_ALERTS = "heeds-answers-to-solutions", "heeds-alerts-that-go-on"
# Answers that had been repeated for longer are repeated on, and what had been opened again was told to its owner only.
GROWS_LOUDER, TELLS_REPORTERS = "answers-grow-louder", "tells-every-reporter"
# Warnings of many incidents that came in together are spread over so many seconds.
SPREAD = 20


class IncidentCase(PagedIncident):
    tells = INCIDENT_TELLS

    def __init__(self, incident: Incident, progress: IncidentProgress) -> None:
        super().__init__(incident, progress)
        self.letters: list[Envelope] = []
        self._heeds_answers = False
        self.spread = timedelta(seconds=hashlib.sha256(incident.no.encode()).digest()[0] % SPREAD)

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {SERVICE: self.incident.terms.calendar, **self.progress.calendars}

    @property
    def deadline(self) -> datetime | None:
        return next_deadline(self.progress, self.deadlines())

    def deadlines(self) -> dict[str, datetime]:
        dues = {clock.name: self.deadline_of(clock.name) for clock in self.clocks}
        return {name: due for name, due in dues.items() if due is not None}

    async def reachable(self) -> None:
        await self.hours.until(self.progress.hours, workflow.now())
        await self.hours.all_until(workflow.now())

    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]:
        in_hours = self.progress.answered_in_hours
        return ladder_of(self.incident, self.progress.priority, clock, in_hours=in_hours)

    @property
    def calling_cell(self) -> Cell:
        """By which people are called now."""
        return self.incident.cell(self.progress.priority, in_hours=self.progress.answered_in_hours)

    def decide(self, instruction: Instruction) -> IncidentProgress:
        return decide(self.incident, self.progress, instruction)

    def execute(self, instruction: Instruction) -> Instruction | None:
        before = self.progress.priority
        # Asked first: when it cannot be told yet, nothing has happened.
        in_hours = self._is_open(instruction) if isinstance(instruction.command, Reopen) else False
        given = super().execute(instruction)
        if given is None:
            return None
        command = given.command
        if isinstance(command, Reopen) and workflow.patched(LIKE_NEW):
            self._begin_anew(given, in_hours=in_hours)
        if isinstance(command, Classify | ChangePriority) and self.progress.priority != before:
            self._tell_of_priority(before, given.command.reason or "", self.numbered(given))
            if self.first_called == ON_CALL:
                if self.progress.is_waiting_for_response:
                    self.page("priority_changed")
            elif before.is_graver_than(self.progress.priority) and workflow.patched(CALLS_OFF):
                self.call_off_unanswered("priority_lowered")
        if isinstance(command, HandOver) and command.kind == HolderKind.PERSON:
            self.tell("incident_assigned", people=(command.to,), key=self.numbered(given))
        if isinstance(command, SendTechnician):
            values = {"at": command.at.isoformat()} if command.at else {}
            self.tell("incident_assigned", people=(command.technician,), values=values, key=self.numbered(given))
        self._tell_others(given)
        return given

    def _tell_others(self, given: Instruction) -> None:
        """What a command means for whoever has the incident, and for other incidents."""
        command = given.command
        match command:
            case CustomerAnswer():
                values = {"message": command.message, "person": given.actor.person}
                if self.progress.answered_at is not None and workflow.patched(HEEDS_ANSWERS):
                    self._heeds_answers = True
                    values |= {"state": self.progress.state}
                self.tell("incident_answered", people=self._in_charge, values=values, key=self.numbered(given))
            case HandOver(kind=HolderKind.CUSTOMER):
                people = self.incident.people(Role.CONTACT)
                note = {"note": command.reason or ""}
                self.tell("incident_with_customer", people=people, values=note, key=self.numbered(given))
            case Waive() if any(waiver.agreed_at == given.given_at for waiver in self.progress.waivers):
                self.note(Happening.BREACH_WAIVED, values={"clock": command.clock, "reason": command.reason})
            case Merge():
                asked = IncidentAsked(self.incident, self.progress, given)
                self.letters.append(Envelope(to=command.into, news=news_of_merger(asked)))
            case Confirm():
                self._tell_reporters("incident_confirmed", given)
            case Resolve() | Reopen():
                if isinstance(command, Reopen):
                    self._tell_reporters("incident_unsolved", given)
                asked = IncidentAsked(self.incident, self.progress, given)
                news = news_for_children(asked, command)
                self.letters += [Envelope(to=child, news=news) for child in children_of(asked)]

    def _tell_reporters(self, template: str, given: Instruction) -> None:
        """All who have reported it, here or in what was merged; who says it knows it."""
        others = tuple(who for who in self.people_as(Role.REQUESTER) if who != given.actor.person)
        if others and workflow.patched(TELLS_REPORTERS):
            until = self.progress.reopen_until
            values = {"reason": given.command.reason or "", "until": until.isoformat() if until else ""}
            self.tell(template, people=others, values=values, key=self.numbered(given))

    @property
    def _in_charge(self) -> tuple[str, ...]:
        """Whoever holds it, and whoever owns it; of a team everybody."""
        holder = self.progress.holder
        held: tuple[str, ...] = (holder.holder,) if holder.kind == HolderKind.PERSON else ()
        if holder.kind == HolderKind.TEAM and self.progress.owner is None:
            held = self.incident.people(Role(holder.holder))
        if holder.kind == HolderKind.CUSTOMER:
            held = self.incident.people(Role.CONTACT)
        return tuple(dict.fromkeys((*held, *self.people_as(Role.ASSIGNEE))))

    @property
    def is_answered(self) -> bool:
        """The customer has said something to its solution, and nobody has looked at it yet."""
        return self._heeds_answers and self.progress.answered_at is not None

    def has_said_enough(self, days: int) -> bool:
        """Those who answer for it have been told that an answer waits: now it only shows."""
        return days >= self.incident.terms.answer_days and workflow.patched(GROWS_LOUDER)

    def repeat_answer(self, day: int) -> None:
        if not self.has_said_enough(day):
            self.note(Happening.ANSWER_WAITS)
            return
        since = self.progress.answered_at
        assert since is not None
        self.progress = self.progress.but(unheard_at=workflow.now())
        self.note(Happening.ANSWER_UNHEARD)
        roles = (Role.ASSIGNEE, *answering_for_overdue(self.incident))
        self.tell("incident_answer_unheard", roles=roles, values={"since": since.isoformat()})

    def check(self, instruction: Instruction) -> None:
        """What was allowed once goes on in histories; only who asks now is held to these bounds."""
        super().check(instruction)
        check_bounds(instruction)
        check_log(self.incident, self._heard(instruction))

    def evolve(self, decided: IncidentProgress, given: Instruction) -> IncidentProgress:
        command, at = given.command, given.given_at
        if isinstance(command, Migrate):
            decided = decided.but(hours=service_hours(command.version))
        progress = timed(self.incident, super().evolve(decided, given), self.hours.of, at)
        return (
            waived(self.incident, progress, command.clock, self.hours.of, at)
            if isinstance(command, Waive)
            else progress
        )

    def advance(self, progress: IncidentProgress) -> None:
        self.progress = timed(self.incident, following(progress), self.hours.of, workflow.now())

    def hear_of_order(self, news: OrderNews) -> None:
        if news.customer != self.incident.customer or not self.is_new(news.event_id):
            return
        others = (linked for linked in self.progress.orders if linked.order != news.order)
        orders = (*others, LinkedOrder(order=news.order, state=news.state))
        self.progress = self.progress.but(orders=orders)
        self.note(Happening.ORDER_ENDED, values={"order": news.order, "state": news.state})

    def hear_alerts(self, news: AlertNews) -> None:
        asked = self.incident.request.asked_priority
        heard = hear(self.progress, news, asked) if self.is_new(news.event_id) else None
        if heard is None:
            return
        self.progress = heard.progress
        self.note(heard.what, values=facts_of(news))
        if heard.what == News.MORE and workflow.patched(TELLS_OF_MORE):
            self.tell("incident_alerts_added", roles=(Role.ASSIGNEE,), values=facts_of(news))
        if heard.graver is not None:
            self.send(self.raise_to(heard.graver, "; ".join(news.counts.titles)))

    async def raise_to(self, priority: Priority, reason: str, *, calls: bool = True) -> None:
        """By the machine, as monitoring or a merger shows it to be graver; whoever is called for it is called now."""
        await self.reachable()
        before = self.progress.priority
        while self.progress.state.is_unsolved and priority.is_graver_than(before):
            try:
                self.advance(self.progress.but(priority=priority))
            except BeyondHorizon as beyond:
                await self.hours.further(beyond)
                before = self.progress.priority
                continue
            self.note(Happening.PRIORITY_RAISED, reason=reason, values={"before": before, "priority": priority})
            self._tell_of_priority(before, reason, self.numbered(), Role.ASSIGNEE)
            if calls and self.first == ON_CALL:
                self.page("priority_raised", insists=self.progress.responded_at is not None)
            return

    def have_alerts_looked_at(self) -> None:
        """Whether they have ended with its solution: those that go on firing would say nothing new."""
        if (self.incident.by_monitoring or self.progress.merged) and workflow.patched(HEEDS_ALERTS):
            nos = (self.no, *(other.incident for other in self.progress.merged))
            asked = Solved(incidents=nos, at=workflow.now())
            self.send(self.act(AlertGroups.look_after_solution, asked, summary="alerts that go on firing"))

    def burn(self) -> None:
        """Whose minutes burnt until it was solved."""
        clock = next(clock for clock in self.clocks if clock.name == RESOLUTION)
        self.progress = self.progress.but(burnt=burnt(self.progress, self.hours.of(clock), workflow.now()))

    def escalate(self, clock: SlaClock, told: DueThreshold, template: str, facts: dict[str, str]) -> None:
        super().escalate(clock, told, f"incident_{template}", facts)
        if any(row.page and told.threshold in row.points() for row in self.ladder(clock)):
            self.page(f"{clock.kind}_{told.threshold.name}".replace("+", "_"))

    @property
    def first(self) -> Role | WhoeverIsOnCall:
        """Whom the matrix names for this priority and hour; the fallback if nobody is named for it."""
        cell, first = self.calling_cell, self.first_called
        has_nobody = first != ON_CALL and not self.incident.people(first)
        return cell.fallback if has_nobody and cell.fallback is not None else first

    @property
    def first_called(self) -> Role | WhoeverIsOnCall:
        """As its cell says: of an incident that alerts have opened, whom they call."""
        cell = self.calling_cell
        if self.incident.by_monitoring and workflow.patched(CALLED_BY_MONITORING):
            return self.incident.called_by_monitoring(cell)
        return cell.first

    def call_first(self, cause: str) -> None:
        if self.first == ON_CALL:
            self.page(cause)
        else:
            self.tell("incident_reported", roles=(self.first,), key=cause)

    def _begin_anew(self, given: Instruction, *, in_hours: bool) -> None:
        """What comes back is called like something new; who had it before hears of it in any case."""
        self.progress = answered_anew(self.incident, self.progress, in_hours=in_hours)
        if self.first == ON_CALL:
            self._supersede(self.progress.pages)
            self.page("reopened")
        elif self.first not in told_of("reopen"):
            facts = {"reason": given.command.reason or ""}
            self.tell("incident_reopened", roles=(self.first,), values=facts, key=self.numbered(given))

    def _is_open(self, instruction: Instruction) -> bool:
        return self.hours.named(self.progress.hours).is_open(self._heard(instruction).given_at)

    @property
    def has_told_others(self) -> bool:
        return not self.letters

    def background(self) -> dict[str, str]:
        request = self.incident.request
        return {
            "incident": self.incident.no,
            "title": request.title,
            "priority": self.progress.priority,
            "site": request.site,
            "zone": self.incident.terms.zone,
            "reference": request.reference or "",
            "description": request.description or "",
            "asset": request.asset or "",
        }

    def people_as(self, role: Role) -> tuple[str, ...]:
        """Its reporters, and whoever owns it; as long as nobody does, the service desk answers for it."""
        if role == Role.ASSIGNEE:
            owner = self.progress.owner
            return (owner,) if owner else self.incident.people(Role.SERVICE_DESK)
        if role == Role.VENDOR:
            job = self.progress.job
            return job.terms.people if job and job.terms else ()
        if role != Role.REQUESTER:
            return ()
        return tuple(dict.fromkeys((*self.incident.people(role), *self.progress.other_reporters)))

    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        entry = IncidentEntry(
            incident=self.incident,
            progress=self.progress,
            events=events,
            deadlines=self.deadlines(),
            at=workflow.now(),
            whole=whole,
        )
        return await act(Records.record_incident, entry, summary=summary)

    def _tell_of_priority(self, before: str, reason: str, key: str, *others: Role) -> None:
        """One summary of what a new priority means, instead of everything that would have been told under it."""
        promised = (clock.name for clock in clocks_of_cells() if clock.seen_by_customers)
        dues = {name: due.isoformat() for name in promised if (due := self.deadline_of(name))}
        values = {"before": before, "reason": reason}
        values |= {f"{name}_due": due for name, due in dues.items()}
        roles = (Role.SDM, Role.REQUESTER, *others)
        self.tell("incident_priority_changed", roles=roles, values=values, key=key)
