"""Channels over HTTP: set by an administrator, shown without their secrets, tried out, and kept out of private nets."""

import json
import logging
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest

from db.engine import Database
from domain.people import Role
from settings import Settings
from tests.api.house import House, body, opened
from tests.http_sink import HttpSink
from tests.world import furnish

CHANNELS = "/api/v1/channels"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = "ABCD11112222EFGH"
SMS: dict[str, object] = {"type": "seven", "id": "sms", "name": "SMS", "key": KEY, "sender": "imacflow"}
KOCH = {"id": "p-koch", "name": "Eva Koch", "email": "eva.koch@provider.example", "language": "de"}


def hook(url: str, **changes: object) -> dict[str, object]:
    return {"type": "webhook", "id": "hook", "name": "Duty roster", "url": url, "secret": SECRET} | changes


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["code"], error["at"]) for error in body(answer)["errors"]]


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    """The API with the example world, allowed to reach 127.0.0.1 and no other private host."""
    await furnish(database)
    settings = Settings(data_dir=tmp_path, database_url=database.url, allow_private_hosts=("127.0.0.1",))
    async with opened(settings, database) as house:
        yield house


async def test_a_channel_is_set_and_shown_without_its_secret(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    admin, sdm = await house.caller(Role.ADMIN), await house.caller(Role.SDM, "p-sommer")

    answers = [
        await admin.put(f"{CHANNELS}/sms", json=SMS),
        await admin.put(f"{CHANNELS}/hook", json=hook("http://127.0.0.1:9/in")),
        await admin.put(f"{CHANNELS}/hook", json=hook("http://127.0.0.1:9/in", colour=SECRET)),
        await admin.put(f"{CHANNELS}/sms", json=SMS | {"key": f"wrong {KEY}"}),
        await sdm.get(CHANNELS),
        await sdm.get(f"{CHANNELS}/sms"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 422, 422, 200, 200]
    assert [(channel["id"], channel["type"]) for channel in body(answers[4])] == [
        ("mail", "mail"),
        ("hook", "webhook"),
        ("sms", "seven"),
    ]
    assert body(answers[5]) == SMS | {"key": "**********"}
    for said in (*(answer.text for answer in answers), caplog.text):
        assert SECRET not in said
        assert KEY not in said


async def test_who_may_see_and_set_channels(house: House) -> None:
    admin = await house.caller(Role.ADMIN)
    await admin.put(f"{CHANNELS}/sms", json=SMS)
    callers = {
        "sdm": await house.caller(Role.SDM, "p-sommer"),
        "coordinator": await house.coordinator(),
        "administrator of a customer": await house.caller(Role.ADMIN, customer="adler"),
    }

    statuses = {
        name: (
            (await caller.get(f"{CHANNELS}/sms")).status_code,
            (await caller.put(f"{CHANNELS}/sms", json=SMS)).status_code,
            (await caller.delete(f"{CHANNELS}/sms")).status_code,
            (await caller.post(f"{CHANNELS}/sms/test", json={"address": "+4915112345678"})).status_code,
        )
        for name, caller in callers.items()
    }

    assert statuses == {
        "sdm": (200, 403, 403, 403),
        "coordinator": (403, 403, 403, 403),
        "administrator of a customer": (404, 404, 404, 404),
    }


WRONG: dict[str, tuple[str, dict[str, object], list[tuple[str, str]]]] = {
    "into a private net": ("hook", hook("http://10.0.0.1/in"), [("host_private", "/url")]),
    "to Temporal next door": ("hook", hook("http://[::1]:8233/"), [("host_private", "/url")]),
    "to the metadata of the cloud": ("hook", hook("http://169.254.169.254/latest"), [("host_private", "/url")]),
    "to nobody": ("hook", hook("https://nowhere.invalid/"), [("host_not_found", "/url")]),
    "by an address of Apprise": ("hook", hook("slack://token"), [("web_address_malformed", "/url")]),
    "with the mask": ("hook", hook("http://127.0.0.1/", secret="**********"), [("string_pattern_mismatch", "/secret")]),
    "under another id": ("hook", SMS, [("id_differs", "/id")]),
    "both": ("x", hook("http://10.0.0.1"), [("id_differs", "/id"), ("host_private", "/url")]),
    "instead of the built-in mail": ("mail", SMS | {"id": "mail"}, [("channel_built_in", "")]),
    "a second built-in mail": ("post", {"type": "mail", "id": "post", "name": "Post"}, [("channel_built_in", "/type")]),
    "of a kind there is not": ("sms", SMS | {"type": "fax"}, [("union_tag_invalid", "")]),
}


async def test_a_wrong_channel_is_refused_with_all_that_is_wrong(house: House) -> None:
    admin = await house.caller(Role.ADMIN)

    found = {name: codes(await admin.put(f"{CHANNELS}/{path}", json=sent)) for name, (path, sent, _) in WRONG.items()}

    assert found == {name: problems for name, (_, _, problems) in WRONG.items()}
    assert [channel["id"] for channel in body(await admin.get(CHANNELS))] == ["mail"]


async def test_a_test_message_tells_how_it_went(house: House) -> None:
    admin = await house.caller(Role.ADMIN)
    sink = HttpSink(at_first=[200, 503, 404])

    async with sink.open():
        await admin.put(f"{CHANNELS}/hook", json=hook(sink.url))
        told = [body(await admin.post(f"{CHANNELS}/hook/test", json={})) for _ in range(3)]
    told.append(body(await admin.post(f"{CHANNELS}/hook/test", json={})))

    assert told == [
        {"outcome": "sent", "detail": None},
        {"outcome": "failed", "detail": "answered with 503"},
        {"outcome": "undeliverable", "detail": "answered with 404"},
        {"outcome": "failed", "detail": "no answer: ConnectError"},
    ]
    assert "Duty roster" in json.loads(sink.received[0].body)["data"]["subject"]


async def test_the_built_in_mail_can_be_tried_too(house: House) -> None:
    admin = await house.caller(Role.ADMIN)
    headers = {"Accept-Language": "de"}

    nowhere = await admin.post(f"{CHANNELS}/mail/test", json={})
    told = await admin.post(f"{CHANNELS}/mail/test", json={"address": "it@provider.example"}, headers=headers)

    (letter,) = house.settings.outbox_dir.iterdir()
    assert codes(nowhere) == [("missing", "/address")]
    assert body(told)["outcome"] == "sent"
    assert message_from_bytes(letter.read_bytes(), policy=policy.default)["Subject"] == "Test: Kanal „outbox“"


async def test_people_are_saved_with_contacts_that_lead_somewhere(house: House) -> None:
    admin, desk = await house.caller(Role.ADMIN), await house.coordinator()
    await admin.put(f"{CHANNELS}/sms", json=SMS)
    right = [{"channel": "sms", "address": "+4915112345678"}, {"channel": "mail", "address": ""}]
    wrong = [{"channel": "sms", "address": "0151"}, {"channel": "fax", "address": "1"}]

    refused = await desk.put("/api/v1/people/p-koch", json=KOCH | {"contacts": wrong})
    saved = await desk.put("/api/v1/people/p-koch", json=KOCH | {"contacts": right})

    assert codes(refused) == [("address_wrong", "/contacts/0/address"), ("channel_unknown", "/contacts/1/channel")]
    assert [contact["channel"] for contact in body(saved)["contacts"]] == ["sms", "mail"]


async def test_a_channel_by_which_people_are_reached_stays_and_stays_of_its_kind(house: House) -> None:
    admin, desk = await house.caller(Role.ADMIN), await house.coordinator()
    await admin.put(f"{CHANNELS}/sms", json=SMS)
    reached = KOCH | {"contacts": [{"channel": "sms", "address": "+4915112345678"}]}
    await desk.put("/api/v1/people/p-koch", json=reached)

    answers = [
        await admin.put(f"{CHANNELS}/sms", json=hook("http://127.0.0.1/", id="sms")),
        await admin.delete(f"{CHANNELS}/sms"),
        await admin.delete(f"{CHANNELS}/mail"),
        await admin.delete(f"{CHANNELS}/fax"),
    ]
    await desk.put("/api/v1/people/p-koch", json=KOCH)
    removed = await admin.delete(f"{CHANNELS}/sms")

    assert [codes(answer)[0][0] for answer in answers] == [
        "channel_type_fixed",
        "channel_in_use",
        "channel_built_in",
        "channel_unknown",
    ]
    assert "p-koch" in answers[1].text
    assert removed.status_code == HTTPStatus.NO_CONTENT
    assert [channel["id"] for channel in body(await admin.get(CHANNELS))] == ["mail"]


async def test_readiness_says_that_channels_are_kept_under_another_key(house: House, tmp_path: Path) -> None:
    admin = await house.caller(Role.ADMIN)
    push = {"id": "push", "name": "Push", "type": "seven", "key": "canary-4711"}
    assert (await admin.put("/api/v1/channels/push", json=push)).status_code == HTTPStatus.OK
    before = await admin.get("/health/ready")

    (house.settings.data_dir / "secrets.key").rename(tmp_path / "elsewhere")
    ready, listed = await admin.get("/health/ready"), await admin.get("/api/v1/channels")
    again = await admin.put("/api/v1/channels/push", json=push)

    assert "secrets" not in body(before)
    assert (ready.status_code, body(ready)["secrets"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "locked")
    assert "IMAC_SECRETS_KEY" in " ".join(body(ready)["says"])
    assert [answer.status_code for answer in (listed, again)] == [HTTPStatus.SERVICE_UNAVAILABLE] * 2
    assert not (house.settings.data_dir / "secrets.key").exists()
