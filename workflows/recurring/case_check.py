"""Hourly, when workers start, and when somebody asks: are all cases run, and do they get on."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from datetime import timedelta

    from activities.checks import Checks, MissingAsked, PartAsked, TellingDone
    from activities.notices import Notices, Outgoing
    from domain.cases.faults import CHECKED, CheckReport, FaultyCase, letters
    from workflows.effects import Impossible, patiently

# Somebody reads it: whoever wants them all asks the lists.
MOST_REPORTED = 200
# One part is hundreds of questions to a server that may be busy.
PART_WITHIN = timedelta(minutes=5)


@workflow.defn
class CaseCheckWorkflow:
    @workflow.run
    async def run(self) -> CheckReport:
        looked_at, faulty = 0, list[FaultyCase]()
        for kind in CHECKED:
            after: str | None = ""
            while after is not None:
                asked = PartAsked(kind=kind, after=after)
                part = await patiently(Checks.check_part, asked, summary=f"{kind} {after}", within=PART_WITHIN)
                looked_at, after = looked_at + part.looked_at, part.following
                faulty += part.faulty
        missing = await patiently(
            Checks.write_missing, MissingAsked(at=workflow.now()), summary="without a row", within=PART_WITHIN
        )
        await self.tell(faulty)
        return CheckReport(
            looked_at=looked_at, rewritten=missing.count, count=len(faulty), faulty=tuple(faulty[:MOST_REPORTED])
        )

    async def tell(self, faulty: list[FaultyCase]) -> None:
        """Each letter by itself: one that reaches nobody keeps no other back."""
        for letter in letters(faulty):
            try:
                await patiently(Notices.deliver, Outgoing(messages=(letter,)), summary="tell of faults")
            except Impossible:
                workflow.logger.warning("nobody could be told of faults", extra={"contract": letter.contract})
        untold = [case.case for case in faulty if not all(fault.told for fault in case.faults)]
        if untold:
            await patiently(Checks.note_told, TellingDone(cases=tuple(untold)), summary="told")
