"""Step by step: what is too old goes once a day; what no rule has is looked at every hour, whether it is silent."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.alert_cleaning import AlertCleaning, Cleaned, Cleaning
    from workflows.effects import Activity, patiently

# Between two steps others have their turn.
PAUSE = timedelta(seconds=1)
MOST_STEPS = 1_000


@workflow.defn
class AlertCleaningWorkflow:
    @workflow.run
    async def run(self) -> None:
        await _to_the_end(AlertCleaning.clean_old_alerts, "what is too old")


@workflow.defn
class AlertSilenceWorkflow:
    @workflow.run
    async def run(self) -> None:
        await _to_the_end(AlertCleaning.note_unmatched_silence, "what is not named any more")


async def _to_the_end(step: Activity[Cleaning, Cleaned], summary: str) -> None:
    asked = Cleaning(at=workflow.now())
    for _ in range(MOST_STEPS):
        if (await patiently(step, asked, summary=summary)).is_all:
            return
        await workflow.sleep(PAUSE)
