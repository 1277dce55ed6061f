"""One page under way: what is noted, who is told, and what its incident hears."""

from collections.abc import Mapping
from datetime import datetime

from temporalio import workflow

from activities.pages import Pages, StepAsked
from activities.records import PageEntry, Records
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import SlaClock
from domain.contracts.paging import OnDuty
from domain.ids import page_workflow_id
from domain.oncall import answers as page_answers
from domain.oncall import calls as page_calls
from domain.oncall.answers import news_of
from domain.oncall.page import Call, NewsKind, Page, PageHappening, PageNews, PageProgress, PageState, begin
from domain.people import Role
from workflows.case import Case
from workflows.effects import act

# Pages that turned red before they could repeat stay as they are.
REPEATS = "red-pages-repeat"


class PageCase(Case[PageProgress]):
    def __init__(self, page: Page) -> None:
        workflow_id = page_workflow_id(page.case, page.no)
        super().__init__(workflow_id, workflow_id.partition("/")[2], page.contract, page.started_at, begin(page))
        self.page = page
        self.news: list[PageNews] = []
        self._repeats = False
        self._rota_owner: str | None = None

    @property
    def known_as(self) -> str:
        return self.page.incident

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {}

    @property
    def deadline(self) -> datetime | None:
        return None

    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]:
        return ()

    def advance(self, progress: PageProgress) -> None:
        self.progress = progress

    def background(self) -> dict[str, str]:
        return self.page.background

    def people_as(self, role: Role) -> tuple[str, ...]:
        return ()

    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        entry = PageEntry(page=self.page, progress=self.progress, events=events, at=workflow.now(), whole=whole)
        return await act(Records.record_page, entry, summary=summary)

    def decide(self, instruction: Instruction) -> PageProgress:
        return page_answers.decide(self.page, self.progress, instruction)

    def execute(self, instruction: Instruction) -> Instruction | None:
        before = self.progress
        given = super().execute(instruction)
        if given is not None:
            kind = news_of(before, given)
            self._report(kind, given.actor.person)
            self._tell_owner(kind, given)
        return given

    @property
    def is_calling(self) -> bool:
        return self.progress.state == PageState.CALLING

    @property
    def wakes_at(self) -> datetime | None:
        is_final = self.progress.state == PageState.UNANSWERED and not self._repeats
        return None if is_final else page_calls.wakes_at(self.page, self.progress)

    @property
    def is_to_begin_anew(self) -> bool:
        """Whoever had taken it has been silent for too long, or nobody has taken it since everybody was called."""
        due = self.wakes_at
        return not self.is_calling and due is not None and due <= workflow.now()

    def is_due(self, at: datetime) -> bool:
        """Whether the next step is, or after the last one the end."""
        return self.is_calling and page_calls.step_due(self.page, self.progress) <= at

    @property
    def has_step(self) -> bool:
        return page_calls.has_step(self.page, self.progress)

    async def call_step(self) -> None:
        """Call whoever the next step means now, unless somebody has answered in the meantime."""
        step, asked_for = self.progress.called, self.progress.round
        asked = StepAsked(page=self.page, step=step, at=workflow.now())
        found = await self.act(Pages.people_of_step, asked, summary=f"who is {self.page.policy.steps[step].to}")
        self._rota_owner = found.owner or self._rota_owner
        if not self.is_calling or (step, asked_for) != (self.progress.called, self.progress.round):
            return
        self.progress = page_calls.called(self.page, self.progress, found.people, workflow.now())
        if not found.people:
            self._nobody_reached(asked_for, step)

    def calls_due(self) -> list[Call]:
        return page_calls.calls_due(self.progress, workflow.now())

    def trying(self, call: Call) -> Call:
        """The call with its next method being tried."""
        self.progress = page_calls.trying(self.progress, call, workflow.now())
        return self._same(call)

    def tried(self, call: Call, *, reached: bool) -> None:
        self.progress = page_calls.tried(self.page, self.progress, call, reached, workflow.now())
        now, number = self._same(call), len(call.attempts) - 1
        late = now.attempts[number].late.total_seconds()
        facts = {"person": call.person, "method": call.attempts[number].method.name, "late_seconds": f"{late:.3f}"}
        self.note(PageHappening.CALLED if reached else PageHappening.CALL_FAILED, values=facts)
        if now.is_lost and page_calls.unheard(self.progress, now):
            self._nobody_reached(call.round, call.step)

    def page_again(self) -> None:
        silent = {"person": self.progress.owner} if self.progress.owner else {}
        self.progress = page_calls.again(self.page, self.progress)
        self.note(PageHappening.PAGED_AGAIN, values=silent | {"round": str(self.progress.round)})

    async def turn_red(self) -> None:
        self._repeats = workflow.patched(REPEATS)
        late = workflow.now() - page_calls.step_due(self.page, self.progress)
        self.progress = page_calls.red(self.progress, late)
        asked = StepAsked(page=self.page, step=self.progress.called, at=workflow.now())
        found = await self.act(Pages.final_owner, asked, summary="who answers for it")
        if self.progress.state != PageState.UNANSWERED:
            # Somebody has come after all, or nobody is needed any more.
            return
        person = found.person if found else None
        self.progress = self.progress.but(final_owner=person)
        self.note(PageHappening.UNANSWERED, values={"person": person} if person else {})
        self._report(NewsKind.UNANSWERED, person)
        roles = () if person else (self.page.policy.final_owner,)
        self.tell("page_unanswered", people=(person,) if person else (), roles=roles, values=self._called_so_far())

    def stop(self, why: str) -> None:
        if self.progress.state != PageState.STOPPED:
            self.progress = page_answers.stopped(self.progress, why)
            self.note(PageHappening.STOPPED, values={"why": why})

    def _same(self, call: Call) -> Call:
        return next(known for known in self.progress.calls if (known.round, known.person) == (call.round, call.person))

    def _nobody_reached(self, turn: int, step: int) -> None:
        """The rota's owner hears of it at once; without a rota, whoever would answer for the page in the end."""
        to = self.page.policy.steps[step].to
        facts = {"layer" if isinstance(to, OnDuty) else "role": str(to)}
        self.note(PageHappening.NOBODY_REACHED, values=facts)
        owner = (self._rota_owner,) if self._rota_owner else ()
        roles = () if owner else (self.page.policy.final_owner,)
        self.tell("page_nobody_reached", people=owner, roles=roles, values=facts, key=f"{turn}/{step}")

    def _tell_owner(self, kind: NewsKind, given: Instruction) -> None:
        """Two people must not work side by side without knowing, nor two think of each other that they do."""
        owner = self.progress.owner
        if kind == NewsKind.DECLINED or owner is None:
            return
        everybody = dict.fromkeys((*self.progress.people_called, given.actor.person))
        told = tuple(person for person in everybody if kind == NewsKind.LATE or person != owner)
        if told:
            names = {"owner": self.progress.name_of(owner)}
            self.tell("page_taken", people=told, values=names, key=self.numbered(given))

    def _called_so_far(self) -> dict[str, str]:
        people = self.progress.people_called
        return {"called": ", ".join(self.progress.name_of(person) for person in people)} if people else {}

    def _report(self, kind: NewsKind, person: str | None) -> None:
        progress = self.progress
        owner = progress.final_owner if kind == NewsKind.UNANSWERED else progress.owner
        event_id = f"page-{self.page.no}-{progress.seq}-{kind}"
        self.news.append(
            PageNews(event_id=event_id, page=self.page.no, kind=kind, person=person, owner=owner, at=workflow.now())
        )
