"""Labels for assets: the sheets and rolls they are printed on, and what stands on each."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from domain.times import Day
from domain.values import AssetTag, Line, Value

A4_WIDTH, A4_HEIGHT = 210.0, 297.0
MOST_LABELS = 500


class LabelFormat(StrEnum):
    """Width by height in mm: three of sheets (24, 21 and 10 on A4), three of rolls with one label after the other."""

    A4_70X36 = "a4-70x36"
    A4_63X38 = "a4-63.5x38.1"
    A4_105X57 = "a4-105x57"
    ROLL_62X29 = "roll-62x29"
    ROLL_89X36 = "roll-89x36"
    ROLL_57X32 = "roll-57x32"


class Measures(NamedTuple):
    """In mm: one label, the first one's corner, and what lies between two. A roll's page is the label."""

    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    between: float = 0.0

    @property
    def a_page(self) -> int:
        return self.columns * self.rows

    @property
    def is_roll(self) -> bool:
        return self.a_page == 1

    def places(self) -> Iterator[tuple[float, float]]:
        """The corner of each label of a page, row by row."""
        for row in range(self.rows):
            for column in range(self.columns):
                yield self.left + column * (self.width + self.between), self.top + row * self.height


MEASURES: Mapping[LabelFormat, Measures] = {
    LabelFormat.A4_70X36: Measures(70.0, 36.0, 3, 8, top=4.5),
    LabelFormat.A4_63X38: Measures(63.5, 38.1, 3, 7, left=7.21, top=15.15, between=2.54),
    LabelFormat.A4_105X57: Measures(105.0, 57.0, 2, 5, top=6.0),
    LabelFormat.ROLL_62X29: Measures(62.0, 29.0),
    LabelFormat.ROLL_89X36: Measures(89.0, 36.0),
    LabelFormat.ROLL_57X32: Measures(57.0, 32.0),
}
# Of any sheet.
MOST_ON_A_PAGE = max(measures.a_page for measures in MEASURES.values())


class Label(Value):
    """`address` is what the code on it says: where the asset is found by whoever scans it."""

    tag: AssetTag
    name: Line | None = None
    serial: Line | None = None
    address: str


class LabelSheet(Value):
    """`start` is the first free label of a sheet on which others were used already, from 1."""

    format: LabelFormat
    start: int = 1
    day: Day
    labels: tuple[Label, ...]
