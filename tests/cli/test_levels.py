"""`imac level simulate`: availability from a file, without a stack; a table for people, one form for programs."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import main
from tests.domain.levels.documents import document, outage
from tests.domain.levels.test_golden import CASES


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["imac", "level", "simulate", *words])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "month"


def written(file: Path, content: Any) -> str:  # noqa: ANN401  # JSON
    file.write_text(json.dumps(content), "utf-8")
    return str(file)


def test_the_agreed_cases_are_answered_one_by_one_and_together(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for case in CASES:
        assert typed(monkeypatch, written(file, case), "--json") == 0
        assert json.loads(capsys.readouterr().out) == case["right"]

    assert typed(monkeypatch, written(file, {"about": "…", "cases": CASES}), "--json") == 0
    together = json.loads(capsys.readouterr().out)

    assert together == {"cases": [{"id": case["id"]} | case["right"] for case in CASES]}


def test_a_case_can_be_written_as_yaml(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(yaml.safe_dump(CASES[1], sort_keys=False), "utf-8")

    assert typed(monkeypatch, f"{file}", "--json") == 0
    assert json.loads(capsys.readouterr().out) == CASES[1]["right"]


def test_people_see_what_was_promised_lost_and_is_left(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, written(file, {"cases": CASES}), "--lang", "de")

    shown = capsys.readouterr().out
    assert "98.989 %" in shown
    assert "nicht gehalten" in shown
    assert "-60.6" in shown


def test_one_case_that_is_refused_leaves_the_others_answered(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = document(needs={"any": ["web"]}, target="0", outages=[outage("10 10:00", "yesterday 1")])

    ended = typed(monkeypatch, written(file, {"cases": [CASES[0], wrong]}), "--json", "--lang", "en")

    told = capsys.readouterr()
    right, refused = json.loads(told.out)["cases"]
    assert (ended, right) == (1, {"id": CASES[0]["id"]} | CASES[0]["right"])
    assert [problem["at"] for problem in refused["refused"]] == ["/target", "/outages/0/until"]
    assert "/cases/1/target: The value must be greater than 0." in told.err


@pytest.mark.parametrize(
    "content", ["{", "{}", "[]", "a: [", '{"cases": []}', '{"cases": 7}', '{"target": NaN}', "\x00"], ids=repr
)
def test_a_file_that_is_no_document_is_refused(
    content: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(content, "utf-8")

    assert typed(monkeypatch, f"{file}", "--json") == 1
    assert json.loads(capsys.readouterr().out)["refused"]
