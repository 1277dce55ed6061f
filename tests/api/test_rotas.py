"""The rota over HTTP: saved whole or refused with every gap, changed by stand-ins and swaps, asked for any instant."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.oncall.rotas import save_rota
from domain.oncall.rota import Rota
from domain.people import Role
from tests.api.house import House, body

ROTAS = "/api/v1/rotas"
NIGHT = f"{ROTAS}/night"
WEEK = timedelta(weeks=1)
# A Monday some weeks ago, so that hand-overs fall on Mondays whenever the test runs.
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
MONDAY = TODAY - timedelta(days=TODAY.weekday())


def rotation(*members: str, **changes: object) -> dict[str, Any]:
    start = (MONDAY - 4 * WEEK).date().isoformat()
    return {"members": list(members), "start": start, "hand_over": "00:00", "weekday": "mon"} | changes


def rota(**changes: object) -> dict[str, Any]:
    usual = {"id": "night", "name": "Rufbereitschaft", "zone": "UTC", "owner": "p-sommer"}
    layers = {"primary": rotation("p-koch", "p-lang"), "backup": rotation("p-lang", "p-koch")}
    return usual | layers | changes


def override(person: str, start: datetime, end: datetime, layer: str = "primary") -> dict[str, Any]:
    return {"layer": layer, "person": person, "start": start.isoformat(), "end": end.isoformat()}


def codes(answer: httpx2.Response) -> list[tuple[str, str]]:
    return [(error["code"], error["at"]) for error in body(answer)["errors"]]


async def sdm(house: House) -> httpx2.AsyncClient:
    """Ida Sommer, with a rota in force."""
    caller = await house.caller(Role.SDM, "p-sommer")
    saved = await caller.put(NIGHT, json=rota())
    assert saved.status_code == 200, saved.text
    return caller


async def on_call(caller: httpx2.AsyncClient, at: datetime) -> tuple[str | None, str | None]:
    found = body(await caller.get(f"{NIGHT}/on-call", params={"at": at.isoformat()}))
    return found["primary"], found["backup"]


@pytest.mark.parametrize(
    ("tag", "status"), [pytest.param('"1"', 412, id="older"), pytest.param('"2"', 200, id="seen"), (None, 200)]
)
async def test_a_stand_in_is_entered_only_over_what_was_seen(cut_off: House, tag: str | None, status: int) -> None:
    caller = await sdm(cut_off)
    await caller.put(NIGHT, json=rota(name="Night"))
    start = TODAY + 2 * WEEK

    sent = override("p-sommer", start, start + timedelta(hours=8))
    answer = await caller.post(f"{NIGHT}/overrides", json=sent, headers={"If-Match": tag} if tag else {})

    assert answer.status_code == status
    assert answer.headers.get("etag") == ('"3"' if answer.is_success else None)


async def test_a_rota_gets_a_version_only_when_it_changes(cut_off: House) -> None:
    caller = await sdm(cut_off)

    versions = [
        body(await caller.put(NIGHT, json=sent))["version"] for sent in (rota(), rota(name="Night"), rota(version=99))
    ]
    listed = body(await caller.get(ROTAS))

    assert versions == [1, 2, 3]
    assert [(kept["id"], kept["version"]) for kept in listed] == [("night", 3)]


async def test_the_rota_says_who_is_on_call_and_until_when(cut_off: House) -> None:
    caller = await sdm(cut_off)

    now = body(await caller.get(f"{NIGHT}/on-call"))
    next_week = await on_call(caller, MONDAY + WEEK)
    shifts = body(await caller.get(f"{NIGHT}/shifts", params={"until": (MONDAY + 2 * WEEK).isoformat()}))

    assert (now["primary"], now["backup"], now["owner"]) == ("p-koch", "p-lang", "p-sommer")
    assert datetime.fromisoformat(now["until"]) == MONDAY + WEEK
    assert next_week == ("p-lang", "p-koch")
    assert [(shift["layer"], shift["person"]) for shift in shifts] == [
        ("primary", "p-koch"),
        ("backup", "p-lang"),
        ("primary", "p-lang"),
        ("backup", "p-koch"),
    ]


async def test_a_rota_is_refused_with_every_gap_of_the_next_two_weeks(cut_off: House) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    start, middle, end = (MONDAY + n * timedelta(days=1) for n in (8, 9, 10))
    overrides = [override("p-lang", start, middle, "backup"), override("p-lang", middle, end, "backup")]
    wrong = rota(overrides=[*overrides, override("p-gone", start, middle)], primary=rotation("p-koch", "p-lang"))

    answer = await caller.put(NIGHT, json=wrong, headers={"Accept-Language": "de"})

    assert answer.status_code == 422
    assert codes(answer) == [
        ("person_unknown", "/overrides/2/person"),
        ("rota_gap", "/primary"),
        ("rota_gap", "/backup"),
    ]
    assert [error["message"] for error in body(answer)["errors"][1:]] == [
        f"Von {start:%d.%m.%Y} 00:00 bis {middle:%d.%m.%Y} 00:00 sind nicht zwei Personen in Rufbereitschaft. "
        "Erste Person (p-gone): ist nicht erreichbar.",
        f"Von {middle:%d.%m.%Y} 00:00 bis {end:%d.%m.%Y} 00:00 sind nicht zwei Personen in Rufbereitschaft. "
        "Zweite Person (p-lang): hat zugleich den ersten Dienst.",
    ]
    assert body(await caller.get(ROTAS)) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"id": "day"}, {("id_differs", "/id")}, id="under another id"),
        pytest.param({"zone": "Mars/Base"}, {("time_zone_unknown", "/zone")}, id="on Mars"),
        pytest.param({"owner": "nobody"}, {("person_unknown", "/owner")}, id="with an owner nobody knows"),
        pytest.param({"owner": "p-vogel"}, {("person_unknown", "/owner")}, id="with a customer's person"),
        pytest.param({"customer": "nobody"}, {("customer_unknown", "/customer")}, id="of a customer nobody knows"),
        pytest.param(
            {"coverage": {"zone": "UTC", "region": "DE-XX", "weekly": {"mon": [["08:00", "09:00"]]}}},
            {("region_unknown", "/coverage/region")},
            id="with holidays of no region",
        ),
        pytest.param(
            {"backup": rotation("p-lang", "p-koch", weekday="fri")},
            {("handover_off_weekday", "/backup/weekday")},
            id="with a hand-over on another weekday",
        ),
        pytest.param(
            {"primary": {"members": [], "start": "soon", "hand_over": 9}},
            {("too_short", "/primary/members"), ("date_from_datetime_parsing", "/primary/start")}
            | {("time_of_day", "/primary/hand_over")},
            id="that cannot be read",
        ),
        pytest.param(
            {"backup": rotation("p-lang", start=(MONDAY + WEEK).date().isoformat())},
            {("rota_gap", "/backup")},
            id="that begins too late",
        ),
    ],
)
async def test_a_rota_is_refused(cut_off: House, changes: dict[str, object], found: set[tuple[str, str]]) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")

    answer = await caller.put(NIGHT, json=rota(**changes))

    assert set(codes(answer)) == found


async def test_a_stand_in_comes_and_goes(cut_off: House) -> None:
    caller = await sdm(cut_off)
    start, end = MONDAY + WEEK, MONDAY + WEEK + timedelta(days=2)
    sent = override("p-wolf", start, end)

    added = [await caller.post(f"{NIGHT}/overrides", json=sent) for _ in range(2)]
    while_there = await on_call(caller, start)
    dropped = await caller.delete(f"{NIGHT}/overrides/primary/{start.isoformat()}")
    afterwards = await on_call(caller, start)
    again = await caller.delete(f"{NIGHT}/overrides/primary/{start.isoformat()}")

    assert [body(answer)["version"] for answer in (*added, dropped)] == [2, 2, 3]
    assert (while_there, afterwards) == (("p-wolf", "p-koch"), ("p-lang", "p-koch"))
    assert (again.status_code, codes(again)) == (404, [("override_unknown", "/path/start")])


async def test_a_swap_exchanges_two_shifts(cut_off: House) -> None:
    caller = await sdm(cut_off)
    sent = {
        "first": {"layer": "primary", "person": "p-lang", "at": (MONDAY + WEEK).isoformat()},
        "second": {"layer": "backup", "person": "p-koch", "at": (MONDAY + WEEK).isoformat()},
    }

    answers = [await caller.post(f"{NIGHT}/swaps", json=sent) for _ in range(2)]

    assert [body(answer)["version"] for answer in answers] == [2, 2]
    assert await on_call(caller, MONDAY + WEEK) == ("p-koch", "p-lang")


@pytest.mark.parametrize(
    ("path", "sent", "found"),
    [
        pytest.param(
            "overrides",
            override("p-koch", MONDAY + WEEK, MONDAY + 2 * WEEK),
            [("rota_gap", "/backup")],
            id="a stand-in who is the backup",
        ),
        pytest.param(
            "overrides",
            override("nobody", MONDAY + 9 * WEEK, MONDAY + 10 * WEEK),
            [("person_unknown", "/person")],
            id="a stand-in nobody knows",
        ),
        pytest.param(
            "overrides", override("p-wolf", MONDAY - WEEK, MONDAY), [("in_the_past", "/end")], id="a stand-in too late"
        ),
        pytest.param(
            "overrides",
            override("p-wolf", MONDAY + 2 * WEEK, MONDAY + WEEK),
            [("period_reversed", "/end")],
            id="a stand-in back in time",
        ),
        pytest.param(
            "overrides",
            override("p-wolf", MONDAY + WEEK, MONDAY + 2 * WEEK, "third"),
            [("enum", "/layer")],
            id="a stand-in on no layer",
        ),
        pytest.param(
            "overrides",
            {"layer": "primary", "person": "p-wolf", "start": "2027-03-28T02:30", "end": "2027-03-29T00:00Z"},
            [("timezone_aware", "/start")],
            id="a wall time without an offset",
        ),
        pytest.param(
            "swaps",
            {
                "first": {"layer": "primary", "person": "p-wolf", "at": (MONDAY + 3 * WEEK).isoformat()},
                "second": {"layer": "primary", "person": "p-koch", "at": (MONDAY + 4 * WEEK).isoformat()},
            },
            [("shift_not_theirs", "/first/person")],
            id="a swap of a shift nobody has",
        ),
        pytest.param(
            "swaps",
            {
                "first": {"layer": "primary", "person": "p-lang", "at": (MONDAY - WEEK).isoformat()},
                "second": {"layer": "primary", "person": "p-koch", "at": (MONDAY + 2 * WEEK).isoformat()},
            },
            [("in_the_past", "/first/at")],
            id="a swap of what is over",
        ),
    ],
)
async def test_a_change_is_refused_and_nothing_is_kept(
    cut_off: House, path: str, sent: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    caller = await sdm(cut_off)

    answer = await caller.post(f"{NIGHT}/{path}", json=sent)

    assert (answer.status_code, codes(answer)) == (422, found)
    assert body(await caller.get(NIGHT))["version"] == 1


async def test_two_stand_ins_do_not_overlap(cut_off: House) -> None:
    caller = await sdm(cut_off)
    start = MONDAY + WEEK
    await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", start, start + 2 * WEEK))

    answer = await caller.post(f"{NIGHT}/overrides", json=override("p-sommer", start - WEEK, start + WEEK))

    assert codes(answer) == [("overrides_overlap", "")]


async def test_stand_ins_sent_at_once_are_all_kept(cut_off: House) -> None:
    caller = await sdm(cut_off)
    starts = [MONDAY + WEEK + n * timedelta(hours=1) for n in range(8)]

    answers = await asyncio.gather(
        *(
            caller.post(f"{NIGHT}/overrides", json=override("p-wolf", start, start + timedelta(hours=1)))
            for start in starts
        )
    )

    assert sorted(body(answer)["version"] for answer in answers) == list(range(2, 10))
    assert len(body(await caller.get(NIGHT))["overrides"]) == 8


async def kept_since(house: House, weeks: float, **changes: object) -> None:
    async with house.database.writing() as session:
        kept = Rota.model_validate(rota(**changes))
        await save_rota(session, kept, by="p-sommer", at=datetime.now(UTC) - weeks * WEEK)


async def test_gaps_that_were_there_before_are_closed_one_at_a_time(cut_off: House) -> None:
    await kept_since(cut_off, 8, backup=rotation("p-koch", days=7))
    caller = await cut_off.caller(Role.SERVICE_DESK, "p-koch")
    before = body(await caller.get(f"{NIGHT}/gaps"))

    closed = await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", MONDAY, MONDAY + WEEK, "backup"))
    after = body(await caller.get(f"{NIGHT}/gaps"))

    assert [(gap["layer"], gap["why"], gap["person"]) for gap in before] == [("backup", "same_person", "p-koch")] * 2
    assert closed.status_code == 200, closed.text
    assert len(after) == 1


async def test_the_past_is_answered_as_it_was(cut_off: House) -> None:
    await kept_since(cut_off, 3, primary=rotation("p-wolf"))
    await kept_since(cut_off, 1)
    caller = await cut_off.caller(Role.AUDITOR)
    now = datetime.now(UTC)

    before, after = [await on_call(caller, now - weeks * WEEK) for weeks in (2, 0)]
    unknown = await caller.get(f"{NIGHT}/on-call", params={"at": (now - 4 * WEEK).isoformat()})
    window = {"from": (now - 4 * WEEK).isoformat(), "until": now.isoformat()}
    shifts = body(await caller.get(f"{NIGHT}/shifts", params=window))

    assert (before[0], after[0]) == ("p-wolf", "p-koch")
    assert (unknown.status_code, codes(unknown)) == (404, [("rota_unknown", "/query/at")])
    assert {shift["person"] for shift in shifts if datetime.fromisoformat(shift["end"]) <= now - WEEK} >= {"p-wolf"}


@pytest.mark.parametrize(
    ("until", "code"),
    [
        pytest.param(-1, "period_reversed", id="that ends before it begins"),
        pytest.param(401, "period_too_long", id="of more than a year"),
    ],
)
async def test_a_period_is_refused(cut_off: House, until: int, code: str) -> None:
    caller = await sdm(cut_off)
    end = datetime.now(UTC) + timedelta(days=until, hours=1)

    answers = [await caller.get(f"{NIGHT}/{what}", params={"until": end.isoformat()}) for what in ("shifts", "gaps")]

    assert [codes(answer) for answer in answers] == [[(code, "/query/until")]] * 2


async def test_a_customers_key_sees_no_rota_but_its_own(cut_off: House) -> None:
    ours = await sdm(cut_off)
    await cut_off.second_customer()
    await ours.put(f"{ROTAS}/adler", json=rota(id="adler", customer="adler"))
    adler = await cut_off.caller(Role.ADMIN, customer="adler")
    falke = await cut_off.caller(Role.ADMIN, customer="falke")

    listed = [[kept["id"] for kept in body(await caller.get(ROTAS))] for caller in (ours, adler, falke)]
    taken = await falke.put(f"{ROTAS}/adler", json=rota(id="adler", customer="falke"))
    unknown = [
        await falke.get(f"{ROTAS}/adler"),
        await falke.get(f"{ROTAS}/adler/on-call"),
        await falke.get(f"{ROTAS}/adler/shifts"),
        await falke.get(f"{ROTAS}/adler/gaps"),
        await falke.post(f"{ROTAS}/adler/overrides", json=override("p-wolf", MONDAY + WEEK, MONDAY + 2 * WEEK)),
        await falke.delete(f"{ROTAS}/adler/overrides/primary/{MONDAY.isoformat()}"),
        await adler.get(NIGHT),
        await adler.put(NIGHT, json=rota()),
    ]

    assert listed == [["adler", "night"], ["adler"], []]
    assert [answer.status_code for answer in unknown] == [404] * len(unknown)
    assert (taken.status_code, codes(taken)) == (409, [("name_taken", "/id")])


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        pytest.param(Role.REQUESTER, set(), id="requester"),
        pytest.param(Role.CONTACT, set(), id="contact"),
        pytest.param(Role.TECHNICIAN, {"reads"}, id="technician"),
        pytest.param(Role.SYSTEM, {"reads"}, id="system"),
        pytest.param(Role.SERVICE_DESK, {"reads", "changes"}, id="service desk"),
        pytest.param(Role.COORDINATOR, {"reads", "changes", "saves"}, id="coordinator"),
    ],
)
async def test_who_may_read_change_and_save_a_rota(cut_off: House, role: Role, allowed: set[str]) -> None:
    await sdm(cut_off)
    caller = await cut_off.caller(role, "p-koch")

    answers = {
        "reads": await caller.get(f"{NIGHT}/on-call"),
        "changes": await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", MONDAY + WEEK, MONDAY + 2 * WEEK)),
        "saves": await caller.put(NIGHT, json=rota(name="Mine")),
    }

    assert {what for what, answer in answers.items() if answer.status_code == 200} == allowed
    assert {answer.status_code for answer in answers.values()} <= {200, 403}


async def test_taking_somebody_in_or_out_changes_no_running_shift(cut_off: House) -> None:
    await kept_since(cut_off, 8, primary=rotation("p-koch", "p-lang", "p-wolf"), backup=rotation("p-sommer"))
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    now = datetime.now(UTC)
    before = [await on_call(caller, now + weeks * WEEK) for weeks in range(3)]
    running = before[0][0]
    # Whoever is on call is taken out: they stay until their shift ends, then the round goes on without them.
    left = [person for person in ("p-koch", "p-lang", "p-wolf") if person != running]

    saved = await caller.put(NIGHT, json=rota(primary=rotation(*left), backup=rotation("p-sommer")))
    after = [await on_call(caller, now + weeks * WEEK) for weeks in range(4)]
    again = await caller.put(NIGHT, json=rota(primary=rotation(*left), backup=rotation("p-sommer")))

    change = body(saved)["change"]
    assert after == [*before, before[1]]
    assert (change["before"], change["after"]["primary"]) == (change["before"] | {"primary": running}, running)
    assert {one["person"] for one in change["shifts"]} == {"p-koch", "p-lang", "p-wolf"}
    assert [one["gained"] for one in change["shifts"] if one["person"] == running] == [[]]
    assert (body(saved)["version"], body(again)["version"]) == (2, 2)


async def test_a_preview_says_what_would_change_and_keeps_nothing(cut_off: House) -> None:
    caller = await sdm(cut_off)
    start = MONDAY + WEEK
    asked = {"preview": "true"}
    swap = {
        "first": {"layer": "primary", "person": "p-lang", "at": start.isoformat()},
        "second": {"layer": "backup", "person": "p-koch", "at": start.isoformat()},
    }

    answers = [
        await caller.put(NIGHT, json=rota(primary=rotation("p-wolf", "p-lang")), params=asked),
        await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", start, start + WEEK), params=asked),
        await caller.post(f"{NIGHT}/swaps", json=swap, params=asked),
    ]

    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert all(body(answer)["change"]["shifts"] for answer in answers)
    assert body(await caller.get(NIGHT)) == body(await caller.get(NIGHT)) | {"version": 1, "overrides": [], "swaps": []}


async def test_what_a_saved_rota_answers_can_be_saved_again(cut_off: House) -> None:
    caller = await sdm(cut_off)
    saved = await caller.put(NIGHT, json=rota(name="Night"))

    again = await caller.put(NIGHT, json=body(saved), headers={"If-Match": saved.headers["ETag"]})

    assert (again.status_code, body(again)["version"]) == (200, 2), again.text
    assert body(again) == body(saved)


def by_hours(hours: dict[str, Any], **changes: object) -> dict[str, Any]:
    person = "p-wolf" if "layer" in changes else "p-koch"
    return rotation(person, weekday=None) | {"hours": hours} | changes


DAY = {"zone": "UTC", "weekly": {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


async def test_a_layer_is_shared_by_day_and_night(cut_off: House) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    night = by_hours(DAY, outside=True, layer="primary", name="Nacht")

    saved = await caller.put(NIGHT, json=rota(primary=by_hours(DAY), backup=rotation("p-lang"), further=[night]))
    shifts = body(await caller.get(f"{NIGHT}/shifts", params={"from": (MONDAY + WEEK).isoformat()}))

    assert saved.status_code == 200, saved.text
    first = [shift for shift in shifts if shift["layer"] == "primary"][:3]
    assert [shift["start"][11:16] for shift in first] == ["00:00", "08:00", "20:00"]


async def test_hours_that_overlap_or_never_come_are_refused_with_the_rest(cut_off: House) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    further = [
        by_hours(DAY, layer="primary", name="Nacht"),
        by_hours({"zone": "UTC", "always": True}, outside=True, layer="backup", name="Nie"),
        by_hours(DAY | {"region": "DE-XX"}, layer="backup", name="Feiertag"),
    ]

    wrong = [await caller.put(NIGHT, json=rota(primary=by_hours(DAY), further=more)) for more in (further[:2], further)]

    assert ("hours_overlap", "/further/0/hours") in codes(wrong[0])
    assert ("hours_never_open", "/further/1/hours") in codes(wrong[0])
    assert ("rota_gap", "/primary") in codes(wrong[0])
    assert codes(wrong[1]) == [("region_unknown", "/further/2/hours/region")]
    assert body(await caller.get(ROTAS)) == []


async def test_primary_and_backup_swap_once_however_often_it_is_sent(cut_off: House) -> None:
    caller = await sdm(cut_off)
    start, end = MONDAY + WEEK, MONDAY + WEEK + timedelta(days=2)
    stood_in = override("p-wolf", start, start + timedelta(days=1), "backup")
    await caller.post(f"{NIGHT}/overrides", json=stood_in)
    sent = {"primary": "p-wolf", "start": start.isoformat(), "end": end.isoformat()}

    answers = [await caller.post(f"{NIGHT}/layer-swaps", json=sent) for _ in range(2)]
    days = [await on_call(caller, start + n * timedelta(days=1)) for n in range(3)]

    assert [(answer.status_code, body(answer)["version"]) for answer in answers] == [(200, 3), (200, 3)]
    assert days == [("p-wolf", "p-lang"), ("p-koch", "p-lang"), ("p-lang", "p-koch")]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        pytest.param({"primary": "p-sommer"}, [("not_the_backup", "/primary")], id="somebody who is not the backup"),
        pytest.param(
            {"primary": "p-koch", "start": MONDAY - 2 * WEEK, "end": MONDAY - WEEK},
            [("in_the_past", "/end")],
            id="what is over",
        ),
        pytest.param(
            {"primary": "p-koch", "start": MONDAY + 2 * WEEK, "end": MONDAY + WEEK},
            [("period_reversed", "/end")],
            id="back in time",
        ),
        pytest.param(
            {"primary": "p-koch", "start": MONDAY + WEEK, "end": MONDAY + 12 * WEEK},
            [("period_too_long", "/end")],
            id="for a quarter of a year",
        ),
    ],
)
async def test_a_swap_of_the_layers_is_refused(
    cut_off: House, sent: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    caller = await sdm(cut_off)
    written = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in sent.items()}

    answer = await caller.post(f"{NIGHT}/layer-swaps", json=written)

    assert (answer.status_code, codes(answer)) == (422, found)
    assert body(await caller.get(NIGHT))["version"] == 1


async def test_hours_cut_too_finely_are_refused_before_anything_is_worked_out(cut_off: House) -> None:
    caller = await cut_off.caller(Role.SDM, "p-sommer")
    windows = [[f"{n // 2:02}:{n % 2 * 30:02}", f"{n // 2:02}:{n % 2 * 30 + 15:02}"] for n in range(48)]
    fine = {"zone": "UTC", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), windows)}
    further = [by_hours(fine, layer="primary", name=f"n{n}") for n in range(2)]

    answer = await caller.put(NIGHT, json=rota(primary=by_hours(fine), further=further))

    assert codes(answer) == [("hours_too_fine", "")]
