"""What customers get to see of what happens: an allowlist, total for every kind of case, and the same wherever read."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

import httpx2
import pytest

from activities.records import IncidentEntry, OrderEntry, Records
from api.cases.audiences import AUDIENCES
from domain.cases.audiences import name_of
from domain.cases.events import INCIDENT_TELLS, PART_TELLS, TELLS, Event, Happening, Telling
from domain.cases.incident_commands import Diagnose, HandOver, IncidentCommand
from domain.cases.move_commands import ProjectCommand, WaveCommand
from domain.cases.order_commands import Command
from domain.cases.page_commands import PageCommand
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import MADE_TO, SERVICE, ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import DEADLINE
from domain.ids import PAGE, WAVE
from domain.incidents.clocks import INCIDENT_CLOCKS
from domain.incidents.progress import IncidentPage, begin
from domain.incidents.promises import first_clocks, ladder_of
from domain.keys import CUSTOMERS_OWN
from domain.kinds import OrderKind
from domain.moves.launched.events import PROJECT_TELLS, WAVE_TELLS, MoveHappening
from domain.oncall.page import PageHappening
from domain.orders.progress import begin as begin_order
from domain.orders.promises import order_clock
from domain.people import MACHINE, Role
from domain.priorities import Priority
from domain.promises.ladder_checks import ladder_problems
from domain.vendors.jobs import JobStatus, VendorJob
from tests.api.house import INCIDENTS, ORDERS, House, body
from tests.rehearsal.sayings import kinds_of
from tests.stories.stage import MONDAY
from tests.world import CONTRACT, DESK, incident, order, request, trouble

# All that stands in the journal of a kind of case: what can happen to any, what only to it, and what it is told.
CAN_HAPPEN: Mapping[str, set[str]] = {
    kind: {*map(str, happenings), *(name_of(command) for union in commands for command in kinds_of(union))}
    for kind, happenings, commands in (
        ("order", [*Happening], [Command]),
        ("incident", [*Happening], [IncidentCommand]),
        (PAGE, [*Happening, *PageHappening], [PageCommand]),
        ("project", [*Happening, *MoveHappening], [ProjectCommand, WaveCommand]),
        (WAVE, [*Happening, *MoveHappening], [ProjectCommand, WaveCommand]),
    )
}
TELLINGS: Mapping[str, Sequence[Mapping[str, tuple[Telling, ...]]]] = {
    "order": (TELLS, PART_TELLS),
    "incident": (INCIDENT_TELLS,),
    "project": (PROJECT_TELLS,),
    WAVE: (WAVE_TELLS,),
}


def noted(what: str, **values: str) -> Event:
    return Event(seq=1, at=MONDAY, what=what, actor=MACHINE, values=values)


@pytest.mark.parametrize("kind", CAN_HAPPEN)
def test_whatever_can_happen_stands_on_exactly_one_side(kind: str) -> None:
    shown, ours = ({name_of(what) for what in side} for side in (AUDIENCES[kind].shown, AUDIENCES[kind].ours))

    assert shown | ours == CAN_HAPPEN[kind]
    assert shown & ours == set()
    assert AUDIENCES.keys() == CAN_HAPPEN.keys()


@pytest.mark.parametrize("kind", CAN_HAPPEN)
def test_what_nobody_has_listed_is_hidden(kind: str) -> None:
    class Tomorrow(StrEnum):
        BRIBED = "bribed"

    assert not AUDIENCES[kind].shows(noted(Tomorrow.BRIBED))
    assert not AUDIENCES[kind].shows(noted(Happening.DEADLINE_MISSED, clock="tomorrow"))
    assert not AUDIENCES[kind].shows(noted(Happening.DEADLINE_MISSED, clock="response", clock_type="OTHER"))


def test_every_kind_of_clock_is_promised_to_somebody() -> None:
    assert MADE_TO.keys() == {*ClockKind}
    assert {kind for kind in ClockType if kind.is_for_customers} == {ClockType.SLA}
    assert {row.kind: row.seen_by_customers for row in INCIDENT_CLOCKS} == {
        row.kind: MADE_TO[row.kind] is ClockType.SLA for row in INCIDENT_CLOCKS
    }


@pytest.mark.parametrize(
    ("clock", "shown"),
    [
        ("response", True),
        ("resolution", True),
        ("promised-2", True),
        ("order", True),
        ("update", False),
        ("vendor-1-resolution", False),
        ("approval/1", False),
    ],
)
def test_clocks_noted_before_their_type_was_are_known_by_name(clock: str, *, shown: bool) -> None:
    for kind in ("order", "incident"):
        assert AUDIENCES[kind].shows(noted(Happening.DEADLINE_MISSED, clock=clock)) == shown


@pytest.mark.parametrize("kind", TELLINGS)
def test_customers_are_told_only_of_what_they_may_read(kind: str) -> None:
    told = {
        what
        for table in TELLINGS[kind]
        for what, tellings in table.items()
        if any(CUSTOMERS_OWN.intersection(roles) for _, roles in tellings)
    }

    assert told <= {name_of(what) for what in AUDIENCES[kind].shown}


def test_no_ladder_tells_customers_of_a_clock_that_is_ours() -> None:
    theirs = tuple(
        LadderRow(clock=row.kind, at=DEADLINE, tell=(Role.REQUESTER, Role.APPROVER, Role.SDM))
        for row in INCIDENT_CLOCKS
    )
    case = incident(trouble(), MONDAY)
    case = case.but(terms=case.terms.but(ladder=theirs))
    for row in INCIDENT_CLOCKS:
        clock = SlaClock(name=row.name, kind=row.kind, type=row.type, target=timedelta(hours=1))
        told = {role for line in ladder_of(case, Priority.MINOR, clock) for role in line.tell}
        assert bool(told & CUSTOMERS_OWN) == row.seen_by_customers

    refused = {problem.at for problem in ladder_problems(CONTRACT.but(ladder=theirs))}
    assert {f"/ladder/{n}/tell" for n, row in enumerate(INCIDENT_CLOCKS) if not row.seen_by_customers} <= refused


async def readers(house: House) -> tuple[httpx2.AsyncClient, httpx2.AsyncClient]:
    return await house.caller(Role.CONTACT, "p-vogel", "adler"), await house.caller(Role.SDM, "p-sommer")


async def test_an_incidents_customer_reads_what_concerns_it(cut_off: House) -> None:
    case = incident(trouble(), MONDAY)
    update = SlaClock(name="update", kind=ClockKind.UPDATE, type=ClockType.OLA, target=timedelta(hours=4))
    progress = begin(case, SERVICE).but(
        seq=9,
        red=True,
        pages=(IncidentPage(no=1, cause="reported"),),
        jobs=(VendorJob(no=1, wanted="pune", asked_at=MONDAY, status=JobStatus.NO_ANSWER),),
    )
    progress = progress.but(clocks=(*first_clocks(case, progress), update))
    happened = [
        noted("reported"),
        noted("diagnose").but(command=Diagnose(finding="The vendor's firmware is to blame.")),
        noted("hand_over").but(command=HandOver(to="p-lang")),
        noted(Happening.PAGE_SENT),
        noted(Happening.DEADLINE_MISSED, clock="update", clock_type="OLA"),
        noted(Happening.DEADLINE_MISSED, clock="response", clock_type="SLA"),
        noted("something_new"),
    ]
    events = tuple(event.but(seq=n + 1) for n, event in enumerate(happened))
    entry = IncidentEntry(incident=case, progress=progress, events=events, deadlines={}, at=MONDAY)
    await Records(cut_off.database).record_incident(entry)
    customer, sdm = await readers(cut_off)
    at = f"{INCIDENTS}/{case.no}"

    ours, theirs = [[event["what"] for event in body(await who.get(f"{at}/timeline"))] for who in (sdm, customer)]
    sheet, clocks = body(await customer.get(at)), body(await customer.get(f"{at}/clocks"))

    assert ours == [event.what for event in events]
    assert theirs == ["reported", "hand_over", "deadline_missed"]
    assert {clock["name"] for clock in (*sheet["clocks"], *clocks)} == {"response", "resolution"}
    assert (sheet["red"], sheet["pages"], sheet["jobs"]) == (False, [], [])
    assert [line["stuck"] for line in body(await customer.get(INCIDENTS))["items"]] == [False]
    assert body(await customer.get(INCIDENTS, params={"stuck": True}))["items"] == []
    assert len(body(await customer.get(INCIDENTS, params={"stuck": False}))["items"]) == 1
    assert [line["stuck"] for line in body(await sdm.get(INCIDENTS))["items"]] == [True]


async def test_an_orders_customer_reads_the_promise_to_it(cut_off: House) -> None:
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), MONDAY)
    step = SlaClock(name="approval/1", kind=ClockKind.STEP, type=ClockType.OLA, target=timedelta(hours=4))
    progress = begin_order(placed, (order_clock(placed), step.start(MONDAY))).but(seq=3)
    happened = [
        noted("placed"),
        noted(Happening.NOTICE_UNDELIVERABLE),
        noted(Happening.THRESHOLD_REACHED, clock="approval/1", clock_type="OLA"),
    ]
    events = tuple(event.but(seq=n + 1) for n, event in enumerate(happened))
    entry = OrderEntry(order=placed, progress=progress, events=events, deadline=None, at=MONDAY)
    await Records(cut_off.database).record(entry)
    customer, sdm = await readers(cut_off)
    at = f"{ORDERS}/{placed.no}"

    for who, whats, clocks in (
        (customer, ["placed"], ["order"]),
        (sdm, [event.what for event in events], ["order", "approval/1"]),
    ):
        assert [event["what"] for event in body(await who.get(f"{at}/timeline"))] == whats
        assert [clock["name"] for clock in body(await who.get(at))["clocks"]] == clocks
        assert [clock["name"] for clock in body(await who.get(f"{at}/clocks"))] == clocks
