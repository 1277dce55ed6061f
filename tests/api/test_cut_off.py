"""The connection to Temporal is lost between question and answer: whoever comes back has it done once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from temporalio.client import RPCError
from temporalio.service import RPCStatusCode

from api.dependencies import _temporal
from db.engine import Database
from domain.people import Role
from settings import Settings
from tests.api.contested import CONTESTED, TOLD, Contested
from tests.api.cut_wire import Wire, wire_to
from tests.api.house import INCIDENTS, INSTALL, ORDERS, TROUBLE, House, body, opened
from tests.patience import until
from tests.world import furnish
from workflows import client
from workflows.answers import TemporalAway, answered

# What comes by these is durable in the tables before Temporal hears of it, is completed by repeating it, or is only
# asked; answers to pages go through the same door as commands, in test_pages.
BESIDE = {
    "POST /api/v1/alerts",
    "POST /api/v1/alerts/alertmanager",
    "POST /api/v1/contracts/{contract_id}/cost",
    "POST /api/v1/imports/assets",
    "POST /api/v1/pages/{incident}/{no}/answers",
    "POST /api/v1/people/{person_id}/leaving",
    "POST /api/v1/projects/{project_id}/lists",
    "POST /api/v1/projects/{project_id}/plans",
    "POST /api/v1/projects/{project_id}/plans/{version}/reschedule",
    "POST /api/v1/rotas/{rota_id}/layer-swaps",
    "POST /api/v1/rotas/{rota_id}/overrides",
    "POST /api/v1/rotas/{rota_id}/swaps",
    "PUT /api/v1/rotas/{rota_id}",
    "DELETE /api/v1/rotas/{rota_id}/overrides/{layer}/{start}",
    "POST /api/v1/sla/migrations/preview",
    "POST /api/v1/simulations",
    "POST /api/v1/sla/whatif",
    "POST /a/{token}",
    "POST /p/{token}",
}
SAME = {"Idempotency-Key": "same"}


@dataclass
class Line:
    house: House
    wire: Wire


@pytest.fixture
async def line(
    database: Database, temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The API has a wire of its own to Temporal; workers have another."""
    monkeypatch.setattr(client, "PATIENCE", timedelta(seconds=2))
    await furnish(database)
    settings = Settings(data_dir=tmp_path, database_url=database.url, task_queue=f"api-{uuid4().hex}")
    async with wire_to(temporal_address) as (wire, address):
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        async with opened(settings, database) as house:
            monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
            await house.worker()
            yield Line(house, wire)


async def when_it_is_back(call: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """As whoever keeps to Retry-After, only sooner."""
    for _ in range(20):
        answer = await call()
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return answer
    raise AssertionError(answer.text)


def may_come_back(answer: httpx2.Response) -> bool:
    if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
        return answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    return "Retry-After" in answer.headers and body(answer)["type"] == "urn:imacflow:problem:temporal_away"


STARTED = [each for each in CONTESTED if each.needs_temporal]


@pytest.mark.parametrize("contested", STARTED, ids=[each.name for each in STARTED])
async def test_what_was_started_while_the_answer_was_lost_is_found_again(line: Line, contested: Contested) -> None:
    call = await contested.ready(line.house)

    line.wire.cut()
    lost = await until(lambda: call(0), lambda _: line.wire.heard)
    line.wire.mend()
    again = [await when_it_is_back(lambda: call(0)) for _ in range(2)]

    assert may_come_back(lost), lost.text
    assert [answer.is_success for answer in again] == [True, True], again[0].text
    assert len({answer.headers.get("Location") for answer in again}) == 1


@pytest.mark.parametrize("path", TOLD)
async def test_what_was_told_while_the_answer_was_lost_is_told_once(line: Line, path: str) -> None:
    where, _ = TOLD[path]
    told = await where(line.house)
    admin = await line.house.caller(Role.ADMIN, "p-huber")
    next_month = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    hold = {"type": "hold", "code": "waiting_customer", "max_until": next_month, "reason": "locked"}

    line.wire.cut()
    lost = await until(lambda: admin.post(told, json=hold, headers=SAME), lambda _: line.wire.heard)
    line.wire.mend()
    again = await when_it_is_back(lambda: admin.post(told, json=hold, headers=SAME))
    timeline = await admin.get(f"{told.partition('/waves')[0].removesuffix('/commands')}/timeline")

    assert may_come_back(lost), lost.text
    assert again.is_success, again.text
    assert [event["what"] for event in body(timeline)].count("hold") <= 1


async def test_what_is_asked_while_the_answer_is_lost_is_asked_again(line: Line) -> None:
    desk = await line.house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL, headers=SAME)).headers["Location"]
    incident = (await desk.post(INCIDENTS, json=TROUBLE, headers=SAME)).headers["Location"]
    nowhere = [order[:-1] + "9", incident[:-1] + "9"]

    line.wire.cut()
    lost = await asyncio.gather(*(desk.get(path) for path in (order, incident, *nowhere)), desk.get("/health/ready"))
    line.wire.mend()

    assert [may_come_back(answer) for answer in lost[:-1]] == [True] * 4
    assert (lost[-1].status_code, body(lost[-1])["temporal"]) == (503, "down")
    assert [(await desk.get(path)).status_code for path in (order, incident)] == [200, 200]


def asks_temporal(dependant: Dependant) -> bool:
    return dependant.call is _temporal or any(map(asks_temporal, dependant.dependencies))


async def test_no_route_that_changes_something_through_temporal_is_forgotten_here(line: Line) -> None:
    asking = {
        f"{method} {context.path}"
        for context in iter_route_contexts(line.house.app.routes)
        for method in context.methods or ()
        if isinstance(context.original_route, APIRoute)
        and method not in ("GET", "HEAD")
        and asks_temporal(context.original_route.dependant)
    }
    cut = {each.name for each in STARTED} | {f"POST {path}" for path in TOLD}

    assert asking - cut == BESIDE


@pytest.mark.parametrize(
    "status",
    [
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.ABORTED,
        RPCStatusCode.DATA_LOSS,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.FAILED_PRECONDITION,
    ],
)
async def test_whatever_says_that_the_server_is_away_is_understood(status: RPCStatusCode) -> None:
    with pytest.raises(TemporalAway):
        async with answered():
            raise RPCError("transport error", status, b"")


async def test_what_we_have_asked_wrongly_is_our_mistake() -> None:
    with pytest.raises(RPCError):
        async with answered():
            raise RPCError("no such field", RPCStatusCode.INVALID_ARGUMENT, b"")
