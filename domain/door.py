"""What the door refused or had changed. Masses of refusals become few entries: nobody fills a disk with them."""

from collections import Counter
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

from pydantic import Field

from domain.people import Role
from domain.times import Instant
from domain.values import Address, Slug, Value

# So many different sources of one kind of refusal have entries of their own in a minute; the others share one.
MOST_SOURCES = 20
# An attacker has a whole network of this size to himself.
ONE_HOUSEHOLD = 64
MANY = "many"
# Why somebody is refused who shows nothing that could be wrong.
NO_KEY = "key_needed"
_ANY_TIME = datetime.min.replace(tzinfo=UTC)


class AtDoor(StrEnum):
    """`refused` had no valid key or link, `forbidden` had one that does not allow it."""

    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    KEY_MADE = "key_made"
    KEY_PROPOSED = "key_proposed"
    KEY_CONFIRMED = "key_confirmed"
    KEY_LINK_SENT = "key_link_sent"
    KEY_TAKEN = "key_taken"
    KEY_REVOKED = "key_revoked"
    CHANNEL_SAVED = "channel_saved"
    CHANNEL_REMOVED = "channel_removed"
    CHANNEL_TRIED = "channel_tried"
    SECRETS_SEALED = "secrets_sealed"


class DoorEntry(Value):
    """`key`, `person` and `role` say who came, as far as the door knows them; `about` is the key or channel changed.

    `why` is told to nobody who is refused. An entry with a `count` stands for that many within one minute.
    """

    at: Instant
    what: AtDoor
    why: Slug | None = None
    key: Slug | None = None
    person: Slug | None = None
    role: Role | None = None
    customer: Slug | None = None
    address: Address = ""
    operation: str | None = Field(default=None, max_length=64)
    about: Slug | None = None
    request_id: Slug | None = None
    count: int = 1


class NumberedEntry(DoorEntry):
    """As it stands in the log."""

    id: int


class RefusalTally:
    """Refusals as they come: the first of a source in a minute is due at once, the rest when the minute is over."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._first: dict[DoorEntry, DoorEntry] = {}
        self._again: Counter[DoorEntry] = Counter()
        self._due: list[DoorEntry] = []

    def add(self, entry: DoorEntry) -> None:
        self._turn(entry.at)
        source = self._source(entry)
        if source in self._first:
            self._again[source] += 1
            return
        self._first[source] = entry
        self._due.append(entry if source.address != MANY else _of_many(entry))

    def due(self, at: datetime, *, all_of_it: bool = False) -> list[DoorEntry]:
        """What is to be written now; it is not given out again."""
        self._turn(at)
        if all_of_it:
            self._close()
        due, self._due = self._due, []
        return due

    def _turn(self, at: datetime) -> None:
        minute = at.replace(second=0, microsecond=0)
        if self._minute is not None and minute > self._minute:
            self._close()
            self._first.clear()
        self._minute = max(minute, self._minute or minute)

    def _close(self) -> None:
        for source, count in self._again.items():
            first = self._first[source]
            self._due.append((first if source.address != MANY else _of_many(first)).but(count=count))
        self._again.clear()

    def _source(self, entry: DoorEntry) -> DoorEntry:
        source = entry.but(at=_ANY_TIME, request_id=None, address=household(entry.address))
        if entry.what == AtDoor.REFUSED:
            # Whoever has no key tries all the doors of the house.
            source = source.but(operation=None)
        if source in self._first or sum(one.what == entry.what for one in self._first) < MOST_SOURCES:
            return source
        return _of_many(source)


def _of_many(entry: DoorEntry) -> DoorEntry:
    unsaid = dict.fromkeys(("why", "key", "person", "role", "customer", "operation", "about", "request_id"))
    return entry.but(address=MANY, **unsaid)


def household(address: str) -> str:
    """The address, or the network that one household gets."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, ONE_HOUSEHOLD), strict=False))
