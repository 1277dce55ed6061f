"""Telling other incidents what matters to them: parts of their parent, and where a merged one goes on."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.cases.events import Happening
from domain.cases.incident_commands import Reopen, Resolve
from domain.cases.instructions import Instruction
from domain.clocks.windows import BeyondHorizon
from domain.ids import incident_workflow_id
from domain.incidents.relatives import Envelope, MergeNews, ParentNews, ParentTurn
from domain.refusals import Refused
from workflows.incident_case import IncidentCase

# What had been merged before this change called people again.
MERGERS_CALL_ONCE = "mergers-call-once"


async def tell_relatives(case: IncidentCase) -> None:
    """Send whatever there is to be told, until cancelled."""
    while True:
        await workflow.wait_condition(lambda: bool(case.letters))
        await _send(case.letters[0])
        case.letters.pop(0)


async def _send(envelope: Envelope) -> None:
    name = "parent_news" if isinstance(envelope.news, ParentNews) else "merge_news"
    other = workflow.get_external_workflow_handle(incident_workflow_id(envelope.to))
    try:
        await other.signal(name, envelope.news)
    except ApplicationError:
        workflow.logger.info("incident is over", extra={"incident": envelope.to})


async def hear_of_parent(case: IncidentCase, news: ParentNews) -> None:
    """Do as it did, where that was asked for; what has become of this one meanwhile stands."""
    if not case.is_new(news.event_id):
        return
    is_solved = news.turn == ParentTurn.RESOLVED
    if not news.with_children:
        if case.progress.state.is_unsolved == is_solved:
            what = Happening.PARENT_SOLVED if is_solved else Happening.PARENT_REOPENED
            case.note(what, values={"parent": news.parent, "text": news.text})
    elif is_solved:
        if await _followed(case, news, Resolve(solution=news.text, cause=news.cause)):
            case.progress = case.progress.but(solved_with=news.parent)
    elif case.progress.solved_with == news.parent:
        await _followed(case, news, Reopen(reason=news.text))


async def _followed(case: IncidentCase, news: ParentNews, command: Resolve | Reopen) -> bool:
    said = Instruction(command=command, actor=news.actor, given_at=workflow.now(), request_id=news.event_id)
    while True:
        try:
            return case.execute(said) is not None
        except BeyondHorizon as beyond:
            await case.hours.further(beyond)
        except Refused as refused:
            workflow.logger.info("parent is not followed", extra={"why": str(refused)})
            return False


def hear_of_merger(case: IncidentCase, news: MergeNews) -> None:
    if case.is_new(news.event_id):
        known = {linked.order for linked in case.progress.orders}
        orders = (*case.progress.orders, *(linked for linked in news.orders if linked.order not in known))
        # Told before they are among its reporters: those who come with it have just heard of it.
        case.note(Happening.MERGED_IN, values={"merged": ", ".join(other.incident for other in news.merged)})
        case.progress = case.progress.but(merged=(*case.progress.merged, *news.merged), orders=orders)
        if news.priority is not None and news.priority.is_graver_than(case.progress.priority):
            # The same trouble is as grave wherever it goes on; whoever works on it already need not be called.
            in_hand = news.responded or case.progress.responded_at is not None
            calls = not (in_hand and workflow.patched(MERGERS_CALL_ONCE))
            case.send(case.raise_to(news.priority, news.merged[0].incident, calls=calls))
