"""`imac up`: the whole product on one machine."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console

from cli.errors import CliError, Exit
from cli.http import admin_key_file, callers_key, connected, parsed, path
from cli.stack.letting_in import check_cases, works
from cli.stack.ports import PortChooser
from cli.stack.programs import (
    WORKER,
    api_command,
    keep_private,
    must_be_whole,
    read_settings,
    stack_environment,
)
from cli.stack.shared_secrets import adopt
from cli.stack.supervisor import Errand, Program, Supervisor
from cli.stack.temporal_server import HOST, prepare_namespace, server_answers, server_command, worker_polls
from cli.stack_file import Stack, announced, locked, must_not_be_half_restored, read_stack
from cli.words import phrase, spoken_here
from connectors.keyring import keyring
from db.access.keys import ensure_admin_key
from db.channels import check_readable
from db.engine import open_database
from domain.channels.sealing import SecretsLocked
from domain.people import Language
from domain.sessions import SignInLink
from settings import Settings
from workflows.engine.build import this_build

TEMPORAL_PORT = 7233
UI_PORT = 8233
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}

PortOption = Annotated[int | None, Parameter(validator=Number(gte=1, lte=65535))]


def up(  # noqa: PLR0913  # options, each typed by its name
    *,
    port: PortOption = None,
    temporal_port: PortOption = None,
    data_dir: Path | None = None,
    worker: bool = True,
    demo: Annotated[bool, Parameter(negative="")] = False,
    ui: Annotated[bool, Parameter(negative="--headless")] = True,
    anyway: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Start Temporal, a worker and the API, and keep them running until Ctrl-C.

    With TEMPORAL_ADDRESS set, that Temporal is used and none is started.

    Parameters
    ----------
    port
        API port; defaults to 8080 or the next free one.
    temporal_port
        Port of the embedded Temporal server; defaults to 7233 or the next free one.
    data_dir
        Data directory; defaults to IMAC_DATA_DIR or ./var.
    worker
        Also run a worker.
    demo
        Run the demo once the stack is ready, then keep serving.
    ui
        Serve Temporal's Web UI.
    anyway
        Start although open cases cannot go on with this version.
    """
    settings, language = read_settings(data_dir), spoken_here()
    keep_private()
    with locked(settings.data_dir):
        must_not_be_half_restored(settings.data_dir)
        # Temporal would start with a store that is damaged, and fail at the first order.
        must_be_whole(f"sqlite:///{settings.data_dir / 'temporal.db'}")
        must_be_whole(settings.database_url)
        stack = place_stack(settings, port=port, temporal_port=temporal_port, ui=ui)
        environment = {
            # Links lead to where the API is, whichever port it took.
            "IMAC_PUBLIC_URL": stack.url,
            **stack_environment(stack),
            "IMAC_DATA_DIR": f"{settings.data_dir}",
        }
        steps = [
            *temporal_steps(stack, settings, environment),
            Errand(
                phrase("database", language),
                partial(asyncio.to_thread, migrated, settings.database_url),
                phrase("migrated", language),
            ),
            Errand(phrase("secrets", language), partial(keep_secrets, settings), phrase("secrets_kept", language)),
            Errand(phrase("admin_key", language), partial(keep_admin_key, settings), f"{admin_key_file(settings)}"),
        ]
        if worker:
            steps += worker_steps(settings, stack, environment, language, anyway=anyway)
        steps.append(api_program(settings, stack, environment))
        run_stack(stack, settings.data_dir, steps, language, demo=demo)


def migrated(url: str) -> None:
    # Loading Alembic takes as long as asking for help may.
    import_module("cli.stack.migrating").migrate_database(url)


async def keep_secrets(settings: Settings) -> None:
    """So that they are there before anything is to be encrypted or signed.

    Raises `CliError` when channels need another key.
    """
    keys = keyring(settings)
    database = open_database(settings.database_url, keys)
    try:
        async with database.reading() as session:
            await check_readable(session)
        if keys.given is None and not keys.file.exists():
            keys.renew()
        # All programs on this data are ours: none goes on with another secret.
        await adopt(database, settings)
    except SecretsLocked as locked:
        raise CliError("secrets_locked", Exit.REFUSED, reason=locked.problems) from None
    finally:
        await database.close()


async def keep_admin_key(settings: Settings) -> None:
    database = open_database(settings.database_url)
    try:
        await ensure_admin_key(database, admin_key_file(settings))
    finally:
        await database.close()


async def sign_in_link(stack: Stack, data_dir: Path, language: Language) -> str:
    """Where the owner of this machine signs in as its administrator, once; or where anybody does."""
    try:
        async with connected(stack.url, callers_key(read_settings(data_dir), stack.url), language) as api:
            return parsed(SignInLink, await api.post(path("sign-in-links"), {})).url
    except CliError:
        return f"{stack.url}/sign-in"


