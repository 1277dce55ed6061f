"""Every route at its largest: a body filled to its limits, right or wrong, costs little and stops nobody else."""

import gc
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from api.gate.bodies import most_values
from api.gate.bytes import body_limit
from domain.people import Role
from tests.api.bodies import Maker, Operation, operations
from tests.api.house import House
from tests.api.spent import LONGEST_STANDSTILL, TRIES, machine, measured

MOST_CPU = 1.0
MOST_MEMORY = 200_000


def filled(document: dict[str, object], operation: Operation, wrong: bool) -> bytes:
    """As many values as the route takes, in as many bytes as it takes."""
    budget = most_values(operation.path) - 100
    while True:
        made = json.dumps(Maker(document, budget).largest(operation.schema, wrong), separators=(",", ":")).encode()
        if len(made) <= body_limit(operation.path):
            return made
        budget = budget * 3 // 4


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
async def test_every_route_answers_its_largest_body_at_little_cost(cut_off: House, wrong: bool) -> None:
    admin = await cut_off.caller(Role.ADMIN, "admin")
    document = cut_off.app.openapi()
    await admin.get("/health/live")
    dear: list[str] = []

    for operation in operations(document):
        body = filled(document, operation, wrong)
        found = [said async for said in _dear(admin, operation, body)]
        dear += found[-1:] if len(found) == TRIES else []

    assert not dear, "\n".join(dear)


async def _dear(admin: httpx2.AsyncClient, operation: Operation, body: bytes) -> AsyncIterator[str]:
    """What it cost each time that it was too much; ends with the first time that it was not."""
    for number in range(TRIES):
        gc.collect()
        slow = machine()
        async with measured() as spent:
            answer = await admin.request(
                operation.method,
                operation.url,
                content=body,
                headers={"Content-Type": "application/json", "Idempotency-Key": f"k{number}"},
            )
        if (
            spent.cpu <= MOST_CPU * slow
            and spent.standstill <= LONGEST_STANDSTILL * slow
            and spent.memory <= MOST_MEMORY
        ):
            return
        yield f"{operation.name}: {len(body)} bytes, {answer.status_code}, {spent}"
