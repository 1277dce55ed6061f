"""Removing what is known of alerts for longer than anybody needs it, and marking those that nobody names any more."""

from datetime import timedelta

from temporalio import activity

from db.alerts.cleaning import clean_alerts, clean_groups
from db.alerts.silence import note_unmatched_silence
from db.engine import Database
from domain.alerts.rules import STALE_AFTER_MINUTES
from domain.times import DAY, Instant
from domain.values import Value

KEPT_FOR = 400 * DAY


class Cleaning(Value):
    at: Instant


class Cleaned(Value):
    alerts: int
    groups: int

    @property
    def is_all(self) -> bool:
        return not self.alerts and not self.groups


class AlertCleaning:
    def __init__(self, database: Database, kept_for: timedelta = KEPT_FOR) -> None:
        self._database = database
        self._kept_for = kept_for

    @activity.defn
    async def clean_old_alerts(self, cleaning: Cleaning) -> Cleaned:
        """One step of it, so that nobody who sends alerts waits long."""
        before = cleaning.at - self._kept_for
        async with self._database.writing() as session:
            alerts = await clean_alerts(session, before, cleaning.at)
        async with self._database.writing() as session:
            groups = 0 if alerts else await clean_groups(session, before)
        return Cleaned(alerts=alerts, groups=groups)

    @activity.defn
    async def note_unmatched_silence(self, cleaning: Cleaning) -> Cleaned:
        """Alerts that no rule has are in no group that would look after them."""
        before = cleaning.at - timedelta(minutes=STALE_AFTER_MINUTES)
        async with self._database.writing() as session:
            return Cleaned(alerts=await note_unmatched_silence(session, before, cleaning.at), groups=0)
