"""Every case that a story tells, as it ran: what a release keeps of them is chosen from these."""

import gzip
import os
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from google.protobuf.json_format import Parse
from sqlmodel import col, select
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.client import Client, RPCError

from db.alerts.groups import GroupRow
from db.cases.journal import JournalRow
from db.engine import Database
from domain.ids import alert_group_workflow_id

# Set, the stories of the suite leave every case here that they have told of.
KEPT_IN = os.environ.get("IMAC_KEEP_HISTORIES")


async def keep_lives(client: Client, database: Database, story: str, folder: Path) -> None:
    async with database.reading() as session:
        cases = (await session.execute(select(col(JournalRow.workflow_id)).distinct())).scalars().all()
        groups = (await session.execute(select(col(GroupRow.id)))).scalars().all()
    for case in (*cases, *map(alert_group_workflow_id, groups)):
        try:
            history = await client.get_workflow_handle(case).fetch_history()
        except RPCError:
            # It never began, or began under another name.
            continue
        name = re.sub(r"[^a-z0-9]+", "-", f"{kind_of(history.events)}-{story}-{case}".lower()).strip("-")
        (folder / f"{name}.json.gz").write_bytes(gzip.compress(history.to_json().encode(), mtime=0))


def kind_of(events: Iterable[HistoryEvent]) -> str:
    return next(iter(events)).workflow_execution_started_event_attributes.workflow_type.name.removesuffix("Workflow")


def turns(history: History) -> frozenset[tuple[str, str, str]]:
    """What followed what, of one kind of case: a history in which nothing follows anything new shows nothing new."""
    kind = kind_of(history.events)
    said = [word for event in history.events if (word := _word(event))]
    return frozenset((kind, one, other) for one, other in pairwise(("", *said, "")))


def chosen(folder: Path) -> list[Path]:
    """As few as show every turn that any of them shows: the one that adds most comes first."""
    left = {path: turns(read(path)) for path in sorted(folder.glob("*.json.gz"))}
    seen: set[tuple[str, str, str]] = set()
    picked: list[Path] = []
    while left:
        best = max(left, key=lambda path: len(left[path] - seen))
        if not left[best] - seen:
            break
        seen |= left.pop(best)
        picked.append(best)
    return picked


def read(path: Path) -> History:
    return Parse(gzip.decompress(path.read_bytes()), History(), ignore_unknown_fields=True)


def _word(event: HistoryEvent) -> str:
    """Nothing of what any history is full of."""
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    if event.HasField("activity_task_scheduled_event_attributes"):
        return event.activity_task_scheduled_event_attributes.activity_type.name
    if event.HasField("marker_recorded_event_attributes"):
        return _marked(event)
    if event.HasField("workflow_execution_signaled_event_attributes"):
        return event.workflow_execution_signaled_event_attributes.signal_name
    if event.HasField("workflow_execution_update_accepted_event_attributes"):
        payloads = event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads
        found = re.search(rb'^\{"command":\{.*?"type":"(\w+)"', payloads[0].data) if payloads else None
        return found[1].decode() if found else "update"
    return "" if name.startswith("WORKFLOW_TASK") else name


def _marked(event: HistoryEvent) -> str:
    details = event.marker_recorded_event_attributes.details
    written = b"".join(payload.data for payloads in details.values() for payload in payloads.payloads)
    found = re.search(rb'"(?:activity_type|id)":"([\w-]+)"', written)
    return found[1].decode() if found else event.marker_recorded_event_attributes.marker_name
