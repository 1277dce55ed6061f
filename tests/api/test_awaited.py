"""What is awaited, over all cases: by whom, until when; and never of a case that the caller may not see."""

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from sqlalchemy import delete

from activities.records import OrderEntry, PageEntry, ProjectEntry, Records, WaveEntry
from db.awaited import AwaitedRow
from db.engine import Database
from db.rebuilding import is_built, rebuild
from domain.cases.events import Event
from domain.cases.order_commands import Book, Window
from domain.cases.wave_briefs import Gate, WaveBrief
from domain.clocks.holds import ClockHold, HoldReason
from domain.incidents.progress import IncidentPage, IncidentState
from domain.kinds import OrderKind, OrderState
from domain.moves.launched.project_progress import GateState, ProjectState, planned_wave
from domain.moves.launched.project_progress import begin as begin_project
from domain.moves.launched.wave_progress import OpenPoint, WaveCounts, WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import Launch
from domain.oncall.page import Page, PageState
from domain.oncall.page import begin as begin_page
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus, begin
from domain.orders.promises import order_clock
from domain.people import MACHINE, Role
from domain.refusals import Problem
from tests.api.house import House, body, write_incident
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_projects import RIGHT, bring, desk_of
from tests.domain.moves.launched.wave_samples import SWAP, Rehearsed
from tests.world import CONTRACT, NEW_DESK, furnish, incident, order, part, part_order, request, trouble

AWAITED = "/api/v1/awaited"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
Line = dict[str, Any]


def opened(of: Order, step: str, status: StepStatus = StepStatus.OPEN, **changes: object) -> Progress:
    progress = begin(of, (order_clock(of),)).opened(step, AT)
    return progress.with_step(step, status=status, problem=changes.pop("problem", None)).but(**changes)


async def write(
    database: Database, of: Order, progress: Progress, seq: int = 1, deadline: datetime | None = None
) -> None:
    event = Event(seq=seq, at=AT, what="told", actor=MACHINE)
    entry = OrderEntry(order=of, progress=progress.but(seq=seq), events=(event,), deadline=deadline, at=AT)
    await Records(database).record(entry)


def install(**fields: object) -> Order:
    return order(request(OrderKind.INSTALL, target=NEW_DESK, holder="Max Huber", assets=("NB-100",), **fields), AT)


async def listed(caller: httpx2.AsyncClient, **asked: str | bool) -> list[Line]:
    answer = await caller.get(AWAITED, params=asked)
    assert answer.status_code == HTTPStatus.OK, answer.text
    lines: list[Line] = body(answer)["items"]
    return lines


def told(lines: list[Line]) -> list[tuple[str, str, str]]:
    return [(line["no"], line["step"], line["command"]) for line in lines]


async def test_an_order_waits_for_whoever_is_named_and_then_for_the_next(cut_off: House) -> None:
    asked, approver = install(), await cut_off.caller(Role.APPROVER, "p-huber", "adler")
    desk, technician = await cut_off.coordinator(), await cut_off.caller(Role.TECHNICIAN, "p-lang")
    deadline = AT + timedelta(days=5)

    await write(cut_off.database, asked, opened(asked, "approval"), 1, deadline)
    first = await listed(approver, mine=True)
    approved = opened(asked, "approval").settled("approval", AT).opened("appointment", AT)
    await write(cut_off.database, asked, approved, 2, deadline)
    window = Window(start=AT + timedelta(days=1), end=AT + timedelta(days=1, hours=2))
    booked = approved.settled("appointment", AT).but(appointment=Book(window=window)).opened("work", AT)
    second = (await listed(approver, mine=True), await listed(desk, mine=True))
    await write(cut_off.database, asked, booked, 3, deadline)
    third = await listed(technician, mine=True)
    ended = begin(asked, ()).but(state=OrderState.CANCELLED)
    await write(cut_off.database, asked, ended, 4)

    assert told(first) == [(asked.no, "approval", "approve")]
    assert (first[0]["people"], first[0]["role"], first[0]["due"]) == (["p-huber"], "approver", "2026-03-07T09:00:00Z")
    assert (told(second[0]), told(second[1])) == ([], [(asked.no, "appointment", "book")])
    assert told(third) == [(asked.no, "work", "start")]
    assert (third[0]["commands"], third[0]["due"]) == (["start", "complete"], "2026-03-03T11:00:00Z")
    assert await listed(desk) == []


