"""A person leaves: every place is listed, nothing is left without anybody, and what is open is handed over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.access.keys import list_keys
from domain.people import Role
from tests.api.house import House, body, write_incident
from tests.api.test_incidents import reported, tell
from tests.api.test_rotas import MONDAY, NIGHT, WEEK, codes, on_call, override, rota, rotation
from tests.world import CONTRACT, incident, trouble

API = "/api/v1"
CONTRACTS = f"{API}/contracts/{CONTRACT.id}"
LAST_DAY = (MONDAY + WEEK + timedelta(days=2)).date()
AFTER = MONDAY + WEEK + timedelta(days=3)


def leaving(**changes: object) -> dict[str, Any]:
    return {"last_day": LAST_DAY.isoformat(), "zone": "UTC"} | changes


async def with_rota(house: House, **changes: object) -> httpx2.AsyncClient:
    """An administrator, with a rota of three and the contract's people as they are."""
    admin = await house.caller(Role.ADMIN, "p-sommer")
    three = rota(primary=rotation("p-koch", "p-lang", "p-wolf"), backup=rotation("p-sommer"), **changes)
    saved = await admin.put(NIGHT, json=three)
    assert saved.status_code == 200, saved.text
    return admin


async def leave(
    caller: httpx2.AsyncClient, person: str, *, preview: bool = False, **changes: object
) -> httpx2.Response:
    asked = {"preview": "true"} if preview else {}
    return await caller.post(f"{API}/people/{person}/leaving", json=leaving(**changes), params=asked)


async def test_shifts_stay_until_the_last_day_and_are_then_somebody_elses(cut_off: House) -> None:
    admin = await with_rota(cut_off)
    asked = [MONDAY + n * timedelta(days=1) + timedelta(hours=1) for n in range(60)]
    before = [await on_call(admin, at) for at in asked if at > datetime.now(UTC)]

    done = await leave(admin, "p-lang", successor="p-koch")
    after = [await on_call(admin, at) for at in asked if at > datetime.now(UTC)]

    assert done.status_code == 200, done.text
    times = [at for at in asked if at > datetime.now(UTC)]
    expected = [
        (("p-koch" if at >= AFTER and one[0] == "p-lang" else one[0]), one[1])
        for at, one in zip(times, before, strict=True)
    ]
    assert after == expected
    assert body(await admin.get(NIGHT))["change"]["shifts"] != []


async def test_a_saved_file_brings_nobody_back(cut_off: House) -> None:
    admin = await with_rota(cut_off)
    await leave(admin, "p-lang", successor="p-koch")

    saved = await admin.put(
        NIGHT, json=rota(name="Neu", primary=rotation("p-koch", "p-lang", "p-wolf"), backup=rotation("p-sommer"))
    )

    found = [await on_call(admin, AFTER + n * WEEK) for n in range(6)]
    assert saved.status_code == 200, saved.text
    assert "p-lang" not in [primary for primary, _ in found]


async def test_a_preview_lists_every_place_and_changes_nothing(cut_off: House) -> None:
    admin = await with_rota(cut_off, overrides=[override("p-koch", AFTER, AFTER + timedelta(days=2), "backup")])
    key = await cut_off.key(Role.SERVICE_DESK, "p-koch")
    before = [body(await admin.get(one)) for one in (NIGHT, CONTRACTS)]

    seen = await leave(admin, "p-koch", preview=True, successor="p-lang")

    assert seen.status_code == 200, seen.text
    places = {(place["kind"], place["of"]) for place in body(seen)["places"]}
    assert {("shifts", "night"), ("override", "night"), ("key", key.split("_")[1])} <= places
    assert {place["to"] for place in body(seen)["places"] if place["kind"] != "key"} == {"p-lang"}
    assert body(seen)["is_done"] is False
    assert [body(await admin.get(one)) for one in (NIGHT, CONTRACTS)] == before


