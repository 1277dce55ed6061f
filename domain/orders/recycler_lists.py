"""Reading a recycler's list: each row is held against what has left, and all that is wrong is said at once."""

from collections.abc import Iterable, Mapping, Sequence

from domain.assets.asset import Asset
from domain.assets.columns import HEADINGS
from domain.blocks import Headings, table_of
from domain.cases.recycler_lists import MOST_ROWS, RecyclerList, SwappedItem
from domain.cells import CellFile, CellKind
from domain.list_words import is_footer, is_total
from domain.lists import NOTES, DataIssue, Row, Table, normal
from domain.names import look_of, same_tag
from domain.nearest import Nearest, named
from domain.orders.erasures import name_of
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.unseen import unseen

_MEANT = ("serial", "tag")
_OWN = dict.fromkeys(("serialnummer", "serialnr.", "serial-nr.", "geräte-sn", "snr", "s-nr."), "serial")
_NAMES = {text: field for text, field in HEADINGS.items() if field in _MEANT} | _OWN
_WRITE = named([text for text, field in _NAMES.items() if field == "serial"], most=4)
_LONGEST = 200
_MOST_IN_A_FOOTER = 3


class RecyclerHeadings:
    """Serials are what counts, and tags beside them; whatever else a recycler writes down is its own affair."""

    mapped = "recycler", "serial"
    content: Mapping[str, frozenset[CellKind]] = {"": NOTES}

    def __init__(self) -> None:
        self._near = Nearest(dict.fromkeys((text for text, field in _NAMES.items() if field == "serial"), "serial"))

    def headings(self, rows: Sequence[Row], at: int) -> Headings | None:
        line = rows[at].texts
        fields = tuple(_NAMES.get(normal(cell), "" if normal(cell) in HEADINGS else None) for cell in line)
        return Headings(at, line, fields) if any(fields) else None

    def meant(self, heading: str) -> str:
        return self._near.to(normal(heading))

    def lacks(self, headings: Headings) -> list[Problem]:
        return []


def recycler_list(file: CellFile, left: Sequence[Asset]) -> RecyclerList:
    """Raises `Unacceptable` with all that is wrong with the list as a whole: nothing is to be kept of it then."""
    table = table_of(file, RecyclerHeadings())
    rows = [row for row in table.rows if not _is_none(row, table)]
    if len(rows) > MOST_ROWS:
        raise Unacceptable(Problem(code="list_too_long", at="/file", values={"most": f"{MOST_ROWS}"}))
    if not rows:
        raise Unacceptable(Problem(code="list_without_rows", at="/file"))
    reader = _Reader(table, left)
    for row in rows:
        reader.read(row)
    refuse_if(reader.problems)
    return RecyclerList(
        rows=len(rows),
        received=tuple(reader.received),
        extra=tuple(reader.extra),
        swapped=tuple(reader.swapped),
    )


def _is_none(row: Row, table: Table) -> bool:
    said = table.cells(row)
    if is_total(row.texts) or not any(text.strip() for text in row.texts):
        return True
    return is_footer(row.texts) and len(said) <= _MOST_IN_A_FOOTER


class _Reader:
    def __init__(self, table: Table, left: Sequence[Asset]) -> None:
        self.problems: list[Problem] = []
        self.received: list[str] = []
        self.extra: list[str] = []
        self.swapped: list[SwappedItem] = []
        self._table = table
        self._by_tag = {same_tag(asset.tag): asset for asset in left}
        self._by_name = {same_tag(name_of(asset)): asset for asset in left}
        self._looks = {look_of(name_of(asset)): name_of(asset) for asset in left}
        self._rows: dict[str, str] = {}

    def read(self, row: Row) -> None:
        faults = [*self._table.faults(row).values(), *unseen(self._table, row, "serial")]
        self.problems += (_problem(row, issue) for issue in faults)
        cells = self._table.cells(row)
        serial, tag = cells.get("serial"), cells.get("tag")
        if faults:
            return
        if serial is None and tag is None:
            self._say(row, "row_without_serial")
        elif max(len(serial or ""), len(tag or "")) > _LONGEST:
            self._say(row, "cell_too_long", max_length=f"{_LONGEST}")
        elif not f"{serial}{tag}".isprintable():
            self._say(row, "control_characters")
        else:
            self._take(row, serial, tag)

    def _take(self, row: Row, serial: str | None, tag: str | None) -> None:
        labelled = self._by_tag.get(same_tag(tag)) if tag else None
        asset = self._by_name.get(same_tag(serial)) if serial else labelled
        said = serial or tag or ""
        before = self._rows.setdefault(same_tag(name_of(asset) if asset else said), row.name)
        if before != row.name:
            self._say(row, "serial_in_two_rows", serial=said, first=before)
        elif asset is not None:
            self.received.append(name_of(asset))
            if labelled is not None and labelled.tag != asset.tag:
                self.swapped.append(SwappedItem(tag=labelled.tag, serial=name_of(labelled), found=said))
        elif (meant := self._looks.get(look_of(said))) is not None:
            self._say(row, "serial_looks_alike", serial=said, meant=meant)
        elif labelled is not None:
            self.swapped.append(SwappedItem(tag=labelled.tag, serial=name_of(labelled), found=said))
        else:
            self.extra.append(said)

    def _say(self, row: Row, code: str, **values: str) -> None:
        self.problems.append(Problem(code=code, at=f"/rows/{row.name}", values=values))


def _problem(row: Row, issue: DataIssue) -> Problem:
    return Problem(code=issue.code, at=f"/rows/{row.name}", values=issue.values)


def serials_of(said: RecyclerList) -> Iterable[str]:
    """What may be somebody else's."""
    yield from said.extra
    yield from (item.found for item in said.swapped)
