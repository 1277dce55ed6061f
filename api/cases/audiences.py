"""What a caller may see of what happens: the provider's people all of it, a customer's own what is on its allowlist."""

from collections.abc import Iterable, Mapping

from domain.cases.audiences import Audiences
from domain.cases.events import Event
from domain.ids import PAGE, WAVE, case_no_of
from domain.incidents.audiences import INCIDENT_AUDIENCES
from domain.keys import CUSTOMERS_OWN, Key
from domain.moves.launched.audiences import MOVE_AUDIENCES
from domain.oncall.audiences import PAGE_AUDIENCES
from domain.orders.audiences import ORDER_AUDIENCES

AUDIENCES: Mapping[str, Audiences] = {
    "order": ORDER_AUDIENCES,
    "incident": INCIDENT_AUDIENCES,
    PAGE: PAGE_AUDIENCES,
    "project": MOVE_AUDIENCES,
    WAVE: MOVE_AUDIENCES,
}


def may_see(caller: Key, case: str, event: Event) -> bool:
    """`case` is the workflow id under which it stands in the journal."""
    if caller.role not in CUSTOMERS_OWN:
        return True
    kind, _ = case_no_of(case)
    listed = AUDIENCES.get(kind)
    return listed is not None and listed.shows(event)


def seen_by(caller: Key, case: str, events: Iterable[Event]) -> list[Event]:
    return [event for event in events if may_see(caller, case, event)]
