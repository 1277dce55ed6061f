"""`imac project rehearse`: how a plan is likely to go, from many runs of the real workflows in virtual time."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.http import path
from cli.moments import clock_at
from cli.moves.plans import newest
from cli.names import clock_called
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import word
from domain.moves.plans.waves import hours
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.moves.rehearsals.rehearsal import MOST_RUNS, RehearsalPack
from domain.people import Language
from rehearsal.runs import rehearse as run

MOST_SHOWN = 10


async def rehearse(
    project: ProjectId,
    /,
    *,
    plan: int | None = None,
    runs: Annotated[int, Parameter(validator=Number(gte=1, lte=MOST_RUNS))] = 10,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    processes: Annotated[int | None, Parameter(validator=Number(gte=1, lte=64))] = None,
    asking: Asking = ASKING,
) -> None:
    """Rehearse a plan: forecast end times, missed deadlines, workload, critical path and problem rows.

    The real workflows run it beside stand-ins for people and systems; nothing in the tables changes but that the
    forecast is kept with the plan. The same seed gives the same forecast.

    Parameters
    ----------
    plan
        Plan version; defaults to the latest.
    runs
        Number of runs.
    seed
        Random seed.
    processes
        Parallel runs; defaults to one per processor.
    """
    async with asking.api() as api:
        version = plan or await newest(api, project)
        pack = await api.read(RehearsalPack, path("projects", project, "plans", f"{version}", "rehearsal-pack"))
        found = await asyncio.to_thread(_rehearsed, pack, runs, seed, processes)
        answer = await api.put(path("projects", project, "plans", f"{version}", "rehearsal"), found)
    asking.show(answer, lambda: picture(found, pack.launch.zone, asking.language))


def _rehearsed(pack: RehearsalPack, runs: int, seed: int, processes: int | None) -> Rehearsal:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{pack.launch.project}, {pack.plan.planned}", total=runs)
        return run(
            pack,
            runs=runs,
            seed=seed,
            processes=processes,
            progress=lambda done, _: bar.update(task, completed=done),
        )


def picture(found: Rehearsal, zone: str, language: Language) -> RenderableType:
    return stacked(*_parts(found, zone, language))


def _parts(found: Rehearsal, zone: str, language: Language) -> Iterator[RenderableType]:
    waves = table(language, "wave", "planned_end", "p50", "p90", ">ended")
    for wave in found.waves:
        ends = (clock_at(end, zone) if end else "–" for end in (wave.planned_end, wave.p50, wave.p90))
        filled(waves, [(wave.wave, *ends, f"{wave.ended}/{found.runs}")])
    yield waves
    headings = (">exceptions_p90", ">messages_p50", "hours_p50", "hours_p90", ">amount_p50", ">amount_p90")
    numbers = (found.exceptions_p90, found.messages_p50, hours(found.minutes_p50), hours(found.minutes_p90))
    sums = table(language, *headings, title="one_run")
    yield filled(sums, [(*numbers, found.amount_p50, found.amount_p90)])
    if found.loads:
        loads = table(language, "day", "technician", "load_p50", "load_p90", ">over", title="busiest")
        busiest = sorted(found.loads, key=lambda load: (-load.p90, load.day, load.technician))[:MOST_SHOWN]
        rows = [(load.day, load.technician, hours(load.p50), hours(load.p90), load.over) for load in busiest]
        yield filled(loads, rows)
    if found.paths:
        paths = table(language, "critical_path", ">runs")
        yield filled(paths, [(" → ".join(map(str, path.rows)), path.runs) for path in found.paths])
    if found.missed:
        missed = table(language, ">row", "clock", ">runs")
        yield filled(
            missed, [(one.row, clock_called(one.clock, language), one.runs) for one in found.missed[:MOST_SHOWN]]
        )
    if found.rows:
        rows_ = table(language, ">row", "wave", "trouble")
        hurt = [
            (row.row, row.wave, ", ".join(f"{word('trouble', kind, language)} {n}" for kind, n in row.troubles.items()))
            for row in found.rows[:MOST_SHOWN]
        ]
        yield filled(rows_, hurt)
    if found.finished < found.runs:
        yield Text(f"{heading('unfinished', language)}: {found.runs - found.finished}", style="yellow")
