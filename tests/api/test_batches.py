"""One command for many incidents: previewed, done, and each with its own result."""

from http import HTTPStatus

import pytest
from pydantic import JsonValue

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_incidents import codes, reported, tell

BATCHES = "/api/v1/incidents/batches"


async def test_a_list_is_previewed_and_then_told_with_a_result_for_each(house: House) -> None:
    await house.worker()
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    one, other, solved = [await reported(desk) for _ in range(3)]
    await tell(desk, solved, "resolve", solution="neu gestartet")
    nos = [at.rpartition("/")[2] for at in (one, other, solved)]
    batch = {"incidents": [*nos, "I-00000-00000"], "command": {"type": "hand_over", "to": "p-lang"}}

    previewed = await desk.post(BATCHES, json=batch | {"preview": True})
    assert body(await desk.get(one))["holder"]["holder"] == "service_desk"
    done = [await desk.post(BATCHES, json=batch, headers={"Idempotency-Key": "many"}) for _ in range(2)]

    assert (previewed.status_code, done[0].status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    rows = body(previewed)["rows"]
    assert [(row["no"], row["outcome"]) for row in rows] == [
        (nos[0], "would_do"),
        (nos[1], "would_do"),
        (nos[2], "refused"),
        ("I-00000-00000", "refused"),
    ]
    assert rows[0]["standing"]["holder"] == "p-lang"
    assert [error["code"] for row in rows[2:] for error in row["errors"]] == [
        "incident_state_forbids",
        "incident_unknown",
    ]
    for answer in done:
        assert [row["outcome"] for row in body(answer)["rows"]] == ["done", "done", "refused", "refused"]
    timeline = body(await desk.get(f"{one}/timeline"))
    assert [event["what"] for event in timeline].count("hand_over") == 1


async def test_a_key_that_was_used_for_another_command_is_refused_for_the_whole_list(house: House) -> None:
    await house.worker()
    desk, named = await house.caller(Role.SERVICE_DESK, "p-koch"), {"Idempotency-Key": "many"}
    told, untold = [(await reported(desk)).rpartition("/")[2] for _ in range(2)]
    first = {"incidents": [told], "command": {"type": "hand_over", "to": "p-lang"}}
    other = {"incidents": [untold, told], "command": {"type": "hand_over", "to": "network"}}

    done = await desk.post(BATCHES, json=first, headers=named)
    reused = await desk.post(BATCHES, json=other, headers=named)

    assert done.status_code == HTTPStatus.OK
    assert (reused.status_code, codes(reused)) == (HTTPStatus.UNPROCESSABLE_ENTITY, {("", "request_id_reused")})
    assert body(await desk.get(f"/api/v1/incidents/{untold}"))["holder"]["holder"] == "service_desk"


async def test_lists_that_are_too_long_or_name_one_twice_are_refused_whole(house: House) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    at = await reported(desk)
    no = at.rpartition("/")[2]
    solving = {"type": "resolve", "solution": "Switch getauscht"}

    twice = await desk.post(BATCHES, json={"incidents": [no, "I-2", no], "command": solving})
    long = await desk.post(BATCHES, json={"incidents": [f"I-{n}" for n in range(201)], "command": solving})
    other = await desk.post(BATCHES, json={"incidents": [no], "command": {"type": "cancel", "reason": "so"}})

    assert (twice.status_code, codes(twice)) == (422, {("/incidents/2", "listed_twice")})
    assert (long.status_code, codes(long)) == (422, {("/incidents", "too_long")})
    assert other.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("said", [0, 1, "no", "true", {}])
async def test_what_is_neither_true_nor_false_is_refused(house: House, said: JsonValue) -> None:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    command = {"type": "resolve", "solution": "neu gestartet", "with_children": said}

    answer = await desk.post(BATCHES, json={"incidents": ["I-00000-00000"], "command": command})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_a_list_never_reaches_into_another_customers_incidents(house: House) -> None:
    await house.worker()
    await house.second_customer()
    adlers = await house.caller(Role.SERVICE_DESK, "p-koch", "adler")
    everybodys = await house.caller(Role.SERVICE_DESK, "p-koch")
    theirs = await reported(everybodys, contract="falke-2026", site="falke-hq", reporter=None)
    own = await reported(adlers)
    nos = [at.rpartition("/")[2] for at in (own, theirs)]

    answer = await adlers.post(BATCHES, json={"incidents": nos, "command": {"type": "link", "parent": nos[1]}})

    assert [error["code"] for row in body(answer)["rows"] for error in row["errors"]] == [
        "incident_not_theirs",
        "incident_unknown",
    ]
