"""The small world the stories play in: one customer with a contract, a site, people and a few assets."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from connectors.holidays import with_holidays
from db.assets.asset import store_asset
from db.contracts import save_contract, save_customer, save_person, save_site
from db.engine import Database
from db.oncall.rotas import save_rota
from domain.assets.asset import Asset, AssetStatus
from domain.cases.erasures import ErasedDrive, ErasureReport
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import CustodianFound, ErasureReportFound, HoursFound, LookedUp, RecyclerListFound
from domain.cases.order_commands import (
    AddErasureReport,
    AddRecyclerList,
    Book,
    CommandBase,
    ConfirmCustody,
    Migrate,
    Window,
)
from domain.cases.recycler_lists import RecyclerList
from domain.clocks.calendars import Calendar
from domain.contracts.chains import ErasureMethod
from domain.contracts.contract import Contract
from domain.contracts.customers import Customer
from domain.contracts.matrix import Cell, CommunicationsMatrix, Counting, MatrixRow, Way
from domain.contracts.paging import PagingPolicy
from domain.contracts.prices import PriceList
from domain.ids import order_workflow_id
from domain.incidents.incident import Incident, IncidentRequest, ReportFacts, report
from domain.kinds import Leg, OrderKind
from domain.oncall.rota import Rota
from domain.oncall.rotations import Rotation
from domain.orders.order import Order, OrderRequest, ProjectPart, Registers, accept, accept_part
from domain.papers import KeptPaper
from domain.people import Actor, Contact, Person, Role
from domain.places import Place, Site
from domain.priorities import Priority
from tests.patience import until
from workflows.answers import TemporalAway
from workflows.client import Temporal
from workflows.receipts import Receipt

OFFICE = Calendar.model_validate(
    {
        "zone": "Europe/Berlin",
        "region": "DE-BY",
        "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)
# Rooms of the second building are known though nothing stands in them yet.
HQ = Site(
    id="adler-hq",
    customer="adler",
    name="Adler Maschinenbau, Werk Augsburg",
    access=OFFICE,
    places=(Place(site="adler-hq", building="B"),),
)
DESK = Place(site="adler-hq", building="A", floor="2", room="2.14", desk="1")
NEW_DESK = Place(site="adler-hq", building="B", floor="1", room="1.02", desk="7")
PEOPLE = [
    Person(id="p-vogel", name="Anna Vogel", email="anna.vogel@adler.example", customer="adler"),
    Person(id="p-huber", name="Max Huber", email="max.huber@adler.example", customer="adler"),
    Person(id="p-koch", name="Eva Koch", email="eva.koch@provider.example"),
    Person(id="p-lang", name="Tom Lang", email="tom.lang@provider.example", language="en"),
    Person(id="p-sommer", name="Ida Sommer", email="ida.sommer@provider.example"),
    Person(id="p-wolf", name="Jan Wolf", email="jan.wolf@recycler.example"),
]
REQUESTER = Actor(person="p-vogel", role=Role.REQUESTER)
APPROVER = Actor(person="p-huber", role=Role.APPROVER)
COORDINATOR = Actor(person="p-koch", role=Role.COORDINATOR)
TECHNICIAN = Actor(person="p-lang", role=Role.TECHNICIAN)
DESK_AGENT = Actor(person="p-koch", role=Role.SERVICE_DESK)
SDM = Actor(person="p-sommer", role=Role.SDM)
RECYCLER = Actor(person="p-wolf", role=Role.TECHNICIAN)
DAY_AND_NIGHT = (Way.PHONE, Way.MONITORING)
MATRIX = CommunicationsMatrix(
    rows={
        Priority.BLOCKER: MatrixRow(
            in_hours=Cell(
                report_by=DAY_AND_NIGHT,
                first=Role.SDM,
                fallback=Role.SERVICE_DESK,
                response_minutes=60,
                resolution_minutes=240,
                update_minutes=60,
                counting=Counting.ALWAYS,
            ),
            out_of_hours=Cell(
                report_by=DAY_AND_NIGHT,
                first="on_call",
                response_minutes=60,
                resolution_minutes=240,
                update_minutes=120,
                counting=Counting.ALWAYS,
            ),
        ),
        Priority.CRITICAL: MatrixRow(
            in_hours=Cell(
                report_by=DAY_AND_NIGHT,
                first=Role.SDM,
                response_minutes=120,
                resolution_minutes=480,
                update_minutes=240,
            )
        ),
        Priority.MAJOR: MatrixRow(
            in_hours=Cell(
                report_by=(Way.PORTAL,), first=Role.SERVICE_DESK, response_minutes=240, resolution_minutes=960
            )
        ),
        Priority.MINOR: MatrixRow(
            in_hours=Cell(
                report_by=(Way.PORTAL,), first=Role.SERVICE_DESK, response_minutes=540, resolution_minutes=2700
            )
        ),
    }
)
CONTRACT = Contract(
    id="adler-2026",
    customer="adler",
    name="Arbeitsplatzservice Adler 2026",
    valid_from=date(2020, 1, 1),
    calendar=OFFICE,
    requesters=("p-vogel", "p-huber"),
    approvers=("p-huber",),
    team={
        Role.COORDINATOR: ("p-koch",),
        Role.TECHNICIAN: ("p-lang",),
        Role.SDM: ("p-sommer",),
        Role.BRM: ("p-sommer",),
        Role.SERVICE_DESK: ("p-koch",),
        Role.TEAM_LEAD: ("p-koch",),
        Role.MANAGEMENT: ("p-sommer",),
    },
    targets=dict.fromkeys(OrderKind, 5 * 540),
    matrix=MATRIX,
    prices=PriceList(
        flat={OrderKind.INSTALL: Decimal("89.00"), OrderKind.REMOVE: Decimal("45.00")},
        hourly={Role.TECHNICIAN: Decimal("96.00")},
        travel=Decimal("35.00"),
        parts={"ram-16": Decimal("62.50")},
        wasted_visit=Decimal("49.00"),
        late_cancellation=Decimal("39.00"),
    ),
)
ASSETS = [
    Asset(tag="NB-100", customer="adler", serial="SN100", model="ThinkPad T14", status=AssetStatus.IN_STOCK),
    Asset(tag="NB-101", customer="adler", serial="SN101", model="ThinkPad T14", status=AssetStatus.IN_STOCK),
    Asset(
        tag="NB-200",
        customer="adler",
        serial="SN200",
        model="ThinkPad T14",
        status=AssetStatus.DEPLOYED,
        place=DESK,
        holder="Anna Vogel",
    ),
    Asset(tag="RAM-1", customer="adler", model="RAM 16 GB", status=AssetStatus.IN_STOCK, data_bearing=False),
    Asset(tag="NB-900", customer="adler", serial="SN900", model="Latitude 5400", status=AssetStatus.RETIRED),
]
# They take weekly turns: in the week of `stage.MONDAY` p-lang is the primary, and the SDM is all the rest.
ROTA = Rota(
    id="nights",
    name="Rufbereitschaft",
    zone="Europe/Berlin",
    owner="p-sommer",
    primary=Rotation(members=("p-lang", "p-koch"), start=date(2026, 1, 5), hand_over="08:00"),
    backup=Rotation(members=("p-koch", "p-lang"), start=date(2026, 1, 5), hand_over="08:00"),
)
PAGED = CONTRACT.but(paging=PagingPolicy(rota=ROTA.id))
_NUMBERS = count(1)


def on_the_phone(person: Person) -> Person:
    """With three ways to be called: at once, after two minutes and after five."""
    ways = (("chat", 0), ("sms", 2), ("voice", 5))
    contacts = tuple(Contact(channel=channel, address=f"{channel}:{person.id}", after_minutes=m) for channel, m in ways)
    return person.but(contacts=contacts)


async def furnish_on_call(database: Database, rota: Rota = ROTA) -> None:
    """Everybody of the provider's has a phone, and two of them take turns."""
    async with database.writing() as session:
        for person in PEOPLE:
            await save_person(session, person if person.customer else on_the_phone(person))
        await save_contract(session, PAGED)
        await save_rota(session, rota, by="p-sommer", at=datetime(2026, 1, 1, tzinfo=UTC))