async def test_an_entry_that_comes_late_brings_nothing_back(cut_off: House) -> None:
    asked, desk = install(), await cut_off.coordinator()
    later = opened(asked, "approval").settled("approval", AT).opened("appointment", AT)

    await write(cut_off.database, asked, opened(asked, "approval"), 1)
    await write(cut_off.database, asked, later, 2)
    await write(cut_off.database, asked, opened(asked, "approval"), 1)

    assert told(await listed(desk)) == [(asked.no, "appointment", "book")]


async def test_what_gets_stuck_is_an_exception_with_its_reason_since_it_stuck(cut_off: House) -> None:
    asked, desk = install(), await cut_off.coordinator()
    problem = Problem(code="no_stock", values={"model": "T14"})
    stuck = opened(asked, "reservation", StepStatus.STUCK, problem=problem)

    await write(cut_off.database, asked, stuck, 1)
    found = await listed(desk, exception=True)
    await write(cut_off.database, asked, stuck.but(state=OrderState.REQUESTED), 2)

    assert told(found) == [(asked.no, "reservation", "retry")]
    assert (found[0]["problem"]["code"], found[0]["since"]) == ("no_stock", "2026-03-02T09:00:00Z")
    assert await listed(desk, exception=True) == found
    assert await listed(desk, exception=False) == []


async def test_an_incident_waits_for_its_answer_its_solution_and_the_customers_word(cut_off: House) -> None:
    desk, customer = (
        await cut_off.caller(Role.SERVICE_DESK, "p-koch"),
        await cut_off.caller(Role.CONTACT, "p-vogel", "adler"),
    )
    reported, red, solved, asking = (incident(trouble(), AT) for _ in range(4))
    until = AT + timedelta(days=1)
    hold = ClockHold(reason=HoldReason.WAITING_CUSTOMER, actor="p-koch", at=AT, max_until=until)

    await write_incident(cut_off.database, reported)
    page = IncidentPage(no=1, cause="reported", state=PageState.UNANSWERED, owner="p-sommer")
    await write_incident(cut_off.database, red, red=True, pages=(page,))
    await write_incident(
        cut_off.database, solved, state=IncidentState.RESOLVED, resolved_at=AT, reopen_until=until, responded_at=AT
    )
    await write_incident(cut_off.database, asking, state=IncidentState.ON_HOLD, holds=(hold,), responded_at=AT)
    ours = {line["no"] + " " + line["command"]: line for line in await listed(desk, kind="incident")}

    assert ours.keys() == {
        *(f"{reported.no} respond", f"{red.no} respond", f"{solved.no} confirm"),
        *(f"{asking.no} resolve", f"{asking.no} answer"),
    }
    assert [no for no, line in ours.items() if line["exception"]] == [f"{red.no} respond"]
    assert ours[f"{red.no} respond"]["people"] == ["p-sommer"]
    assert ours[f"{reported.no} respond"]["commands"] == ["respond", "classify", "resolve"]
    # What we owe them, and whom we call at night, is not theirs to see.
    assert {line["no"] + " " + line["command"] for line in await listed(customer)} == {
        *(f"{solved.no} confirm", f"{asking.no} answer"),
    }
    assert await listed(customer, exception=True) == []


def _page() -> Page:
    values = {"site": "adler-hq", "title": "Server aus"}
    return Page(
        no=1,
        case="incident/I-1",
        customer="adler",
        contract=CONTRACT.id,
        cause="reported",
        values=values,
        started_at=AT,
    )


async def test_a_page_waits_for_somebody_to_take_it_and_customers_hear_nothing_of_it(cut_off: House) -> None:
    page, records = _page(), Records(cut_off.database)
    sdm, customer = await cut_off.caller(Role.SDM, "p-sommer"), await cut_off.caller(Role.CONTACT, "p-vogel", "adler")
    calling = begin_page(page).but(seq=1)

    await records.record_page(PageEntry(page=page, progress=calling, events=(), at=AT))
    unmet = calling.but(seq=2, state=PageState.UNANSWERED, final_owner="p-sommer")
    before = await listed(sdm)
    await records.record_page(PageEntry(page=page, progress=unmet, events=(), at=AT))
    red = await listed(sdm, mine=True)
    taken = unmet.but(seq=3, state=PageState.ACKNOWLEDGED, owner="p-lang")
    nothing = await listed(customer)
    await records.record_page(PageEntry(page=page, progress=taken, events=(), at=AT))

    assert told(before) == told(red) == [("I-1/1", "acknowledge", "acknowledge")]
    assert (red[0]["title"], red[0]["people"]) == ("Server aus", ["p-sommer"])
    assert (nothing, await listed(sdm)) == ([], [])


