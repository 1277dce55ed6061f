"""A list written from the register, filled in by somebody who knows nothing of us, and imported."""

import io
from collections import Counter

import openpyxl
import pytest

from api.jobs import TemplateGround, written_template
from domain.assets.asset import Asset
from domain.moves.lists.staging import StagedRow
from domain.people import Language
from domain.refusals import Unacceptable
from tests.domain.moves.lists import example_lists
from tests.domain.moves.lists.example_lists import adler, register, said_of, staged_file

HQ = next(site for site in adler().sites if site.id == "adler-hq")
TO_BUILDING, TO_FLOOR, TO_ROOM, TO_DESK, DATE = 7, 8, 9, 10, 11


def template(floor: str | None = "2", language: Language = "de") -> openpyxl.Workbook:
    people = [person for person in adler().people if person.customer == "adler"]
    return openpyxl.load_workbook(io.BytesIO(written_template(TemplateGround(HQ, floor, people, register()), language)))


def brought(book: openpyxl.Workbook) -> tuple[StagedRow, ...]:
    written = io.BytesIO()
    book.save(written)
    file = staged_file(written.getvalue(), name="ausgefüllt.xlsx")
    assert file.staged.unknown_columns == ()
    return file.staged.rows


def fill(book: openpyxl.Workbook, row: int, *cells: str) -> None:
    for column, text in enumerate(cells, TO_BUILDING):
        book.worksheets[0].cell(row, column, text)


@pytest.mark.parametrize("language", ["de", "en"])
def test_it_comes_back_with_what_was_filled_in_and_without_an_issue(language: Language) -> None:
    book = template(language=language)
    for row in (3, 4, 5):
        fill(book, row, "Haus B", "1. OG", f"1.0{row}", "1", "11.03.2027")

    rows = brought(book)

    assert len(rows) > 10
    assert [said_of(row) for row in rows if said_of(row)] == []
    assert Counter(row.state for row in rows) == {"ready": 3, "stays": len(rows) - 3}
    assert all(row.move and row.move.assets for row in rows if row.state == "ready")


def test_it_offers_the_places_that_are_known() -> None:
    book = template()

    assert {cell.value for cell in book.worksheets[1]["A"]} >= {"A", "B"}
    assert {rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation} >= {"'Orte'!$A$2:$A$4"}


def test_a_floor_in_another_spelling_is_the_same_floor() -> None:
    assert template("2. OG").worksheets[0].max_row == template("2").worksheets[0].max_row


def test_an_empty_floor_is_named() -> None:
    with pytest.raises(Unacceptable):
        template("9")


def test_what_the_filler_has_left_out_or_mistaken_is_named_where_it_is() -> None:
    book = template()
    fill(book, 3, "B", "1", "noch offen", "1")
    fill(book, 4, "bleibt")
    fill(book, 5, "C", "1", "1.01", "1")

    rows = {row.row: row for row in brought(book)}

    assert [(rows[at].state, said_of(rows[at])) for at in (3, 4, 5)] == [
        ("issue", [("nach Raum", "word_open")]),
        ("stays", []),
        ("conflict", [("nach Gebäude", "target_unknown")]),
    ]


def test_rows_whose_facts_have_changed_since_are_named_as_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    book = template()
    for row in (3, 4, 5):
        fill(book, row, "B", "1", f"1.0{row}", "1")
    one, gone = (str(book.worksheets[0].cell(row, 2).value).split(", ")[0] for row in (3, 4))
    assets = [Asset.model_validate_json(text) for text in register()]
    held = next(asset for asset in assets if asset.tag == one)
    added = held.but(tag="NEW-1", serial=None)
    now = [asset.but(place=added.place) if asset.tag == gone else asset for asset in assets] + [added]
    monkeypatch.setattr(example_lists, "register", lambda: tuple(asset.model_dump_json() for asset in now))

    rows = {row.row: row for row in brought(book)}

    assert [one.code for one in rows[3].conflicts] == ["row_stale"]
    assert "NEW-1" in rows[3].conflicts[0].values["tags"]
    assert {one.code for one in rows[4].issues} == {"asset_not_at_from", "row_outdated"}
    assert rows[5].state == "ready"
