"""Whether all open cases are run and get on: checked on demand, and what the last check has found."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.dependencies import InContext, May, Tables
from api.policy import Operation
from db.engine import Database
from db.standing_cases import all_faulty
from domain.cases.faults import FaultyCase
from domain.keys import Key
from domain.values import Value

router = APIRouter(prefix="/checks", tags=["checks"])

MOST = 500
Checking = Annotated[Key, Depends(May(Operation.CHECK_CASES))]


class CheckAnswer(Value):
    """`faulty` are the caller's cases with a fault, at most 500. The numbers are null while the check goes on."""

    looked_at: int | None
    rewritten: int | None
    faulty: tuple[FaultyCase, ...]


@router.post("", operation_id="checkCases", responses={202: {"model": CheckAnswer, "description": "Still checking."}})
async def check_cases(caller: Checking, context: InContext, response: Response) -> CheckAnswer:
    """Check that every open case is run and gets on, and that whatever runs is in the tables."""
    report = await context.temporal.check_cases()
    response.status_code = 202 if report is None else 200
    return CheckAnswer(
        looked_at=report and report.looked_at,
        rewritten=report and report.rewritten,
        faulty=await _faulty(context.database, caller),
    )


@router.get("", operation_id="listFaultyCases")
async def show_faulty(caller: Checking, database: Tables) -> CheckAnswer:
    """List the cases with a fault, as the last check has found them."""
    return CheckAnswer(looked_at=None, rewritten=None, faulty=await _faulty(database, caller))


async def _faulty(database: Database, caller: Key) -> tuple[FaultyCase, ...]:
    async with database.reading() as session:
        return await all_faulty(session, caller.customers, MOST)
