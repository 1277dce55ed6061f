"""Commands: judged by the order itself, given once, and answered with where it stands then."""

import asyncio
from http import HTTPStatus

import pytest

from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body

WINDOW = {"start": "2027-03-01T09:00:00+01:00", "end": "2027-03-01T11:00:00+01:00"}
NIGHT = {"start": "2027-03-01T22:00:00+01:00", "end": "2027-03-01T23:00:00+01:00"}
HOLIDAY = {"start": "2027-01-06T09:00:00+01:00", "end": "2027-01-06T11:00:00+01:00"}


async def test_an_order_is_worked_from_request_to_charge(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    vogel = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    huber = await house.caller(Role.APPROVER, "p-huber", "adler")
    lang = await house.caller(Role.TECHNICIAN, "p-lang")
    order = (await vogel.post(ORDERS, json=INSTALL)).headers["Location"]

    said = [
        await huber.post(f"{order}/commands", json={"type": "approve"}),
        await desk.post(f"{order}/commands", json={"type": "book", "window": WINDOW, "technician": "p-lang"}),
        await lang.post(f"{order}/commands", json={"type": "start"}),
        await lang.post(f"{order}/commands", json={"type": "complete", "minutes": 75}),
        await vogel.post(f"{order}/commands", json={"type": "accept"}),
    ]
    charges = await desk.get(f"{order}/charges")
    timeline = await vogel.get(f"{order}/timeline")
    after = await desk.post(f"{order}/commands", json={"type": "resume"})

    assert [answer.status_code for answer in said] == [HTTPStatus.OK] * 5
    assert body(said[1])["appointment"]["technician"] == "p-lang"
    assert body(said[-1])["state"] == "completed"
    assert [(entry["reason"], entry["amount"]) for entry in body(charges)] == [("flat", "89.00")]
    events = [event["what"] for event in body(timeline)]
    assert [what for what in events if what in ("placed", "approve", "book", "start", "complete", "accept")] == [
        "placed",
        "approve",
        "book",
        "start",
        "complete",
        "accept",
    ]
    assert body(timeline)[events.index("approve")]["actor"] == {"person": "p-huber", "role": "approver"}
    assert (after.status_code, body(after)["errors"][0]["code"]) == (HTTPStatus.CONFLICT, "order_is_over")


async def test_a_command_sent_twenty_times_at_once_is_given_once(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL)).headers["Location"]
    hold = {"type": "hold", "code": "waiting_customer", "max_until": "2027-01-01T00:00:00Z", "reason": "locked"}
    key = {"Idempotency-Key": "hold-1"}

    answers = await asyncio.gather(*(desk.post(f"{order}/commands", json=hold, headers=key) for _ in range(20)))
    other = await desk.post(f"{order}/commands", json=hold | {"reason": "another"}, headers=key)
    cancel = {"type": "cancel", "reason": "no longer needed"}
    ended = [await desk.post(f"{order}/commands", json=cancel, headers={"Idempotency-Key": "end"}) for _ in range(2)]
    timeline = await desk.get(f"{order}/timeline")

    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}
    assert [event["what"] for event in body(timeline)].count("hold") == 1
    assert (other.status_code, body(other)["errors"][0]["code"]) == (422, "request_id_reused")
    assert [(answer.status_code, body(answer)["state"]) for answer in ended] == [(HTTPStatus.OK, "cancelled")] * 2


async def test_what_the_order_refuses_is_told_in_the_callers_language(house: House) -> None:
    await house.worker()
    desk = await house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL)).headers["Location"]

    approved = await desk.post(f"{order}/commands", json={"type": "approve"}, headers={"Accept-Language": "de-DE"})
    early = await desk.post(f"{order}/commands", json={"type": "complete"}, headers={"Accept-Language": "en"})

    assert (approved.status_code, body(approved)["errors"][0]["code"]) == (HTTPStatus.FORBIDDEN, "role_needed")
    assert approved.headers["Content-Language"] == "de"
    assert body(approved)["title"] == "Das dürfen Sie nicht"
    assert (early.status_code, early.headers["Content-Language"]) == (HTTPStatus.CONFLICT, "en")


async def test_with_no_worker_a_command_is_put_off(house: House) -> None:
    desk = await house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL)).headers["Location"]

    answer = await desk.post(f"{order}/commands", json={"type": "resume"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")


@pytest.mark.parametrize(
    ("command", "at", "code"),
    [
        pytest.param({"type": "book", "window": NIGHT}, "/window", "outside_access_hours", id="at night"),
        pytest.param({"type": "book", "window": HOLIDAY}, "/window", "outside_access_hours", id="on a holiday"),
        pytest.param({"type": "log_work", "minutes": -5}, "/minutes", "greater_than_equal", id="negative minutes"),
        pytest.param({"type": "log_work", "minutes": 10**30}, "/minutes", "less_than_equal", id="endless minutes"),
        pytest.param({"type": "approve", "price": "-0.01"}, "/price", "greater_than_equal", id="a price below nothing"),
        pytest.param({"type": "approve", "price": "1.234"}, "/price", "decimal_max_places", id="a price in mills"),
        pytest.param({"type": "approve", "price": "9" * 65_536}, "/price", "decimal_max_digits", id="64 kB of price"),
        pytest.param({"type": "approve", "price": "NaN"}, "/price", "finite_number", id="a price that is no number"),
        pytest.param({"type": "explode"}, "", "union_tag_invalid", id="an unknown command"),
        pytest.param({"reason": "x"}, "", "union_tag_not_found", id="no command"),
        pytest.param({"type": "cancel"}, "/reason", "missing", id="no reason"),
        pytest.param({"type": "cancel", "reason": "x\0"}, "/reason", "character_forbidden", id="a NUL"),
        pytest.param(
            {"type": "book", "window": {"start": "2027-03-01T09:00", "end": "2027-03-01T11:00"}},
            "/window/start",
            "timezone_aware",
            id="a naive time",
        ),
        pytest.param(
            {"type": "hold", "code": "waiting_customer", "max_until": "9999-12-31T23:59:59Z", "reason": "x"},
            "/max_until",
            "year_beyond_calendars",
            id="the year 9999",
        ),
        pytest.param(
            {"type": "book", "window": {"start": WINDOW["end"], "end": WINDOW["start"]}},
            "/window",
            "window_impossible",
            id="a window that runs backwards",
        ),
    ],
)
async def test_a_wrong_command_is_refused_before_the_order_hears_of_it(
    house: House, command: dict[str, object], at: str, code: str
) -> None:
    desk = await house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL)).headers["Location"]

    answer = await desk.post(f"{order}/commands", json=command)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (at, code) in {(fault["at"], fault["code"]) for fault in body(answer)["errors"]}
