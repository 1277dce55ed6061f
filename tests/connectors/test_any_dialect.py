"""Whatever table people write, in whichever format and dialect: the same table is read back."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.parcels import unpacked
from connectors.spreadsheets import read_list
from tests import open_documents
from tests.workbooks import Shown, saved, workbook

# What CP1252 has as well, with every sign that may cut a line; blanks at the ends are nobody's.
_WESTERN = "abcXYZ0123456789äöüÄÖÜßéè ,;|\t\n\"'./-+()&<>"
_ALL = _WESTERN + "łćžŐ中文Ωд🙂–„“…€"
_FORMATS = {"000000": "{:06d}", '"INV-"0000': "INV-{:04d}", "0": "{:d}", "General": "{:d}", "00-00": ""}


class Said(NamedTuple):
    """What is seen, and the value and format by which a spreadsheet shows it."""

    shown: str
    value: object
    format: str = "General"


def texts(signs: str) -> st.SearchStrategy[Said]:
    # An equals sign, an apostrophe or a cross at the beginning have a meaning of their own, with tests of their own.
    plain = st.text(signs, max_size=20).map(str.strip).filter(lambda text: not text.startswith(("=", "'", "#")))
    return plain.map(lambda text: Said(text, text))


@st.composite
def numbers(draw: st.DrawFn) -> Said:
    number, code = draw(st.integers(0, 10**9)), draw(st.sampled_from([code for code in _FORMATS if code != "00-00"]))
    return Said(_FORMATS[code].format(number), number, code)


@st.composite
def decimals(draw: st.DrawFn) -> Said:
    hundredths = draw(st.integers(-99_999, 99_999))
    return Said(f"{hundredths / 100:.2f}", hundredths / 100, "0.00")


days = st.dates(date(1990, 1, 1), date(2199, 12, 31)).map(lambda day: Said(day.isoformat(), day, "dd.mm.yyyy"))
truths = st.booleans().map(lambda true: Said(str(true).lower(), true))


def cells(signs: str) -> st.SearchStrategy[Said]:
    return st.one_of(st.just(Said("", "")), texts(signs), texts(signs), numbers(), decimals(), days, truths)


@st.composite
def tables(draw: st.DrawFn, signs: str = _ALL) -> list[list[Said]]:
    """With headings, as every list has."""
    width = draw(st.integers(2, 6))
    headings = [Said(f"Spalte {number}", f"Spalte {number}") for number in range(width)]
    return [headings, *draw(st.lists(st.lists(cells(signs), min_size=width, max_size=width), max_size=12))]


def seen(table: Sequence[Sequence[Said]]) -> dict[int, tuple[str, ...]]:
    return kept({number: [said.shown for said in row] for number, row in enumerate(table, 1)})


def read(name: str, content: bytes) -> dict[int, tuple[str, ...]]:
    (sheet,) = unpacked(read_list(name, content)).sheets
    return kept({row.number: [cell.text for cell in row.cells] for row in sheet.rows})


def kept(rows: Mapping[int, Sequence[str]]) -> dict[int, tuple[str, ...]]:
    """Rows that say something, without the empty cells at their ends."""
    said = {
        number: tuple(row[: max((at for at, text in enumerate(row, 1) if text), default=0)])
        for number, row in rows.items()
    }
    return {number: row for number, row in said.items() if row}


@given(
    data=st.data(),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
    delimiter=st.sampled_from(";,\t|"),
    ends=st.sampled_from(("\r\n", "\n")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    told=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_table_is_read_from_csv(
    data: st.DataObject, encoding: str, delimiter: str, ends: str, quoting: int, told: bool
) -> None:
    table = data.draw(tables(_WESTERN if encoding == "cp1252" else _ALL))
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator=ends, quoting=quoting)  # type: ignore[arg-type]
    if told:
        written.write(f"sep={delimiter}{ends}")
    writer.writerows([said.shown for said in row] for row in table)

    found = read("l.csv", written.getvalue().encode(encoding))

    rows = {number: row for number, row in found.items() if not told or number > 1}
    assert rows == {number + told: row for number, row in seen(table).items()}


@given(table=tables())
@settings(max_examples=100, deadline=None)
def test_a_table_is_read_from_xlsx(table: list[list[Said]]) -> None:
    content = saved(workbook(T=[[Shown(said.value, said.format) for said in row] for row in table]))

    assert read("l.xlsx", content) == seen(table)


@given(table=tables())
@settings(max_examples=200, deadline=None)
def test_a_table_is_read_from_ods(table: list[list[Said]]) -> None:
    content = open_documents.sheets(T=[[Shown(said.value, said.shown) for said in row] for row in table])

    assert read("l.ods", content) == seen(table)
