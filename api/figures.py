"""What an API counts, and what of the tables is worth watching, for whoever keeps an eye on it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from api.tail import JournalTail
from connectors.figures import KIND, Requests, gauge, gauges
from connectors.health_port import Ask, HealthAnswer
from db.engine import Database
from db.figures import TableFigures, figures_of
from workflows.telemetry import known_figures


def asks_of(app: FastAPI) -> dict[str, Ask]:
    async def metrics() -> HealthAnswer:
        return HealthAnswer(HTTPStatus.OK, await metrics_of(app), KIND)

    return {"/metrics": metrics}


async def metrics_of(app: FastAPI) -> str:
    requests: Requests = app.state.requests
    tail: JournalTail = app.state.tail
    database: Database = app.state.database
    lines = [
        *requests.lines(),
        *gauge("imacflow_event_followers", tail.followers),
        *gauge("imacflow_pool_connections_in_use", database.in_use),
        *_of_tables(await _read(database)),
    ]
    return "\n".join(lines) + f"\n{await known_figures()}"


async def _read(database: Database) -> TableFigures | None:
    try:
        async with database.reading() as session:
            return await figures_of(session, datetime.now(UTC))
    except (SQLAlchemyError, OSError):
        return None


def _of_tables(found: TableFigures | None) -> Iterator[str]:
    yield from gauge("imacflow_database_up", found is not None)
    if found is None:
        return
    yield from gauge("imacflow_alert_groups_dirty", found.dirty_groups)
    yield from gauge("imacflow_alert_groups_dirty_oldest_seconds", found.oldest_dirty)
    yield from gauges("imacflow_cases_with_faults", found.faulty_cases, "kind", "fault")
    yield from gauges("imacflow_cases_stuck", found.stuck_cases, "kind")
    yield from gauges("imacflow_letters_last_hour", found.letters, "outcome")
    yield from gauge("imacflow_letters_claimed_oldest_seconds", found.oldest_claimed)
    yield from gauge("imacflow_letters_unsent_oldest_seconds", found.oldest_unsent)
    yield from gauge("imacflow_round_age_seconds", found.round_age)
