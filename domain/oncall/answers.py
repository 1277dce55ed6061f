"""What somebody's answer does to a page, and when it is refused."""

from datetime import datetime
from enum import StrEnum

from domain.cases.decisions import Asked, CaseRules, decide_by
from domain.cases.instructions import Instruction
from domain.cases.page_commands import Acknowledge, Decline
from domain.oncall.calls import hurried, step_due
from domain.oncall.links import PageLink
from domain.oncall.page import NewsKind, Page, PageProgress, PageState
from domain.people import Role
from domain.refusals import Problem, Refused

# Far above what a page can need, far below what one workflow run may take (2,000 updates).
MOST_ANSWERS = 500


class PageAsked(Asked[Page, PageProgress]):
    """What every rule of a page gets to see."""


def stopped(progress: PageProgress, why: str) -> PageProgress:
    """Nobody is needed any more; what was answered stays."""
    if progress.state == PageState.STOPPED:
        return progress
    return progress.but(state=PageState.STOPPED, stopped=why)


def news_of(before: PageProgress, answer: Instruction) -> NewsKind:
    """What an answer means for the case: late when the page was red, or somebody else's already."""
    if not isinstance(answer.command, Acknowledge):
        return NewsKind.DECLINED
    return NewsKind.ACKNOWLEDGED if before.state == PageState.CALLING else NewsKind.LATE


class LinkStanding(StrEnum):
    """What a link has to offer whoever opens it now."""

    ASKED = "asked"
    RED = "red"
    TAKEN = "taken"
    YOURS = "yours"
    DECLINED = "declined"
    OVER = "over"


def link_standing(progress: PageProgress, link: PageLink) -> LinkStanding:
    if progress.state == PageState.STOPPED:
        return LinkStanding.OVER
    if progress.owner is not None:
        return LinkStanding.YOURS if progress.owner == link.person else LinkStanding.TAKEN
    if is_used(progress, link):
        return LinkStanding.DECLINED
    return LinkStanding.RED if progress.state == PageState.UNANSWERED else LinkStanding.ASKED


def is_used(progress: PageProgress, link: PageLink) -> bool:
    return any(given.request_id == link.request_id for given in progress.given)


def answers_left(progress: PageProgress, link: PageLink) -> tuple[str, ...]:
    """What the link may still be used for: once, and only for what would mean something."""
    standing = link_standing(progress, link)
    if is_used(progress, link) or standing == LinkStanding.OVER:
        return ()
    return {LinkStanding.TAKEN: ("acknowledge",), LinkStanding.YOURS: ("decline",)}.get(
        standing, ("acknowledge", "decline")
    )


def role_of(page: Page, progress: PageProgress, person: str) -> Role:
    """As what somebody was called: by their role in the contract, or as one of the technicians on call."""
    steps = (page.policy.steps[call.step].to for call in progress.calls if call.person == person)
    return next((to for to in steps if isinstance(to, Role)), Role.TECHNICIAN)


def _acknowledged(asked: PageAsked, command: Acknowledge) -> PageProgress:
    progress, person, at = asked.progress, asked.actor.person, asked.at
    if progress.state != PageState.ACKNOWLEDGED:
        return progress.but(state=PageState.ACKNOWLEDGED, owner=person, acknowledged_at=at)
    if progress.owner == person:
        raise Refused(Problem(code="page_is_yours"))
    # Whoever took it first keeps it: two people must not change places without knowing.
    return progress


def _declined(asked: PageAsked, command: Decline) -> PageProgress:
    page, progress, person, at = asked.case, asked.progress, asked.actor.person, asked.at
    if progress.owner == person:
        return _given_back(page, progress, person, at)
    if progress.owner is not None:
        raise Refused(Problem(code="page_is_taken", values={"owner": progress.owner}))
    if person in progress.declined:
        raise Refused(Problem(code="page_declined_before"))
    if person not in progress.people_called:
        raise Refused(Problem(code="page_not_for_you"))
    return hurried(page, progress.but(declined=(*progress.declined, person)), at)


def _given_back(page: Page, progress: PageProgress, person: str, at: datetime) -> PageProgress:
    """The next step is due now: the time somebody had it in hand does not count."""
    begun_at = progress.begun_at + (at - step_due(page, progress))
    declined = (*(other for other in progress.declined if other != person), person)
    return progress.but(state=PageState.CALLING, owner=None, acknowledged_at=None, declined=declined, begun_at=begun_at)


def _check_calling(asked: PageAsked) -> None:
    if asked.progress.state == PageState.STOPPED:
        raise Refused(Problem(code="page_is_over"))
    if len(asked.progress.given) >= MOST_ANSWERS:
        raise Refused(Problem(code="page_answers_spent"))


HEARD = CaseRules[PageAsked, PageProgress](
    case="page",
    decides={Acknowledge: _acknowledged, Decline: _declined},
    not_for="not_for_pages",
    check=_check_calling,
    ends=lambda _: False,
    follow=lambda _, decided: decided,
)


def decide(page: Page, progress: PageProgress, answer: Instruction) -> PageProgress:
    return decide_by(HEARD, PageAsked(page, progress, answer))
