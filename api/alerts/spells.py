"""The spells of an alert: from when to when it fired, whatever has become of its row."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field, TypeAdapter, ValidationError

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.queries import QueryValue
from db.alerts.alert import AlertRow
from db.alerts.spells import SpellRow, list_spells
from domain.alerts.spells import SpellSheet
from domain.keys import Key
from domain.refusals import unknown
from domain.values import Slug

_NEWEST_FIRST = "spells -id"
_NUMBER = TypeAdapter(Annotated[int, Field(ge=0, lt=2**63)])

router = APIRouter(route_class=BoundedRoute, prefix="/alerts", tags=["alerts"])


class SpellQuery(QueryValue):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


@router.get("/{alert_id}/spells", operation_id="listAlertSpells")
async def show_spells(
    alert_id: Slug,
    query: Annotated[SpellQuery, Query()],
    caller: Annotated[Key, Depends(May(Operation.READ_ALERTS))],
    database: Tables,
) -> CursorPage[SpellSheet]:
    """List when an alert fired, most recent first, page by page. The current spell has no end."""
    before = _before(query.cursor)
    async with database.reading() as session:
        row = await session.get(AlertRow, alert_id)
        found = await list_spells(session, alert_id, caller.customers, before=before, limit=query.limit)
    now = row.current_spell() if row is not None and caller.sees(row.customer) else None
    if not found and before is None and (row is None or not caller.sees(row.customer)):
        raise unknown("alert", alert_id)
    rows, last = page(found, query.limit)
    current = (now,) if now is not None and before is None else ()
    return CursorPage(items=(*current, *(spell.as_sheet() for spell in rows)), next=_next(last))


def _before(cursor: str | None) -> int | None:
    after = read_cursor(cursor, _NEWEST_FIRST)
    if after is None:
        return None
    try:
        return _NUMBER.validate_python(after[0])
    except ValidationError as error:
        raise cursor_wrong() from error


def _next(last: SpellRow | None) -> str | None:
    return str(Cursor(sort=_NEWEST_FIRST, after=(f"{last.id}", ""))) if last else None
