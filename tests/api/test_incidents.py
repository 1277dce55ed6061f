"""Incidents over the API: durable at once, never twice, steered by those who may, and seen by nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus

import httpx2
import pytest

from db.contracts import save_contract
from db.incidents import incident_row
from domain.ids import order_no
from domain.incidents.incident import IncidentRequest
from domain.incidents.progress import IncidentState
from domain.keys import key_id_of
from domain.people import Role
from tests.api.house import INCIDENTS, INSTALL, ORDERS, TROUBLE, House, body, write_incident
from tests.patience import until
from tests.world import CONTRACT, OFFICE, incident, trouble
from workflows.client import Temporal, connect

KEY = {"Idempotency-Key": "printer-17"}
START = datetime(2026, 6, 1, 9, tzinfo=UTC)


async def reported(desk: httpx2.AsyncClient, **fields: object) -> str:
    """The address of a new incident."""
    answer = await desk.post(INCIDENTS, json=TROUBLE | fields)
    assert answer.status_code == HTTPStatus.ACCEPTED, answer.text
    return answer.headers["Location"]


async def tell(who: httpx2.AsyncClient, at: str, what: str, **fields: object) -> httpx2.Response:
    return await who.post(f"{at}/commands", json={"type": what, **fields})


def codes(answer: httpx2.Response) -> set[tuple[str, str]]:
    return {(fault["at"], fault["code"]) for fault in body(answer)["errors"]}


async def test_an_incident_is_there_before_any_worker_runs(house: House) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")

    first = await desk.post(INCIDENTS, json=TROUBLE | {"priority": "blocker", "asset": "NB-200"}, headers=KEY)
    found = await desk.get(first.headers["Location"])
    answers = await asyncio.gather(
        *(
            desk.post(INCIDENTS, json=TROUBLE | {"priority": "blocker", "asset": "NB-200"}, headers=KEY)
            for _ in range(10)
        )
    )
    other = await desk.post(INCIDENTS, json=TROUBLE | {"title": "Etwas anderes"}, headers=KEY)
    silent = await tell(desk, first.headers["Location"], "respond")

    assert (first.status_code, found.status_code) == (HTTPStatus.ACCEPTED, HTTPStatus.OK)
    assert (body(found)["state"], body(found)["asset"]["tag"]) == ("reported", "NB-200")
    assert [clock["name"] for clock in body(found)["clocks"]] == ["response", "resolution"]
    assert body(found)["deadline"] == body(found)["clocks"][0]["deadline"] > body(found)["received_at"]
    assert {(answer.status_code, body(answer)["no"]) for answer in answers} == {(202, body(first)["no"])}
    assert (other.status_code, codes(other)) == (422, {("", "request_id_reused")})
    assert (silent.status_code, silent.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")


async def test_an_incident_goes_its_way_by_those_who_may(house: House) -> None:
    await house.worker()
    desk, lang = await house.caller(Role.SERVICE_DESK, "p-koch"), await house.caller(Role.TECHNICIAN, "p-lang")
    vogel, huber = [await house.caller(Role.REQUESTER, person, "adler") for person in ("p-vogel", "p-huber")]
    at = await reported(vogel)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()

    said = [
        await tell(desk, at, "classify", category="printer", impact="low", urgency="medium"),
        await tell(desk, at, "hand_over", to="p-lang"),
        await tell(lang, at, "respond", message="Ich sehe nach."),
        await tell(lang, at, "hold", code="waiting_customer", max_until=until, reason="niemand da"),
        await tell(lang, at, "resume"),
        await tell(lang, at, "resolve", solution="Papierstau entfernt"),
        await tell(vogel, at, "reopen", reason="geht wieder nicht"),
        await tell(lang, at, "resolve", solution="Walze getauscht"),
        await tell(vogel, at, "confirm"),
    ]
    denied = [
        await tell(huber, at, "reopen", reason="auch bei mir"),
        await tell(vogel, at, "resolve", solution="von selbst"),
        await tell(lang, at, "change_priority", priority="blocker", reason="eilig"),
    ]
    seen, notices = await huber.get(at), await desk.get(f"{at}/notices")
    timeline = await vogel.get(f"{at}/timeline")

    assert [answer.status_code for answer in said] == [HTTPStatus.OK] * len(said), [answer.text for answer in said]
    assert [body(answer)["state"] for answer in said[5:]] == ["resolved", "in_progress", "resolved", "closed"]
    assert (body(seen)["owner"], body(seen)["holder"]["holder"], body(seen)["priority"]) == (
        "p-lang",
        "p-lang",
        "minor",
    )
    assert [(answer.status_code, codes(answer)) for answer in denied] == [
        (HTTPStatus.FORBIDDEN, {("", "not_your_incident")}),
        (HTTPStatus.FORBIDDEN, {("", "not_permitted")}),
        (HTTPStatus.FORBIDDEN, {("", "not_permitted")}),
    ]
    assert {"incident_received", "incident_solved"} <= {notice["template"] for notice in body(notices)}
    acted = [(event["what"], event["actor"]["person"]) for event in body(timeline) if event.get("command")]
    assert acted[:3] == [("classify", "p-koch"), ("hand_over", "p-koch"), ("respond", "p-lang")]


async def rank_of(at: str) -> tuple[int, str]:
    client = await connect(lazy=False)
    described = await client.get_workflow_handle(f"incident/{at.rpartition('/')[2]}").describe()
    said = described.raw_description.workflow_execution_info.priority
    return said.priority_key, said.fairness_key


async def has_rank(at: str, rank: tuple[int, str]) -> bool:
    return await rank_of(at) == rank


async def test_the_rank_of_its_work_follows_the_priority(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    at = await reported(desk, priority="minor")

    for priority, rank in (("major", 3), ("blocker", 2), ("critical", 3)):
        await tell(desk, at, "change_priority", priority=priority, reason="neu beurteilt")

        await until(partial(has_rank, at, (rank, "adler")))


async def test_everything_wrong_with_a_report_is_said_at_once(house: House) -> None:
    await house.second_customer()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    wrong = {
        "reporter": "p-nobody",
        "site": "falke-hq",
        "asset": "NB-999",
        "impact": "high",
        "received_at": "2020-01-01T00:00:00Z",
        "parent": "I-00000-00000",
        "follows": "I-00000-00001",
    }

    answer = await desk.post(INCIDENTS, json=TROUBLE | wrong)
    priority = await desk.post(INCIDENTS, json=TROUBLE | {"priority": "urgent", "received_at": "2026-11-20T10:00"})

    assert (answer.status_code, codes(answer)) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        {
            ("/reporter", "person_unknown"),
            ("/site", "site_unknown"),
            ("/asset", "asset_unknown"),
            ("/urgency", "grade_needed"),
            ("/received_at", "reported_too_late"),
            ("/parent", "incident_not_theirs"),
            ("/follows", "incident_not_theirs"),
        },
    )
    assert codes(priority) == {("/priority", "enum"), ("/received_at", "timezone_aware")}


async def test_a_customers_own_people_report_for_themselves(house: House) -> None:
    vogel = await house.caller(Role.CONTACT, "p-vogel", "adler")
    anonymous = {name: value for name, value in TROUBLE.items() if name != "reporter"}

    own = await vogel.post(INCIDENTS, json=anonymous)
    others = await vogel.post(INCIDENTS, json=TROUBLE | {"reporter": "p-huber", "received_at": START.isoformat()})

    assert (own.status_code, body(own)["request"]["reporter"]) == (HTTPStatus.ACCEPTED, "p-vogel")
    assert (others.status_code, codes(others)) == (
        HTTPStatus.FORBIDDEN,
        {("/reporter", "reporter_only_self"), ("/received_at", "received_as_sent")},
    )


async def test_what_a_command_names_must_be_known_here(house: House) -> None:
    await house.worker()
    await house.second_customer()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    falkes = await reported(desk, contract="falke-2026", site="falke-hq", reporter=None)
    whole = await reported(desk)
    number = falkes.rpartition("/")[2]
    wrong = [
        (await tell(desk, falkes, "hand_over", to="p-vogel"), {("/to", "person_unknown")}),
        (await tell(desk, whole, "hand_over", kind="team", to="plumbers"), {("/to", "team_unknown")}),
        (await tell(desk, whole, "send_technician", technician="p-nobody"), {("/technician", "person_unknown")}),
        (
            await tell(desk, whole, "link", order="O-1", parent=number),
            {("/order", "order_unknown"), ("/parent", "incident_not_theirs")},
        ),
        (await tell(desk, whole, "dispatch", vendor="v-nobody"), {("/vendor", "vendor_unknown")}),
        (await tell(desk, whole, "approve"), {("", "union_tag_invalid")}),
    ]

    for answer, problems in wrong:
        assert (answer.status_code, codes(answer)) == (HTTPStatus.UNPROCESSABLE_ENTITY, problems), answer.text


async def test_an_incident_cannot_become_a_part_of_its_own_part(house: House) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    whole, part, piece = [incident(trouble(), START) for _ in range(3)]
    await write_incident(house.database, whole)
    await write_incident(house.database, part, parent=whole.no)
    await write_incident(house.database, piece, parent=part.no)

    answer = await tell(desk, f"{INCIDENTS}/{whole.no}", "link", parent=piece.no)

    assert codes(answer) == {("/parent", "part_of_itself")}


async def test_a_migration_takes_the_hours_of_the_version_it_names(house: House) -> None:
    await house.worker()
    sdm = await house.caller(Role.SDM, "p-sommer")
    at, order = await reported(sdm), (await sdm.post(ORDERS, json=INSTALL)).headers["Location"]
    longer = OFFICE.model_copy(update={"version": 2})
    async with house.database.writing() as session:
        await save_contract(session, CONTRACT.but(calendar=longer))

    moved = [await tell(sdm, case, "migrate", version=2, reason="neu vereinbart") for case in (at, order)]
    unknown = [await tell(sdm, case, "migrate", version=9, reason="neu vereinbart") for case in (at, order)]
    own = await tell(sdm, at, "migrate", version=2, reason="neu", calendar=OFFICE.model_dump(mode="json"))

    assert [answer.status_code for answer in moved] == [HTTPStatus.OK] * 2, [answer.text for answer in moved]
    assert [codes(answer) for answer in unknown] == [{("/version", "version_unknown")}] * 2
    assert (own.status_code, codes(own)) == (422, {("/calendar", "extra_forbidden")})


async def test_who_comes_back_too_late_is_told_to_report_anew(house: House) -> None:
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    over = incident(trouble(), START)
    await write_incident(house.database, over, state=IncidentState.CLOSED, resolved_at=START, reopen_until=START)

    answers = [
        await vogel.post(
            f"{INCIDENTS}/{over.no}/commands",
            json={"type": "reopen", "reason": "wieder da"},
            headers={"Accept-Language": language},
        )
        for language in ("de", "en")
    ]
    again = await vogel.post(INCIDENTS, json=TROUBLE | {"follows": over.no})

    assert [answer.status_code for answer in answers] == [HTTPStatus.CONFLICT] * 2
    assert ["follows" in body(answer)["detail"] for answer in answers] == [True] * 2
    assert (again.status_code, body(again)["request"]["follows"]) == (HTTPStatus.ACCEPTED, over.no)


async def test_an_order_for_an_incident_is_placed_once_and_linked(house: House) -> None:
    await house.worker()
    await house.second_customer()
    desk, lang = await house.caller(Role.SERVICE_DESK, "p-koch"), await house.caller(Role.TECHNICIAN, "p-lang")
    at, falkes = await reported(desk), await reported(desk, contract="falke-2026", site="falke-hq", reporter=None)

    placed = [await desk.post(f"{at}/orders", json=INSTALL, headers=KEY) for _ in range(2)]
    sheet = body(await desk.get(at))
    refused = [
        await desk.post(f"{at}/orders", json=INSTALL | {"assets": ["NB-999"]}, headers={"Idempotency-Key": "second"}),
        await desk.post(f"{at}/orders", json=INSTALL),
        await desk.post(f"{falkes}/orders", json=INSTALL, headers=KEY),
    ]
    denied = await lang.post(f"{at}/orders", json=INSTALL, headers=KEY)

    assert [answer.status_code for answer in placed] == [HTTPStatus.ACCEPTED] * 2, placed[0].text
    assert [linked["order"] for linked in sheet["orders"]] == [body(placed[0])["no"]] == [body(placed[1])["no"]]
    assert [codes(answer) for answer in refused] == [
        {("/assets/0", "asset_unknown")},
        {("/header/idempotency-key", "missing")},
        {("/incident", "incident_not_theirs")},
    ]
    assert denied.status_code == HTTPStatus.FORBIDDEN
    assert body(await desk.get(falkes))["orders"] == []


async def test_an_incident_that_is_over_gets_no_order(house: House) -> None:
    key = await house.key(Role.SERVICE_DESK, "p-koch")
    desk = await house.client({"Authorization": f"Bearer {key}"})
    over = incident(trouble(), START)
    await write_incident(house.database, over, state=IncidentState.CLOSED, resolved_at=START, reopen_until=START)

    answer = await desk.post(f"{INCIDENTS}/{over.no}/orders", json=INSTALL, headers=KEY)

    assert (answer.status_code, codes(answer)) == (HTTPStatus.CONFLICT, {("", "incident_is_over")})
    number = order_no(f"{key_id_of(key)}/{over.no}/{KEY['Idempotency-Key']}")
    assert await Temporal(await connect(lazy=True), "nobody").order_at_start(number) is None


@pytest.fixture
async def many(cut_off: House) -> House:
    """Four incidents, a day apart, oldest first."""
    written: list[tuple[IncidentRequest, dict[str, object]]] = [
        (trouble(priority="blocker", reference="R-1"), {"owner": "p-lang", "red": True}),
        (trouble(priority="minor", reporter="p-huber"), {"state": IncidentState.RESOLVED, "resolved_at": START}),
        (trouble(asset="NB-200"), {"state": IncidentState.IN_PROGRESS, "owner": "p-lang"}),
        (trouble(), {"parent": "I-WHOLE-00001"}),
    ]
    for day, (asked, changes) in enumerate(written):
        await write_incident(cut_off.database, incident(asked, START + timedelta(days=day)), **changes)
    return cut_off


@pytest.mark.parametrize(
    ("query", "days"),
    [
        pytest.param({}, [3, 2, 1, 0], id="all, newest first"),
        pytest.param({"state": ["in_progress", "resolved"]}, [2, 1], id="in one of two states"),
        pytest.param({"priority": ["blocker", "minor"], "sort": "received_at"}, [0, 1], id="of two priorities"),
        pytest.param({"reporter": "p-huber"}, [1], id="of one reporter"),
        pytest.param({"owner": "p-lang"}, [2, 0], id="of one owner"),
        pytest.param({"holder": "service_desk", "customer": "adler"}, [3, 2, 1, 0], id="held by a team"),
        pytest.param({"asset": "NB-200"}, [2], id="of a device"),
        pytest.param({"parent": "I-WHOLE-00001"}, [3], id="parts of another"),
        pytest.param({"reference": "R-1", "contract": "adler-2026", "site": "adler-hq"}, [0], id="by reference"),
        pytest.param({"stuck": "true"}, [0], id="red ones"),
        pytest.param({"received_from": "2026-06-03T00:00:00Z", "missed": "false"}, [3, 2], id="from a time on"),
        pytest.param({"customer": "falke"}, [], id="of another customer"),
    ],
)
async def test_lists_are_narrowed_and_sorted(many: House, query: dict[str, str], days: list[int]) -> None:
    desk = await many.coordinator()

    whole = body(await desk.get(INCIDENTS, params=query))["items"]
    first = body(await desk.get(INCIDENTS, params=query | {"limit": 1}))
    rest = body(await desk.get(INCIDENTS, params=query | {"cursor": first["next"]} if first["next"] else query))[
        "items"
    ]

    received = [datetime.fromisoformat(line["received_at"]) for line in whole]
    assert [(at - START).days for at in received] == days
    assert [line["no"] for line in whole[1:]] == [line["no"] for line in rest] or len(days) < 2
    assert [line["no"] for line in first["items"]] == [line["no"] for line in whole[:1]]


async def test_what_stands_in_the_tables_is_what_the_sheet_says(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    at = await reported(desk, priority="critical", category="network")

    sheet = body(await tell(desk, at, "respond"))
    async with house.database.reading() as session:
        row = await incident_row(session, sheet["no"])

    assert row is not None
    assert (row.state, row.priority, row.owner) == (sheet["state"], sheet["priority"], sheet["owner"])
    assert row.promised is not None
    assert row.promised == datetime.fromisoformat(sheet["deadline"])


async def test_the_customers_own_it_sees_what_it_has_and_gives_it_back_and_nobody_else_does(house: House) -> None:
    await house.worker()
    async with house.database.writing() as session:
        await save_contract(session, CONTRACT.but(team=CONTRACT.team | {Role.CONTACT: ("p-huber",)}))
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    own_it = await house.caller(Role.CONTACT, "p-huber", "adler")
    other = await house.caller(Role.APPROVER, "p-brandt", "adler")
    at = await reported(desk, priority="major")
    back = {"kind": "team", "to": "service_desk"}

    as_team = await tell(desk, at, "hand_over", kind="team", to="contact")
    early = await tell(own_it, at, "hand_over", **back)
    given = await tell(desk, at, "hand_over", kind="customer", to="contact")
    waits = await until(
        lambda: own_it.get("/api/v1/awaited", params={"mine": "true"}),
        lambda answer: "hand_over" in [line["command"] for line in body(answer)["items"]],
    )
    refused = [await tell(other, at, "hand_over", **back), await tell(own_it, at, "hand_over", kind="vendor", to="x")]
    done = await tell(own_it, at, "hand_over", **back)
    late = await tell(own_it, at, "hand_over", **back)
    sheet = body(await own_it.get(at))

    assert codes(as_team) == {("/to", "team_unknown")}
    assert given.is_success, given.text
    assert at.endswith(body(waits)["items"][0]["no"])
    assert [answer.status_code for answer in (early, *refused, late)] == [HTTPStatus.FORBIDDEN] * 4
    assert codes(early) == codes(late) == {("", "not_with_you")}
    assert done.is_success, done.text
    assert [(stint["kind"], stint["holder"]) for stint in sheet["stints"]][-2] == ("customer", "contact")
