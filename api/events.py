"""Following what happens, as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.cases.audiences import may_see
from api.dependencies import May, Tail
from api.door.paces import paces_of
from api.door.visit import visit_of
from api.policy import Operation, allows
from api.tail import Subscriber
from domain.cases.events import Event
from domain.ids import WAVE, case_no_of, case_of_log
from domain.keys import Key
from domain.values import Slug

router = APIRouter(tags=["events"])


class CaseEvent(Event):
    """A journal entry with the case it belongs to, such as `order/…` or `project/…`; `order` is its number if any."""

    case: str
    order: Slug | None
    customer: Slug


async def _follower(
    caller: Annotated[Key, Depends(May(Operation.FOLLOW_EVENTS))], tail: Tail, request: Request
) -> AsyncIterator[Subscriber]:
    with paces_of(request).streaming(caller.id, visit_of(request).address):
        # Before the answer begins: whoever reads an order after that misses nothing in between.
        async with tail.following(caller) as follower:
            yield follower


def may_know(caller: Key, case: str, event: Event) -> bool:
    """Whether the caller may know that something has happened."""
    kind, _ = case_no_of(case_of_log(case))
    may_read = allows(caller, Operation.READ_PROJECTS) if kind in ("project", WAVE) else True
    return may_read and may_see(caller, case, event)


@router.get("/events", operation_id="followEvents", response_class=EventSourceResponse)
async def follow_events(
    caller: Annotated[Key, Depends(May(Operation.FOLLOW_EVENTS))],
    follower: Annotated[Subscriber, Depends(_follower)],
    after: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**53)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Stream events from now on, or after the event given by `Last-Event-ID` or `after`."""
    async for row in follower.events(after if last_event_id is None else last_event_id):
        case = case_of_log(row.workflow_id)
        kind, no = case_no_of(case)
        if not may_know(caller, row.workflow_id, row.as_event()):
            continue
        order = no if kind == "order" else None
        event = CaseEvent(case=case, order=order, customer=row.customer, **row.as_event().model_dump())
        yield ServerSentEvent(id=str(row.id), event=row.what, raw_data=event.model_dump_json(exclude_none=True))
