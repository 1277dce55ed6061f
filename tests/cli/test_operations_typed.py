"""Every `imac` of docs/operations.md is typed as it stands there, from the first to the last, in a house of its own."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
from temporalio.testing import WorkflowEnvironment

from tests.cli.test_operations import PAGE
from tests.cli.test_stack import IMAC, free_port, outside_environment
from tests.patience import PATIENCE, eventually

EXAMPLES = Path(__file__).parents[2] / "examples"
# Typed by their functions in tests/cli/test_backups.py: they are for a stack of `imac up`.
EMBEDDED = {"backup", "restore"}
PROGRAMS = {"worker", "api"}
# There is no version before the first.
REFUSED = {"upgrade roll-back"}
_TYPED = re.compile(r"^ {4,}(?P<given>(?:\w+=\S+ )*)imac (?P<words>.+?)(?: &)?(?:\s{2,}#.*)?$", re.MULTILINE)


def lines() -> list[tuple[dict[str, str], list[str]]]:
    """The settings that stand before each, and its words."""
    return [
        (dict(one.split("=", 1) for one in found["given"].split()), shlex.split(found["words"]))
        for found in _TYPED.finditer(PAGE)
    ]


@contextmanager
def programs(house: Mapping[str, str], folder: Path) -> Iterator[None]:
    """A worker and an API, as somebody starts them whose database is ready."""
    with (folder / "programs.log").open("wb") as log:
        started = [subprocess.Popen([IMAC, name], env=house, stdout=log, stderr=log) for name in PROGRAMS]
        try:
            eventually(lambda: is_ready(int(house["IMAC_API_PORT"])) and is_ready(int(house["IMAC_HEALTH_PORT"])))
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(PATIENCE)


def is_ready(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE).is_success
    except httpx2.TransportError:
        return False


def imac(house: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [IMAC, *words], env=house, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=house["HOME"]
    )


def test_whoever_types_the_page_from_top_to_bottom_gets_on(
    dev_server: WorkflowEnvironment, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "customer.yaml").write_bytes((EXAMPLES / "adler.yaml").read_bytes())
    house = outside_environment() | {
        "HOME": f"{tmp_path}",
        "IMAC_DATA_DIR": f"{tmp_path / 'var'}",
        "IMAC_DATABASE_URL": database_url,
        "IMAC_LINK_SECRET": "shared by all",
        "IMAC_API_PORT": f"{free_port()}",
        "IMAC_HEALTH_PORT": f"{free_port()}",
        "TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": "imacflow",
        "LANG": "C.UTF-8",
    }
    (_, first), *later = lines()
    made = imac(house, *first)
    assert made.returncode == 0, made.stderr
    ours = {"IMAC_URL": f"http://127.0.0.1:{house['IMAC_API_PORT']}", "IMAC_KEY": made.stdout.strip()}

    with programs(house, tmp_path):
        for given, words in later:
            if words[0] in EMBEDDED | PROGRAMS:
                continue
            assert given.keys() <= ours.keys()
            ended = imac(house | ours, *words)
            expected = 1 if " ".join(words) in REFUSED else 0
            assert ended.returncode == expected, f"imac {' '.join(words)}\n{ended.stdout}{ended.stderr}"

    assert (first, len(later) > 10) == (["init"], True)