def _launch(wave: WaveBrief) -> Launch:
    facts = Rehearsed(SWAP).launch.model_dump(exclude={"wave", "tells_at", "withdrawn"})
    return Launch.model_validate(facts | {"waves": [wave.model_dump()]})


async def test_a_wave_waits_for_its_go_and_a_project_for_its_end(cut_off: House) -> None:
    brief = WaveBrief(id="w1", start=AT, end=AT + timedelta(hours=8), gate=Gate(by="p-huber"), workplaces=4)
    launch, records = _launch(brief), Records(cut_off.database)
    boss = await cut_off.caller(Role.APPROVER, "p-huber", "adler")
    asked = begin_project(launch).but(seq=1).with_wave(planned_wave(brief).but(gate=GateState.ASKED))

    await records.record_project(ProjectEntry(launch=launch, progress=asked, events=(), deadline=None, at=AT))
    go = await listed(boss, mine=True)
    settling = asked.with_wave(planned_wave(brief).but(gate=GateState.OPEN)).but(
        seq=2, state=ProjectState.SETTLING, settle_until=AT + timedelta(days=5)
    )
    await records.record_project(ProjectEntry(launch=launch, progress=settling, events=(), deadline=None, at=AT))

    assert (told(go), go[0]["due"]) == ([("p", "w1", "go")], "2026-03-02T09:00:00Z")
    assert told(await listed(boss)) == [("p", "close", "close")]
    assert await rebuild(cut_off.database) == 0


async def test_an_exception_of_a_wave_is_its_owners_and_the_orders_own_is_none(cut_off: House) -> None:
    wave, desk = Rehearsed(SWAP), await cut_off.coordinator()
    points = (OpenPoint(workplace="anna", row=1, owner="p-kern", since=AT),)
    row = WorkplaceStanding(
        workplace="anna",
        row=1,
        kind=OrderKind.MOVE,
        wave="w1",
        state=WorkplaceState.EXCEPTION,
        retryable=True,
        owner="p-kern",
        due=AT + timedelta(hours=4),
    )
    entry = WaveEntry(
        launch=wave.launch,
        progress=wave.progress.but(seq=1, points=points),
        counts=WaveCounts(),
        rows=(row,),
        events=(),
        deadline=None,
        at=AT,
    )
    asked = part_order(request(OrderKind.MOVE, target=NEW_DESK, assets=("NB-200",)), part(AT), AT)

    await Records(cut_off.database).record_wave(entry)
    await write(cut_off.database, asked, opened(asked, "verification", StepStatus.STUCK))
    first = await listed(desk, exception=True)
    # An entry that says nothing new of the row leaves it; one in which the point is gone takes it away.
    await Records(cut_off.database).record_wave(entry.but(progress=entry.progress.but(seq=2), rows=()))
    same = await listed(desk, exception=True)
    closed = row.but(state=WorkplaceState.OK)
    settled = entry.but(progress=entry.progress.but(seq=3, points=()), rows=(closed,))
    await Records(cut_off.database).record_wave(settled)

    assert told(first) == [("p/w1", "anna", "retry_rows")]
    assert (first[0]["people"], first[0]["due"]) == (["p-kern"], "2026-03-02T13:00:00Z")
    assert same == first
    assert await listed(desk, exception=True) == []
    assert told(await listed(desk, kind="order")) == [(asked.no, "verification", "retry")]


