"""The menu: what the policy denies is not there."""

from collections.abc import Iterator
from typing import NamedTuple

from api.policy import Operation, allows
from domain.keys import CUSTOMERS_OWN, Key
from domain.people import Language, Role
from web.words import say


class Entry(NamedTuple):
    address: str
    words: str
    is_here: bool


_ENTRIES: tuple[tuple[str, str, Operation], ...] = (
    ("/", "menu_today", Operation.SIGN_IN),
    ("/my-day", "menu_my_day", Operation.READ_ORDERS),
    ("/projects", "menu_projects", Operation.READ_PROJECTS),
    ("/orders", "menu_orders", Operation.READ_ORDERS),
    ("/incidents", "menu_incidents", Operation.READ_INCIDENTS),
    ("/exceptions", "menu_exceptions", Operation.READ_AWAITED),
    ("/on-call", "menu_on_call", Operation.READ_ROTAS),
    ("/contracts", "menu_contracts", Operation.READ_CONTRACTS),
    ("/registers", "menu_registers", Operation.SIGN_IN),
    ("/audit", "menu_audit", Operation.READ_NOTICES),
)


# Whose visits there are, and whose business contracts and audits are; the others come to those by links.
_ONLY_FOR = {
    "/my-day": frozenset({Role.TECHNICIAN}),
    "/contracts": CUSTOMERS_OWN | {Role.SDM, Role.BRM, Role.AUDITOR, Role.ADMIN},
    "/audit": frozenset({Role.AUDITOR, Role.SDM, Role.BRM, Role.ADMIN}),
}


# What stands below an entry at an address of its own.
_BELOW = {"/registers": ("/assets", "/people", "/vendors", "/waste", "/keys")}


def menu_of(key: Key, path: str, language: Language) -> tuple[Entry, ...]:
    return tuple(_allowed(key, path, language))


def _allowed(key: Key, path: str, language: Language) -> Iterator[Entry]:
    for address, name, operation in _ENTRIES:
        if allows(key, operation) and key.role in _ONLY_FOR.get(address, frozenset(Role)):
            places = (address, *_BELOW.get(address, ()))
            is_here = any(path == place or (place != "/" and path.startswith(f"{place}/")) for place in places)
            yield Entry(address, say(name, language), is_here)