def run_stack(
    stack: Stack, data_dir: Path, steps: Sequence[Program | Errand], language: Language, *, demo: bool = False
) -> None:
    console = Console(highlight=False, soft_wrap=True)

    async def welcome() -> None:
        console.print(f"\n{phrase('pages', language):<12} {await sign_in_link(stack, data_dir, language)}")
        console.print(f"API          {stack.url}/docs")
        if stack.temporal_ui is not None:
            console.print(f"Temporal UI  {stack.temporal_ui}")
        console.print(f"{phrase('data_and_logs', language):<12} {data_dir}\n{phrase('stop_with_ctrl_c', language)}\n")
        if demo:
            await import_module("cli.demo.app").run(stack.url, data_dir, console)

    with announced(stack, data_dir) as started:
        asyncio.run(Supervisor(data_dir / "logs", console, started, language).serve(steps, welcome))


def place_stack(settings: Settings, *, port: int | None, temporal_port: int | None, ui: bool) -> Stack:
    """Choose the ports: those asked for, else those of last time, else the usual ones or their neighbours."""
    ports = PortChooser()
    last = read_stack(settings.data_dir)
    if port is None and "api_port" in settings.model_fields_set:
        port = settings.api_port
    usual = last.api_port if last else settings.api_port
    api_port = ports.choose(settings.api_host, asked=port, preferred=usual, option="--port")
    url = http_url(settings.api_host, api_port)
    if address := os.environ.get("TEMPORAL_ADDRESS"):
        namespace = os.environ.get("TEMPORAL_NAMESPACE", "default")
        return Stack(url=url, api_port=api_port, temporal_address=address, temporal_namespace=namespace)
    usual = (last and last.temporal_port) or TEMPORAL_PORT
    temporal_port = ports.choose(HOST, asked=temporal_port, preferred=usual, option="--temporal-port")
    usual = (last and last.ui_port) or UI_PORT
    ui_port = ports.choose(HOST, asked=None, preferred=usual, option="--headless") if ui else None
    namespace = os.environ.get("TEMPORAL_NAMESPACE", "imacflow")
    return Stack(
        url=url,
        api_port=api_port,
        temporal_address=f"{HOST}:{temporal_port}",
        temporal_namespace=namespace,
        temporal_port=temporal_port,
        ui_port=ui_port,
        temporal_ui=f"{http_url(HOST, ui_port)}/namespaces/{namespace}/workflows" if ui_port else None,
    )


def http_url(host: str, port: int) -> str:
    reachable = LOOPBACK.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def temporal_steps(stack: Stack, settings: Settings, environment: Mapping[str, str]) -> list[Program | Errand]:
    if stack.temporal_port is None:
        return [Errand("Temporal", partial(require_temporal, environment), stack.temporal_address)]
    command = server_command(
        settings.data_dir, stack.temporal_namespace, port=stack.temporal_port, ui_port=stack.ui_port
    )
    answers, retention = partial(server_answers, environment), timedelta(days=settings.retention_days)
    return [
        Program("Temporal", command, environment, answers, stack.temporal_address),
        Errand("Namespace", partial(prepare_namespace, environment, retention), stack.temporal_namespace),
    ]


async def require_temporal(environment: Mapping[str, str]) -> None:
    if not await server_answers(environment):
        raise CliError("temporal_silent", Exit.UNREACHABLE, address=environment["TEMPORAL_ADDRESS"])


def worker_steps(
    settings: Settings, stack: Stack, environment: Mapping[str, str], language: Language, *, anyway: bool
) -> list[Program | Errand]:
    """On a server of our own the worker is let in, once open cases were found to go on with it."""
    says = phrase("polls", language, queue=settings.task_queue)
    if stack.temporal_port is None:
        return [Program("Worker", WORKER, environment, partial(worker_polls, environment, settings.task_queue), says)]
    program = Program("Worker", WORKER, environment, partial(works, environment, settings), says)
    if anyway:
        return [program]
    build = this_build(settings.build_id)
    check = Errand(phrase("upgrade_step", language), partial(check_cases, environment, settings, build), build.id)
    return [check, program]


def api_program(settings: Settings, stack: Stack, environment: Mapping[str, str]) -> Program:
    command = api_command(settings, stack.api_port)
    return Program("API", command, environment, partial(api_answers, stack.url), stack.url)


async def api_answers(url: str, _pid: int | None = None) -> bool:
    # A proxy set for the outside world must not be asked for this machine.
    async with httpx2.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.get(f"{url}/health/ready")
        except httpx2.TransportError:
            return False
    return answer.is_success or _is_only_short_of_space(answer)


def _is_only_short_of_space(answer: httpx2.Response) -> bool:
    """It answers, says so itself, and lets what runs go on."""
    try:
        found = answer.json()
    except ValueError:
        return False
    return isinstance(found, dict) and (found.get("database"), found.get("temporal")) == ("up", "up")
