"""Addresses that have shown too many wrong keys and links: they wait before another one is looked at."""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from db.access.door import wrong_keys_since
from db.engine import Database
from domain.door import NO_KEY, AtDoor, DoorEntry, household
from domain.refusals import Problem, TooFast

# What is older counts no more: nobody waits for longer.
WITHIN = timedelta(minutes=3)
# What other processes have written is asked for at most so often, and only when a key was refused here.
ASKS_EVERY = timedelta(seconds=3)
# In one minute; of more than these nobody keeps a count.
MOST_ADDRESSES = 10_000
# Keys that have opened lately.
MOST_FAMILIAR = 10_000

_Minutes = Mapping[datetime, Counter[str]]


class Strangers:
    """Of one API process, with what the others have written at the door."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._ours: dict[datetime, Counter[str]] = {}
        self._told: _Minutes = {}
        self._asked_at = datetime.min.replace(tzinfo=UTC)
        self._has_news = False
        self._familiar: OrderedDict[bytes, None] = OrderedDict()

    def welcome(self, text: str) -> None:
        """This key has opened: whoever shares its address with somebody who guesses goes on working with it."""
        digest = _digest(text)
        self._familiar[digest] = None
        self._familiar.move_to_end(digest)
        if len(self._familiar) > MOST_FAMILIAR:
            self._familiar.popitem(last=False)

    def check(self, address: str, now: datetime, text: str = "") -> None:
        """Before a key or link is looked at. Raises `TooFast`."""
        wait = self._wait(household(address), now)
        if wait and _digest(text) not in self._familiar:
            seconds = max(1, round(wait.total_seconds()))
            raise TooFast(Problem(code="too_many_wrong_keys", values={"seconds": f"{seconds}"}), seconds)

    def refused(self, entry: DoorEntry) -> None:
        """Whoever shows no key at all guesses none, and costs no look at the tables."""
        if entry.what != AtDoor.REFUSED or entry.why == NO_KEY:
            return
        self._has_news = True
        first = _minute(entry.at - WITHIN)
        self._ours = {minute: counts for minute, counts in self._ours.items() if minute > first}
        counts = self._ours.setdefault(_minute(entry.at), Counter())
        source = household(entry.address)
        if source in counts or len(counts) < MOST_ADDRESSES:
            counts[source] += 1

    async def ask(self, now: datetime) -> None:
        if not self._has_news or now < self._asked_at + ASKS_EVERY:
            return
        self._has_news, self._asked_at = False, now
        async with self._database.reading() as session:
            entries = await wrong_keys_since(session, _minute(now - WITHIN))
        told: dict[datetime, Counter[str]] = {}
        for entry in entries:
            told.setdefault(_minute(entry.at), Counter())[household(entry.address)] += entry.count
        self._told = told

    def _wait(self, source: str, now: datetime) -> timedelta:
        """Until so many of its refusals are too old that it is below the limit."""
        # The table has ours, too, later: the larger number is that of a minute.
        minutes = sorted(
            (minute, max(counts.get(minute, _NONE)[source] for counts in (self._ours, self._told)))
            for minute in self._ours.keys() | self._told.keys()
            if minute + WITHIN > now
        )
        left = sum(count for _, count in minutes)
        wait = timedelta()
        for minute, count in minutes:
            if left < self._most:
                break
            left -= count
            wait = minute + WITHIN - now
        return wait


_NONE: Counter[str] = Counter()


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
