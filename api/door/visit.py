"""What one request leaves behind while it is served, for the log, the door and whoever ends its answer early."""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from fastapi import Request
from starlette.types import Scope

from domain.door import AtDoor, DoorEntry
from domain.keys import Key

_PLACE = "visit"
# As proxies write it (RFC 7239).
UNKNOWN = "unknown"


@dataclass
class DoorVisit:
    """`caller` has shown a valid key; `shown` is the id of one that is not, if there ever was such a key."""

    address: str
    at: datetime
    request_id: str = ""
    operation: str | None = None
    caller: Key | None = None
    shown: str | None = None

    def entry(self, what: AtDoor, *, why: str | None = None, about: str | None = None) -> DoorEntry:
        """Something that happened by this request."""
        caller = self.caller
        return DoorEntry(
            at=datetime.now(UTC),
            what=what,
            why=why,
            key=caller.id if caller else self.shown,
            person=caller.person if caller else None,
            role=caller.role if caller else None,
            customer=caller.customer if caller else None,
            address=self.address,
            operation=self.operation,
            about=about,
            request_id=self.request_id or None,
        )


def visit_in(scope: Scope) -> DoorVisit:
    state = scope.setdefault("state", {})
    if _PLACE not in state:
        client = scope.get("client")
        state[_PLACE] = DoorVisit(_written_alike(client[0]) if client else "", datetime.now(UTC))
    visit: DoorVisit = state[_PLACE]
    return visit


def _written_alike(address: str) -> str:
    """Proxies hand on what they were told: what is no address is one and the same, however it is written."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    return str(getattr(known, "ipv4_mapped", None) or known)


def visit_of(request: Request) -> DoorVisit:
    return visit_in(request.scope)
