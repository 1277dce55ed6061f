"""Whatever the command line itself says no with is said in the language that was asked for."""

import ast
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from string import Formatter

import pytest

from cli import error_words
from cli.asking import asked_for
from cli.error_words import worded
from cli.errors import CliError, Exit
from cli.main import main
from cli.moments import moment
from cli.stack.programs import read_settings
from documents.terminal import terminal_wording
from documents.wording import LANGUAGES
from domain.people import Language

COMMANDS = Path(error_words.__file__).parent
RAISED = {"CliError", "ApiRefused"}


def uses() -> dict[str, list[set[str]]]:
    """Every code in the commands with the names of the values it is given, once per place."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for path in COMMANDS.rglob("*.py"):
        for code, values in raised_in(ast.parse(path.read_text(encoding="utf-8"))):
            found[code].append(values)
    return found


def raised_in(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    named = {
        target.id: {key.value for key in written.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(written := node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as code), _], keywords=given) if (
                name in RAISED
            ):
                yield code, {value for keyword in given for value in given_by(keyword, named)}
            case ast.Call(func=ast.Name(id=name)) if name in RAISED:
                pytest.fail(f"cannot tell what is said: {ast.unparse(node)}")


def given_by(keyword: ast.keyword, named: dict[str, set[str]]) -> set[str]:
    return {keyword.arg} if keyword.arg else named[ast.unparse(keyword.value)]


def placeholders(language: Language, code: str) -> set[str]:
    said = terminal_wording(language).refusals[code]
    texts = (said.why, said.hint)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_words_and_no_words_are_there_for_nothing(language: Language) -> None:
    assert sorted(terminal_wording(language).refusals) == sorted(uses())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_say_all_that_is_known(language: Language) -> None:
    asked = {code: placeholders(language, code) for code in terminal_wording(language).refusals}

    assert {code: values for code, places in uses().items() for values in places if values != asked[code]} == {}


@pytest.mark.parametrize(
    ("typed", "spoken", "language"),
    [
        pytest.param(["order", "list", "--lang", "de"], "C.UTF-8", "de", id="an option and its value"),
        pytest.param(["order", "list", "--lang=en"], "de_DE.UTF-8", "en", id="in one word"),
        pytest.param(["order", "list"], "de_DE.UTF-8", "de", id="what is spoken here"),
        pytest.param(["order", "list", "--lang"], "C.UTF-8", "en", id="a value that was forgotten"),
        pytest.param([], "C.UTF-8", "en", id="nothing typed"),
    ],
)
def test_the_language_is_known_before_a_command_begins(
    typed: list[str], spoken: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", spoken)

    assert asked_for(typed) == language


def test_a_refusal_is_german_where_german_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IMAC_URL", raising=False)
    monkeypatch.setattr("sys.argv", ["imac", "order", "list", "--lang", "de", "--data-dir", f"{tmp_path}"])

    with pytest.raises(SystemExit) as ended:
        main()

    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (Exit.UNREACHABLE, "")
    assert said.err.startswith("imacflow läuft hier nicht.\nStarten Sie es mit: imac up\n")


def test_a_wrong_setting_is_named_and_worded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAC_API_PORT", "eight")

    with pytest.raises(CliError) as refused:
        read_settings()

    assert worded(refused.value, "de") == (
        "Eine Einstellung ist falsch.",
        "IMAC_API_PORT: Hier wird eine ganze Zahl erwartet.",
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("30.11.2026 08:00", "2026-11-30T07:00:00+00:00", id="as Germans write it"),
        pytest.param("30.11.2026, 8:00", "2026-11-30T07:00:00+00:00", id="with a comma and without a nought"),
        pytest.param("1.7.2026 8:30 Uhr", "2026-07-01T06:30:00+00:00", id="in summer"),
        pytest.param("30.11.2026", "2026-11-29T23:00:00+00:00", id="a day, from its beginning"),
        pytest.param("2026-11-30 08:00", "2026-11-30T07:00:00+00:00", id="a clock at the site"),
        pytest.param("2026-11-30T08:00+00:00", "2026-11-30T08:00:00+00:00", id="with an offset"),
    ],
)
def test_times_are_typed_in_the_way_of_either_language(typed: str, meant: str) -> None:
    assert moment(typed, "Europe/Berlin").astimezone(UTC).isoformat() == meant


@pytest.mark.parametrize(
    ("typed", "zone", "said"),
    [
        pytest.param(
            "31.11.2026 08:00", "Europe/Berlin", "“31.11.2026 08:00” is not a valid time", id="a day that is none"
        ),
        pytest.param("1.1.0001 0:00", "Europe/Berlin", "“1.1.0001 0:00” is not a valid time", id="before time began"),
        pytest.param("soon", "Europe/Berlin", "“soon” is not a valid time", id="a word"),
        pytest.param("29.3.2026 2:30", "Europe/Berlin", "does not exist in Europe/Berlin", id="skipped in spring"),
        pytest.param("25.10.2026 2:30", "Europe/Berlin", "exists twice in Europe/Berlin", id="shown twice in autumn"),
        pytest.param("30.11.2026 08:00", "Europe/Adlershof", "no time zone Europe/Adlershof", id="no such zone"),
    ],
)
def test_a_time_nobody_can_mean_is_refused_in_our_own_words(typed: str, zone: str, said: str) -> None:
    with pytest.raises(CliError) as refused:
        moment(typed, zone)

    why, hint = worded(refused.value, "en")
    assert said in why
    assert hint
    assert "isoformat" not in f"{why} {hint}"


def test_a_time_shown_twice_is_told_apart_in_the_hint() -> None:
    with pytest.raises(CliError) as refused:
        moment("25.10.2026 02:30", "Europe/Berlin")

    assert worded(refused.value, "de")[1] == "Schreiben Sie 2026-10-25T02:30+02:00 oder 2026-10-25T02:30+01:00."


def test_a_terminal_without_the_sign_shows_another_in_its_place() -> None:
    command = [sys.executable, "-m", "cli.main", "order", "shwo", "--lang", "de"]

    told = subprocess.run(
        command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False
    )

    assert (told.returncode, told.stderr.splitlines()[0]) == (Exit.USAGE, "Den Befehl ?shwo? gibt es nicht.")
