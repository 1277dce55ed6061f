"""Tables that several workflows write."""

import asyncio

from activities.records import Records, WaveEntry
from db.engine import Database
from db.moves.launches import replace_waiting, workplaces_of
from db.moves.projects import project_to_change, save_project
from domain.kinds import OrderKind
from domain.moves.launched.wave_progress import WaveCounts, WorkplaceStanding, WorkplaceState
from domain.moves.project import Project
from tests.domain.moves.launched.wave_samples import START, SWAP, Rehearsed
from tests.world import furnish


async def test_a_wave_that_opens_while_its_rows_are_shown_as_waiting_keeps_its_own(database: Database) -> None:
    wave = Rehearsed(SWAP)
    waiting = WorkplaceStanding(workplace="anna", row=1, kind=OrderKind.MOVE, wave="w1", state=WorkplaceState.WAITING)
    begun = waiting.but(state=WorkplaceState.IN_FLIGHT)
    entry = WaveEntry(
        launch=wave.launch,
        progress=wave.progress,
        counts=WaveCounts(),
        rows=(begun,),
        events=(),
        deadline=None,
        at=START,
    )
    await furnish(database)
    async with database.writing() as session:
        await save_project(session, Project(id="p", customer="adler", contract="c", name="Umzug", sites=("s",)))

    async with database.writing() as session:
        await project_to_change(session, "p")
        opening = asyncio.create_task(Records(database).record_wave(entry))
        await asyncio.wait({opening}, timeout=1)
        await replace_waiting(session, "p", "adler", set(), [waiting], START)
    await opening

    async with database.reading() as session:
        assert [row.state for row in await workplaces_of(session, "p")] == [WorkplaceState.IN_FLIGHT]
