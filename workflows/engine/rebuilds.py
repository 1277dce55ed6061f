"""Having the tables rebuilt: what the server lists is read first, then what the tables show as open beside that."""

from collections.abc import Iterable
from contextlib import suppress

from temporalio.client import Client

from activities.failures import Away
from activities.rebuilding.rebuild import Rebuild
from domain.cases.rebuilding import RebuildReport
from workflows.engine.memories import ListedRun, remembered, runs_of
from workflows.engine.runs import Runs


async def have_rebuilt(client: Client, rebuild: Rebuild, listed: Iterable[ListedRun]) -> RebuildReport:
    """Raises `TemporalAway`; what is written until then is written, and the next time goes on from there."""
    runs = Runs(client)
    async for case in remembered(client, listed):
        await rebuild.take(case)
    # Lists are a moment behind, and may begin at a time; what is open in the tables may have ended before it.
    async for case in remembered(client, await runs_of(client, await rebuild.untaken())):
        await rebuild.take(case)
    report = await rebuild.finish(runs)
    if report.written:
        for case_id, seq in rebuild.ahead.items():
            # Without a worker nobody can say how far it has come; the first that starts looks at it again.
            with suppress(Away):
                await runs.correct(case_id, seq)
    return report
