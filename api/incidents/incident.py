"""Reporting incidents and reading them."""

from dataclasses import replace
from typing import Annotated, ClassVar

from fastapi import APIRouter, Body, Depends, Query, Response

from api.cases.audiences import seen_by
from api.cases.lists import BEYOND_COLUMNS, CaseQuery
from api.cases.promises import promised
from api.cases.standing import KNOWN_INCIDENTS
from api.cursors import CursorPage
from api.dependencies import Context, IdempotencyKey, InContext, May, Tables, scope_of
from api.examples import INCIDENTS
from api.gate.routes import BoundedRoute
from api.incidents.commands import sheet_now
from api.incidents.relations import reported_as_part
from api.policy import Operation
from connectors.holidays import with_holidays
from db.assets.asset import assets_by_tag
from db.cases.case import CaseSort
from db.cases.journal import timeline
from db.cases.notices import notices_of
from db.contracts import known_contract, people_by_id, sites_by_id
from db.incidents import IncidentFilter, list_incidents
from db.ledger import entries_of
from domain.cases.events import Event
from domain.cases.notices import NoticeAttempt
from domain.clocks.reports import ClockReport
from domain.clocks.reports import report as report_of
from domain.ids import incident_no, incident_workflow_id
from domain.incidents.incident import Incident, IncidentRequest, ReportFacts, report
from domain.incidents.progress import IncidentState
from domain.incidents.sheets import IncidentLine, IncidentSheet, line_for_customers
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.ledger import LedgerEntry
from domain.priorities import Priority
from domain.refusals import NotAllowed, Problem, Unacceptable
from domain.values import AssetTag, Few, Line, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/incidents", tags=["incidents"])

Reading = Annotated[Key, Depends(May(Operation.READ_INCIDENTS))]


