"""What a page waits for: that somebody takes it over."""

from collections.abc import Iterator

from domain.cases.awaited import AwaitedBy, AwaitedCommand, Awaiting, AwaitingCase
from domain.ids import page_workflow_id
from domain.oncall.calls import wakes_at
from domain.oncall.page import Page, PageProgress, PageState


def waiting(page: Page) -> AwaitedBy:
    return AwaitedBy(
        case=page_workflow_id(page.case, page.no),
        kind=AwaitingCase.PAGE,
        no=page.name,
        customer=page.customer,
        contract=page.contract,
        site=page.values.get("site") or None,
        title=page.values.get("title") or None,
    )


def waits(page: Page, progress: PageProgress) -> Iterator[Awaiting]:
    """Until it is red whoever was called, then who answers for it. That it is red is its incident's exception."""
    if progress.state not in (PageState.CALLING, PageState.UNANSWERED):
        return
    if progress.state == PageState.UNANSWERED and progress.final_owner is not None:
        people: tuple[str, ...] = (progress.final_owner,)
    else:
        called = dict.fromkeys(call.person for call in progress.calls_now)
        people = tuple(person for person in called if person not in progress.declined)
    yield Awaiting(
        step="acknowledge",
        command=AwaitedCommand.ACKNOWLEDGE,
        commands=("acknowledge", "decline"),
        role=page.policy.final_owner,
        people=people,
        since=page.started_at,
        due=wakes_at(page, progress),
        internal=True,
    )
