"""Readiness names what keeps an API from its work, and how to get in where nobody can."""

from http import HTTPStatus

import pytest
from sqlalchemy import text

from db.revisions import HEAD
from domain.people import Role
from tests.api.house import House, body


@pytest.mark.parametrize(
    ("found", "standing", "says", "sagt"),
    [
        pytest.param(
            "0001",
            "behind",
            f"The database has schema 0001; this version needs {HEAD}. Bring it up to date with imac init.",
            f"Die Datenbank hat Schema 0001; diese Version braucht {HEAD}. "
            "Bringen Sie sie mit imac init auf den Stand.",
            id="an upgrade that nobody has finished",
        ),
        pytest.param(
            "9999",
            "ahead",
            f"The database has schema 9999, of which this version knows nothing; it needs {HEAD}.",
            f"Die Datenbank hat Schema 9999, das diese Version nicht kennt; sie braucht {HEAD}.",
            id="made by a newer version",
        ),
    ],
)
async def test_an_api_is_not_ready_on_another_schema(
    cut_off: House, found: str, standing: str, says: str, sagt: str
) -> None:
    nobody = await cut_off.client()
    async with cut_off.database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})

    english = await nobody.get("/health/ready")
    german = await nobody.get("/health/ready", headers={"Accept-Language": "de"})
    lives = await nobody.get("/health/live")

    assert (english.status_code, lives.status_code) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert (body(english)["database"], body(english)["schema_standing"]) == ("up", standing)
    assert says in body(english)["says"]
    assert sagt in body(german)["says"]


async def test_where_nobody_can_come_in_it_says_how_until_somebody_can(cut_off: House) -> None:
    nobody = await cut_off.client()

    before = body(await nobody.get("/health/ready"))
    await cut_off.caller(Role.ADMIN, "p-koch")
    after = body(await nobody.get("/health/ready"))

    assert before["keys"] == "none"
    assert "No administrator has a valid key, so nobody can be let in. Create one with imac init." in before["says"]
    assert "keys" not in after
