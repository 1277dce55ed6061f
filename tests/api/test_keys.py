"""Keys: who makes them for whom, two administrators, links that work once, and eyes behind which there is a person."""

import asyncio
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http import HTTPStatus
from typing import Any

import httpx2
import pytest

from db.access.keys import KeyRow
from db.contracts import save_person
from domain.keys import LONGEST_LIFE, USUAL_LIFE, key_id_of
from domain.people import Person, Role
from tests.api.house import INSTALL, House, body
from tests.api.test_door import entries

KEYS = "/api/v1/keys"
ORDERS = "/api/v1/orders"
APPROVERS = {"role": "approver", "person": "p-huber", "customer": "adler"}
BOSS = {"role": "admin", "person": "p-koch"}


async def made(answer: httpx2.Response) -> Any:  # noqa: ANN401  # JSON
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return body(answer)


def codes(answer: httpx2.Response) -> tuple[int, list[str]]:
    return answer.status_code, [error["code"] for error in body(answer)["errors"]]


def link_in(house: House) -> str:
    """The path of the link in the newest letter of the outbox."""
    newest = max(house.settings.outbox_dir.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    text = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body().get_content()  # type: ignore[union-attr]
    found = re.search(r"(/k/\S+)", text)
    assert found is not None
    return found[1]


def text_in(page: httpx2.Response) -> str | None:
    found = re.search(r"imac_[0-9a-f]{10}_[A-Za-z0-9_-]{43}", page.text)
    return found and found[0]


async def holder(house: House, key: str) -> httpx2.AsyncClient:
    return await house.client({"Authorization": f"Bearer {key}"})


async def test_a_key_lasts_a_year_unless_something_else_is_said_and_never_more_than_two(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    now = datetime.now(UTC)
    too_long = (now + LONGEST_LIFE + timedelta(days=1)).isoformat()

    usual = await made(await admin.post(KEYS, json={"role": "auditor"}))
    refused = await admin.post(KEYS, json={"role": "auditor", "expires_at": too_long})

    assert abs(datetime.fromisoformat(usual["expires_at"]) - now - USUAL_LIFE) < timedelta(minutes=5)
    assert usual["made_by"] == "p-sommer"
    assert codes(refused) == (422, ["key_lasts_too_long"])


@pytest.mark.parametrize("asked", [APPROVERS, BOSS, APPROVERS | {"role": "coordinator"}, APPROVERS | {"role": "brm"}])
async def test_what_approves_or_administers_for_another_takes_two_persons(
    cut_off: House, asked: dict[str, str]
) -> None:
    first, second = [await cut_off.caller(Role.ADMIN, person) for person in ("p-sommer", "p-lang")]
    also_first = await cut_off.caller(Role.ADMIN, "p-sommer")
    nobody = await cut_off.caller(Role.ADMIN)

    proposed = await first.post(KEYS, json=asked)
    confirmation = f"{KEYS}/{body(proposed)['id']}/confirmation"
    alone = [codes(await one.post(confirmation)) for one in (first, also_first, nobody)]
    confirmed = await made(await second.post(confirmation))
    again = codes(await second.post(confirmation))

    assert (proposed.status_code, text_in(proposed)) == (HTTPStatus.ACCEPTED, None)
    assert alone == [(409, ["second_administrator_needed"])] * 2 + [(403, ["personal_key_needed"])]
    assert again == (409, ["key_not_proposed"])
    assert (await (await holder(cut_off, confirmed["key"])).get(ORDERS)).status_code == HTTPStatus.OK
    told = [(entry["what"], entry["person"]) for entry in await entries(cut_off, about=confirmed["id"])]
    assert told == [("key_confirmed", "p-lang"), ("key_proposed", "p-sommer")]


async def test_two_who_confirm_at_once_make_one_key(cut_off: House) -> None:
    first, *others = [await cut_off.caller(Role.ADMIN, person) for person in ("p-sommer", "p-lang", "p-koch")]
    proposed = body(await first.post(KEYS, json=APPROVERS))

    answers = await asyncio.gather(*(one.post(f"{KEYS}/{proposed['id']}/confirmation") for one in others))

    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_whoever_is_no_person_proposes_nothing_of_the_kind(cut_off: House) -> None:
    stack = await cut_off.caller(Role.ADMIN, "admin")

    assert codes(await stack.post(KEYS, json=APPROVERS)) == (403, ["proposer_no_person"])


async def test_one_needs_nobody_for_a_key_of_ones_own_or_one_that_approves_nothing(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-huber")

    asked = (APPROVERS, APPROVERS | {"role": "requester", "person": "p-vogel"}, {"role": "auditor"})
    answers = [await admin.post(KEYS, json=one) for one in asked]

    assert [answer.status_code for answer in answers] == [201, 201, 201]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"role": "system", "person": "p-koch"}, "system_is_no_person", id="a system with a person"),
        pytest.param({"role": "admin"}, "key_needs_person", id="an administrator who is nobody"),
        pytest.param({"role": "approver", "customer": "adler"}, "key_needs_person", id="an approver who is nobody"),
        pytest.param({"role": "admin", "person": "admin"}, "person_unknown", id="an administrator nobody knows"),
    ],
)
async def test_whose_a_key_may_be(cut_off: House, asked: dict[str, object], code: str) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")

    assert codes(await admin.post(KEYS, json=asked)) == (422, [code])


