"""`imac rebuild`: tables that are older than Temporal, or have lost rows, brought back from what histories hold."""

import asyncio
import logging
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated

import structlog
from cyclopts import Parameter
from rich.console import Group, RenderableType
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from activities.channels import Switchboard
from activities.failures import Away
from activities.notices import Notices
from activities.rebuilding.rebuild import Rebuild
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.moments import moment, now
from cli.stack.ground import database_trouble, reason_of, temporal_address, temporal_trouble
from cli.stack.programs import know_the_stack, must_be_whole, read_settings
from cli.tables import filled, table
from cli.words import phrase
from connectors.house_mail import channel
from db.engine import Database, open_database
from db.origins import BACKUP_ONLY
from domain.cases.rebuilding import RebuildReport
from domain.people import Language
from settings import Settings
from workflows.client import connect, why_away
from workflows.engine.memories import listed_runs
from workflows.engine.rebuilds import have_rebuilt

ZONE = "UTC"
MOST_SHOWN = 20
Since = Annotated[str | None, Parameter(show_default=False)]


async def rebuild(*, since: Since = None, dry_run: bool = False, asking: Asking = ASKING) -> None:
    """Write rows that are missing or old, from what Temporal has in history. Sends no letter and calls nobody.

    Works while everything runs, and may be broken off and repeated. Ends with 1 if a history cannot be read.

    Parameters
    ----------
    since
        Time of the backup that was restored: of ended cases only those that have ended since then are read.
    dry_run
        Show what would be written, and write nothing.
    """
    settings = read_settings(asking.data_dir)
    begin = moment(since, ZONE) if since else None
    if begin is not None and begin > now():
        raise CliError("since_in_future", Exit.USAGE, typed=since)
    know_the_stack(asking.data_dir)
    # The report names every case; beside it nothing else may stand on standard output.
    errors_only = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=errors_only, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # A driver whose line breaks tells of it by itself, besides what it raises.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    must_be_whole(settings.database_url)
    database = open_database(settings.database_url, connections=settings.database_connections)
    try:
        trouble = await database_trouble(database) or await temporal_trouble()
        if trouble is not None:
            raise trouble
        report = await _rebuilt(settings, database, begin, writes=not dry_run)
    except asyncio.CancelledError:
        # Whoever has typed Ctrl-C has to hear what has become of the tables.
        raise CliError("rebuild_interrupted", Exit.INTERRUPTED) from None
    finally:
        await database.close()
    if asking.json:
        sys.stdout.write(f"{report.model_dump_json()}\n")
    else:
        asking.console.print(picture(report, asking.language))
    if report.unreadable:
        sys.exit(Exit.REFUSED)


async def _rebuilt(settings: Settings, database: Database, since: datetime | None, *, writes: bool) -> RebuildReport:
    notices = Notices(database, Switchboard(database, channel(settings)))
    work = Rebuild(database, notices, writes=writes, since=since)
    try:
        client = await connect(lazy=False)
        await work.begin()
        runs = await listed_runs(client, since)
        await _must_know_something(client, work, is_empty=not runs)
        return await have_rebuilt(client, work, runs)
    except (SQLAlchemyError, OSError) as error:
        raise CliError("rebuild_broken_off", Exit.UNREACHABLE, reason=reason_of(error)) from None
    except Away as error:
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise CliError("rebuild_broken_off", Exit.UNREACHABLE, reason=why_away(cause)) from None


async def _must_know_something(client: Client, work: Rebuild, *, is_empty: bool) -> None:
    """With another namespace than the workers', everything would look lost."""
    if is_empty and (open_cases := await work.untaken()):
        values = {"namespace": client.namespace, "address": temporal_address(), "open": len(open_cases)}
        raise CliError("rebuild_nothing_known", Exit.REFUSED, **values)


def picture(report: RebuildReport, language: Language) -> RenderableType:
    missing, old = (sum(getattr(found, name) for found in report.tables) for name in ("missing", "old"))
    outcome = "rebuild_wrote" if report.written else "rebuild_would"
    said = phrase(
        "rebuild_whole" if not missing + old else outcome, language, cases=report.cases, missing=missing, old=old
    )
    parts: list[RenderableType] = [Text(said, "yellow" if missing + old and not report.written else "green")]
    parts.append(_tables(report, language))
    parts += [Text(line) for line in _lines(report, language)]
    if report.unreadable:
        parts.append(Text(phrase("rebuild_unreadable", language), "red"))
        rows = ((one.case, one.cause) for one in report.unreadable)
        parts.append(filled(table(language, "case", "cause"), rows))
    return Group(*parts)


def _tables(report: RebuildReport, language: Language) -> RenderableType:
    headings = (">as_in_history", ">row_missing", ">row_old", ">row_different", ">row_unknown")
    rows = ((one.table, one.same, one.missing, one.old, one.different, one.unknown) for one in report.tables)
    return filled(table(language, "db_table", *headings), rows)


def _lines(report: RebuildReport, language: Language) -> Iterator[str]:
    different, unknown = (sum(getattr(found, name) for found in report.tables) for name in ("different", "unknown"))
    if different + unknown:
        yield phrase("rebuild_different", language, different=different, unknown=unknown)
    if report.lost_count:
        yield phrase("rebuild_lost", language, count=report.lost_count, cases=_named(report.lost))
    if report.ahead:
        yield phrase("rebuild_ahead", language, count=len(report.ahead), cases=_named(report.ahead))
    if report.ended_unknown:
        yield phrase("rebuild_forgotten", language, count=report.ended_unknown)
    if report.without_plan:
        yield phrase("rebuild_without_plan", language, projects=_named(report.without_plan))
    if report.groups_unknown:
        yield phrase("rebuild_groups", language, count=report.groups_unknown)
    if report.under_way:
        yield phrase("rebuild_under_way", language, count=report.under_way)
    yield phrase("rebuild_backup_only", language, tables=", ".join(sorted(BACKUP_ONLY)))


def _named(cases: Iterable[str]) -> str:
    named = list(cases)
    return ", ".join(named[:MOST_SHOWN]) + (" …" if len(named) > MOST_SHOWN else "")
