"""Groups of alerts: what each has done is in histories; the alerts, and what made the group, are in the tables only."""

from datetime import UTC, datetime

from sqlmodel import select

from activities.rebuilding.deeds import RememberedCase
from activities.rebuilding.tallies import RebuildTally
from db.alerts.groups import GroupRow, write_down
from db.engine import Database
from domain.alerts.groups import Done, GroupNote, GroupState
from domain.times import Instant

_GROUPS = "alert_groups"
_NEVER = datetime.min.replace(tzinfo=UTC)


class Groups:
    """`unknown` have no row: they come back when their next alert does."""

    def __init__(self, database: Database, tally: RebuildTally, *, writes: bool) -> None:
        self.unknown = 0
        self._database = database
        self._tally = tally
        self._writes = writes
        self._notes: dict[str, tuple[Instant, GroupNote]] = {}
        self._before: dict[str, GroupNote] = {}

    async def begin(self) -> None:
        """What a group writes down from now on is newer than anything that is read of its histories."""
        async with self._database.reading() as session:
            self._before = {row.id: _as_note(row) for row in (await session.execute(select(GroupRow))).scalars()}

    def take(self, case: RememberedCase) -> None:
        for deed in case.deeds:
            if isinstance(deed.asked, GroupNote) and deed.problem is None:
                last = self._notes.get(deed.asked.group)
                if last is None or last[0] <= deed.at:
                    self._notes[deed.asked.group] = deed.at, deed.asked

    async def finish(self) -> None:
        for group, (_, note) in sorted(self._notes.items()):
            before = self._before.get(group)
            if before is None:
                self.unknown += 1
            elif not _is_behind(before, note):
                self._tally.add(_GROUPS, same=1)
            else:
                self._tally.add(_GROUPS, old=1)
                if self._writes:
                    await self._write(before, note)

    async def _write(self, before: GroupNote, note: GroupNote) -> None:
        async with self._database.writing() as session:
            row = await session.get(GroupRow, note.group, with_for_update=True)
            if row is not None and _as_note(row) == before:
                await write_down(session, note)


def _as_note(row: GroupRow) -> GroupNote:
    return GroupNote(
        group=row.id, state=GroupState(row.state), done=row.as_done(), look_at=row.look_at, problem=row.as_problem()
    )


def _is_behind(before: GroupNote, note: GroupNote) -> bool:
    return before != note and _how_far(before.done) <= _how_far(note.done)


def _how_far(done: Done) -> tuple[int, bool, Instant, Instant]:
    """Each episode opens an incident, which is then told again and again."""
    return done.episode, done.incident is not None, done.told_at or _NEVER, done.fired_at or _NEVER
