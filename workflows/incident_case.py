"""One incident under way: its promises, who is told and paged, and what it hears from elsewhere."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from temporalio import workflow

from activities.records import IncidentEntry, Records
from domain.alerts.groups import AlertNews, News
from domain.alerts.incidents import facts_of, hear
from domain.cases.case import service_hours
from domain.cases.events import INCIDENT_TELLS, Event, Happening, told_of
from domain.cases.incident_commands import (
    ChangePriority,
    Classify,
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
from domain.ids import incident_workflow_id
from domain.incidents.asked import IncidentAsked
from domain.incidents.bounds import check_bounds
from domain.incidents.clocks import clocks_of_cells
from domain.incidents.decisions import decide, following
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentPage, IncidentProgress, LinkedOrder
from domain.incidents.promises import RESOLUTION, answered_anew, ladder_of, timed, waived
from domain.incidents.relation_decisions import children_of, news_for_children, news_of_merger
from domain.incidents.relatives import Envelope
from domain.incidents.reports import burnt
from domain.incidents.sheets import next_deadline
from domain.oncall.page import NewsKind, Page, PageNews, PageState
from domain.orders.order import OrderNews
from domain.people import Role
from domain.priorities import Priority
from workflows.case import Case
from workflows.effects import act

# What incidents that began before these changes go on without, where they had come to the point already.
LIKE_NEW, RED_BLOCKS_NOTHING = "reopened-like-new", "red-pages-block-nothing"
CALLED_BY_MONITORING, TELLS_OF_MORE = "called-by-monitoring", "tells-of-more-alerts"
# Warnings of many incidents that came in together are spread over so many seconds.
SPREAD = 20
# News come one after another: what was heard long ago is not repeated any more.
MOST_HEARD = 200
# What becomes of a page by what it tells; that somebody declined leaves it as it is.
_PAGE_STATES = {
    NewsKind.ACKNOWLEDGED: PageState.ACKNOWLEDGED,
    NewsKind.LATE: PageState.ACKNOWLEDGED,
    NewsKind.UNANSWERED: PageState.UNANSWERED,
    NewsKind.DECLINED: None,
}


class IncidentCase(Case[IncidentProgress]):
    tells = INCIDENT_TELLS

    def __init__(self, incident: Incident, progress: IncidentProgress) -> None:
        super().__init__(
            incident_workflow_id(incident.no), incident.no, incident.terms.contract, incident.received_at, progress
        )
        self.incident = incident
        self.to_page: list[Page] = []
        self.letters: list[Envelope] = []
        self.is_paging = False
        self._superseded: dict[int, None] = {}
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
            if self.first_called == ON_CALL and self.progress.is_waiting_for_response:
                self.page("priority_changed")
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
                self.tell("incident_answered", people=self._in_charge, values=values, key=self.numbered(given))
            case Waive() if any(waiver.agreed_at == given.given_at for waiver in self.progress.waivers):
                self.note(Happening.BREACH_WAIVED, values={"clock": command.clock, "reason": command.reason})
            case Merge():
                asked = IncidentAsked(self.incident, self.progress, given)
                self.letters.append(Envelope(to=command.into, news=news_of_merger(asked)))
            case Resolve() | Reopen():
                asked = IncidentAsked(self.incident, self.progress, given)
                news = news_for_children(asked, command)
                self.letters += [Envelope(to=child, news=news) for child in children_of(asked)]

    @property
    def _in_charge(self) -> tuple[str, ...]:
        """Whoever holds it, and whoever owns it; of a team everybody."""
        holder = self.progress.holder
        held: tuple[str, ...] = (holder.holder,) if holder.kind == HolderKind.PERSON else ()
        if holder.kind == HolderKind.TEAM and self.progress.owner is None:
            held = self.incident.people(Role(holder.holder))
        return tuple(dict.fromkeys((*held, *self.people_as(Role.ASSIGNEE))))

    def check(self, instruction: Instruction) -> None:
        """What was allowed once goes on in histories; only who asks now is held to these bounds."""
        super().check(instruction)
        check_bounds(instruction)

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

    async def raise_to(self, priority: Priority, reason: str) -> None:
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
            if self.first == ON_CALL:
                self.page("priority_raised", insists=self.progress.responded_at is not None)
            return

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

    def _supersede(self, pages: Iterable[IncidentPage]) -> None:
        """Have these stopped: another one goes out, or somebody has taken another one."""
        self._superseded |= dict.fromkeys(page.no for page in pages if page.is_needed)

    def page(self, cause: str, *, insists: bool = False) -> None:
        """Call the on-call people, unless they are being called or somebody of them has it.

        One that is red keeps nobody from being called: the new one takes its place.
        """
        waiting = [page for page in self.progress.pages if page.is_needed and page.no not in self._superseded]
        if any(page.is_in_hand for page in waiting) or (waiting and not workflow.patched(RED_BLOCKS_NOTHING)):
            return
        self._supersede(waiting)
        page = IncidentPage(no=len(self.progress.pages) + 1, cause=cause, insists=insists)
        self.progress = self.progress.with_page(page)
        self.note(Happening.PAGE_SENT, values={"cause": cause})
        self.to_page.append(
            Page(
                no=page.no,
                case=self.workflow_id,
                customer=self.incident.customer,
                contract=self.contract,
                policy=self.incident.terms.paging,
                cause=cause,
                values=self.background(),
                started_at=workflow.now(),
            )
        )

    def hear_of_page(self, news: PageNews) -> None:
        """Who takes a page over owns the incident; when nobody did, it shows, and the final owner answers for it."""
        known = next((page for page in self.progress.pages if page.no == news.page), None)
        if known is None or not self.is_new(news.event_id):
            return
        state = _PAGE_STATES[news.kind] or (PageState.CALLING if news.owner is None else known.state)
        progress = self.progress.with_page(known.but(state=state, owner=news.owner))
        if news.kind == NewsKind.UNANSWERED:
            progress = progress.but(red=progress.is_waiting_for_response or self._still_insists(known))
        elif news.kind == NewsKind.DECLINED:
            progress = progress.given_back(news.person or "", news.at) if progress.state.is_unsolved else progress
        elif news.owner is not None and progress.state.is_unsolved:
            self._superseded.pop(news.page, None)
            self._supersede(page for page in progress.pages if page.no != news.page)
            progress = progress.but(red=False, owner=news.owner)
            progress = progress.held_now_by(HolderKind.PERSON, news.owner, news.at)
        self.progress = progress
        values = {"answer": str(news.kind), "person": news.person or "", "owner": news.owner or ""}
        self.note(Happening.PAGE_ANSWERED, values=values)

    @property
    def calls_nobody(self) -> bool:
        """Every page that was asked for is out, and each that is not needed any more has been told so."""
        return not (self.is_paging or self.to_page or self.needless_pages())

    @property
    def has_told_others(self) -> bool:
        return not self.letters

    def needless_pages(self) -> list[IncidentPage]:
        """Those that go on although somebody has responded, or another one has taken their place."""
        return [page for page in self.progress.pages if page.is_needed and self._is_needless(page)]

    def _is_needless(self, page: IncidentPage) -> bool:
        is_answered = not self.progress.is_waiting_for_response and not self._still_insists(page)
        return is_answered or page.no in self._superseded

    def _still_insists(self, page: IncidentPage) -> bool:
        return page.insists and page.state != PageState.ACKNOWLEDGED and self.progress.state.is_unsolved

    @property
    def why_needless(self) -> str:
        if not self.progress.state.is_unsolved:
            return str(self.progress.state)
        return "superseded" if self.progress.is_waiting_for_response else "responded"

    def called_off(self, page: IncidentPage) -> None:
        self.progress = self.progress.with_page(page.but(state=PageState.STOPPED))

    def is_new(self, event_id: str) -> bool:
        if event_id in self.progress.heard:
            return False
        self.progress = self.progress.but(heard=(*self.progress.heard, event_id)[-MOST_HEARD:])
        return True

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
        others = (other.reporter for other in self.progress.merged if other.reporter is not None)
        return tuple(dict.fromkeys((*self.incident.people(role), *others)))

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