async def furnish(database: Database) -> None:
    """Put the world into the tables."""
    async with database.writing() as session:
        await save_customer(session, Customer(id="adler", name="Adler Maschinenbau"))
        await session.flush()
        await save_site(session, HQ)
        for person in PEOPLE:
            await save_person(session, person)
        await save_contract(session, CONTRACT)
        for asset in ASSETS:
            await store_asset(
                session, asset, before=None, under="example", source="example", at=datetime(2026, 1, 1, tzinfo=UTC)
            )


def request(kind: OrderKind, **fields: object) -> OrderRequest:
    base = {"contract": CONTRACT.id, "kind": kind, "requester": REQUESTER.person, "site": HQ.id}
    return OrderRequest.model_validate(base | fields)


def trouble(**fields: object) -> IncidentRequest:
    base = {"contract": CONTRACT.id, "reporter": REQUESTER.person, "site": HQ.id, "title": "Drucker druckt nicht"}
    return IncidentRequest.model_validate(base | fields)


def order(
    asked: OrderRequest, at: datetime, contract: Contract = CONTRACT, known: Sequence[Asset] = tuple(ASSETS)
) -> Order:
    assets = tuple(asset for asset in known if asset.tag in asked.assets)
    no = f"O-TEST-{next(_NUMBERS):05}"
    return accept(contract, asked, Registers((HQ,), assets, _named(asked.incident)), no=no, at=at)


