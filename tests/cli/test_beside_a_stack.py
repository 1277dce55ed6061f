"""Commands that ask database and Temporal themselves mean those of the stack that runs on the data directory."""

import json
import subprocess

import pytest

from tests.cli.conftest import House, environment
from tests.cli.test_stack import IMAC
from tests.patience import PATIENCE


@pytest.mark.parametrize(
    "command", [("doctor",), ("init",), ("upgrade", "show"), ("rebuild", "--dry-run"), ("check",)], ids=" ".join
)
def test_all_is_right_beside_a_stack_that_runs(command: tuple[str, ...], house: House) -> None:
    asked = subprocess.run(
        [IMAC, *command], env=environment(house.data_dir), capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "default" not in asked.stdout


def test_the_namespace_of_the_stack_is_examined(house: House) -> None:
    asked = subprocess.run(
        [IMAC, "doctor", "--json"], env=environment(house.data_dir), capture_output=True, check=True, timeout=PATIENCE
    )

    assert {one["check"]: one["found"] for one in json.loads(asked.stdout)}["namespace"] == "imacflow"
