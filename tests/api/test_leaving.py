"""A person leaves: every place is listed, nothing is left without anybody, and what is open is handed over."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.access.keys import list_keys
from db.moves.launches import store_workplaces
from domain.cases.order_commands import Book, Window
from domain.kinds import OrderKind
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body, write_incident, write_order
from tests.api.test_commands import WINDOW
from tests.api.test_incidents import reported, tell
from tests.api.test_launches import planned, until
from tests.api.test_rotas import MONDAY, NIGHT, WEEK, codes, on_call, override, rota, rotation
from tests.patience import until as comes
from tests.world import CONTRACT, DESK, incident, order, request, trouble

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


async def test_nobody_takes_over_who_is_gone_by_then(cut_off: House) -> None:
    admin = await with_rota(cut_off)
    gone = await leave(admin, "p-lang", successor="p-wolf")

    refused = await leave(admin, "p-koch", successor="p-lang")
    named = [
        await admin.put(NIGHT, json=rota(owner="p-lang")),
        await admin.put(
            CONTRACTS, json=CONTRACT.but(team=CONTRACT.team | {Role.TEAM_LEAD: ("p-lang",)}).model_dump(mode="json")
        ),
        await admin.post(f"{API}/keys", json={"role": "technician", "person": "p-lang", "expires_at": None}),
    ]

    assert gone.status_code == 200, gone.text
    assert codes(refused) == [("person_leaves", "/successor")]
    assert ("person_leaves", "/owner") in codes(named[0])
    assert ("person_leaves", "/team/team_lead/0") in codes(named[1])
    assert body(named[2])["expires_at"] == body(gone)["ends_at"]


async def test_saving_a_person_brings_nobody_back_unless_it_says_so(cut_off: House) -> None:
    admin = await with_rota(cut_off)
    gone = await leave(admin, "p-lang", successor="p-koch")
    at = f"{API}/people/p-lang"
    written = {name: value for name, value in body(await admin.get(at)).items() if name != "leaves_at"}

    saved = await admin.put(at, json=written)
    back = await admin.put(at, json=written | {"leaves_at": None})

    assert body(saved)["leaves_at"] == body(gone)["ends_at"]
    assert (back.status_code, body(back)["leaves_at"]) == (200, None)


async def test_whoever_took_over_shifts_can_leave_as_well(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    await admin.put(NIGHT, json=rota(primary=rotation("p-koch"), backup=rotation("p-sommer")))
    await leave(admin, "p-koch", successor="p-lang")

    second = await leave(admin, "p-lang", successor="p-wolf", last_day=(LAST_DAY + 2 * WEEK).isoformat())

    assert second.status_code == 200, second.text
    assert ("shifts", "night") in {(place["kind"], place["of"]) for place in body(second)["places"]}
    assert (await on_call(admin, AFTER + WEEK))[0] == "p-lang"
    assert (await on_call(admin, AFTER + 3 * WEEK))[0] == "p-wolf"


async def test_visits_and_exceptions_change_hands_and_what_is_planned_is_named(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    visit = Book(window=Window(start=AFTER, end=AFTER + timedelta(hours=2)), technician="p-wolf")
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=("NB-100",)), datetime.now(UTC))
    await write_order(cut_off.database, placed, appointment=visit)
    standing = WorkplaceStanding(
        workplace="w-1", row=7, kind=OrderKind.MOVE, wave="w1", state=WorkplaceState.EXCEPTION, owner="p-wolf"
    )
    async with cut_off.database.writing() as session:
        await store_workplaces(session, "floors", "adler", [standing], datetime.now(UTC))

    refused = await leave(admin, "p-wolf", preview=True)
    seen = await leave(admin, "p-wolf", preview=True, successor="p-lang")

    assert codes(refused) == [
        ("visit_left_alone", f"/orders/{placed.no}"),
        ("exception_left_alone", "/projects/floors/rows/7"),
    ]
    assert [(place["kind"], place["of"], place["to"]) for place in body(seen)["places"]] == [
        ("visit", placed.no, "p-lang"),
        ("exception", "floors/7", "p-lang"),
    ]


async def test_a_visit_after_the_last_day_is_somebody_elses(house: House) -> None:
    await house.worker()
    admin, desk = await house.caller(Role.ADMIN, "p-sommer"), await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    at = (await vogel.post(ORDERS, json=INSTALL)).headers["Location"]
    await huber.post(f"{at}/commands", json={"type": "approve"})
    booked = await desk.post(f"{at}/commands", json={"type": "book", "window": WINDOW, "technician": "p-wolf"})

    done = [await leave(admin, "p-wolf", successor="p-lang", last_day="2027-01-31") for _ in range(2)]
    seen = body(await desk.get(at))
    again = {"type": "reschedule", "window": WINDOW, "technician": "p-wolf", "reason": "back"}
    late = await desk.post(f"{at}/commands", json=again)

    assert booked.status_code == 200, booked.text
    assert done[0].status_code == 200, done[0].text
    assert [[place["kind"] for place in body(answer)["places"]] for answer in done] == [["visit"], []]
    assert (seen["appointment"]["technician"], seen["appointment"]["window"]["start"][:10]) == ("p-lang", "2027-03-01")
    assert codes(late) == [("person_leaves", "/technician")]


async def test_what_a_project_has_planned_is_named(house: House) -> None:
    await house.worker()
    admin = await house.caller(Role.ADMIN, "p-sommer")
    url, desk, approver = await planned(house)
    await approver.post(f"{url}/plans/1/approval", json={})
    await desk.post(f"{url}/launch")
    await until(desk, url, "waiting")
    (entry,) = body(await desk.get(f"{url}/plans/1"))["plan"]["assignments"]
    project = url.rpartition("/")[2]

    opens = await leave(admin, "p-huber", preview=True, successor="p-vogel")
    works = await leave(admin, entry["technician"], preview=True, successor="p-wolf")

    named = [(place["kind"], place["of"], place["to"]) for answer in (opens, works) for place in body(answer)["places"]]
    assert ("gate", f"{project}/w1", None) in named
    assert ("planned_work", project, None) in named


async def test_nothing_stays_with_who_leaves_whoever_gives_them_something_meanwhile(house: House) -> None:
    await house.worker()
    admin, desk = await house.caller(Role.ADMIN, "p-sommer"), await house.caller(Role.SERVICE_DESK, "p-koch")
    lang = await house.caller(Role.TECHNICIAN, "p-wolf")
    held, *others = [await reported(desk) for _ in range(5)]
    responded = await tell(lang, others[0], "respond")
    await tell(desk, others[0], "hand_over", kind="team", to="service_desk")
    await tell(desk, held, "hand_over", to="p-wolf")

    answers = await asyncio.gather(
        leave(admin, "p-wolf", last_day=f"{MONDAY - WEEK:%Y-%m-%d}"),
        *(tell(desk, at, "hand_over", to="p-wolf") for at in others[1:]),
    )

    async def with_wolf() -> list[str]:
        sheets = [body(await desk.get(at)) for at in (held, *others)]
        return [sheet["no"] for sheet in sheets if "p-wolf" in (sheet["holder"]["holder"], sheet["owner"])]

    assert (responded.status_code, answers[0].status_code) == (200, 200), answers[0].text
    assert await comes(with_wolf, lambda left: not left) == []


async def test_who_only_answers_for_it_leaves_it_to_whoever_works_on_it(house: House) -> None:
    await house.worker()
    admin, desk = await house.caller(Role.ADMIN, "p-sommer"), await house.caller(Role.SERVICE_DESK, "p-koch")
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    at = await reported(desk)
    await tell(wolf, at, "respond")
    await tell(desk, at, "send_technician", technician="p-lang")
    before = body(await desk.get(at))

    left = await leave(admin, "p-wolf", successor="p-sommer")
    after = body(await desk.get(at))

    assert (before["owner"], before["holder"]["holder"]) == ("p-wolf", "p-lang")
    assert left.status_code == 200, left.text
    assert (after["owner"], after["holder"]["holder"]) == ("p-sommer", "p-lang")
