"""`imac contract cost`: two sets of terms side by side; a file that cannot be counted with is refused by itself."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from api.examples import COSTS
from tests.cli.conftest import Terminal

ASKED: Any = COSTS["quota"]["value"]
TERMS: Any = ASKED["terms"]


def year() -> list[str]:
    """The demonstration has been played within it, wherever a year or a day begins meanwhile."""
    today = datetime.now(UTC).date()
    return ["--from", f"{today - timedelta(days=300)}", "--to", f"{today + timedelta(days=300)}"]


def test_what_orders_have_cost_is_shown_beside_other_terms(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(yaml.safe_dump({"contract": TERMS, "facts": [], "bill": [0]}), encoding="utf-8")
    asked = ("contract", "cost", "adler-2026", *year())

    alone, german, read = (
        terminal.type(*asked, *more)
        for more in ((), ("--like", "adler-2026@1", "--lang", "de"), ("--terms", f"{file}", "--json"))
    )

    assert (alone.code, german.code, read.code) == (0, 0, 0), (alone.err, german.err, read.err)
    assert "own terms" in alone.out.lower()
    assert "Andere Konditionen" in german.out
    assert json.loads(read.out)["other"] != json.loads(read.out)["own"]


def test_a_file_that_cannot_be_counted_with_is_refused_with_all_that_is_wrong(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(yaml.safe_dump({**TERMS, "zone": "Europe/Atlantis", "months": 0}), encoding="utf-8")

    said = terminal.type("contract", "cost", "adler-2026", *year(), "--terms", f"{file}")

    assert said.code == 1
    assert ("/zone" in said.err, "/months" in said.err) == (True, True)


def test_an_unknown_contract_and_days_that_cannot_be_are_told(terminal: Terminal) -> None:
    days = ("--from", "2026-03-31", "--to", "2026-03-01")

    unknown, reversed_ = (terminal.type("contract", "cost", name, *days) for name in ("nobody", "adler-2026"))

    assert (unknown.code, reversed_.code) == (1, 1)
    assert "2026-03-31" in reversed_.err
