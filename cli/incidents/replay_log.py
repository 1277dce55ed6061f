"""`imac incident replay-log`: run a real incident log through the workflow, and say what it would have promised."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import CliError, Exit
from cli.incidents.log_replay import TARGETS, LogReplay, ReplayedIncident
from cli.tables import filled, stacked, table
from cli.words import heading
from connectors.servicenow_log import read_log
from documents.wording import word
from domain.incidents.logs.logged import LoggedIncident, logged_incidents
from domain.incidents.logs.servicenow import Contradiction
from domain.people import Language
from domain.priorities import Priority
from domain.times import ZoneName
from domain.values import Value
from workflows.answers import TemporalAway

BATCH = 90
MOST_TRIES = 4


class Summary(Value):
    """What a replay found. `contradictions` are what the log says against itself; nothing is left out for them."""

    outcomes: tuple[ReplayedIncident, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def is_well(self) -> bool:
        return all(outcome.ended and outcome.is_equal and not outcome.failed_tasks for outcome in self.outcomes)


async def replay_log(
    file: Annotated[Path, Parameter(help="Log file, .csv or .csv.gz.")],
    /,
    *,
    zone: Annotated[ZoneName, Parameter(help="Time zone of the log.")] = "Europe/Lisbon",
    first: Annotated[int | None, Parameter(help="Number of incidents to replay, in numerical order.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Replay each incident of a ServiceNow log through its workflow in simulated time."""
    log = read_log(content_of(file), zone)
    incidents = list(logged_incidents(log.rows))[:first]
    outcomes = await _run(incidents, zone, asking)
    found = (*log.unreadable, *(one for incident in incidents for one in incident.contradictions))
    summary = Summary(outcomes=tuple(outcomes), contradictions=found)
    if asking.json:
        sys.stdout.write(f"{summary.model_dump_json(indent=2)}\n")
    else:
        asking.console.print(picture(summary, asking.language))
    if not summary.is_well:
        raise CliError("replay_differs", Exit.REFUSED)


async def _run(incidents: Sequence[LoggedIncident], zone: str, asking: Asking) -> list[ReplayedIncident]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Progress is for whoever looks on, the answer for whatever reads it.
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(heading("incidents", asking.language), total=len(incidents))
        outcomes: list[ReplayedIncident] = []
        for start in range(0, len(incidents), BATCH):
            some = incidents[start : start + BATCH]

            def show(done: int, of: int, before: int = start, size: int = len(some)) -> None:
                bars.update(bar, completed=before + size * done / of)

            outcomes += await _batch(some, zone, show)
        return outcomes


async def _batch(some: Sequence[LoggedIncident], zone: str, show: Callable[[int, int], None]) -> list[ReplayedIncident]:
    """A server of its own for each batch: one that skips time gets stuck now and then; then the batch is repeated."""
    for _ in range(MOST_TRIES):
        with suppress(TemporalAway):
            return await LogReplay(some, zone).run(show)
    raise CliError("replay_stuck", Exit.UNREACHABLE)


def picture(summary: Summary, language: Language) -> RenderableType:
    """Compliance per priority, then how the replay went and what the log says against itself."""
    columns = ("priority", ">incidents", ">response", ">in_time", ">resolution", ">in_time", ">kept_by_log")
    made = filled(table(language, *columns), [_line(summary, priority, language) for priority in Priority])
    facts = {
        "incidents": len(summary.outcomes),
        "ended": sum(outcome.ended for outcome in summary.outcomes),
        "times_equal": sum(outcome.is_equal for outcome in summary.outcomes),
        "failed_tasks": sum(outcome.failed_tasks for outcome in summary.outcomes),
        "refused": sum(len(outcome.refused) for outcome in summary.outcomes),
        "events": sum(outcome.events for outcome in summary.outcomes),
    }
    counted = filled(
        table(language, "replay", ">count"), [(heading(name, language), str(n)) for name, n in facts.items()]
    )
    doubts = Counter(one.code for one in summary.contradictions).most_common()
    found = filled(
        table(language, "contradictions", ">count"),
        [(word("contradiction", code, language), str(n)) for code, n in doubts],
    )
    return stacked(made, counted, found)


def _line(summary: Summary, priority: Priority, language: Language) -> tuple[str, ...]:
    some = [outcome for outcome in summary.outcomes if outcome.priority == priority]
    response, resolution = TARGETS[priority]
    return (
        word("priority", priority, language),
        str(len(some)),
        f"{response} min",
        _share([not outcome.response_missed for outcome in some]),
        f"{resolution} min",
        _share([not outcome.resolution_missed for outcome in some]),
        _share([outcome.made_sla for outcome in some]),
    )


def _share(kept: Sequence[bool]) -> str:
    return f"{100 * sum(kept) / len(kept):.1f} %" if kept else "–"
