"""Whether this process lives, and whether it can do its work."""

from collections.abc import Iterator
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Tables, WorkflowServer
from connectors.space import Space
from db.channels import check_readable
from db.damage import DatabaseDamaged, FileWatch
from db.engine import Database, is_alive
from documents.wording import language_of, sentence
from domain.channels.sealing import SecretsLocked
from domain.refusals import Problem
from domain.values import Value

router = APIRouter(prefix="/health", tags=["health"])

UpOrDown = Literal["up", "down"]


class Readiness(Value):
    """`space` is short before it has run out: nothing new is taken in then.

    `secrets` is said only when channels cannot be decrypted. `says` is what is wrong, in sentences.
    """

    database: UpOrDown
    temporal: UpOrDown
    space: Literal["enough", "short"] = "enough"
    secrets: Literal["locked"] | None = None
    says: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        return (self.database, self.temporal, self.space, self.secrets) == ("up", "up", "enough", None)


@router.get("/live", operation_id="checkLiveness")
async def live() -> Literal["up"]:
    """Liveness check: responds as long as the process runs."""
    return "up"


@router.get(
    "/ready",
    operation_id="checkReadiness",
    response_model_exclude_none=True,
    responses={503: {"model": Readiness, "description": "Something is down, or short."}},
)
async def ready(database: Tables, temporal: WorkflowServer, request: Request, response: Response) -> Readiness:
    """Readiness check: reports the dependencies of this process."""
    space: Space = request.app.state.space
    watch: FileWatch = request.app.state.file
    damage = await watch.damage()
    answers = damage is None and await _answers(database)
    locked = await _locked(database) if answers else None
    readiness = Readiness(
        database="up" if answers else "down",
        temporal="up" if await temporal.is_alive() else "down",
        space="short" if space.is_short else "enough",
        secrets="locked" if locked else None,
    )
    response.status_code = 200 if readiness.is_ready else 503
    language = language_of(request.headers.get("accept-language"))
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return readiness.but(
        says=tuple(sentence(problem, language) for problem in (*_problems(readiness, damage), *(locked or ())))
    )


def _problems(readiness: Readiness, damage: DatabaseDamaged | None) -> Iterator[Problem]:
    if damage is not None:
        # Anybody may ask, and learns where on the machine it lies from the log only.
        yield Problem(code="database_damaged", values={"file": damage.file.name, "reason": damage.reason})
    elif readiness.database == "down":
        yield Problem(code="database_away")
    if readiness.temporal == "down":
        yield Problem(code="temporal_away")
    if readiness.space == "short":
        yield Problem(code="no_space")


async def _locked(database: Database) -> tuple[Problem, ...] | None:
    """What keeps channels from being decrypted."""
    try:
        async with database.reading() as session:
            await check_readable(session)
    except SecretsLocked as locked:
        return locked.problems
    return None


async def _answers(database: Database) -> bool:
    try:
        return await is_alive(database)
    except (SQLAlchemyError, OSError):
        return False
