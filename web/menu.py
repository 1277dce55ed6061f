"""The menu: what the policy denies is not there."""

from collections.abc import Iterator
from typing import NamedTuple

from api.policy import Operation, allows
from domain.keys import Key
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
)


# Whose visits there are.
_ONLY_FOR = {"/my-day": Role.TECHNICIAN}


def menu_of(key: Key, path: str, language: Language) -> tuple[Entry, ...]:
    return tuple(_allowed(key, path, language))


def _allowed(key: Key, path: str, language: Language) -> Iterator[Entry]:
    for address, name, operation in _ENTRIES:
        if allows(key, operation) and _ONLY_FOR.get(address, key.role) == key.role:
            is_here = path == address or (address != "/" and path.startswith(f"{address}/"))
            yield Entry(address, say(name, language), is_here)