def part(start: datetime, **changes: object) -> ProjectPart:
    """The first workplace of a project whose plan sends a technician for two hours."""
    visit = Book(window=Window(start=start, end=start + timedelta(hours=2)), technician=TECHNICIAN.person)
    first = ProjectPart(
        project="adler-move",
        wave="w1",
        workplace="row-1",
        leg=Leg.WHOLE,
        attempt=1,
        approver=APPROVER.person,
        visit=visit,
    )
    return first.but(**changes)


def part_order(asked: OrderRequest, of: ProjectPart, at: datetime, known: Sequence[Asset] = tuple(ASSETS)) -> Order:
    """What is asked for as a part of the project that the coordinator has launched."""
    assets = tuple(asset for asset in known if asset.tag in asked.assets)
    asked = asked.but(requester=COORDINATOR.person)
    return accept_part(CONTRACT, asked, Registers((HQ,), assets), of, no=f"O-TEST-{next(_NUMBERS):05}", at=at)


def _named(*incidents: str | None) -> frozenset[str]:
    """Taken for the customer's own."""
    return frozenset(no for no in incidents if no is not None)


def incident(asked: IncidentRequest, at: datetime, contract: Contract = CONTRACT) -> Incident:
    asset = next((asset for asset in ASSETS if asset.tag == asked.asset), None)
    in_hours = with_holidays(contract.calendar, at).is_open(at)
    no = f"I-TEST-{next(_NUMBERS):05}"
    reporter = next((person for person in PEOPLE if person.id == asked.reporter), None)
    known = ReportFacts(HQ, asset, in_hours, reporter, _named(*asked.related))
    return report(contract, asked, known, no=no, by="p-desk", at=at)


def usually_found(command: CommandBase) -> LookedUp | None:
    """What the API would look up for a command in this world."""
    match command:
        case Migrate():
            return HoursFound(calendar=OFFICE.model_copy())
        case AddRecyclerList():
            return RecyclerListFound(
                paper=KeptPaper(digest=command.digest, media_type="text/csv", size=9), said=RecyclerList(rows=0)
            )
        case ConfirmCustody(vendor=vendor) if vendor is not None:
            return CustodianFound(vendor=vendor, name=vendor, version=1)
        case AddErasureReport():
            return ErasureReportFound(
                paper=KeptPaper(digest=command.digest, media_type="application/xml", size=1),
                report=ErasureReport(tool="Blancco", drives=(_erased("SN200"), _erased("SN900"))),
            )
    return None


def _erased(serial: str) -> ErasedDrive:
    return ErasedDrive(
        serial=serial,
        standard="NIST 800-88 Purge",
        method=ErasureMethod.PURGE,
        passed=True,
        result="Successful",
        verification="Successful",
        done_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


class CaseDesk:
    """The people round one case: who sits here gives commands and lets time pass."""

    def __init__(self, environment: WorkflowEnvironment, case: str) -> None:
        self.environment = environment
        self.case = case
        self.temporal = Temporal(environment.client, "stories")
        self._said = count(1)

    async def say(
        self, actor: Actor, command: AnyCommand, *, request_id: str | None = None, looked_up: LookedUp | None = None
    ) -> Receipt:
        """Until it is answered, as every caller of the API may: on a busy machine that can be long in coming."""
        said = await self._instruction(actor, command, request_id)
        if looked_up is not None:
            said = said.but(looked_up=looked_up)

        async def answer() -> Receipt | None:
            with suppress(TemporalAway):
                return await self.temporal.command(self.case, said)
            return None

        receipt = await until(answer)
        assert receipt is not None
        return receipt

    async def call(self, actor: Actor, command: AnyCommand) -> None:
        """Say it, however long the case then takes to come to rest."""
        said = await self._instruction(actor, command)
        await self.handle.execute_update("command", said, id=said.request_id)

    async def _instruction(self, actor: Actor, command: AnyCommand, request_id: str | None = None) -> Instruction:
        said = request_id or f"said-{next(self._said)}"
        now, found = await self.now(), usually_found(command)
        return Instruction(command=command, actor=actor, given_at=now, request_id=said, looked_up=found)

    async def now(self) -> datetime:
        return await self.environment.get_current_time()

    async def later(self, **span: float) -> None:
        await self.environment.sleep(timedelta(**span))

    async def ended(self) -> Receipt:
        return Receipt.model_validate(await self.handle.result())

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.environment.client.get_workflow_handle(self.case)


class Desk(CaseDesk):
    """The people round one order."""

    def __init__(self, environment: WorkflowEnvironment, order: Order) -> None:
        super().__init__(environment, order_workflow_id(order.no))
        self.order = order

    async def place(self) -> "Desk":
        await self.temporal.start_order(self.order)
        return self
