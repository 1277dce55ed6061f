"""`imac invoice simulate`: invoices from a file, without a stack; for people a table, for programs the agreed form."""

import json
from pathlib import Path

import pytest
import yaml

from cli.main import main
from tests.domain.billing.test_golden import CASES, in_any_order


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["imac", "invoice", "simulate", *words])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_the_agreed_cases_come_out_word_for_word(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"case.{ending}"

    for case in CASES:
        file.write_text(json.dumps(case) if ending == "json" else yaml.safe_dump(case, sort_keys=False), "utf-8")

        assert typed(monkeypatch, f"{file}", "--json") == 0
        assert in_any_order(json.loads(capsys.readouterr().out)) == in_any_order(case["expect"])


def test_people_are_shown_each_invoice_with_its_lines_and_sums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(next(case for case in CASES if case["id"] == "late-quota")), "utf-8")

    typed(monkeypatch, f"{file}", "--lang", "de")

    shown = capsys.readouterr().out
    assert "über dem Kontingent" in shown
    assert "38.08" in shown
    assert "600 gewährt, 500 entnommen" in shown


def test_what_is_refused_is_named_with_its_place_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = next(case for case in CASES if case["id"] == "overage")
    facts = [{**case["facts"][0], "minutes": 1441}, {"type": "visit", "id": "V1", "at": "yesterday"}]
    file = tmp_path / "case.json"
    file.write_text(json.dumps({**case, "facts": facts}), "utf-8")

    ended = typed(monkeypatch, f"{file}", "--json", "--lang", "en")

    told = capsys.readouterr()
    assert (ended, json.loads(told.out)) == (1, {"refused": True})
    assert "/facts/0/minutes: The value must be at most 1440." in told.err
    assert "/facts/1/at: This is not a" in told.err


@pytest.mark.parametrize("content", ["{", "{}", "[]", "a: [", '{"contract": NaN}', "\x00"], ids=repr)
def test_a_file_that_is_no_document_is_refused(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case"
    file.write_text(content, "utf-8")

    assert typed(monkeypatch, f"{file}", "--json") == 1
    assert capsys.readouterr().out == '{"refused":true}\n'
