"""Addresses by which a calendar program follows a rota. The signature is the permission, until it is taken back."""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import datetime

from domain.oncall.links import SIGNATURE_BYTES
from domain.refusals import Problem, Unknown
from domain.times import Instant
from domain.values import Slug, Value

_WRITTEN = re.compile(r"([0-9a-f]{20})~([A-Za-z0-9_-]{22})(?:\.ics)?")


class FeedWanted(Value):
    """Without a person it is everybody's shifts."""

    person: Slug | None = None


class CalendarFeed(FeedWanted):
    """`url` opens without a key: whoever has it sees these shifts, and nothing else."""

    id: Slug
    rota: Slug
    made_by: Slug
    made_at: Instant
    ends_at: Instant | None = None
    url: str = ""

    def is_open_at(self, at: datetime) -> bool:
        return self.ends_at is None or at < self.ends_at


def feed_token(feed: str, secret: str) -> str:
    return f"{feed}~{_signature(feed, secret)}"


def feed_of(text: str, secret: str) -> str:
    """Raises `Unknown` for what we have not signed."""
    found = _WRITTEN.fullmatch(text)
    if found is None or not hmac.compare_digest(found[2].encode(), _signature(found[1], secret).encode()):
        raise Unknown(Problem(code="link_wrong"))
    return found[1]


def _signature(feed: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"calendar-feed/{feed}".encode(), "sha256")[:SIGNATURE_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")