async def test_a_plan_waits_for_its_approvers_until_a_newer_list_a_newer_plan_or_the_approval(cut_off: House) -> None:
    desk, approver = await desk_of(cut_off), await cut_off.caller(Role.APPROVER, "p-huber", "adler")
    await bring(desk, RIGHT)
    await desk.post(PLANS, json=REQUEST)
    first = await listed(approver, mine=True)
    await bring(desk, RIGHT.replace("1.02;7", "1.03;1"))
    outdated = await listed(approver, mine=True)
    await desk.post(PLANS, json=REQUEST)
    second = await listed(approver, mine=True)

    # The API writes them together; so does whoever takes a person out of a contract.
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    saved = await sdm.put(f"/api/v1/contracts/{CONTRACT.id}", json=_with_approver("p-vogel"))
    other = (await listed(approver, mine=True), await listed(desk, person="p-vogel"))
    vogel = await cut_off.caller(Role.APPROVER, "p-vogel", "adler")
    approved = await vogel.post(f"{PLANS}/2/approval", json={})

    assert told(first) == [("floors/1", "approval", "approve_plan")]
    assert (first[0]["title"], first[0]["due"]) == ("Umzug Haus B", "2083-07-05T06:00:00Z")
    assert (outdated, told(second)) == ([], [("floors/2", "approval", "approve_plan")])
    assert saved.status_code == HTTPStatus.OK, saved.text
    assert (other[0], told(other[1])) == ([], [("floors/2", "approval", "approve_plan")])
    assert approved.status_code == HTTPStatus.OK, approved.text
    assert await listed(desk) == []


def _with_approver(person: str) -> object:
    return CONTRACT.but(approvers=(person,), matrix=None).model_dump(mode="json", exclude={"version"})


@pytest.fixture
async def many(cut_off: House) -> House:
    """Of each kind of case one that waits, for two customers."""
    await cut_off.second_customer()
    for customer, contract in (("adler", CONTRACT), ("falke", CONTRACT.but(id="falke-2026", customer="falke"))):
        asked = install().but(customer=customer, no=f"O-{customer}")
        await write(cut_off.database, asked, opened(asked, "reservation", StepStatus.STUCK))
        broken = incident(trouble(), AT).but(customer=customer, no=f"I-{customer}")
        await write_incident(cut_off.database, broken)
        page = _page().but(case=f"incident/I-{customer}", customer=customer, contract=contract.id)
        await Records(cut_off.database).record_page(
            PageEntry(page=page, progress=begin_page(page).but(seq=1), events=(), at=AT)
        )
        brief = WaveBrief(id="w1", start=AT, end=AT + timedelta(hours=8), gate=Gate(by="p-huber"), workplaces=4)
        launch = _launch(brief).but(project=f"p-{customer}", customer=customer)
        progress = begin_project(launch).but(seq=1).with_wave(planned_wave(brief).but(gate=GateState.ASKED))
        await Records(cut_off.database).record_project(
            ProjectEntry(launch=launch, progress=progress, events=(), deadline=None, at=AT)
        )
    return cut_off


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ASSIGNEE, Role.VENDOR)])
async def test_nobody_is_told_what_another_customers_case_waits_for_or_one_they_may_not_read(
    many: House, role: Role
) -> None:
    caller = await many.caller(role, None if role == Role.SYSTEM else "p-koch", "adler")
    reads = {
        "order": "/orders/O-adler",
        "incident": "/incidents/I-adler",
        "page": "/pages/I-adler/1",
        "project": "/projects",
    }
    may = {kind for kind, url in reads.items() if (await caller.get(f"/api/v1{url}")).status_code == HTTPStatus.OK}

    lines = await listed(caller)
    theirs = await caller.get(AWAITED, params={"customer": "falke"})

    own = role in (Role.REQUESTER, Role.APPROVER, Role.CONTACT)
    assert {line["kind"] for line in lines} == may - ({"incident", "page"} if own else set())
    assert {line["customer"] for line in lines} == {"adler"}
    assert theirs.status_code == HTTPStatus.NOT_FOUND
    for kind in reads:
        assert {line["kind"] for line in await listed(caller, kind=kind)} <= may


