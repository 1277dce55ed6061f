"""How an incident stands to others: its orders, its parent and parts, and the one it was merged into."""

from domain.cases.incident_commands import Link, Merge, Reopen, Resolve
from domain.cases.lookups import ChildrenFound
from domain.incidents.asked import IncidentAsked, settled
from domain.incidents.progress import IncidentProgress, Merger
from domain.incidents.relatives import LinkedOrder, MergedIn, MergeNews, ParentNews, ParentTurn
from domain.refusals import Problem, Unacceptable


def link(asked: IncidentAsked, command: Link) -> IncidentProgress:
    progress = asked.progress
    if command.order is None and command.parent is None:
        raise Unacceptable(Problem(code="link_needed", at="/order"))
    if command.parent == asked.case.no:
        raise Unacceptable(Problem(code="part_of_itself", at="/parent"))
    if command.order is not None and all(linked.order != command.order for linked in progress.orders):
        progress = progress.but(orders=(*progress.orders, LinkedOrder(order=command.order)))
    return progress.but(parent=command.parent) if command.parent else progress


def merge(asked: IncidentAsked, command: Merge) -> IncidentProgress:
    """Its parts would hang in the air: they are given another parent first."""
    if command.into == asked.case.no:
        raise Unacceptable(Problem(code="merged_into_itself", at="/into"))
    children = children_of(asked)
    if children:
        raise Unacceptable(Problem(code="has_children", at="/into", values={"children": ", ".join(children)}))
    return settled(asked).but(merger=Merger(into=command.into, at=asked.at), red=False, proposed_at=None)


def children_of(asked: IncidentAsked) -> tuple[str, ...]:
    return asked.looked_up.children if isinstance(asked.looked_up, ChildrenFound) else ()


def check_children(asked: IncidentAsked, command: Resolve | Reopen) -> None:
    """What becomes of its parts is said by whoever solves or reopens it."""
    children = children_of(asked)
    if children and command.with_children is None:
        values = {"children": ", ".join(children), "command": command.type}
        raise Unacceptable(Problem(code="children_to_decide", at="/with_children", values=values))


def news_for_children(asked: IncidentAsked, command: Resolve | Reopen) -> ParentNews:
    is_solved = isinstance(command, Resolve)
    return ParentNews(
        event_id=f"{asked.case.no}-{asked.instruction.request_id}",
        parent=asked.case.no,
        turn=ParentTurn.RESOLVED if is_solved else ParentTurn.REOPENED,
        with_children=bool(command.with_children),
        actor=asked.actor,
        text=command.solution if isinstance(command, Resolve) else command.reason,
        cause=command.cause if isinstance(command, Resolve) else None,
    )


def news_of_merger(asked: IncidentAsked) -> MergeNews:
    itself = MergedIn(
        incident=asked.case.no,
        reporter=asked.case.request.reporter,
        missed=asked.progress.has_broken,
        at=asked.at,
    )
    return MergeNews(
        event_id=f"{asked.case.no}-{asked.instruction.request_id}",
        merged=(itself, *asked.progress.merged),
        priority=asked.progress.priority,
        responded=asked.progress.responded_at is not None,
        orders=asked.progress.orders,
    )