async def test_the_last_administrator_keeps_their_key_also_of_two_who_revoke_each_other_at_once(cut_off: House) -> None:
    one, other = await cut_off.key(Role.ADMIN, "p-sommer"), await cut_off.key(Role.ADMIN, "p-koch")
    await cut_off.key(Role.ADMIN, "p-huber", "adler")
    callers = [await holder(cut_off, key) for key in (one, other)]

    crossed = await asyncio.gather(
        callers[0].delete(f"{KEYS}/{key_id_of(other)}"), callers[1].delete(f"{KEYS}/{key_id_of(one)}")
    )
    seen = [await caller.get(KEYS) for caller in callers]
    number = [answer.status_code for answer in seen].index(HTTPStatus.OK)
    left, own = callers[number], f"{KEYS}/{key_id_of((one, other)[number])}"
    alone = await left.delete(own)
    await cut_off.key(Role.ADMIN, "p-vogel")
    after = await left.delete(own)

    assert HTTPStatus.NO_CONTENT in {answer.status_code for answer in crossed}
    assert codes(alone) == (409, ["last_administrator_key"])
    assert after.status_code == HTTPStatus.NO_CONTENT


async def test_a_link_is_sent_to_its_person_only_and_gives_the_key_once(cut_off: House) -> None:
    stack = await cut_off.caller(Role.ADMIN, "admin")
    nobody = await cut_off.client()

    answer = await stack.post(KEYS, json=APPROVERS, params={"link": True})
    link = link_in(cut_off)
    looked = [await nobody.request(method, link) for method in ("GET", "HEAD", "GET")]
    pressed = await asyncio.gather(*(nobody.post(link) for _ in range(5)))
    after = await nobody.get(link)

    assert answer.status_code == HTTPStatus.ACCEPTED
    assert link.removeprefix("/k/") not in answer.text
    assert [page.status_code for page in looked] == [HTTPStatus.OK] * 3
    assert [text_in(page) for page in looked] == [None] * 3
    assert sorted(page.status_code for page in pressed) == [200, 404, 404, 404, 404]
    (text,) = filter(None, map(text_in, pressed))
    assert (await (await holder(cut_off, text)).get(ORDERS)).status_code == HTTPStatus.OK
    assert after.status_code == HTTPStatus.NOT_FOUND
    assert [entry["what"] for entry in await entries(cut_off, about=body(answer)["id"])] == [
        "key_taken",
        "key_link_sent",
    ]


