"""What the pages tell people to type is understood: every command with its options, by the parser of `imac` itself."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    f"{path.relative_to(ROOT)}" for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "docker-compose.yml")
)
# Before it stand settings of one command, or what runs it elsewhere.
_TYPED = re.compile(
    r"^(?:#\s+|\s{4,})(?:\$ )?(?:\w+=(?:\$\([^)]*\)|\S*) )*"
    r"(?:docker compose (?:exec|run)(?: --?\S+)* \S+ )?imac (?P<words>.+)$"
)
# Behind it what is said beside it, or another program.
_BESIDE = re.compile(r"\s+#\s.*|\s[|>&]{1,2}(?:\s.*|$)")
# What everybody has a number of their own for.
_NUMBER = "-4711-ABCDE"


def typed(page: str) -> Iterator[list[str]]:
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        found = _TYPED.match(line)
        words = _BESIDE.sub("", found["words"]).replace("-…", _NUMBER) if found is not None else "…"
        # What else is left out is for the reader to put in.
        if "…" not in words:
            yield shlex.split(words)


def test_there_is_much_to_type() -> None:
    assert sum(1 for page in PAGES for _ in typed(page)) > 50


@pytest.mark.parametrize("page", [page for page in PAGES if any(typed(page))])
def test_every_command_of_a_page_is_understood(page: str) -> None:
    for words in typed(page):
        command, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
        assert bound is not None, words
        assert callable(command), words
