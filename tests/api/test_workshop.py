"""What callers notice of the workshop: nothing, unless too many have come or they have left."""

import asyncio
import os
import time
from http import HTTPStatus

import pytest
from fastapi import Request
from starlette.types import Message

from api.workshop import WaitedFor
from connectors.workshop.workshop import MOST_WAITING, Crowded, Workshop
from tests.api.house import House, body
from tests.workshop import foreman
from tests.world import CONTRACT

MATRIX = f"/api/v1/contracts/{CONTRACT.id}/matrix.pdf"


async def test_whoever_comes_when_all_benches_are_taken_is_asked_to_come_again(cut_off: House) -> None:
    workshop: Workshop = cut_off.app.state.workshop
    desk = await cut_off.coordinator()
    crowd = max(2, os.cpu_count() or 1) + MOST_WAITING
    waiting = [asyncio.create_task(workshop.make(time.sleep, 600)) for _ in range(crowd)]
    await asyncio.sleep(0.1)

    turned_away = await desk.get(MATRIX)
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    served = await desk.get(MATRIX)

    assert (turned_away.status_code, served.status_code) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert int(turned_away.headers["Retry-After"]) > 0
    assert [error["code"] for error in body(turned_away)["errors"]] == ["workshop_crowded"]


async def test_a_job_nobody_waits_for_any_more_is_stopped() -> None:
    async def hung_up() -> Message:
        return {"type": "http.disconnect"}

    workshop = Workshop(foreman())
    with pytest.raises(Crowded):
        await WaitedFor(workshop, Request({"type": "http"}, hung_up)).make(time.sleep, 600)

    assert await workshop.make(len, "abc") == 3
