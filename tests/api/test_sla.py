"""Clocks explained, what-ifs, and what new service hours would do, over HTTP."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.records import IncidentEntry, Records
from db.contracts import save_contract
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Hold
from domain.clocks.calendars import Calendar
from domain.clocks.holds import HoldReason
from domain.clocks.reports import ClockReport
from domain.clocks.sla import SERVICE, ClockKind, ClockType, SlaClock
from domain.contracts.matrix import Cell, CommunicationsMatrix, MatrixRow, Way
from domain.incidents.incident import IncidentRequest
from domain.incidents.progress import begin
from domain.incidents.promises import first_clocks
from domain.kinds import OrderKind, OrderState
from domain.orders.order import Order
from domain.people import Role
from domain.priorities import Priority
from domain.promises.what_ifs import MigrationPreview
from tests.api.house import INSTALL, ORDERS, House, body, write_order
from tests.world import CONTRACT, COORDINATOR, DESK, HQ, incident, order, request

SLA = "/api/v1/sla"
at = datetime.fromisoformat
# A Monday, so long ago that every promise of five working days is past.
MONDAY = datetime(2026, 6, 8, 6, tzinfo=UTC)
ROUND_THE_CLOCK = {"zone": "Europe/Berlin", "always": True, "version": 2}
Reports = TypeAdapter(list[ClockReport])


async def placed(house: House, at: datetime = MONDAY, **changes: object) -> Order:
    """An order as its workflow would have written it down."""
    asked = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), at)
    await write_order(house.database, asked, **changes)
    return asked


async def reported(house: House, at: datetime, priority: Priority) -> str:
    asked = IncidentRequest(contract=CONTRACT.id, site=HQ.id, title="Nichts druckt.", priority=priority)
    case = incident(asked, at)
    progress = begin(case, SERVICE).but(seq=1)
    update = SlaClock(name="update", kind=ClockKind.UPDATE, type=ClockType.OLA, target=timedelta(hours=4))
    progress = progress.but(clocks=(*first_clocks(case, progress), update))
    entry = IncidentEntry(incident=case, progress=progress, events=(), at=at, deadlines={})
    await Records(house.database).record_incident(entry)
    return f"incident/{case.no}"


def vendor_delay(at: datetime) -> Instruction:
    told = Hold(code=HoldReason.WAITING_VENDOR, max_until=at + timedelta(days=1), reason="no spare part")
    return Instruction(command=told, actor=COORDINATOR, given_at=at, request_id="said-1")


async def test_an_orders_clocks_are_explained(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    asked = await placed(cut_off)

    answer = await desk.get(f"{ORDERS}/{asked.no}/clocks")

    (clock,) = Reports.validate_json(answer.text)
    # Five working days of nine hours.
    assert (clock.name, clock.target, clock.deadline) == (
        "order",
        timedelta(hours=45),
        datetime(2026, 6, 12, 15, tzinfo=UTC),
    )
    assert (clock.breached_at, clock.zone) == (clock.deadline, "Europe/Berlin")
    assert (clock.segments[0].start, clock.segments[0].state) == (MONDAY, "running")
    counted = sum((part.end - part.start for part in clock.segments if part.state == "running"), timedelta(0))
    # Said in whole seconds.
    assert counted // timedelta(seconds=1) * timedelta(seconds=1) == clock.used == clock.target - clock.remaining


@pytest.mark.parametrize(
    ("what_if", "deadline"),
    [
        pytest.param({"calendar": ROUND_THE_CLOCK}, "2026-06-10T03:00:00Z", id="another calendar"),
        pytest.param({"target_minutes": 9 * 60}, "2026-06-08T15:00:00Z", id="another target"),
        pytest.param({"holding": ["waiting_vendor"]}, "2026-06-15T15:00:00Z", id="a vendor's delay counts"),
        pytest.param({"contract_version": 2}, "2026-06-08T16:00:00Z", id="another version of the contract"),
        pytest.param({"contract_version": 2, "target_minutes": 60}, "2026-06-08T07:00:00Z", id="both"),
    ],
)
async def test_what_would_be_under_other_rules(cut_off: House, what_if: dict[str, Any], deadline: str) -> None:
    desk = await cut_off.coordinator()
    asked = await placed(cut_off, given=(vendor_delay(MONDAY),))
    around = Calendar.model_validate(ROUND_THE_CLOCK)
    async with cut_off.database.writing() as session:
        await save_contract(session, CONTRACT.but(calendar=around, targets=dict.fromkeys(OrderKind, 600)))

    answer = await desk.post(f"{SLA}/whatif", json={"case": f"order/{asked.no}"} | what_if)

    (told,) = body(answer)
    assert (told["agreed"]["deadline"], told["supposed"]["deadline"]) == ("2026-06-12T15:00:00Z", deadline)
    (after,) = body(await desk.get(f"{ORDERS}/{asked.no}/clocks"))
    assert after["deadline"] == "2026-06-12T15:00:00Z"


@pytest.mark.parametrize(
    ("priority", "what_if", "deadlines"),
    [
        pytest.param(
            Priority.CRITICAL,
            {"calendar": ROUND_THE_CLOCK | {"zone": "UTC"}, "clock": "resolution"},
            [("2026-06-08T14:00:00Z", "2026-06-08T14:00:00Z")],
            id="another calendar",
        ),
        pytest.param(
            Priority.CRITICAL,
            {"contract_version": 2},
            [
                ("2026-06-08T08:00:00Z", "2026-06-08T06:30:00Z"),
                ("2026-06-08T14:00:00Z", "2026-06-08T07:00:00Z"),
                (None, None),
            ],
            id="another matrix",
        ),
        pytest.param(
            Priority.BLOCKER,
            {"target_minutes": 120, "clock": "resolution"},
            [("2026-06-08T10:00:00Z", "2026-06-08T08:00:00Z")],
            id="round the clock",
        ),
    ],
)
async def test_what_would_be_of_an_incident(
    cut_off: House, priority: Priority, what_if: dict[str, Any], deadlines: list[tuple[str | None, str | None]]
) -> None:
    desk = await cut_off.coordinator()
    case = await reported(cut_off, MONDAY, priority)
    quick = Cell(report_by=(Way.PHONE,), first=Role.SDM, response_minutes=30, resolution_minutes=60)
    matrix = CommunicationsMatrix(rows=dict.fromkeys(Priority, MatrixRow(in_hours=quick)))
    async with cut_off.database.writing() as session:
        await save_contract(session, CONTRACT.but(matrix=matrix))

    answer = await desk.post(f"{SLA}/whatif", json={"case": case} | what_if)

    assert answer.status_code == HTTPStatus.OK, answer.text
    assert [(told["agreed"]["deadline"], told["supposed"]["deadline"]) for told in body(answer)] == deadlines


NEVER_ENOUGH = {"zone": "UTC", "weekly": {"mon": [["00:00", "00:01"]]}}


@pytest.mark.parametrize(
    ("what_if", "status", "faults"),
    [
        pytest.param({}, 422, {("what_if_empty", "")}, id="nothing different"),
        pytest.param(
            {"calendar": ROUND_THE_CLOCK | {"region": "DE-XX"}, "contract_version": 1, "clock": "hope"},
            422,
            {
                ("calendar_twice", "/contract_version"),
                ("region_unknown", "/calendar/region"),
                ("clock_unknown", "/clock"),
            },
            id="everything wrong at once",
        ),
        pytest.param({"target_minutes": 60}, 422, {("clock_needed", "/clock")}, id="a target for no clock"),
        pytest.param({"calendar": NEVER_ENOUGH}, 422, {("target_unreachable", "/calendar")}, id="a minute a week"),
        pytest.param({"contract_version": 99}, 422, {("version_unknown", "/contract_version")}, id="no such version"),
        pytest.param({"case": "order/O-GONE", "holding": []}, 404, {("order_unknown", "")}, id="no such order"),
        pytest.param({"case": "incident/I-GONE", "holding": []}, 404, {("incident_unknown", "")}, id="no incident"),
        pytest.param({"case": "project/1", "holding": []}, 422, {("string_pattern_mismatch", "/case")}, id="no case"),
    ],
)
async def test_a_what_if_that_makes_no_sense_is_refused(
    house: House, what_if: dict[str, Any], status: int, faults: set[tuple[str, str]]
) -> None:
    desk = await house.coordinator()
    second = SlaClock.model_validate({"name": "approval/1", "kind": "step", "type": "OLA", "target": "PT4H"})
    asked = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), MONDAY)
    whole = SlaClock.model_validate({"name": "order", "kind": "fulfilment", "target": "PT45H"}).start(MONDAY)
    await write_order(house.database, asked, clocks=(whole, second.start(MONDAY)))

    answer = await desk.post(f"{SLA}/whatif", json={"case": f"order/{asked.no}"} | what_if)

    assert answer.status_code == status, answer.text
    assert {(fault["code"], fault["at"]) for fault in body(answer)["errors"]} == faults


async def test_a_preview_says_what_new_hours_would_do_to_running_clocks(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    now = datetime.now(UTC)
    running = await placed(cut_off, now - timedelta(minutes=1))
    # Its clocks run round the clock: no new service hours concern them.
    await reported(cut_off, now - timedelta(minutes=1), Priority.BLOCKER)
    await placed(cut_off, now - timedelta(minutes=1), state=OrderState.COMPLETED)
    unchanged = await desk.post(f"{SLA}/migrations/preview", json={"contract": CONTRACT.id})
    around = Calendar.model_validate(ROUND_THE_CLOCK)
    async with cut_off.database.writing() as session:
        await save_contract(session, CONTRACT.but(calendar=around))

    changed = await desk.post(f"{SLA}/migrations/preview", json={"contract": CONTRACT.id})

    before, after = (MigrationPreview.model_validate_json(answer.text) for answer in (unchanged, changed))
    assert (before.running, before.moves) == (3, ())
    assert (after.running, after.contract_version, after.calendar_version, after.become_overdue) == (3, 2, "2", 0)
    (move,) = after.moves
    assert (move.case, move.clock) == (f"order/{running.no}", "order")
    assert move.deadline is not None
    assert move.new_deadline is not None
    assert move.new_deadline < move.deadline


async def test_migrating_does_what_the_preview_said(house: House) -> None:
    await house.worker()
    sdm = await house.caller(Role.SDM, "p-sommer")
    placed = (await sdm.post(ORDERS, json=INSTALL)).headers["Location"]
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    await huber.post(f"{placed}/commands", json={"type": "approve"})
    async with house.database.writing() as session:
        await save_contract(session, CONTRACT.but(calendar=Calendar.model_validate(ROUND_THE_CLOCK)))
    previewed = await sdm.post(f"{SLA}/migrations/preview", json={"contract": CONTRACT.id})
    unknown = await sdm.post(f"{placed}/commands", json={"type": "migrate", "version": 9, "reason": "?"})

    answer = await sdm.post(f"{placed}/commands", json={"type": "migrate", "version": 2, "reason": "as agreed"})
    again = await sdm.post(f"{SLA}/migrations/preview", json={"contract": CONTRACT.id})

    assert (unknown.status_code, answer.status_code) == (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.OK), answer.text
    moved = {move["clock"]: (at(move["new_deadline"]), at(move["deadline"])) for move in body(previewed)["moves"]}
    clocks = Reports.validate_json((await sdm.get(f"{placed}/clocks")).text)
    told = {clock.name: clock.deadline for clock in clocks if clock.stopped_at is None and clock.deadline}
    # Between the preview and the command some time has passed.
    assert all(new <= told[name] < old for name, (new, old) in moved.items())
    assert told.keys() == moved.keys()
    assert {clock.calendar_version for clock in clocks if clock.name in told} == {"2"}
    assert body(again)["moves"] == []


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        pytest.param({"contract": "gone"}, 404, "contract_unknown", id="no such contract"),
        pytest.param({"contract": "falke-2026"}, 404, "contract_unknown", id="another customer's"),
        pytest.param({"contract": CONTRACT.id, "since": "2099-01-01T00:00:00Z"}, 422, "in_the_future", id="too soon"),
    ],
)
async def test_a_preview_of_what_cannot_be_is_refused(
    cut_off: House, asked: dict[str, str], status: int, code: str
) -> None:
    await cut_off.second_customer()
    desk = await cut_off.caller(Role.SDM, "p-sommer", "adler")

    answer = await desk.post(f"{SLA}/migrations/preview", json=asked)

    assert (answer.status_code, body(answer)["errors"][0]["code"]) == (status, code)


async def test_an_incidents_clocks_are_explained_and_customers_see_what_they_were_promised(cut_off: House) -> None:
    case = await reported(cut_off, MONDAY, Priority.CRITICAL)
    path = f"/api/v1/incidents/{case.removeprefix('incident/')}/clocks"
    contact = await cut_off.caller(Role.CONTACT, "p-vogel", "adler")

    ours = await (await cut_off.coordinator()).get(path)
    theirs = await contact.get(path)
    asked = await contact.post(f"{SLA}/whatif", json={"case": case, "holding": []})

    told = {clock.name: clock.deadline for clock in Reports.validate_json(ours.text)}
    assert told == {"response": at("2026-06-08T08:00:00Z"), "resolution": at("2026-06-08T14:00:00Z"), "update": None}
    assert [clock.name for clock in Reports.validate_json(theirs.text)] == ["response", "resolution"]
    assert [one["agreed"]["name"] for one in body(asked)] == ["response", "resolution"]


async def test_customers_see_their_clocks_but_no_preview(cut_off: House) -> None:
    asked = await placed(cut_off)
    contact = await cut_off.caller(Role.CONTACT, "p-vogel", "adler")
    stranger = await cut_off.caller(Role.CONTACT, "p-gans", "falke")

    statuses = [
        (await contact.get(f"{ORDERS}/{asked.no}/clocks")).status_code,
        (await contact.post(f"{SLA}/migrations/preview", json={"contract": CONTRACT.id})).status_code,
        (await stranger.get(f"{ORDERS}/{asked.no}/clocks")).status_code,
        (await stranger.post(f"{SLA}/whatif", json={"case": f"order/{asked.no}", "holding": []})).status_code,
    ]

    assert statuses == [HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]
