"""Whether this process lives, and whether it can do its work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Tables, WorkflowServer
from connectors.space import Space
from db.access.keys import has_administrator
from db.channels import check_readable
from db.damage import DatabaseDamaged, FileWatch
from db.engine import Database
from db.revisions import HEAD, Schema, SchemaStanding, schema_of
from documents.wording import language_of, sentence
from domain.channels.sealing import SecretsLocked
from domain.refusals import Problem
from domain.values import Value

router = APIRouter(prefix="/health", tags=["health"])

UpOrDown = Literal["up", "down"]
_WRONG: dict[SchemaStanding, Literal["behind", "ahead"]] = {
    SchemaStanding.BEHIND: "behind",
    SchemaStanding.AHEAD: "ahead",
}


class Readiness(Value):
    """`space` is short before it has run out: nothing new is taken in then.

    `secrets` is said only when channels cannot be decrypted, `schema_standing` when the database is not the one that
    this version needs, and `keys` while no administrator has a valid one. `says` is what is wrong, in sentences.
    """

    database: UpOrDown
    temporal: UpOrDown
    space: Literal["enough", "short"] = "enough"
    secrets: Literal["locked"] | None = None
    schema_standing: Literal["behind", "ahead"] | None = None
    keys: Literal["none"] | None = None
    says: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Without a key nobody can come in, but that is no reason to send callers elsewhere."""
        found = (self.database, self.temporal, self.space, self.secrets, self.schema_standing)
        return found == ("up", "up", "enough", None, None)


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
    schema = await _schema(database) if damage is None else None
    can_read = schema is not None and schema.standing == SchemaStanding.CURRENT
    locked = await _locked(database) if can_read else None
    readiness = Readiness(
        database="down" if schema is None else "up",
        temporal="up" if await temporal.is_alive() else "down",
        space="short" if space.is_short else "enough",
        secrets="locked" if locked else None,
        schema_standing=_WRONG.get(schema.standing) if schema else None,
        keys="none" if can_read and await _nobody_comes_in(database) else None,
    )
    response.status_code = 200 if readiness.is_ready else 503
    language = language_of(request.headers.get("accept-language"))
    response.headers.update({"Content-Language": language, "Vary": "Accept-Language"})
    return readiness.but(
        says=tuple(sentence(problem, language) for problem in (*_problems(readiness, damage, schema), *(locked or ())))
    )


def _problems(readiness: Readiness, damage: DatabaseDamaged | None, schema: Schema | None) -> Iterator[Problem]:
    if damage is not None:
        # Anybody may ask, and learns where on the machine it lies from the log only.
        yield Problem(code="database_damaged", values={"file": damage.file.name, "reason": damage.reason})
    elif readiness.database == "down":
        yield Problem(code="database_away")
    if schema is not None and readiness.schema_standing is not None:
        values = {"found": schema.found or "–", "needed": HEAD}
        code = "schema_ahead" if readiness.schema_standing == "ahead" else "schema_behind"
        yield Problem(code=code, values=values)
    if readiness.temporal == "down":
        yield Problem(code="temporal_away")
    if readiness.space == "short":
        yield Problem(code="no_space")
    if readiness.keys == "none":
        yield Problem(code="no_administrator")


async def _locked(database: Database) -> tuple[Problem, ...] | None:
    """What keeps channels from being decrypted."""
    try:
        async with database.reading() as session:
            await check_readable(session)
    except SecretsLocked as locked:
        return locked.problems
    return None


async def _schema(database: Database) -> Schema | None:
    """None when it does not answer."""
    try:
        return await schema_of(database)
    except (SQLAlchemyError, OSError):
        return None


async def _nobody_comes_in(database: Database) -> bool:
    async with database.reading() as session:
        return not await has_administrator(session, datetime.now(UTC))
