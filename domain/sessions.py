"""Sessions of people at the pages: one begins with a key, acts as a key, and ends with either of them."""

from datetime import datetime, timedelta

from domain.people import Role
from domain.times import Instant
from domain.values import Slug, Value

LIFE, IDLE = timedelta(hours=12), timedelta(minutes=60)
# Of one that a technician keeps on a phone: for their day and nothing else, also at rest.
FLOOR_LIFE = timedelta(days=14)


class SignInLink(Value):
    """Opens once, until then, a session that acts as the key that asked for it."""

    url: str
    expires_at: Instant
    person: Slug
    role: Role


class Session(Value):
    """`key` opened it, `acts_as` is that or another of the same person's: the role that was chosen in the menu.

    One that was offered by a link waits until `offered_until` and opens nothing before it is taken.
    """

    id: Slug
    key: Slug
    acts_as: Slug
    person: Slug
    created_at: Instant
    offered_until: Instant | None = None
    started_at: Instant | None = None
    seen_at: Instant | None = None
    ended_at: Instant | None = None
    address: str = ""
    on_floor: bool = False

    @property
    def floor_until(self) -> datetime | None:
        """How long it opens its person's day, if it was kept for that."""
        is_kept = self.on_floor and self.started_at is not None and self.ended_at is None
        return self.started_at + FLOOR_LIFE if is_kept and self.started_at is not None else None

    def is_open_at(self, at: datetime) -> bool:
        if self.started_at is None or self.seen_at is None or self.ended_at is not None:
            return False
        return at < min(self.started_at + LIFE, self.seen_at + IDLE)

    def is_offered_at(self, at: datetime) -> bool:
        waits = self.started_at is None and self.ended_at is None
        return waits and self.offered_until is not None and at < self.offered_until
