"""Keys that end soon: their makers and administrators hear of it in time, lest a system falls silent with its key."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.cases.events import Message
from domain.keys import Key, KeyStanding

WARNED_DAYS = (30, 7)
# Names no contract: whoever is told of a key of all customers is the provider's own.
NO_CONTRACT = "none"


def warning_due(key: Key, at: datetime) -> int | None:
    """How many days before its end somebody is to be told now; a key that was made later than that needs no telling."""
    if key.standing_at(at) != KeyStanding.VALID or key.expires_at is None:
        return None
    spans = [days for days in WARNED_DAYS if key.created_at < key.expires_at - timedelta(days=days) <= at]
    return min(spans, default=None)


def warning(key: Key, days: int, people: Iterable[str], contract: str | None) -> Message:
    """The business key names the end: a key is told of once per threshold, whoever looks how often."""
    assert key.expires_at is not None
    return Message(
        key=f"notice:key/{key.id}/ends/{days}",
        case=f"key/{key.id}",
        contract=contract or NO_CONTRACT,
        template="access_key_ends",
        people=tuple(sorted(set(people))),
        values={
            "key": key.id,
            "role": key.role,
            "person": key.person,
            "customer": key.customer or "",
            "ends": key.expires_at.isoformat(),
            "zone": "UTC",
        },
    )
