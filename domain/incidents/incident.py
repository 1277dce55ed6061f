"""Incidents: what is reported, whether the contract looks after it, and what was promised when it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.assets.asset import Asset
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow, rows_for
from domain.contracts.contract import Contract
from domain.contracts.matrix import Cell, CommunicationsMatrix, WhoeverIsOnCall
from domain.contracts.paging import PagingPolicy
from domain.contracts.prices import PriceList
from domain.incidents.clocks import INCIDENT_CLOCKS
from domain.people import MACHINE, Person, Role
from domain.places import Site
from domain.priorities import Grade, Priority, priority_of
from domain.refusals import Problem, refuse_if
from domain.times import Instant, ZoneName
from domain.values import AssetTag, Line, Slug, Text, Value

# Proposals: what nobody has judged yet is taken for this, and for so long a report may have lain about.
UNJUDGED = Priority.MAJOR
OLDEST_REPORT = timedelta(days=30)


class IncidentRequest(Value):
    """The body of POST /incidents. `received_at` is when it was reported, if that was before it was entered.

    `parent` is the incident of which it is a part, `follows` one that was solved and has come back.
    """

    contract: Slug
    reporter: Slug | None = None
    site: Slug
    asset: AssetTag | None = None
    category: Slug | None = None
    title: Line
    description: Text | None = None
    impact: Grade | None = None
    urgency: Grade | None = None
    priority: Priority | None = None
    received_at: Instant | None = None
    parent: Slug | None = None
    follows: Slug | None = None
    reference: Line | None = None

    @property
    def related(self) -> tuple[Slug, ...]:
        return tuple(no for no in (self.parent, self.follows) if no is not None)

    @property
    def asked_priority(self) -> Priority | None:
        if self.priority is not None:
            return self.priority
        return None if self.impact is None or self.urgency is None else priority_of(self.impact, self.urgency)


class IncidentTerms(Value):
    """What of the contract this incident was promised under; later versions do not touch it.

    Without `prices` the contract includes the work on it.
    """

    contract: Slug
    version: int
    calendar: Calendar
    zone: ZoneName
    matrix: CommunicationsMatrix
    ladder: tuple[LadderRow, ...]
    paging: PagingPolicy
    team: dict[Role, tuple[Slug, ...]]
    # Working days in which a solution can turn out to be none (proposal).
    reopen_days: int = 5
    responder_holds: bool = True
    contact_holds: bool = False
    answer_days: int = 3
    prices: PriceList | None = None


class Incident(Value):
    """A reported incident: the workflow's input. Its clocks start at `received_at`.

    One that `needs_finding` ends only when somebody has said what was found.
    """

    no: Slug
    customer: Slug
    received_at: Instant
    in_hours: bool
    reported_by: Slug
    request: IncidentRequest
    terms: IncidentTerms
    asset: Asset | None = None
    needs_finding: bool = False

    def cell(self, priority: Priority, *, in_hours: bool | None = None) -> Cell:
        """What the matrix promises for it: whether it came in office hours stays true for its life.

        `in_hours` is given where it is to be answered anew: whoever has to do that is called as of then.
        """
        return self.terms.matrix.cell(priority, in_hours=self.in_hours if in_hours is None else in_hours)

    @property
    def by_monitoring(self) -> bool:
        """Whether alerts have opened it, and nobody else has reported it."""
        return self.reported_by == MACHINE.person

    def called_by_monitoring(self, cell: Cell) -> Role | WhoeverIsOnCall:
        return cell.called_by_monitoring(has_rota=self.terms.paging.rota is not None)

    def people(self, role: Role) -> tuple[Slug, ...]:
        if role == Role.REQUESTER:
            return (self.request.reporter,) if self.request.reporter else ()
        return self.terms.team.get(role, ())


@dataclass(frozen=True)
class ReportFacts:
    """What registers and calendar know of a report: its site, its asset, and whether it came in office hours.

    `incidents` are those of the customer's among the ones it names.
    """

    site: Site | None
    asset: Asset | None
    in_hours: bool
    reporter: Person | None = None
    incidents: frozenset[Slug] = frozenset()


def report(
    contract: Contract, request: IncidentRequest, known: ReportFacts, *, no: str, by: str, at: datetime
) -> Incident:
    """The incident under this contract, its terms pinned.

    Raises `Unacceptable` naming every problem; nothing has happened then.
    """
    refuse_if(
        [
            *_contract_problems(contract, request, at),
            *_grade_problems(request),
            *_register_problems(contract, request, known),
        ]
    )
    assert contract.matrix is not None
    assert known.site is not None
    return Incident(
        no=no,
        customer=contract.customer,
        received_at=request.received_at or at,
        in_hours=known.in_hours,
        reported_by=by,
        request=request,
        terms=_terms(contract, contract.matrix, known.site),
        asset=known.asset,
    )


def _terms(contract: Contract, matrix: CommunicationsMatrix, site: Site) -> IncidentTerms:
    return IncidentTerms(
        contract=contract.id,
        version=contract.version,
        calendar=contract.calendar,
        zone=site.access.zone,
        matrix=matrix,
        ladder=pinned_ladder(contract.ladder),
        paging=contract.paging,
        team=contract.team,
        responder_holds=contract.responder_holds,
        contact_holds=contract.contact_holds,
        answer_days=contract.answer_days,
        prices=contract.prices if contract.prices.incidents == "charge" else None,
    )


def pinned_ladder(arranged: Iterable[LadderRow]) -> tuple[LadderRow, ...]:
    """Of every clock that an incident can have."""
    rows = tuple(arranged)
    return tuple(row for clock in INCIDENT_CLOCKS for row in rows_for(clock.kind, rows))


def _contract_problems(contract: Contract, request: IncidentRequest, at: datetime) -> list[Problem]:
    problems = []
    if not contract.is_valid_on(at):
        problems.append(Problem(code="contract_not_valid", at="/contract", values={"contract": contract.id}))
    if contract.matrix is None:
        problems.append(Problem(code="incidents_not_offered", at="/contract", values={"contract": contract.id}))
    if request.received_at is not None and request.received_at > at:
        problems.append(Problem(code="in_the_future", at="/received_at"))
    if request.received_at is not None and request.received_at < at - OLDEST_REPORT:
        days = str(OLDEST_REPORT.days)
        problems.append(Problem(code="reported_too_late", at="/received_at", values={"days": days}))
    return problems


def _grade_problems(request: IncidentRequest) -> list[Problem]:
    """Impact and urgency come together, and say the same as a priority that is named."""
    given = {"/impact": request.impact, "/urgency": request.urgency}
    if any(given.values()) and not all(given.values()):
        return [Problem(code="grade_needed", at=at) for at, grade in given.items() if grade is None]
    if request.priority and request.impact and request.urgency:
        follows = priority_of(request.impact, request.urgency)
        if follows != request.priority:
            return [Problem(code="priority_contradicts", at="/priority", values={"priority": follows})]
    return []


def _register_problems(contract: Contract, request: IncidentRequest, known: ReportFacts) -> list[Problem]:
    """What the registers do not know of this customer. Whoever reports is the customer's or the provider's."""
    problems = []
    if request.reporter is not None and not (known.reporter and known.reporter.acts_for(contract.customer)):
        problems.append(Problem(code="person_unknown", at="/reporter", values={"person": request.reporter}))
    if known.site is None:
        problems.append(Problem(code="site_unknown", at="/site", values={"site": request.site}))
    if request.asset is not None and known.asset is None:
        problems.append(Problem(code="asset_unknown", at="/asset", values={"tag": request.asset}))
    for at, no in (("/parent", request.parent), ("/follows", request.follows)):
        if no is not None and no not in known.incidents:
            problems.append(Problem(code="incident_not_theirs", at=at, values={"incident": no}))
    return problems