async def test_who_leaves_a_role_or_a_shift_empty_is_kept_and_everything_is_named(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-koch")
    await admin.put(NIGHT, json=rota(primary=rotation("p-sommer"), backup=rotation("p-koch"), owner="p-sommer"))
    before = [body(await admin.get(one)) for one in (NIGHT, CONTRACTS)]
    roles = [role for role, people in CONTRACT.team.items() if people == ("p-sommer",)]

    refused = await leave(admin, "p-sommer")

    assert refused.status_code == 422
    assert ("rota_left_ownerless", "/rotas/night/owner") in codes(refused)
    assert ("rota_gap", "/rotas/night/primary") in codes(refused)
    assert {("role_left_empty", f"/contracts/{CONTRACT.id}/{role}") for role in roles} <= set(codes(refused))
    assert [body(await admin.get(one)) for one in (NIGHT, CONTRACTS)] == before


@pytest.mark.parametrize(
    ("person", "successor", "status", "code"),
    [
        pytest.param("p-nobody", None, 404, "person_unknown", id="somebody nobody knows"),
        pytest.param("p-koch", "p-koch", 422, "successor_unfit", id="taken over by themselves"),
        pytest.param("p-koch", "p-nobody", 422, "successor_unfit", id="taken over by nobody"),
        pytest.param("p-koch", "p-vogel", 422, "successor_unfit", id="taken over by a customer's person"),
    ],
)
async def test_a_leaving_is_refused(cut_off: House, person: str, successor: str | None, status: int, code: str) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")

    answer = await leave(admin, person, successor=successor)

    assert (answer.status_code, [one for one, _ in codes(answer)]) == (status, [code])


async def test_keys_end_with_the_last_day_and_at_once_when_that_is_over(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    key = (await cut_off.key(Role.TECHNICIAN, "p-wolf")).split("_")[1]

    async def ends() -> tuple[datetime | None, datetime | None]:
        async with cut_off.database.reading() as session:
            found = next(one for one in await list_keys(session) if one.id == key)
        return found.expires_at, found.revoked_at

    first = await leave(admin, "p-wolf", successor="p-lang")
    later = await ends()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    second = await leave(admin, "p-wolf", successor="p-lang", last_day=yesterday)

    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert later == (datetime.fromisoformat(f"{LAST_DAY + timedelta(days=1)}T00:00+00:00"), None)
    assert (await ends())[1] is not None


async def test_the_last_administrator_stays_until_there_is_another(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-wolf")
    await cut_off.key(Role.ADMIN, "p-lang", "adler")
    key = next(one for one in body(await admin.get(f"{API}/keys")) if one["person"] == "p-wolf")

    alone = [await leave(admin, "p-wolf", successor="p-lang", preview=preview) for preview in (True, False)]
    await cut_off.key(Role.ADMIN, "p-koch")
    done = await leave(admin, "p-wolf", successor="p-lang")

    assert [answer.status_code for answer in alone] == [422, 422]
    assert [codes(answer) for answer in alone] == [[("administration_left_empty", f"/keys/{key['id']}")]] * 2
    assert done.status_code == 200, done.text


async def test_what_is_wrong_with_a_leaving_is_said_once(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    turns = rota(primary=rotation("p-koch", "p-lang", "p-wolf"), backup=rotation("p-lang", "p-wolf", "p-koch"))
    await admin.put(NIGHT, json=turns)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()

    refused = await leave(admin, "p-koch", last_day=yesterday)

    said = [(one["at"], one["message"].partition(" to ")[0]) for one in body(refused)["errors"]]
    assert {at for at, _ in said} >= {"/rotas/night/backup"}
    assert len(said) == len(set(said))


async def test_an_incident_needs_somebody_at_the_service_desk_or_a_successor(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    held = incident(trouble(), datetime.now(UTC))
    alone = held.but(no="I-ADLER-00009", terms=held.terms.but(team={Role.SERVICE_DESK: ("p-wolf",)}))
    await write_incident(cut_off.database, alone, owner="p-wolf")

    refused = await leave(admin, "p-wolf", preview=True)
    taken = await leave(admin, "p-wolf", preview=True, successor="p-lang")

    assert codes(refused) == [("incident_left_alone", "/incidents/I-ADLER-00009")]
    assert [(place["kind"], place["of"], place["to"]) for place in body(taken)["places"]] == [
        ("incident", "I-ADLER-00009", "p-lang")
    ]


async def test_open_incidents_are_handed_over_once(house: House) -> None:
    await house.worker()
    admin, desk = await house.caller(Role.ADMIN, "p-sommer"), await house.caller(Role.SERVICE_DESK, "p-koch")
    at = await reported(desk)
    taken = await tell(desk, at, "hand_over", to="p-wolf")

    done = [await leave(admin, "p-wolf", successor="p-lang") for _ in range(2)]
    seen, timeline = body(await desk.get(at)), body(await desk.get(f"{at}/timeline"))

    assert taken.status_code == 200, taken.text
    assert [answer.status_code for answer in done] == [200, 200], done[0].text
    assert seen["holder"]["holder"] == "p-lang"
    assert [place["kind"] for place in body(done[0])["places"]] == ["incident"]
    assert body(done[1])["places"] == []
    assert [event["what"] for event in timeline].count("hand_over") == 2
