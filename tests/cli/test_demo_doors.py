"""`imac up --demo` as whoever tries it out sees it: the way in for each of the people of its example."""

import re
import subprocess
from pathlib import Path

import httpx2
import pytest

from cli.demo.stage import PLAYED
from documents.wording import word
from tests.cli.conftest import environment
from tests.cli.test_stack import IMAC, free_port
from tests.patience import PATIENCE


def test_its_people_come_in_by_links_while_the_move_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    ports = (f"--port={free_port()}", f"--temporal-port={free_port()}")
    outside = environment(folder) | {"PYTHONUNBUFFERED": "1"}
    command = [f"{IMAC}", "up", "--demo", "--headless", *ports]
    with subprocess.Popen(command, env=outside, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
        try:
            links = doors(up)
            shown = {role: httpx2.get(url).text for role, url in links.items()}
        finally:
            up.terminate()
            up.communicate(timeout=PATIENCE)

    assert list(links) == [word("role", role, "en") for role in PLAYED]
    assert len(set(links.values())) == len(PLAYED)
    assert [role for role, page in shown.items() if role not in page] == []


def doors(up: "subprocess.Popen[str]") -> dict[str, str]:
    """What is printed as `name, role: address`, as many as there are people, before the move begins."""
    found: dict[str, str] = {}
    assert up.stdout is not None
    for line in up.stdout:
        if said := re.fullmatch(r"[^,]+, ([^:]+): (http\S+/sign-in/\S+)\s*", line):
            found[said[1]] = said[2]
        if len(found) == len(PLAYED):
            return found
    pytest.fail(f"it ended with {found}")
