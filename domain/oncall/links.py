"""Signed links by which somebody who was called answers without logging in. The signature is the permission."""

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from domain.refusals import Problem, Refused, Unknown
from domain.times import Instant
from domain.values import Slug, Value

# Over a long weekend; a page that is older is somebody's for other reasons.
LIFETIME = timedelta(days=4)
# 128 bits: a link has to fit into a text message.
SIGNATURE_BYTES = 16
# No id holds a tilde, and no URL encodes one.
_WRITTEN = re.compile(r"([^~]+)~(\d{1,9})~(\d{1,9})~([^~]+)~(\d{1,12})~([A-Za-z0-9_-]{22})")


class PageLink(Value):
    """One person's answer to one round of a page. Nothing personal is in it but the person's id."""

    incident: Slug
    page: int
    round: int
    person: Slug
    expires_at: Instant

    @property
    def request_id(self) -> str:
        """What makes a link good for one answer only."""
        name = f"{self.incident}/{self.page}/{self.round}/{self.person}"
        return f"link-{sha256(name.encode()).hexdigest()[:32]}"


def signed(link: PageLink, secret: str) -> str:
    expires = int(link.expires_at.timestamp())
    written = f"{link.incident}~{link.page}~{link.round}~{link.person}~{expires}"
    return f"{written}~{signature(written, secret)}"


def read_link(text: str, secret: str, at: datetime) -> PageLink:
    """Raises `Unknown` for what we have not signed, `Refused` for what has expired."""
    found = _WRITTEN.fullmatch(text)
    written = text.rpartition("~")[0]
    if found is None or not hmac.compare_digest(found[6].encode(), signature(written, secret).encode()):
        raise Unknown(Problem(code="link_wrong"))
    incident, page, turn, person, expires, _ = found.groups()
    link = PageLink(
        incident=incident,
        page=int(page),
        round=int(turn),
        person=person,
        expires_at=datetime.fromtimestamp(int(expires), UTC),
    )
    if link.expires_at <= at:
        raise Refused(Problem(code="link_expired"))
    return link


def signature(written: str, secret: str, purpose: str = "page-link") -> str:
    """Good for one purpose only: what lets somebody take a page over answers no incident."""
    digest = hmac.digest(secret.encode(), f"{purpose}/{written}".encode(), "sha256")[:SIGNATURE_BYTES]
    return urlsafe_b64encode(digest).decode().rstrip("=")
