"""RebuiltCases held against their rows and their journal: one transaction each, as `record` writes them."""

from datetime import UTC, datetime

from activities.checks import SETTLED
from activities.rebuilding.tallies import RebuildTally
from db.cases.images import CaseImage, HeldCase, RowStanding, bring_back, held_against
from db.engine import Database
from db.standing_cases import row_table


class RebuiltCases:
    """`ahead` are those of which the tables know more than Temporal does, and up to which number.

    `unfinished` are those that are open by their history.
    """

    def __init__(self, database: Database, tally: RebuildTally, *, writes: bool) -> None:
        self.ahead: dict[str, int] = {}
        self.unfinished: set[str] = set()
        self._database = database
        self._tally = tally
        self._writes = writes

    async def hold(self, image: CaseImage) -> None:
        if image.row.state not in row_table(image.row).over:
            self.unfinished.add(image.row.workflow_id)
        async with self._database.reading() as session:
            held = await held_against(session, image)
        if self._writes and not _is_whole(held):
            async with self._database.writing() as session:
                held = await bring_back(session, image)
        self._note(image, held)

    def _note(self, image: CaseImage, held: HeldCase) -> None:
        if held.row == RowStanding.AHEAD and held.updated_at is not None:
            # Whoever runs it may have written it since its history was read.
            if datetime.now(UTC) - held.updated_at > SETTLED:
                self.ahead[image.row.workflow_id] = held.seq
            self._tally.add(f"{image.row.__tablename__}", same=1)
            self._tally.add("journal", same=held.same, missing=held.missing)
            return
        self._tally.add(f"{image.row.__tablename__}", **{held.row.value: 1})
        old = held.different + held.surplus
        self._tally.add("journal", same=held.same, missing=held.missing, old=old)


def _is_whole(held: HeldCase) -> bool:
    wanting = held.missing or held.different or (held.surplus and held.row != RowStanding.AHEAD)
    return held.row in (RowStanding.SAME, RowStanding.AHEAD) and not wanting
