"""Columns that nobody knows: what stands in them may change what a row means, so somebody says once what they are."""

from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

from domain.lists import DataIssue, Row, Table, normal
from domain.nearest import Nearest
from domain.values import Value


class UnknownColumn(Value):
    """`nearest` is the field whose heading is written almost so, if there is one."""

    heading: str
    nearest: str = ""


class Questions(NamedTuple):
    """What has to be said of the columns of a list before its rows count; `issues` has one for each row."""

    columns: tuple[UnknownColumn, ...]
    issues: list[DataIssue]


class _Place(NamedTuple):
    block: int
    heading: str
    at: int


def questions(table: Table, rows: Sequence[Row], known: Nearest, harmless: Container[str]) -> Questions:
    """Columns in which nothing stands are no question."""
    asked = [place for place in _places(table, harmless) if _says(place, rows)]
    headings = dict.fromkeys(place.heading for place in asked)
    named = ", ".join(headings)[:500]
    issues = []
    for row in rows:
        here = [place for place in asked if place.block == row.block]
        if here:
            place = next((one for one in here if row.at(one.at).text.strip()), here[0])
            issues.append(table.issue_at(row, place.at, place.heading, "column_unknown", columns=named))
    read = {field.partition(":")[0] for field in table.positions}
    columns = ((one, known.to(normal(one))) for one in headings)
    # A field that has its column already would only stand twice.
    return Questions(
        tuple(UnknownColumn(heading=one, nearest="" if field in read else field) for one, field in columns), issues
    )


def _places(table: Table, harmless: Container[str]) -> Iterator[_Place]:
    for number, block in enumerate(table.blocks):
        for heading, at in block.unknown:
            if normal(heading) not in harmless:
                yield _Place(number, heading, at)


def _says(place: _Place, rows: Sequence[Row]) -> bool:
    return any(row.block == place.block and row.at(place.at).text.strip() for row in rows)
