"""Promises at the command line: explained, asked about, and before new service hours are applied."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli.clocks.pictures import clock_picture
from domain.clocks.events import play
from domain.clocks.reports import report
from domain.clocks.thresholds import Threshold
from domain.people import Language
from tests.cli.conftest import Terminal
from tests.domain.clocks.clock_samples import OFFICE, at, clock, held

LUNCH_BREAK = """
zone: Europe/Berlin
version: 3
weekly: {mon: [["08:00", "12:00"], ["13:00", "17:00"]], tue: [["08:00", "12:00"], ["13:00", "17:00"]]}
"""


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        pytest.param(
            "en",
            (
                "2026-12-24 08:00 2026-12-24 09:00 running 1:00 h",
                "2026-12-24 09:00 2026-12-24 10:00 on hold waiting for the customer",
                "2026-12-24 11:00 used 3:00 h",
                "2026-12-28 12:00 deadline 8:00 h",
                "25 % 2026-12-24 09:00 was already past",
            ),
            id="English",
        ),
        pytest.param(
            "de",
            (
                "2026-12-24 08:00 2026-12-24 09:00 läuft 1:00 h",
                "2026-12-24 09:00 2026-12-24 10:00 ruht Warten auf den Kunden",
                "2026-12-24 11:00 verbraucht 3:00 h",
                "2026-12-28 12:00 Frist 8:00 h",
                "25 % 2026-12-24 09:00 war schon vorbei",
            ),
            id="German",
        ),
    ],
)
def test_a_clock_is_a_table_of_what_counted_and_why(language: Language, lines: tuple[str, ...]) -> None:
    promise = play(clock(8, start="12-23 16:00"), held("12-24 09:00", "12-24 10:00"))
    promise = promise.attach(OFFICE, [Threshold(percent=25)], at("12-24 10:00"))
    printed = StringIO()

    Console(width=120, file=printed).print(clock_picture(report(promise, OFFICE, at("12-24 11:00")), language))

    rows = [" ".join(line.split()) for line in printed.getvalue().splitlines()]
    assert [line for line in lines if line not in rows] == []


def test_promises_are_explained_asked_about_and_previewed(terminal: Terminal, tmp_path: Path) -> None:
    listed = terminal.type("order", "list", "--json", "--limit", "1")
    no = json.loads(listed.out)["items"][0]["no"]
    contract = json.loads(listed.out)["items"][0]["contract"]
    file = tmp_path / "hours.yaml"
    file.write_text(LUNCH_BREAK, encoding="utf-8")

    explained = terminal.type("sla", "explain", f"order/{no}", "--clock", "order")
    asked = terminal.type("sla", "whatif", f"order/{no}", "--clock", "order", "--calendar", f"{file}", "--no-holds")
    previewed = terminal.type("sla", "preview", contract)

    assert (explained.code, asked.code, previewed.code) == (0, 0, 0), explained.err + asked.err + previewed.err
    assert "fulfilment time" in explained.out
    assert ("agreed" in asked.out, "what if" in asked.out) == (True, True)
    assert f"Contract {contract}, version" in previewed.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("explain", "O-1"), 2, id="no case"),
        pytest.param(("explain", "order/O-GONE"), 1, id="a case nobody knows"),
        pytest.param(("whatif", "order/O-GONE", "--target", "0"), 2, id="a target of nothing"),
        pytest.param(("preview", "gone"), 1, id="a contract nobody knows"),
    ],
)
def test_what_cannot_be_asked_is_refused(terminal: Terminal, words: tuple[str, ...], code: int) -> None:
    said = terminal.type("sla", *words)

    assert (said.code, said.out, said.err != "") == (code, "", True)
