"""Once a day: who has to hear that a key ends."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.keys import KeyEnds, LookAtKeys
    from activities.notices import Notices
    from workflows.effects import Impossible, patiently


@workflow.defn
class KeyEndsWorkflow:
    @workflow.run
    async def run(self) -> None:
        look = LookAtKeys(at=workflow.now())
        outgoing = await patiently(KeyEnds.warnings_due, look, summary="keys that end soon")
        if not outgoing.messages:
            return
        try:
            await patiently(Notices.deliver, outgoing, summary="tell of keys that end")
        except Impossible:
            # Every attempt is on record; the next threshold is another try.
            workflow.logger.warning("not everybody could be told of keys that end")