@router.post("", operation_id="reportIncident", status_code=202)
async def report_incident(
    request: Annotated[IncidentRequest, Body(openapi_examples=INCIDENTS)],
    caller: Annotated[Key, Depends(May(Operation.REPORT_INCIDENTS))],
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> IncidentSheet:
    """Report an incident under its contract; its clocks start now. Once accepted, it is durable."""
    asked = _as_own(caller, request)
    no = incident_no(None if idempotency_key is None else f"{caller.id}/{idempotency_key}")
    response.headers["Location"] = f"/api/v1/incidents/{no}"

    async def begin() -> Incident:
        incident = await _reported(asked, caller, no, context)
        async with reported_as_part(no, incident.customer, asked.parent, context):
            await context.temporal.start_incident(incident)
        return incident

    standing = await KNOWN_INCIDENTS.once(idempotency_key, no, context, begin)
    if standing.incident.request != asked:
        raise Unacceptable(Problem(code="request_id_reused"))
    return standing.sheet(caller, context.now)


def _as_own(caller: Key, request: IncidentRequest) -> IncidentRequest:
    """A customer's own people report for themselves, and when they do is when it was received."""
    if caller.role not in CUSTOMERS_OWN:
        return request
    problems = []
    if request.reporter not in (None, caller.person):
        problems.append(Problem(code="reporter_only_self", at="/reporter"))
    if request.received_at is not None:
        problems.append(Problem(code="received_as_sent", at="/received_at"))
    if problems:
        raise NotAllowed(*problems)
    return request.but(reporter=caller.person)


async def _reported(request: IncidentRequest, caller: Key, no: str, context: Context) -> Incident:
    async with context.database.glancing() as session:
        contract = await known_contract(session, request.contract, caller, "/contract")
        sites = await sites_by_id(session, [request.site])
        assets = await assets_by_tag(session, contract.customer, [request.asset] if request.asset else [])
        people = await people_by_id(session, [request.reporter] if request.reporter else [])
    hours = with_holidays(contract.calendar, context.now)
    known = ReportFacts(
        site=next((site for site in sites if site.customer == contract.customer), None),
        asset=next(iter(assets), None),
        in_hours=hours.is_open(request.received_at or context.now),
        reporter=next(iter(people), None),
        incidents=await KNOWN_INCIDENTS.of_customer(contract.customer, request.related, context),
    )
    return report(contract, request, known, no=no, by=caller.person, at=context.now)


class IncidentQuery(CaseQuery):
    """What a list of incidents is narrowed to and how it is sorted. `stuck` ones are red: nobody has taken them.

    Of `text` every word stands in the number, title, description or reference, in whatever case.
    """

    listed: ClassVar[str] = "incidents"

    text: Line | None = None
    category: Slug | None = None
    state: Few[IncidentState] = ()
    priority: Few[Priority] = ()
    reporter: Slug | None = None
    owner: Slug | None = None
    holder: Slug | None = None
    asset: AssetTag | None = None
    parent: Slug | None = None
    sort: CaseSort = "-received_at"

    def filter(self, customers: tuple[str, ...] | None) -> IncidentFilter:
        facts = self.model_dump(exclude={*BEYOND_COLUMNS, "priority"})
        return IncidentFilter(customers=customers, states=self.state, priorities=self.priority, **facts)


@router.get("", operation_id="listIncidents")
async def show_incidents(
    query: Annotated[IncidentQuery, Query()], caller: Reading, database: Tables
) -> CursorPage[IncidentLine]:
    """List visible incidents, page by page. `state` and `priority` may be repeated."""
    wanted, is_customers = query.filter(scope_of(caller, query.customer)), caller.role in CUSTOMERS_OWN
    if is_customers and query.stuck:
        # That nobody has answered our calls is not theirs to see, nor to find out.
        return CursorPage(items=(), next=None)
    async with database.reading() as session:
        found = await list_incidents(session, replace(wanted, stuck=None) if is_customers else wanted, query.section())
    rows, following = query.cut(found)
    lines = (row.as_line() for row in rows)
    return CursorPage(items=tuple(line_for_customers(line) if is_customers else line for line in lines), next=following)


@router.get("/{no}", operation_id="getIncident")
async def show_incident(no: Slug, caller: Reading, context: InContext) -> IncidentSheet:
    """Get an incident: report, targets, assignee, status and available commands."""
    return await sheet_now(no, caller, context)


@router.get("/{no}/clocks", operation_id="getIncidentClocks")
async def show_clocks(no: Slug, caller: Reading, context: InContext) -> list[ClockReport]:
    """Get the clocks of an incident: used and remaining time, deadlines, notifications and how they were calculated."""
    case = await promised(incident_workflow_id(no), caller, context)
    return [report_of(clock, hours, context.now) for clock, hours in case.promises]


@router.get("/{no}/timeline", operation_id="getIncidentTimeline")
async def show_timeline(no: Slug, caller: Reading, context: InContext) -> list[Event]:
    """Get the history of an incident, oldest first."""
    await KNOWN_INCIDENTS.seen(no, caller, context)
    async with context.database.reading() as session:
        events = [row.as_event() for row in await timeline(session, incident_workflow_id(no))]
    return seen_by(caller, incident_workflow_id(no), events)


@router.get("/{no}/charges", operation_id="listIncidentCharges")
async def show_charges(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_CHARGES))], context: InContext
) -> list[LedgerEntry]:
    """Get the charges of an incident; there are none where the contract includes the work."""
    await KNOWN_INCIDENTS.seen(no, caller, context)
    async with context.database.reading() as session:
        return [row.as_entry() for row in await entries_of(session, no)]


@router.get("/{no}/notices", operation_id="listIncidentNotices")
async def show_notices(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_NOTICES))], context: InContext
) -> list[NoticeAttempt]:
    """List every delivery attempt for messages about an incident."""
    await KNOWN_INCIDENTS.seen(no, caller, context)
    async with context.database.reading() as session:
        return [row.as_attempt() for row in await notices_of(session, incident_workflow_id(no))]
