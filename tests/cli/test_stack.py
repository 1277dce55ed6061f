"""`imac up` as its user sees it, with stand-ins for worker and API and the real Temporal server."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus

from cli.error_words import worded
from cli.errors import CliError
from cli.stack.ports import PortChooser
from cli.stack_file import Stack, api_url, read_stack
from settings import Settings
from tests.patience import PATIENCE, eventually

IMAC = Path(sys.executable).with_name("imac")


class RunningStack:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        ports = [] if read_stack(data_dir) else [f"{free_port()}", f"{free_port()}"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.stand_in_stack", f"{data_dir}", *ports],
            env=outside_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.wait_for("Ctrl-C stops everything.")

    def wait_for(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if words in line:
                return
        pytest.fail(f"the stack ended before it said: {words}")

    def announced(self) -> Stack:
        stack = read_stack(self.data_dir)
        assert stack is not None
        return stack

    def pids(self) -> list[int]:
        return [self.process.pid, *self.announced().programs.values()]

    async def temporal(self) -> Client:
        stack = self.announced()
        return await Client.connect(stack.temporal_address, namespace=stack.temporal_namespace)

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], RunningStack]]:
    """Start stacks on one data directory; what a failed test leaves running is killed."""
    stacks: list[RunningStack] = []

    def start_one() -> RunningStack:
        stacks.append(RunningStack(tmp_path / "var"))
        return stacks[-1]

    yield start_one
    for stack in stacks:
        stack.process.kill()
        stack.process.communicate()


def outside_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("IMAC_", "TEMPORAL_"))}


def imac(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [IMAC, *arguments],
        env=outside_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_work_survives_a_restart_on_the_same_addresses(start: Callable[[], RunningStack]) -> None:
    first = start()
    before = first.announced()
    await (await first.temporal()).start_workflow("Anything", id="order/1", task_queue="nobody-polls")

    exit_code = first.end()
    second = start()

    assert exit_code == 0
    assert second.announced().temporal_address == before.temporal_address
    assert second.announced().url == before.url
    order = await (await second.temporal()).get_workflow_handle("order/1").describe()
    assert order.status is WorkflowExecutionStatus.RUNNING


async def test_the_namespace_keeps_closed_cases_for_30_days_and_finds_them(
    start: Callable[[], RunningStack],
) -> None:
    client = await start().temporal()

    namespace = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="imacflow"))
    attributes = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="imacflow"))

    assert namespace.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=30)
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    assert attributes.custom_attributes == {
        "ImacKind": keyword,
        "ImacCustomer": keyword,
        "ImacSite": keyword,
    }


def test_a_program_that_dies_is_started_again(start: Callable[[], RunningStack]) -> None:
    stack = start()
    worker = stack.announced().programs["worker"]

    os.kill(worker, signal.SIGKILL)

    eventually(lambda: stack.announced().programs["worker"] != worker)
    assert is_alive(stack.announced().programs["worker"])


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda by: by.name)
def test_ending_drains_the_api_before_the_worker(by: signal.Signals, start: Callable[[], RunningStack]) -> None:
    stack = start()
    pids = stack.pids()

    exit_code = stack.end(by)

    assert exit_code == 0
    assert (stack.data_dir / "ended").read_text() == "api\nworker\n"
    assert not any(map(is_alive, pids))
    assert not stack.announced().programs


def test_a_killed_stack_leaves_no_program_and_no_lock_behind(start: Callable[[], RunningStack]) -> None:
    stack = start()
    pids = stack.pids()

    stack.end(signal.SIGKILL)

    eventually(lambda: not any(map(is_alive, pids)))
    assert start().announced().is_running()


def test_a_second_stack_on_the_same_data_is_refused(start: Callable[[], RunningStack]) -> None:
    stack = start()

    second = imac("up", "--data-dir", f"{stack.data_dir}")

    assert second.returncode == 2
    assert "A stack already runs on" in second.stderr
    assert stack.announced().url in second.stderr


def test_other_shells_find_the_running_stack_and_nobody_else_reads_its_file(
    start: Callable[[], RunningStack],
) -> None:
    stack = start()

    assert api_url(Settings(data_dir=stack.data_dir)) == stack.announced().url
    assert (stack.data_dir / "stack.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["migrate", "init", "api", "worker", "up"])
def test_what_a_program_makes_is_for_its_account_alone(command: str, tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    started = subprocess.Popen(
        ["/bin/sh", "-c", f'umask 000; exec "{IMAC}" {command}'],
        env=outside_environment()
        | {
            "IMAC_DATA_DIR": f"{data_dir}",
            "IMAC_API_PORT": f"{free_port()}",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    status = Path(f"/proc/{started.pid}/status")
    eventually(lambda: started.poll() is not None or "Umask:\t0077" in status.read_text())

    started.kill()
    started.wait()
    assert [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []


def test_without_a_stack_a_command_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(CliError) as refusal:
        api_url(Settings(data_dir=tmp_path))

    why, hint = worded(refusal.value, "en")
    assert (refusal.value.exit_code, why) == (3, "imacflow is not running here.")
    assert "imac up" in hint


def test_commands_can_talk_to_an_api_elsewhere(tmp_path: Path) -> None:
    assert api_url(Settings(data_dir=tmp_path, url="https://imac.example/")) == "https://imac.example"


def test_an_api_that_nobody_serves_is_named_with_what_to_look_at() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    away = imac("order", "list", IMAC_URL=url, IMAC_KEY="imac_a_b", LANG="en")

    assert (away.returncode, url in away.stderr, "IMAC_URL" in away.stderr) == (3, True, True)


@pytest.mark.parametrize("option", ["--port", "--temporal-port"])
def test_a_port_asked_for_and_taken_is_named(option: str, taken_port: int, tmp_path: Path) -> None:
    refused = imac("up", "--data-dir", f"{tmp_path / 'var'}", option, f"{taken_port}")

    assert refused.returncode == 2
    assert f"Port {taken_port} is taken" in refused.stderr
    assert f"with {option}," in refused.stderr


def test_a_preferred_port_gives_way_to_the_next_free_one(taken_port: int) -> None:
    ports = PortChooser()

    chosen = [ports.choose("127.0.0.1", asked=None, preferred=taken_port, option="--port") for _ in range(2)]

    assert taken_port < chosen[0] < chosen[1]


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    refused = imac("up", "--data-dir", f"{file / 'var'}")

    assert refused.returncode == 2
    assert f"{file / 'var'}: Not a directory" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_temporal_elsewhere_that_does_not_answer_is_named(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"

    refused = imac("up", "--data-dir", f"{tmp_path}", TEMPORAL_ADDRESS=address)

    assert refused.returncode == 3
    assert address in refused.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused = imac("up", "--data-dir", f"{tmp_path}", IMAC_API_PORT="eighty")

    assert refused.returncode == 2
    assert "IMAC_API_PORT" in refused.stderr


def test_a_command_that_does_not_exist_is_a_usage_error() -> None:
    assert imac("upp").returncode == 2
