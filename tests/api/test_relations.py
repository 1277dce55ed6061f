"""Incidents tied together over the API: no loop, no dead end, however simultaneous, and who may answer."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx2
import pytest
from pydantic import JsonValue

from connectors.links import links
from db.contracts import people_by_id, save_person
from domain.incidents.links import AnswerLink
from domain.people import Role
from tests.api.house import TROUBLE, House, body
from tests.api.test_incidents import codes, reported, tell
from tests.patience import until


def number(at: str) -> str:
    return at.rpartition("/")[2]


async def test_loops_of_parents_are_refused_within_the_same_second(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    one, other, third = [await reported(desk) for _ in range(3)]

    answers = await asyncio.gather(
        tell(desk, one, "link", parent=number(other)),
        tell(desk, other, "link", parent=number(third)),
        tell(desk, third, "link", parent=number(one)),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 200, 422]
    (refused,) = (answer for answer in answers if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY)
    assert codes(refused) == {("/parent", "part_of_itself")}
    parents = [body(await desk.get(at)).get("parent") for at in (one, other, third)]
    assert parents.count(None) == 1


async def test_a_part_that_was_just_reported_cannot_become_its_parents_parent(house: House) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    parent = await reported(desk)
    part = await reported(desk, parent=number(parent))

    answer = await tell(desk, parent, "link", parent=number(part))

    assert (answer.status_code, codes(answer)) == (422, {("/parent", "part_of_itself")})


async def previewed(desk: httpx2.AsyncClient, at: str, command: dict[str, JsonValue]) -> set[tuple[str, str]]:
    """What would keep the incident from it."""
    batch = {"incidents": [number(at)], "command": command, "preview": True}
    (row,) = body(await desk.post("/api/v1/incidents/batches", json=batch))["rows"]
    return {(error["code"], error["message"]) for error in row["errors"]}


@pytest.mark.parametrize("many", [1, 2])
async def test_parts_that_were_just_reported_are_asked_about_before_any_table_shows_them(
    house: House, many: int
) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    parent, other = await reported(desk), await reported(desk)
    parts = [number(await reported(desk, parent=number(parent))) for _ in range(many)]

    solving = await previewed(desk, parent, {"type": "resolve", "solution": "Switch getauscht"})
    elsewhere = await previewed(desk, other, {"type": "resolve", "solution": "Switch getauscht"})

    ((code, message),) = solving
    assert code == "children_to_decide"
    assert all(part in message for part in parts)
    assert elsewhere == set()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        pytest.param(("merge", {"reason": "dasselbe"}), "incident_goes_on", id="merged"),
        pytest.param(("cancel", {"reason": "keine"}), "parent_over", id="withdrawn"),
        pytest.param(("confirm", {}), "parent_over", id="closed"),
    ],
)
async def test_what_is_over_gets_no_more_parts(house: House, ending: tuple[str, dict[str, str]], code: str) -> None:
    await house.worker()
    desk, vogel = (
        await house.caller(Role.SERVICE_DESK, "p-koch"),
        await house.caller(Role.REQUESTER, "p-vogel", "adler"),
    )
    parent, goes_on, part = await reported(vogel), await reported(desk), await reported(desk)
    command, fields = ending
    if command == "confirm":
        await tell(desk, parent, "resolve", solution="neu gestartet")
    fields = fields | {"into": number(goes_on)} if command == "merge" else fields
    ended = await tell(vogel if command == "confirm" else desk, parent, command, **fields)

    linked = await tell(desk, part, "link", parent=number(parent))
    anew = await desk.post("/api/v1/incidents", json=TROUBLE | {"parent": number(parent)})

    assert ended.status_code == HTTPStatus.OK
    for answer in (linked, anew):
        assert (answer.status_code, codes(answer)) == (HTTPStatus.UNPROCESSABLE_ENTITY, {("/parent", code)})
        assert (number(goes_on) in answer.text) == (command == "merge")
    # What is solved, but not closed, may be open again: its parts are welcome.
    await tell(desk, goes_on, "resolve", solution="neu gestartet")
    assert (await tell(desk, part, "link", parent=number(goes_on))).status_code == HTTPStatus.OK


async def test_two_that_are_merged_into_each_other_at_once_do_not_both_vanish(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    one, other = [await reported(desk) for _ in range(2)]

    answers = await asyncio.gather(
        tell(desk, one, "merge", into=number(other), reason="dasselbe"),
        tell(desk, other, "merge", into=number(one), reason="dasselbe"),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422]
    states = [body(await desk.get(at))["state"] for at in (one, other)]
    assert sorted(states) == ["merged", "reported"]


async def test_nothing_is_merged_into_what_is_over_or_somebody_elses(house: House) -> None:
    await house.worker()
    await house.second_customer()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    one, solved = await reported(desk), await reported(desk)
    await tell(desk, solved, "resolve", solution="neu gestartet")

    over = await tell(desk, one, "merge", into=number(solved), reason="dasselbe")
    unknown = await tell(desk, one, "merge", into="I-00000-00000", reason="dasselbe")

    assert codes(over) == {("/into", "merge_target_over")}
    assert codes(unknown) == {("/into", "incident_not_theirs")}
    # What was refused is not remembered: the other way round is open.
    await tell(desk, solved, "reopen", reason="doch nicht")
    assert (await tell(desk, solved, "merge", into=number(one), reason="dasselbe")).status_code == HTTPStatus.OK


async def test_solving_a_parent_asks_what_becomes_of_its_open_parts(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    parent = await reported(desk)
    part = await reported(desk, parent=number(parent))
    await tell(desk, part, "diagnose", finding="dasselbe")

    asked = await tell(desk, parent, "resolve", solution="Switch getauscht")
    done = await tell(desk, parent, "resolve", solution="Switch getauscht", with_children=True)

    assert (asked.status_code, codes(asked)) == (422, {("/with_children", "children_to_decide")})
    assert number(part) in asked.text
    assert done.status_code == HTTPStatus.OK
    for _ in range(100):
        sheet = body(await desk.get(part))
        if sheet["state"] == "resolved":
            break
        await asyncio.sleep(0.1)
    assert (sheet["state"], sheet["solution"], sheet["solved_with"]) == ("resolved", "Switch getauscht", number(parent))


@pytest.mark.parametrize(
    ("person", "role", "status"),
    [
        ("p-vogel", Role.REQUESTER, HTTPStatus.OK),
        ("p-huber", Role.REQUESTER, HTTPStatus.OK),
        ("p-stranger", Role.REQUESTER, HTTPStatus.FORBIDDEN),
        ("p-koch", Role.SERVICE_DESK, HTTPStatus.OK),
    ],
)
async def test_whoever_reported_it_or_is_named_by_the_contract_may_answer(
    house: House, person: str, role: Role, status: HTTPStatus
) -> None:
    await house.worker()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    at = await reported(vogel)
    caller = await house.caller(role, person, None if role == Role.SERVICE_DESK else "adler")

    answer = await tell(caller, at, "answer", message="Der im dritten Stock.")

    blank = await tell(caller, at, "answer", message=" \n ")

    assert answer.status_code == status, answer.text
    assert codes(blank) == {("/message", "string_too_short")}


async def test_the_customer_answers_by_the_link_in_the_notice(house: House) -> None:
    await house.worker()
    vogel, lang = await house.caller(Role.REQUESTER, "p-vogel", "adler"), await house.caller(Role.TECHNICIAN, "p-lang")
    at = await reported(vogel)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    await tell(lang, at, "hold", code="waiting_customer", max_until=until, reason="welcher Drucker?")
    secret = links(house.settings)
    link = AnswerLink(incident=number(at), person="p-vogel", expires_at=datetime.now(UTC) + timedelta(days=1))
    url, browser = secret.answer_url(link).removeprefix(secret.base), await house.client()

    opened = await browser.get(url)
    assert (opened.status_code, "Antwort zu Ihrer" in opened.text) == (HTTPStatus.OK, True)
    assert len(body(await lang.get(at))["holds"]) == 1
    empty = await browser.post(url, data={"message": "  "})
    answers = await asyncio.gather(*(browser.post(url, data={"message": "<b>Der blaue</b>"}) for _ in range(4)))

    assert empty.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    assert body(await lang.get(at))["holds"] == []
    said = [event for event in body(await lang.get(f"{at}/timeline")) if event["what"] == "answer"]
    assert [(event["actor"]["person"], event["command"]["message"]) for event in said] == [
        ("p-vogel", "<b>Der blaue</b>")
    ]
    wrong = [await browser.get(url[:-1] + ("A" if url[-1] != "A" else "B")), await browser.get("/a/x")]
    paged = await browser.get(url.replace("/a/", "/p/"))
    assert [answer.status_code for answer in (*wrong, paged)] == [HTTPStatus.NOT_FOUND] * 3


async def test_whoever_reported_what_was_merged_may_dispute_the_solution_but_call_nothing_off(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    vogel, huber = [await house.caller(Role.REQUESTER, person, "adler") for person in ("p-vogel", "p-huber")]
    at, merged = await reported(vogel), await reported(huber, reporter="p-huber")
    await tell(desk, merged, "merge", into=number(at), reason="dasselbe")
    await until(partial(sheet_of, desk, at), lambda sheet: sheet["merged"])
    await tell(desk, at, "resolve", solution="neu gestartet")

    awaited = body(await huber.get("/api/v1/awaited"))["items"]
    answers = [
        await tell(huber, at, "cancel", reason="egal"),
        await tell(huber, at, "confirm"),
        await tell(huber, at, "reopen", reason="doch nicht"),
    ]

    assert [(line["no"], line["people"]) for line in awaited] == [(number(at), ["p-vogel", "p-huber"])]
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN, HTTPStatus.OK, HTTPStatus.OK]


async def test_whoever_has_left_answers_by_no_link(house: House) -> None:
    await house.worker()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    at, browser = await reported(vogel), await house.client()
    url = link_for(house, at)
    async with house.database.writing() as session:
        (person,) = await people_by_id(session, ["p-vogel"])
        await save_person(session, person.but(leaves_at=datetime.now(UTC)))

    answers = [await browser.get(url), await browser.post(url, data={"message": "Der blaue"})]

    assert [answer.status_code for answer in answers] == [HTTPStatus.CONFLICT] * 2
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    assert await happened(desk, at, "answer") == []


def link_for(house: House, at: str) -> str:
    secret = links(house.settings)
    link = AnswerLink(incident=number(at), person="p-vogel", expires_at=datetime.now(UTC) + timedelta(days=1))
    return secret.answer_url(link).removeprefix(secret.base)


async def sheet_of(caller: httpx2.AsyncClient, at: str) -> dict[str, Any]:
    found: dict[str, Any] = body(await caller.get(at))
    return found


async def happened(caller: httpx2.AsyncClient, at: str, *wanted: str) -> list[str]:
    return [event["what"] for event in body(await caller.get(f"{at}/timeline")) if event["what"] in wanted]


async def test_behind_the_link_a_solution_is_answered_or_disputed(house: House) -> None:
    await house.worker()
    vogel, lang = await house.caller(Role.REQUESTER, "p-vogel", "adler"), await house.caller(Role.TECHNICIAN, "p-lang")
    at, browser, long = await reported(vogel), await house.client(), "Er druckt nicht. " * 20
    await tell(lang, at, "resolve", solution="neu gestartet")
    url = link_for(house, at)

    shown = await browser.get(url)
    thanked = await browser.post(url, data={"message": "Danke!"})
    waits = body(await lang.get(at))
    disputed = [await browser.post(url, data={"message": long, "still": "yes"}) for _ in range(2)]
    after = body(await lang.get(at))

    assert (shown.status_code, 'name="still"' in shown.text) == (HTTPStatus.OK, True)
    assert (thanked.status_code, waits["state"], waits["answered_at"] is not None) == (HTTPStatus.OK, "resolved", True)
    assert [answer.status_code for answer in disputed] == [HTTPStatus.OK] * 2
    assert (after["state"], after["answered_at"]) == ("in_progress", None)
    assert await happened(lang, at, "answer", "reopen") == ["answer", "reopen", "answer"]


async def test_the_link_of_what_is_closed_says_so_and_opens_it_while_it_can(house: House) -> None:
    await house.worker()
    vogel, lang = await house.caller(Role.REQUESTER, "p-vogel", "adler"), await house.caller(Role.TECHNICIAN, "p-lang")
    at, gone, browser = await reported(vogel), await reported(vogel), await house.client()
    await tell(lang, at, "resolve", solution="neu gestartet")
    await until(lambda: sheet_of(lang, at), lambda sheet: sheet["reopen_until"] is not None)
    await tell(vogel, at, "confirm")
    await tell(vogel, gone, "cancel", reason="doch nicht")

    closed, over = [await browser.get(link_for(house, one)) for one in (at, gone)]
    reopened = await browser.post(link_for(house, at), data={"message": "Geht wieder nicht"})
    refused = await browser.post(link_for(house, gone), data={"message": "Noch etwas"})

    assert ("Besteht die Störung noch?" in closed.text, "<form" in closed.text) == (True, True)
    assert (over.status_code, "melden Sie sie bitte neu" in over.text, "<form" in over.text) == (200, True, False)
    assert (reopened.status_code, body(await lang.get(at))["state"]) == (HTTPStatus.OK, "in_progress")
    assert (refused.status_code, "<form" in refused.text) == (HTTPStatus.CONFLICT, False)


async def test_what_is_said_to_a_merged_incident_reaches_the_one_that_goes_on(house: House) -> None:
    await house.worker()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    desk, browser = await house.caller(Role.SERVICE_DESK, "p-koch"), await house.client()
    first, second, last = [await reported(vogel) for _ in range(3)]
    for one, other in ((first, second), (second, last)):
        # The second waits while the first is on its way into it.
        await until(
            partial(tell, desk, one, "merge", into=number(other), reason="dasselbe"),
            lambda answer: answer.status_code == HTTPStatus.OK,
        )
    secret = links(house.settings)
    link = AnswerLink(incident=number(first), person="p-vogel", expires_at=datetime.now(UTC) + timedelta(days=1))
    url = secret.answer_url(link).removeprefix(secret.base)

    shown = await browser.get(url)
    answers = await asyncio.gather(*(browser.post(url, data={"message": "Der blaue"}) for _ in range(3)))
    refused = [
        await tell(vogel, first, "answer", message="Der blaue"),
        await tell(vogel, second, "reopen", reason="geht nicht"),
        await tell(desk, first, "respond", message="Wir schauen."),
    ]

    assert number(last) in shown.text
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    said = [event for event in body(await desk.get(f"{last}/timeline")) if event["what"] == "answer"]
    assert [(event["actor"]["person"], event["command"]["message"]) for event in said] == [("p-vogel", "Der blaue")]
    assert [codes(answer) for answer in refused] == [{("", "incident_goes_on")}] * 3
    assert all(number(last) in answer.text for answer in refused)


async def test_who_holds_an_incident_works_for_us(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    at = await reported(desk)

    answers = [
        await tell(desk, at, "hand_over", to="p-vogel"),
        await tell(desk, at, "send_technician", technician="p-vogel"),
        await tell(desk, at, "hand_over", to="p-nobody"),
    ]

    assert [codes(answer) for answer in answers] == [
        {("/to", "holder_not_ours")},
        {("/technician", "holder_not_ours")},
        {("/to", "person_unknown")},
    ]


async def test_incidents_are_found_by_words_number_and_category(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    printer = await reported(desk, title="Drucker im Keller", description="Straße 100% voll", category="printer")
    mail = await reported(desk, title="Postfach voll", category="mail")
    for at in (printer, mail):
        await tell(desk, at, "diagnose", finding="angesehen")

    async def found(**query: str) -> list[str]:
        answer = await desk.get("/api/v1/incidents", params=query)
        return [line["no"] for line in body(answer)["items"]]

    assert await found(text="VOLL") == [number(mail), number(printer)]
    assert await found(text="strasse KELLER") == [number(printer)]
    assert await found(text="100%") == [number(printer)]
    assert await found(text="1_0") == []
    assert await found(text=number(mail).lower()) == [number(mail)]
    assert await found(category="mail") == [number(mail)]
    await tell(desk, mail, "classify", category="printer")
    assert await found(category="printer", text="voll") == [number(mail), number(printer)]
