"""The pages of an incident: one that goes out, what becomes of it, and which of them nobody needs any more."""

from collections.abc import Iterable

from temporalio import workflow

from domain.cases.events import Happening
from domain.cases.incident_commands import HolderKind
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentPage, IncidentProgress
from domain.oncall.page import NewsKind, Page, PageNews, PageState
from workflows.case import Case

# Incidents that began before this change go on without it, where they had come to the point already.
RED_BLOCKS_NOTHING = "red-pages-block-nothing"
# News come one after another: what was heard long ago is not repeated any more.
MOST_HEARD = 200
# What becomes of a page by what it tells; that somebody declined leaves it as it is.
_PAGE_STATES = {
    NewsKind.ACKNOWLEDGED: PageState.ACKNOWLEDGED,
    NewsKind.LATE: PageState.ACKNOWLEDGED,
    NewsKind.UNANSWERED: PageState.UNANSWERED,
    NewsKind.DECLINED: None,
}


class PagedIncident(Case[IncidentProgress]):
    def __init__(self, incident: Incident, progress: IncidentProgress) -> None:
        super().__init__(
            incident_workflow_id(incident.no), incident.no, incident.terms.contract, incident.received_at, progress
        )
        self.incident = incident
        self.to_page: list[Page] = []
        self.is_paging = False
        self._superseded: dict[int, str] = {}

    def _supersede(self, pages: Iterable[IncidentPage], why: str = "superseded") -> None:
        """Have these stopped: another one goes out, or somebody has taken another one."""
        self._superseded |= dict.fromkeys((page.no for page in pages if page.is_needed), why)

    def call_off_unanswered(self, why: str) -> None:
        """Nobody needs to be called for it any more; whoever has taken it keeps it."""
        self._supersede((page for page in self.progress.pages if page.state != PageState.ACKNOWLEDGED), why)

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

    def needless_pages(self) -> list[IncidentPage]:
        """Those that go on although somebody has responded, or another one has taken their place."""
        return [page for page in self.progress.pages if page.is_needed and self._is_needless(page)]

    def _is_needless(self, page: IncidentPage) -> bool:
        is_answered = not self.progress.is_waiting_for_response and not self._still_insists(page)
        return is_answered or page.no in self._superseded

    def _still_insists(self, page: IncidentPage) -> bool:
        return page.insists and page.state != PageState.ACKNOWLEDGED and self.progress.state.is_unsolved

    def why_needless(self, page: IncidentPage) -> str:
        if not self.progress.state.is_unsolved:
            return str(self.progress.state)
        return self._superseded[page.no] if self.progress.is_waiting_for_response else "responded"

    def called_off(self, page: IncidentPage) -> None:
        self.progress = self.progress.with_page(page.but(state=PageState.STOPPED))

    def is_new(self, event_id: str) -> bool:
        if event_id in self.progress.heard:
            return False
        self.progress = self.progress.but(heard=(*self.progress.heard, event_id)[-MOST_HEARD:])
        return True
