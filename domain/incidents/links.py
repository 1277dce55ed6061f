"""Signed links by which the customer answers without logging in. The signature is the permission."""

import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain.oncall.links import signature
from domain.refusals import Problem, Refused, Unknown
from domain.times import Instant
from domain.values import Slug, Value

# Longer than a holiday; what waits longer is told again.
LIFETIME = timedelta(days=45)
PURPOSE = "answer-link"
_WRITTEN = re.compile(r"([^~]+)~([^~]+)~(\d{1,12})~([A-Za-z0-9_-]{22})")


class AnswerLink(Value):
    """One person's way to answer about one incident, as often as there is something to say."""

    incident: Slug
    person: Slug
    expires_at: Instant

    def request_id(self, message: str) -> str:
        """The button pressed twice is one answer; another text is another."""
        name = f"{self.incident}/{self.person}/{message}"
        return f"answer-{sha256(name.encode()).hexdigest()[:32]}"


def signed(link: AnswerLink, secret: str) -> str:
    written = f"{link.incident}~{link.person}~{int(link.expires_at.timestamp())}"
    return f"{written}~{signature(written, secret, PURPOSE)}"


def read_link(text: str, secret: str, at: datetime) -> AnswerLink:
    """Raises `Unknown` for what we have not signed, `Refused` for what has expired."""
    found = _WRITTEN.fullmatch(text)
    written = text.rpartition("~")[0]
    if found is None or not hmac.compare_digest(found[4].encode(), signature(written, secret, PURPOSE).encode()):
        raise Unknown(Problem(code="link_wrong"))
    incident, person, expires, _ = found.groups()
    link = AnswerLink(incident=incident, person=person, expires_at=datetime.fromtimestamp(int(expires), UTC))
    if link.expires_at <= at:
        raise Refused(Problem(code="link_expired"))
    return link
