"""Nothing that opens something stands in a log, in a table, or in any answer but the one that hands it over."""

import logging
from http import HTTPStatus

import pytest
from sqlalchemy import text

from cli.stack.programs import api_command
from db.columns import METADATA
from domain.people import Role
from settings import Settings
from tests.api.house import House, body
from tests.api.test_keys import APPROVERS, link_in, text_in

TOKEN = "canary-4711-token-of-the-provider"
WRONG_KEY = f"imac_0123456789_{'canary4712'.ljust(43, 'x')}"
PAGE_LINK = "I-CANARY~1~1~p-canary4713~99999999999~aaaaaaaaaaaaaaaaaaaaaa"
NOUNS = ("channels", "channels/push", "keys", "door", "people")
PUSH = {"id": "push", "name": "Push", "type": "seven", "key": TOKEN}


async def tables(house: House) -> str:
    async with house.database.reading() as session:
        rows = [(await session.execute(text(f'SELECT * FROM "{name}"'))).all() for name in METADATA.tables]
    return repr(rows)


async def test_what_opens_something_is_in_no_log_no_table_and_no_other_answer(
    cut_off: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    admin, nobody = await cut_off.caller(Role.ADMIN, "p-sommer"), await cut_off.client()
    made = body(await admin.post("/api/v1/keys", json={"role": "auditor"}))
    await admin.post("/api/v1/keys", json=APPROVERS, params={"link": True})
    link = link_in(cut_off)
    taken = text_in(await nobody.post(link))
    assert taken is not None
    secrets = (made["key"], taken, link.rpartition(".")[2], TOKEN, WRONG_KEY, PAGE_LINK.rpartition("~")[2])

    answers = [
        await admin.put("/api/v1/channels/push", json=PUSH),
        await admin.put("/api/v1/channels/push", json=PUSH | {"name": ""}),
        await admin.put("/api/v1/channels/pull", json=PUSH),
        await admin.post("/api/v1/channels/push/test", json={"address": "!"}),
        await nobody.get("/api/v1/orders", headers={"Authorization": f"Bearer {WRONG_KEY}"}),
        await nobody.get(link),
        await nobody.post(link),
        await nobody.get(f"/p/{PAGE_LINK}"),
        await nobody.post(f"/p/{PAGE_LINK}"),
    ]
    answers += [
        await admin.get(f"/api/v1/{nouns}") for nouns in ("channels", "channels/push", "keys", "door", "people")
    ]
    await cut_off.app.state.book.write()
    assert answers[0].status_code == HTTPStatus.OK, answers[0].text
    kept, printed = await tables(cut_off), capsys.readouterr()

    assert all(answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR for answer in answers)
    assert "request" in printed.out
    for secret in secrets:
        assert [answer.request.url.path for answer in answers if secret in answer.text] == []
        assert secret not in kept
        assert secret not in printed.out + printed.err + caplog.text


def test_the_server_keeps_no_log_of_paths() -> None:
    assert "--no-access-log" in api_command(Settings(), 8080)
