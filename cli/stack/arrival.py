"""Programs start in any order: each waits until what it stands on is there, and says so once in half a minute."""

import asyncio
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module
from typing import NoReturn

import structlog

from cli.errors import CliError, Exit
from cli.stack.ground import database_trouble, opened, temporal_trouble
from cli.stack.own_version import version_trouble
from cli.stack.ports import obstacle_on
from cli.stack.programs import must_be_whole, read_settings
from cli.stack.shared_secrets import agree
from connectors.logs import keep_logs
from settings import Settings, traces_are_asked_for, traces_are_taken
from workflows.telemetry import one_runtime

log = structlog.get_logger()

LOOK_AGAIN = 1.0
SAY_AGAIN = 30.0
# These pass by themselves, or when somebody else has done their part; what is left needs a person.
PASSING = {
    "database_silent",
    "database_full",
    "database_refused",
    "schema_behind",
    "temporal_away",
    "namespace_missing",
    "attributes_missing",
}

TroubleLook = Callable[[], Awaitable[CliError | None]]
Say = Callable[[CliError], None]


async def until_there(look: TroubleLook, say: Say, within: float | None = None) -> None:
    """Raises `CliError` for what waiting does not cure, and for anything when the time is over."""
    began, said = time.monotonic(), float("-inf")
    while (trouble := await look()) is not None:
        now = time.monotonic()
        if trouble.code not in PASSING or (within is not None and now - began >= within):
            raise trouble
        if now - said >= SAY_AGAIN:
            said = now
            say(trouble)
        await asyncio.sleep(LOOK_AGAIN)


def ready_settings(*, also_temporal: bool) -> Settings:
    """Return when a program may begin; end the process when it is told to stop meanwhile, or never can."""
    try:
        settings = read_settings()
        keep_logs(settings.log_level, settings.log_format)
        one_runtime()
        begin_traces("imacflow-worker" if also_temporal else "imacflow-api")
        must_be_whole(settings.database_url)
        own_port_must_be_free(settings, is_worker=also_temporal)
        asyncio.run(_until_told(_wait(settings, also_temporal=also_temporal)))
    except asyncio.CancelledError:
        log.info("stopped while it waits")
        sys.exit(0)
    except CliError as error:
        end(error)
    return settings


def begin_traces(program: str) -> None:
    """Loading what takes them costs half a second of a start: only where they are asked for."""
    if traces_are_taken():
        import_module("connectors.tracing").begin(program)
    elif traces_are_asked_for():
        log.error("traces are asked for, but not installed", to_do="pip install imacflow[tracing]")


def own_port_must_be_free(settings: Settings, *, is_worker: bool) -> None:
    port = settings.health_port if is_worker else settings.metrics_port
    if port is not None and (obstacle := obstacle_on(settings.api_host, port)):
        variable = "IMAC_HEALTH_PORT" if is_worker else "IMAC_METRICS_PORT"
        raise CliError("own_port_unusable", Exit.USAGE, port=port, reason=obstacle.strerror, variable=variable)


def end(error: CliError) -> NoReturn:
    """The words are looked for now only: a start that succeeds needs none."""
    import_module("cli.error_words").tell(error, sys.argv[1:])
    sys.exit(error.exit_code)


async def _wait(settings: Settings, *, also_temporal: bool) -> None:
    async with opened(settings) as database:
        await until_there(partial(database_trouble, database), _say)
        await agree(database, settings)
    if also_temporal:
        await until_there(temporal_trouble, _say)
        await until_there(partial(version_trouble, settings), _say)


async def _until_told(waiting: Awaitable[None]) -> None:
    task = asyncio.ensure_future(waiting)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


def _say(trouble: CliError) -> None:
    log.warning(
        "waits before it starts", waits_for=trouble.code, **{name: f"{it}" for name, it in trouble.values.items()}
    )
