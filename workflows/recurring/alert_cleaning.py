"""Once a day: remove alerts and groups that are too old, step by step."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.alert_cleaning import AlertCleaning, Cleaning
    from workflows.effects import patiently

# Between two steps others have their turn.
PAUSE = timedelta(seconds=1)
MOST_STEPS = 1_000


@workflow.defn
class AlertCleaningWorkflow:
    @workflow.run
    async def run(self) -> None:
        asked = Cleaning(at=workflow.now())
        for _ in range(MOST_STEPS):
            cleaned = await patiently(AlertCleaning.clean_old_alerts, asked, summary="what is too old")
            if cleaned.is_all:
                return
            await workflow.sleep(PAUSE)
