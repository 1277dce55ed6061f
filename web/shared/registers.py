"""Who a reader is and what customers and sites are called: nearly every page names them, and they rarely change."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from db.contracts import list_sites, people_by_id
from db.engine import Database
from db.names import customer_names
from domain.keys import Key
from domain.people import Person

_MOST_KEPT = 1_000


@dataclass(frozen=True)
class Known:
    """`customers` and `sites` are the names of those the key sees, by id; `zone` is that of the first site."""

    person: Person | None
    customers: Mapping[str, str]
    sites: Mapping[str, str]
    zone: str


class NamesKept:
    """Read again as soon as anything has been written."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str | None], tuple[object, Known]] = OrderedDict()

    async def of(self, key: Key, database: Database, tables: object) -> Known:
        """`tables` is what the tables were before this was asked."""
        who = (key.person, key.customer)
        kept = self._kept.get(who)
        if kept is not None and kept[0] == tables:
            return kept[1]
        found = await _read(key, database)
        self._kept[who] = tables, found
        self._kept.move_to_end(who)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return found


async def _read(key: Key, database: Database) -> Known:
    async with database.glancing() as glance:
        people = await people_by_id(glance, [key.person])
        sites = await list_sites(glance, key.customers)
        customers = await customer_names(glance, key.customers)
    zone = sites[0].access.zone if sites else "UTC"
    return Known(people[0] if people else None, customers, {site.id: site.name for site in sites}, zone)
