"""One group of alerts, for as long as there is something to wait for."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.alert_groups import AlertGroups, Look
    from domain.alerts.groups import (
        TELL_EVERY,
        TRY_AGAIN,
        AlertNews,
        GroupMove,
        GroupNote,
        GroupStanding,
        GroupState,
        News,
        next_move,
    )
    from domain.alerts.incidents import Opening
    from domain.ids import incident_workflow_id
    from domain.times import Instant
    from domain.values import Slug, Value
    from workflows.effects import Impossible, act
    from workflows.incident import IncidentWorkflow
    from workflows.opened_incidents import open_incident

# Alerts of one fault come within moments of each other: they are waited for before anybody is told.
COLLECT = timedelta(seconds=3)


class Watch(Value):
    """The group to look after. After a run that grew too long, `told_at` is when its incident was told last."""

    group: Slug
    told_at: Instant | None = None


@workflow.defn
class AlertGroupWorkflow:
    """Look at a group whenever it has news or time has come, and do what the rules say; the tables keep what it did."""

    @workflow.init
    def __init__(self, watch: Watch) -> None:
        self._group = watch.group
        self._told_at: datetime | None = watch.told_at
        self._has_news = True

    @workflow.run
    async def run(self, watch: Watch) -> None:
        look_at: datetime | None = None
        while self._has_news or look_at is not None:
            await self._until(look_at)
            await self._collect()
            self._has_news = False
            look_at = await self._look()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(Watch(group=self._group, told_at=self._told_at))

    @workflow.signal
    def wake(self, event_id: Slug) -> None:
        """Alerts have come, or what they are judged by has changed; the tables say what."""
        self._has_news = True

    async def _until(self, look_at: datetime | None) -> None:
        """News comes, or the time at which something may be due."""
        if look_at is None or look_at <= workflow.now():
            return
        left = look_at - workflow.now()
        summary = f"look again at {look_at:%Y-%m-%d %H:%M}Z"
        try:
            await workflow.wait_condition(lambda: self._has_news, timeout=left, timeout_summary=summary)
        except TimeoutError:
            return

    async def _collect(self) -> None:
        """What comes within moments is one piece of news, and an incident hears of news once a minute."""
        if not self._has_news:
            return
        now = workflow.now()
        told = self._told_at + TELL_EVERY if self._told_at else now
        await workflow.sleep(max(COLLECT, told - now), summary="collect alerts")

    async def _look(self) -> datetime | None:
        """Do what is due now; when to look again."""
        now = workflow.now()
        try:
            standing = await act(AlertGroups.look_at_group, Look(group=self._group, at=now), summary="how it stands")
        except Impossible:
            return None
        note = await self._moved(standing, next_move(standing, now), now)
        await act(AlertGroups.note_group, note, summary=note.state)
        self._told_at = note.done.told_at if note.state == GroupState.OPEN else None
        return note.look_at

    async def _moved(self, standing: GroupStanding, move: GroupMove, now: datetime) -> GroupNote:
        note = GroupNote(group=self._group, state=move.state, done=move.done, look_at=move.look_at)
        try:
            if move.opens:
                await self._open(standing, move, now)
                if move.tells is not None and standing.done.incident is not None:
                    await self._tell(move.tells, standing, standing.done.incident, now, followed_by=move.done.incident)
            elif move.tells is not None and not await self._tell(move.tells, standing, move.done.incident, now):
                return note.but(done=standing.done.but(gone=True), look_at=now)
        except Impossible as impossible:
            again = now + TRY_AGAIN
            return note.but(state=GroupState.STUCK, done=standing.done, look_at=again, problem=impossible.problem)
        return note

    async def _open(self, standing: GroupStanding, move: GroupMove, now: datetime) -> None:
        """Opening the same one twice is impossible: its number comes from the group and the episode."""
        no = move.done.incident
        assert no is not None
        opening = Opening(
            group=self._group, no=no, follows=standing.done.incident, solved_at=standing.solved_at, at=now
        )
        incident = await act(AlertGroups.incident_of_group, opening, summary=f"incident {no}")
        await open_incident(incident)

    async def _tell(
        self, what: News, standing: GroupStanding, no: str | None, now: datetime, *, followed_by: str | None = None
    ) -> bool:
        """False when there is nobody left to tell."""
        assert no is not None
        event_id = f"{no}-{what}-{int(now.timestamp())}"
        news = AlertNews(
            event_id=event_id,
            what=what,
            group=self._group,
            counts=standing.counts,
            at=now,
            followed_by=followed_by,
            follows_at=standing.heals_at if what == News.STILL else None,
        )
        handle = workflow.get_external_workflow_handle_for(IncidentWorkflow.run, incident_workflow_id(no))
        try:
            await handle.signal(IncidentWorkflow.hear_alerts, news)
        except FailureError:
            return False
        return True
