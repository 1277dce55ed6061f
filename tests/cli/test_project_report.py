"""The report of a move on the screen."""

import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from cli.errors import CliError, Exit
from cli.moves.report import picture, show_report
from domain.people import Language
from tests.documents.test_project_reports import BARE, OFF


def shown(language: Language, *, charges: bool = True) -> str:
    screen = io.StringIO()
    Console(file=screen, width=200).print(picture(OFF if charges else BARE, language))
    return screen.getvalue()


def test_it_shows_waves_gates_and_what_is_not_done() -> None:
    german, english = shown("de"), shown("en")

    for words in ("Abschlussbericht", "0:15 später", "241,00\u00a0€", "Die Arbeit ist misslungen. =dock is stuck"):
        assert words in german
    for words in ("Final report", "Not done", "0:15 late", "€241.00", "The row was withdrawn: stays at home"):
        assert words in english
    assert "Person 1" not in english


def test_money_is_shown_to_those_who_may_see_it() -> None:
    assert "€" not in shown("en", charges=False)


def test_it_is_written_as_a_pdf_or_a_workbook_only() -> None:
    with pytest.raises(CliError) as refused:
        asyncio.run(show_report("haus-b", out=Path("report.txt")))

    assert refused.value.exit_code == Exit.USAGE
