"""All that is kept of one case, as far as its reader may see it: what the API answers, in one place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from api.cases.standing import KNOWN_INCIDENTS
from api.dependencies import Context
from api.incidents.incident import show_charges as incident_charges
from api.incidents.incident import show_clocks as incident_clocks
from api.incidents.incident import show_notices as incident_notices
from api.moves.launched import show_notices as project_notices
from api.oncall.page import PageQuery, listed_pages
from api.orders.late import whole
from api.orders.order import show_charges as order_charges
from api.orders.order import show_clocks as order_clocks
from api.orders.order import show_notices as order_notices
from api.policy import Operation
from domain.cases.notices import NoticeAttempt
from domain.clocks.reports import ClockReport
from domain.contracts.catalogue import ItemWords
from domain.contracts.chains import Chain
from domain.ids import (
    fault_log_id,
    incident_workflow_id,
    order_workflow_id,
    page_workflow_id,
    project_workflow_id,
    wave_workflow_id,
)
from domain.kinds import OrderKind
from domain.oncall.page import PageSheet
from domain.orders.ledger import LedgerEntry
from domain.refusals import Unknown
from domain.values import Value
from web.audit.found import CaseKind
from web.project_standing import project_seen
from web.session import Reader

# Of one incident: each is a round of calls, and few are called more often.
_MOST_PAGES = 200


@dataclass(frozen=True)
class CaseRecords:
    """One case. `sheet` is the API's own; `journals` are the ids under which its journal is kept."""

    kind: CaseKind
    no: str
    called: str | None
    customer: str
    contract: str
    version: int | None
    state: str | None
    zone: str
    received_at: datetime | None
    asked_by: str | None
    sheet: Value
    journals: tuple[str, ...]
    order_kind: OrderKind | None = None
    item_name: ItemWords = field(default_factory=dict)
    chain: Chain | None = None
    clocks: Sequence[ClockReport] = ()
    notices: Sequence[NoticeAttempt] = ()
    charges: Sequence[LedgerEntry] = ()
    pages: Sequence[PageSheet] = field(default=())

    @property
    def address(self) -> str:
        """Of the page on which it is worked on."""
        return f"/{self.kind}s/{self.no}"


async def records_of(no: str, reader: Reader, context: Context) -> CaseRecords:
    """Raises `Unknown` when there is no such case, or none the reader may see."""
    for begins, found in (("O-", _order), ("I-", _incident)):
        if no.startswith(begins):
            try:
                return await found(no, reader, context)
            except Unknown:
                # Nothing keeps a project from being called so.
                break
    return await _project(no, reader, context)


async def _order(no: str, reader: Reader, context: Context) -> CaseRecords:
    standing = await whole(no, reader.key, context)
    order, case = standing.order, order_workflow_id(no)
    return CaseRecords(
        kind=CaseKind.ORDER,
        no=no,
        called=order.request.reference,
        customer=order.customer,
        contract=order.terms.contract,
        version=order.terms.version,
        state=standing.progress.state,
        zone=order.terms.access.zone,
        received_at=order.received_at,
        asked_by=order.request.requester,
        sheet=standing.sheet(reader.key, context.now),
        journals=(case, fault_log_id(case)),
        order_kind=order.request.kind,
        item_name=order.item.name if order.item else {},
        chain=order.chain,
        clocks=await order_clocks(no, reader.key, context),
        notices=await order_notices(no, reader.key, context) if reader.may(Operation.READ_NOTICES) else (),
        charges=await order_charges(no, reader.key, context) if reader.may(Operation.READ_CHARGES) else (),
    )


async def _incident(no: str, reader: Reader, context: Context) -> CaseRecords:
    standing = await KNOWN_INCIDENTS.seen(no, reader.key, context)
    incident, case = standing.incident, incident_workflow_id(no)
    pages: Sequence[PageSheet] = ()
    if reader.may(Operation.READ_PAGES):
        rows, _ = await listed_pages(PageQuery(incident=no, limit=_MOST_PAGES), reader.key, context.database)
        pages = sorted((row.as_sheet() for row in rows), key=lambda page: page.no)
    return CaseRecords(
        kind=CaseKind.INCIDENT,
        no=no,
        called=incident.request.title,
        customer=incident.customer,
        contract=incident.terms.contract,
        version=incident.terms.version,
        state=standing.progress.state,
        zone=incident.terms.calendar.zone,
        received_at=incident.received_at,
        asked_by=incident.request.reporter,
        sheet=standing.sheet(reader.key, context.now),
        journals=(case, fault_log_id(case), *(page_workflow_id(case, page.no) for page in pages)),
        clocks=await incident_clocks(no, reader.key, context),
        notices=await incident_notices(no, reader.key, context) if reader.may(Operation.READ_NOTICES) else (),
        charges=await incident_charges(no, reader.key, context) if reader.may(Operation.READ_CHARGES) else (),
        pages=pages,
    )


async def _project(no: str, reader: Reader, context: Context) -> CaseRecords:
    seen = await project_seen(no, reader.key, context)
    case, standing = project_workflow_id(no), seen.standing
    waves = [wave.brief.id for wave in standing.progress.waves] if standing else []
    return CaseRecords(
        kind=CaseKind.PROJECT,
        no=no,
        called=seen.project.name,
        customer=seen.project.customer,
        contract=seen.project.contract,
        version=None,
        state=standing.progress.state if standing else None,
        zone=seen.zone,
        received_at=standing.launch.received_at if standing else None,
        asked_by=standing.launch.launched_by if standing else None,
        sheet=standing.sheet if standing else seen.project,
        notices=await project_notices(no, reader.key, context) if reader.may(Operation.READ_NOTICES) else (),
        journals=(case, fault_log_id(case), *(wave_workflow_id(no, wave) for wave in waves)),
    )
