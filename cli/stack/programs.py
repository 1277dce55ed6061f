"""The programs of the stack, each for itself in the foreground."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

import settings as settings_module
from cli.errors import CliError, Exit
from cli.stack_file import Stack, read_stack
from domain.refusals import Problem
from settings import Settings

# -P and --app-dir: a folder of the same name where the user happens to be must not be imported.
PYTHON = (sys.executable, "-P", "-m")
APP_DIR = Path(settings_module.__file__).parent
# The pinned time zone data, not whatever the machine has: their version is recorded with every deadline.
TIME_ZONES = {"PYTHONTZPATH": ""}
WORKER = (*PYTHON, "cli.stack.loading", "worker")
API = (*PYTHON, "cli.stack.loading", "api")


def worker() -> None:
    """Run one worker against TEMPORAL_ADDRESS; defaults to the stack of the data directory."""
    run(WORKER, read_settings())


def api() -> None:
    """Run one API server against TEMPORAL_ADDRESS; defaults to the stack of the data directory."""
    settings = read_settings()
    run(api_command(settings, settings.api_port), settings)


def keep_private() -> None:
    """What this process and those it starts make is for their account alone, whatever the umask was."""
    os.umask(0o077)


def run(command: tuple[str, ...], settings: Settings) -> None:
    keep_private()
    must_be_whole(settings.database_url)
    stack = read_stack(settings.data_dir)
    reuse = stack is not None and stack.is_running() and "TEMPORAL_ADDRESS" not in os.environ
    environment = stack_environment(stack) if stack is not None and reuse else os.environ | TIME_ZONES
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)


def api_command(settings: Settings, port: int) -> tuple[str, ...]:
    proxies = ",".join(str(proxy) for proxy in settings.trusted_proxies)
    return (
        *(*API, "--factory", "cli.stack.loading:app", f"--app-dir={APP_DIR}"),
        # Open event streams would otherwise hold the server for ever.
        *(f"--host={settings.api_host}", f"--port={port}", "--no-server-header", "--timeout-graceful-shutdown=10"),
        *("--http=api.gate.connections:PunctualProtocol", f"--limit-concurrency={settings.connections}"),
        # Left alone, it believes everybody on this machine who says for whom they speak.
        f"--forwarded-allow-ips={proxies}" if proxies else "--no-proxy-headers",
        # Ours says who asked for what; this one would keep links, which are as good as keys.
        "--no-access-log",
    )


def stack_environment(stack: Stack) -> Mapping[str, str]:
    if stack.temporal_port is None:
        return os.environ | TIME_ZONES
    # A profile or key meant for another cluster must not reach the embedded server.
    own = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
    return (
        own
        | TIME_ZONES
        | {
            "TEMPORAL_ADDRESS": stack.temporal_address,
            "TEMPORAL_NAMESPACE": stack.temporal_namespace,
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }
    )


def know_the_stack(data_dir: Path | None) -> None:
    """Without an address, what runs on the data directory is meant."""
    stack = read_stack(read_settings(data_dir).data_dir)
    if stack is not None and stack.is_running() and "TEMPORAL_ADDRESS" not in os.environ:
        os.environ.update(stack_environment(stack))


def read_settings(data_dir: Path | None = None) -> Settings:
    try:
        return Settings() if data_dir is None else Settings(data_dir=data_dir)
    except ValidationError as error:
        # What is left out and would follow from a wrong setting is not wrong itself.
        faults = [fault for fault in error.errors() if fault["type"] != "default_factory_not_called"]
        raise CliError("settings_wrong", Exit.USAGE, problems=tuple(map(_problem, faults))) from None


def _problem(fault: ErrorDetails) -> Problem:
    values = {"message": fault["msg"]} | {name: f"{value}" for name, value in fault.get("ctx", {}).items()}
    return Problem(code=fault["type"], at=f"IMAC_{'_'.join(map(str, fault['loc'])).upper()}", values=values)


def must_be_whole(url: str, *, at_rest: bool = False) -> None:
    """Read the file of an SQLite database before anything builds on it."""
    damage = import_module("db.damage")
    try:
        damage.check_file(url, at_rest=at_rest)
    except damage.DatabaseDamaged as damaged:
        values = {"file": damaged.file, "reason": damaged.reason}
        raise CliError("database_damaged", Exit.UNREACHABLE, **values) from None
