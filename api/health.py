"""Whether this process lives, and whether it can do its work."""

from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Tables, WorkflowServer
from db.engine import Database, is_alive
from domain.values import Value

router = APIRouter(prefix="/health", tags=["health"])

UpOrDown = Literal["up", "down"]


class Readiness(Value):
    database: UpOrDown
    temporal: UpOrDown


@router.get("/live", operation_id="checkLiveness")
async def live() -> Literal["up"]:
    """Answers as long as the process does."""
    return "up"


@router.get(
    "/ready",
    operation_id="checkReadiness",
    responses={503: {"model": Readiness, "description": "A dependency is down."}},
)
async def ready(database: Tables, temporal: WorkflowServer, response: Response) -> Readiness:
    """What this process needs, and whether it answers."""
    readiness = Readiness(
        database="up" if await _answers(database) else "down",
        temporal="up" if await temporal.is_alive() else "down",
    )
    response.status_code = 503 if "down" in (readiness.database, readiness.temporal) else 200
    return readiness


async def _answers(database: Database) -> bool:
    try:
        return await is_alive(database)
    except (SQLAlchemyError, OSError):
        return False