async def test_pages_follow_each_other_without_gap_or_double_and_the_first_counts(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    for number in range(7):
        asked = install()
        deadline = None if number % 2 else AT + timedelta(days=number)
        await write(cut_off.database, asked, opened(asked, "appointment"), 1, deadline)
        await write_incident(cut_off.database, incident(trouble(), AT))

    for narrowed in ({"kind": "order"}, {"role": "coordinator", "mine": "true"}, {"person": "p-koch"}):
        whole = await desk.get(AWAITED, params=narrowed)
        found, cursor = list[Line](), None
        while True:
            page = await desk.get(AWAITED, params=narrowed | {"limit": 2} | ({"cursor": cursor} if cursor else {}))
            found += body(page)["items"]
            assert ("count" in body(page) and body(page)["count"] is not None) == (cursor is None)
            cursor = body(page)["next"]
            if cursor is None:
                break
        assert found == body(whole)["items"]
        assert len(found) == body(whole)["count"] == 7
        dues = [line["due"] or "9999" for line in found]
        assert dues == sorted(dues)


NAMES = ("person", "role", "customer", "kind", "due_before", "exception", "mine", "cursor", "limit")
HOSTILE = ("<script>alert(1)</script>", "a\0b", "%", "_", "x" * 60_000, "\u202e", "'; DROP TABLE awaited; --")
MALFORMED = ("person=%ED%A0%80", "person=a&person=b", "cursor=a&cursor=b", "nobody=asked", "person=", "mine=maybe")


async def test_what_cannot_be_asked_gets_one_clear_answer(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    asked = [f"{name}={quote(value)}" for name in NAMES for value in HOSTILE]

    answers = {one: await desk.get(f"{AWAITED}?{one}") for one in (*asked, *MALFORMED)}

    refused = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND)
    assert {one[:40]: answer.status_code for one, answer in answers.items() if answer.status_code not in refused} == {}
    assert [one[:40] for one, answer in answers.items() if not body(answer)["errors"]] == []


async def test_the_cursor_of_another_list_is_none_of_this(many: House) -> None:
    desk = await many.coordinator()
    orders = await desk.get("/api/v1/orders", params={"limit": 1})
    mine = await desk.get(AWAITED, params={"limit": 1})

    for cursor in (body(orders)["next"], "bm8", "{}"):
        answer = await desk.get(AWAITED, params={"cursor": cursor})
        assert [problem["code"] for problem in body(answer)["errors"]] == ["cursor_wrong"]
    back = await desk.get("/api/v1/orders", params={"cursor": body(mine)["next"]})

    assert [problem["code"] for problem in body(back)["errors"]] == ["cursor_wrong"]


async def test_many_who_record_at_once_leave_what_the_newest_entry_says(database: Database) -> None:
    await furnish(database)
    asked = [install() for _ in range(4)]
    approval = [opened(one, "approval") for one in asked]
    booked = [one.settled("approval", AT).opened("appointment", AT) for one in approval]
    worked = [one.settled("appointment", AT).opened("work", AT) for one in booked]

    await asyncio.gather(
        *(
            write(database, one, progress, seq)
            for n, one in enumerate(asked)
            for seq, progress in ((3, worked[n]), (1, approval[n]), (2, booked[n]), (1, approval[n]))
        ),
        rebuild(database),
        rebuild(database),
    )

    assert await rebuild(database) == 0
    assert await is_built(database)


async def test_what_was_lost_or_never_written_is_made_anew_from_the_cases(many: House) -> None:
    desk = await many.coordinator()
    before = await listed(desk)
    async with many.database.writing() as session:
        await session.execute(delete(AwaitedRow))
        stray = AwaitedRow(
            case="order/O-GONE", step="work", person="", first=True, kind="order", command="start", role="technician",
            customer="adler", since=AT, due=AT, exception=False, internal=False, line="{}",
        )  # fmt: skip
        session.add(stray)

    amended = await rebuild(many.database)

    assert (amended, await listed(desk)) == (9, before)
    assert await rebuild(many.database) == 0


async def test_an_answer_to_a_solution_waits_for_whoever_has_it(cut_off: House) -> None:
    reported = incident(trouble(), AT)
    said = {"state": IncidentState.RESOLVED, "resolved_at": AT, "owner": "p-lang"}
    await write_incident(cut_off.database, reported, **said, answered_at=AT + timedelta(hours=2))
    desk = await cut_off.caller(Role.SERVICE_DESK, "p-koch")
    vogel = await cut_off.caller(Role.REQUESTER, "p-vogel", "adler")

    ours, theirs = [body(await caller.get(AWAITED))["items"] for caller in (desk, vogel)]

    reply = next(line for line in ours if line["step"] == "reply")
    assert (reply["command"], reply["people"], reply["exception"]) == ("inform", ["p-lang"], True)
    assert datetime.fromisoformat(reply["since"]) == AT + timedelta(hours=2)
    assert [line["step"] for line in theirs] == ["confirm"]