async def test_a_link_that_is_over_revoked_or_never_was_opens_nothing(cut_off: House) -> None:
    stack, nobody = await cut_off.caller(Role.ADMIN, "admin"), await cut_off.client()
    links = []
    for _ in range(2):
        offered = body(await stack.post(KEYS, json=APPROVERS, params={"link": True}))
        links.append((offered["id"], link_in(cut_off)))
    (late, late_link), (revoked, revoked_link) = links
    async with cut_off.database.writing() as session:
        row = await session.get(KeyRow, late)
        assert row is not None
        row.offered_until = datetime.now(UTC) - timedelta(seconds=1)
    await stack.delete(f"{KEYS}/{revoked}")

    for link in (late_link, revoked_link, f"/k/{late}.{'x' * 43}", "/k/x", "/k/", "/k/%00"):
        for method in ("GET", "POST"):
            answer = await nobody.request(method, link)
            assert (answer.status_code, text_in(answer)) == (HTTPStatus.NOT_FOUND, None), link


async def test_a_link_that_cannot_be_sent_leaves_no_key_behind(cut_off: House) -> None:
    stack = await cut_off.caller(Role.ADMIN, "admin")
    async with cut_off.database.writing() as session:
        await save_person(session, Person(id="p-huber", name="Max", email="max@adler..example", customer="adler"))

    answer = await stack.post(KEYS, json=APPROVERS, params={"link": True})

    assert codes(answer) == (409, ["key_link_not_sent"])
    assert [key["revoked_at"] is not None for key in body(await stack.get(KEYS)) if key["person"] == "p-huber"] == [
        True
    ]


async def test_people_cannot_be_called_as_keys_without_a_person_are(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    for name in ("key-0123456789", "admin", "imacflow"):
        person = {"id": name, "name": "X", "email": "x@provider.example"}
        assert codes(await desk.put(f"/api/v1/people/{name}", json=person)) == (422, ["id_reserved"])


COMMANDS: Iterable[tuple[str, dict[str, object]]] = [
    (f"{ORDERS}/O-1/commands", {"type": "approve", "step": "approval"}),
    (f"{ORDERS}/O-1/commands", {"type": "reject", "step": "approval", "reason": "no"}),
    (f"{ORDERS}/O-1/commands", {"type": "skip", "step": "work", "reason": "no"}),
    (f"{ORDERS}/O-1/commands", {"type": "confirm_custody", "side": "giver", "serials": ["SN100"]}),
]


async def test_keys_behind_which_nobody_stands_are_no_pair_of_eyes(house: House) -> None:
    placed = body(await (await house.caller(Role.REQUESTER, "p-vogel", "adler")).post(ORDERS, json=INSTALL))
    nobodies = [
        await house.caller(Role.ADMIN),
        await house.caller(Role.ADMIN, "admin"),
        await house.caller(Role.COORDINATOR),
        await house.caller(Role.SYSTEM, "p-koch"),
    ]

    for where, command in COMMANDS:
        for nobody in nobodies:
            answer = await nobody.post(where.replace("O-1", placed["no"]), json=command)
            assert answer.status_code == HTTPStatus.FORBIDDEN, answer.text
            assert codes(answer)[1][0] in ("personal_key_needed", "not_permitted")


async def test_a_person_with_two_keys_does_not_approve_what_they_have_ordered(house: House) -> None:
    requester, approver = [await house.caller(role, "p-huber", "adler") for role in (Role.REQUESTER, Role.APPROVER)]
    dispose = {
        **INSTALL,
        "kind": "dispose",
        "requester": "p-huber",
        "assets": ["NB-900"],
        "target": None,
        "holder": None,
    }
    await house.worker()
    placed = body(await requester.post(ORDERS, json={name: value for name, value in dispose.items() if value}))

    answer = await approver.post(f"{ORDERS}/{placed['no']}/commands", json={"type": "approve", "step": "approval"})

    assert codes(answer) == (409, ["four_eyes"])


async def test_keys_are_listed_with_maker_use_end_and_never_with_a_secret(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    new = await made(await admin.post(KEYS, json={"role": "auditor"}))
    await admin.post(KEYS, json=APPROVERS, params={"link": True})

    listed = await admin.get(KEYS)

    assert new["key"] not in listed.text
    assert "digest" not in listed.text
    assert link_in(cut_off).rpartition(".")[2] not in listed.text
    assert {key["made_by"] for key in body(listed) if key["id"] != key_id_of(admin.headers["Authorization"][7:])} == {
        "p-sommer"
    }
