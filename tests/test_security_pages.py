"""What the pages on security and operations name is there: files, settings, commands, and rows for every chapter."""

import re
import shlex
from pathlib import Path

import pytest

from cli.main import COMMANDS, GROUPS, app
from settings import SECRETS, Settings

ROOT = Path(__file__).parents[1]
PAGES = ("docs/asvs.md", "docs/hardening.md", "docs/operations.md", "docs/security.md", "SECURITY.md")
# Files that are made where it runs, and others' own.
ELSEWHERE = {
    *(
        "admin.key",
        "link.key",
        "secrets.key",
        "stack.json",
        "backup.json",
        "dynamic-config.yaml",
        "imac_proxy.conf",
        "list.xlsx",
        "schema/",
        "papers/",
    ),
}
# What is no setting of the program is asked for by what starts it.
STARTERS = ("docker-compose.yml", "Makefile", "tests/distributed/temporal_build.py", "tests/distributed/office.py")
_FILE = re.compile(
    r"`([\w.][\w./-]*\.(?:py|md|json|yaml|yml|txt|toml|in)|Dockerfile|Makefile|\.dockerignore|[a-z]+/(?:[a-z]+/)*)`"
)
_SETTING = re.compile(r"\bIMAC_([A-Z_]+)\b")
_COMMAND = re.compile(r"`imac ([^`]+)`")
_LINK = re.compile(r"\]\(([^)#]+)\)")
_STATES = {"yes", "part", "no", "operator", "–"}


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_every_file_that_a_page_names_exists(name: str) -> None:
    linked = [(ROOT / name).parent / target for target in _LINK.findall(page(name)) if not target.startswith("http")]
    named = [ROOT / file for file in _FILE.findall(page(name)) if file not in ELSEWHERE]

    assert [file for file in [*linked, *named] if not file.exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_setting_that_a_page_names_exists(name: str) -> None:
    known = {field.upper() for field in Settings.model_fields} | {f"{name.upper()}_FILE" for name in SECRETS}
    known |= {name for starter in STARTERS for name in _SETTING.findall(page(starter))}

    assert set(_SETTING.findall(page(name))) - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_names_exists(name: str) -> None:
    single = {said for said in app.resolved_commands() if not said.startswith("-")} - set(GROUPS)

    for written in _COMMAND.findall(page(name)):
        first, *rest = shlex.split(written)
        is_known = first in single or (first in GROUPS and (not rest or f"{first} {rest[0]}" in COMMANDS))
        assert is_known, written


def test_every_chapter_has_its_rows_and_each_says_where_or_why() -> None:
    chapters = re.split(r"^## V", page("docs/asvs.md"), flags=re.MULTILINE)[1:]
    rows = [
        [cell.strip() for cell in line.strip("| \n").split(" | ")]
        for line in page("docs/asvs.md").splitlines()
        if re.match(r"\| \d", line)
    ]

    assert [int(chapter.split()[0]) for chapter in chapters] == list(range(1, 18))
    assert len(rows) > 80
    assert [row for row in rows if row[1].rstrip(" |") not in _STATES] == []
    # Only where there is nothing to ask of may nothing be said.
    assert [row for row in rows if len(row) < 3 and row[1].rstrip(" |") != "–"] == []
