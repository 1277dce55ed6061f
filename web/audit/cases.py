"""The pages of whoever looks into cases afterwards: any of them, whole; nothing is written from here."""

from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import InContext, Tables
from api.policy import Operation
from api.queries import QueryValue
from db.cases.journal import JournalPart, part_of, timelines
from db.contracts import list_customers
from documents.wording import names_of_steps
from domain.orders.sheets import OrderSheet
from domain.values import Slug
from web.audit.explained import MACHINES, JournalEntry, JournalWords, entries, stories
from web.audit.found import AUDIT, AuditQuery, CaseKind, cases_found
from web.audit.records import CaseRecords, records_of
from web.order_sheets import contract_named, names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.shared.written import HEADERS

router = APIRouter(include_in_schema=False)
# Who was told what is what an audit is about beyond a case's own page: whoever may not see that has that page.
Auditing = Annotated[Reader, Depends(Signed(Operation.READ_NOTICES))]
ENTRIES_AT_ONCE = 100
NOTICES_SHOWN = 200


class JournalQuery(QueryValue):
    """What people have said, what followed by itself, or all; page by page."""

    said: Literal["people", "machine"] | None = None
    page: int = Field(default=1, ge=1, le=10_000)

    def part(self) -> JournalPart:
        whats = MACHINES if self.said else frozenset()
        skip = (self.page - 1) * ENTRIES_AT_ONCE
        return JournalPart(whats, others=self.said != "machine", skip=skip, most=ENTRIES_AT_ONCE + 1)


@router.get(AUDIT, name="auditPage")
async def list_page(
    request: Request, query: Annotated[AuditQuery, Query()], reader: Auditing, database: Tables
) -> Response:
    if query.no is not None:
        return see_other(f"{AUDIT}/{quote(query.no.strip(), safe='')}")
    lines, following = await cases_found(query, reader, database)
    async with database.reading() as session:
        customers = await list_customers(session, reader.key.customers)
    values = {
        "lines": lines,
        "following": following,
        "query": query,
        "asked": [one for one in request.query_params.multi_items() if one[0] != "cursor"],
        "kinds": tuple(CaseKind),
        "customers": customers,
        "now": reader.now,
    }
    return page(request, "audit.html", reader.look, values, reader=reader)


@router.get(f"{AUDIT}/{{case}}", name="auditCasePage")
async def case_page(
    request: Request, case: Slug, query: Annotated[JournalQuery, Query()], reader: Auditing, context: InContext
) -> Response:
    records = await records_of(case, reader, context)
    async with context.database.reading() as session:
        rows = await part_of(session, records.journals, query.part())
    language = reader.look.language
    shown = entries(rows[:ENTRIES_AT_ONCE], JournalWords(records.zone, language, reader.sites))
    asked = {"said": query.said} if query.said else {}
    values = {
        "case": records,
        "contract_name": await contract_named(records.contract, records.version, reader, context.database),
        "sheet": {"contract": records.contract, "contract_version": records.version, **_item(records)},
        "zone": records.zone,
        "now": context.now,
        "steps": names_of_steps(records.chain, language) if records.chain else {},
        "clocks": stories(records.clocks, language),
        "entries": shown,
        "query": query,
        "first": (query.page - 1) * ENTRIES_AT_ONCE,
        "earlier": urlencode({**asked, "page": query.page - 1}) if query.page > 1 else None,
        "later": urlencode({**asked, "page": query.page + 1}) if len(rows) > ENTRIES_AT_ONCE else None,
        "notices": records.notices[:NOTICES_SHOWN],
        "more_notices": max(0, len(records.notices) - NOTICES_SHOWN),
        "sum": sum(entry.amount for entry in records.charges),
        "names": await names_of(_people(records, shown), reader, context.database),
    }
    return page(request, "audit_case.html", reader.look, values, reader=reader)


def _item(records: CaseRecords) -> dict[str, object]:
    """What its flat price is for."""
    sheet = records.sheet
    if not isinstance(sheet, OrderSheet):
        return {"item": None}
    return {"item": sheet.item, "item_name": sheet.item_name}


def _people(records: CaseRecords, shown: tuple[JournalEntry, ...]) -> set[str]:
    people = {person for entry in shown for person in entry.people}
    people |= {one.person for one in records.notices[:NOTICES_SHOWN]}
    people |= {call.person for ringing in records.pages for call in ringing.calls}
    people |= {who for ringing in records.pages for who in (ringing.owner, ringing.final_owner) if who}
    return people | ({records.asked_by} if records.asked_by else set())


@router.get(f"{AUDIT}/{{case}}/history.json", name="auditHistory")
async def history_file(case: Slug, reader: Auditing, context: InContext) -> Response:
    """All of it for machines, in the API's own words."""
    records = await records_of(case, reader, context)
    async with context.database.reading() as session:
        timeline = await _timeline(session, records)
    written = {
        "kind": records.kind,
        "no": records.no,
        "written_at": context.now,
        "sheet": records.sheet,
        "timeline": timeline,
        "clocks": records.clocks,
        "notices": records.notices,
        "charges": records.charges,
        "pages": records.pages,
    }
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="history-{records.no}.json"'}
    return Response(to_json(written, indent=2), media_type="application/json", headers=headers)


async def _timeline(session: AsyncSession, records: CaseRecords) -> list[dict[str, object]]:
    rows = await timelines(session, records.journals)
    return [{"case": row.workflow_id, **row.as_event().model_dump(mode="json", exclude_none=True)} for row in rows]
