"""Which cases there are to look into, of each kind, lately changed first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import Field

from api.cursors import cursor_wrong
from api.incidents.incident import IncidentQuery, show_incidents
from api.orders.order import OrderQuery, show_orders
from api.queries import QueryValue
from db.engine import Database
from db.moves.launches import launches
from db.moves.projects import list_projects
from domain.contracts.catalogue import ItemWords
from domain.incidents.sheets import IncidentLine
from domain.kinds import OrderKind
from domain.orders.sheets import OrderLine
from domain.times import Day, day_at
from domain.values import Line, Slug
from web.session import Reader

AUDIT = "/audit"
# So many are shown at once; projects are fewer than that.
CASES_AT_ONCE = 50
_PROJECTS_AT_ONCE = 200
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class CaseKind(StrEnum):
    """As in the pages' addresses: `/orders/…`."""

    ORDER = "order"
    INCIDENT = "incident"
    PROJECT = "project"

    @property
    def state_noun(self) -> str:
        return f"{self}_state"


class AuditQuery(QueryValue):
    """A number leads straight to its case. Days are those of the reader's zone, and of when a case was received."""

    no: Line | None = None
    kind: CaseKind = CaseKind.ORDER
    customer: Slug | None = None
    missed: bool | None = None
    since: Day | None = None
    until: Day | None = None
    cursor: str | None = Field(default=None, max_length=500)

    def span(self, zone: str) -> tuple[datetime | None, datetime | None]:
        first = day_at(self.since, zone)[0] if self.since else None
        return first, day_at(self.until, zone)[1] if self.until else None


@dataclass(frozen=True)
class CaseLine:
    """A case in one line; `state` is None while a project has not been launched."""

    no: str
    kind: CaseKind
    called: str | None
    customer: str
    state: str | None
    received_at: datetime | None
    updated_at: datetime | None
    missed: bool = False
    order_kind: OrderKind | None = None
    item_name: ItemWords = field(default_factory=dict)


async def cases_found(query: AuditQuery, reader: Reader, database: Database) -> tuple[list[CaseLine], str | None]:
    """With the cursor of those that follow."""
    if query.kind == CaseKind.PROJECT:
        if query.cursor is not None:
            raise cursor_wrong()
        return await _projects(query, reader, database), None
    first, last = query.span(reader.zone)
    asked = {
        "customer": query.customer,
        "missed": query.missed,
        "received_from": first,
        "received_until": last,
        "sort": "-updated_at",
        "limit": CASES_AT_ONCE,
        "cursor": query.cursor,
    }
    if query.kind == CaseKind.ORDER:
        orders = await show_orders(OrderQuery.model_validate(asked), reader.key, database)
        return list(_lines(orders.items)), orders.next
    incidents = await show_incidents(IncidentQuery.model_validate(asked), reader.key, database)
    return list(_lines(incidents.items)), incidents.next


def _lines(found: Iterable[OrderLine | IncidentLine]) -> Iterable[CaseLine]:
    for one in found:
        facts = (one.customer, one.state, one.received_at, one.updated_at, one.missed)
        if isinstance(one, OrderLine):
            yield CaseLine(one.no, CaseKind.ORDER, one.reference, *facts, order_kind=one.kind, item_name=one.item_name)
        else:
            yield CaseLine(one.no, CaseKind.INCIDENT, one.title, *facts)


async def _projects(query: AuditQuery, reader: Reader, database: Database) -> list[CaseLine]:
    async with database.reading() as session:
        projects = await list_projects(session, reader.key.customers)
        launched = {row.no: row for row in await launches(session, reader.key.customers)}
    first, last = query.span(reader.zone)
    found = []
    for one in projects:
        row = launched.get(one.id)
        at = row.received_at if row else None
        if query.customer not in (None, one.customer) or (query.missed and not (row and row.missed)):
            continue
        if (first or last) and (at is None or (first and at < first) or (last and at >= last)):
            continue
        state, updated = (row.state, row.updated_at) if row else (None, None)
        missed = row is not None and row.missed
        found.append(CaseLine(one.id, CaseKind.PROJECT, one.name, one.customer, state, at, updated, missed))
    found.sort(key=lambda line: line.updated_at or _LONG_AGO, reverse=True)
    return found[:_PROJECTS_AT_ONCE]
