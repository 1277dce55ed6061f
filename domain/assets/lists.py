"""What a list of assets says, row by row: our own columns in German and English, and those of Snipe-IT's export."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from domain.assets.asset import AssetStatus
from domain.blocks import Headings, table_of
from domain.cells import CellFile, CellKind
from domain.lists import DataIssue, Row, Table, normal, sites_by_name
from domain.places import Place, Site
from domain.refusals import Problem
from domain.values import AssetTag, Line, Value

_COLUMNS: dict[str, tuple[str, ...]] = {
    "tag": ("tag", "asset tag", "inventory number", "inventarnummer", "inventar-nr.", "inventarnr.", "inventarnr"),
    "serial": ("serial", "serial number", "serial no.", "seriennummer", "serien-nr.", "seriennr.", "seriennr"),
    "model": ("model", "model name", "modell", "modellname"),
    "manufacturer": ("manufacturer", "hersteller"),
    "category": ("category", "type", "kategorie", "geräteart", "gerätetyp", "art"),
    "status": ("status", "state", "zustand"),
    "site": ("site", "location", "standort", "niederlassung", "liegenschaft"),
    "building": ("building", "gebäude", "haus"),
    "floor": ("floor", "etage", "stockwerk", "geschoss"),
    "room": ("room", "raum", "zimmer"),
    "desk": ("desk", "seat", "platz", "arbeitsplatz"),
    "holder": ("holder", "user", "assigned to", "checked out to", "nutzer", "benutzer", "inhaber"),
    "data_bearing": ("data bearing", "data-bearing", "datenträger", "mit datenträger"),
    "checkout": ("checkout type",),
    "checked_out_site": ("checked out to: location",),
    "first_name": ("checked out to: first name",),
    "last_name": ("checked out to: last name",),
    "username": ("checked out to: username",),
    # Snipe-IT exports these as well; an asset has no place for them.
    "": (
        *("company", "name", "asset name", "supplier", "order number", "model notes", "model number", "model no."),
        *("asset notes", "notes", "purchase date", "purchase cost", "checked out to: email", "asset eol date"),
        *("warranty", "warranty expires", "default location", "checkout date", "expected checkin date", "id"),
    ),
}
HEADINGS = {name: field for field, names in _COLUMNS.items() for name in names}
_STATUS: dict[AssetStatus, tuple[str, ...]] = {
    AssetStatus.ORDERED: ("ordered", "bestellt", "pending"),
    AssetStatus.IN_STOCK: ("in stock", "stock", "auf lager", "lager", "ready to deploy", "deployable"),
    AssetStatus.RESERVED: ("reserved", "reserviert"),
    AssetStatus.DEPLOYED: ("deployed", "in use", "in betrieb", "im einsatz", "ausgegeben"),
    AssetStatus.IN_REPAIR: ("in repair", "in reparatur", "out for repair", "out for diagnostics"),
    AssetStatus.RETIRED: ("retired", "archived", "ausgemustert", "außer betrieb", "undeployable"),
    AssetStatus.WIPED: ("wiped", "gelöscht"),
    AssetStatus.DISPOSED: ("disposed", "entsorgt"),
}
STATUS_WORDS = {word: status for status, words in _STATUS.items() for word in words}
_FEWEST = 2
KNOWN_SHARE = 0.6
_YES, _NO = ("yes", "y", "ja", "j", "true", "wahr", "1", "x"), ("no", "n", "nein", "false", "falsch", "0")
_YES_OR_NO = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_PLACE = ("site", "building", "floor", "room", "desk")
_CODES = {"string_too_long": "cell_too_long", "string_pattern_mismatch": "tag_malformed", "missing": "cell_needed"}


class StatedAsset(Value):
    """What a row says of an asset. None is not said: an empty cell leaves the register as it is."""

    tag: AssetTag
    serial: Line | None = None
    model: Line | None = None
    manufacturer: Line | None = None
    category: Line | None = None
    status: AssetStatus | None = None
    place: Place | None = None
    holder: Line | None = None
    data_bearing: bool | None = None


class StatedRow(NamedTuple):
    row: Row
    stated: StatedAsset


class AssetList(NamedTuple):
    table: Table
    rows: tuple[StatedRow, ...]
    issues: tuple[DataIssue, ...]


class AssetHeadings:
    """The headings of asset lists in both languages, and those of Snipe-IT."""

    content: Mapping[str, frozenset[CellKind]] = {}

    def headings(self, rows: Sequence[Row], at: int) -> Headings | None:
        line = rows[at].texts
        headings = [normal(cell) for cell in line if cell.strip()]
        known = sum(heading in HEADINGS for heading in headings)
        # One known word is a title, not a row of headings.
        if known < _FEWEST or known < KNOWN_SHARE * len(headings):
            return None
        return Headings(at, line, tuple(HEADINGS.get(normal(cell)) for cell in line))

    def lacks(self, headings: Headings) -> list[Problem]:
        return [] if "tag" in headings.fields else [Problem(code="column_missing", values={"column": "tag"})]


def read_assets(file: CellFile, sites: Sequence[Site]) -> AssetList:
    """Every row that can be understood, and every problem of the others. Raises `Unacceptable` without headings."""
    table = table_of(file, AssetHeadings())
    reader = _AssetReader(table, sites_by_name(sites))
    rows = []
    for row in table.rows:
        stated = reader.read(row)
        if stated is not None:
            rows.append(StatedRow(row, stated))
    doubled = set()
    for stated_row, issue in _doubles(table, rows):
        doubled.add(stated_row.row.number)
        reader.issues.append(issue)
    right = tuple(row for row in rows if row.row.number not in doubled)
    return AssetList(table, right, tuple(reader.issues))


def _doubles(table: Table, rows: list[StatedRow]) -> Iterator[tuple[StatedRow, DataIssue]]:
    """The first row with a tag or serial is believed, the later ones are reported."""
    first: dict[tuple[str, str], int] = {}
    for stated_row in rows:
        stated = stated_row.stated
        for field, value, code in (("tag", stated.tag, "tag_twice"), ("serial", stated.serial, "serial_twice")):
            if value is None:
                continue
            before = first.setdefault((field, value), stated_row.row.number)
            if before != stated_row.row.number:
                yield stated_row, table.issue(stated_row.row, field, code, first_row=str(before))


class _AssetReader:
    def __init__(self, table: Table, sites: Mapping[str, str]) -> None:
        self.issues: list[DataIssue] = []
        self._table = table
        self._sites = sites
        self._is_snipe_it = "checkout" in table.positions or "checked_out_site" in table.positions

    def read(self, row: Row) -> StatedAsset | None:
        cells = self._table.cells(row)
        before = len(self.issues)
        self.issues += self._table.faults(row).values()
        for field, text in cells.items():
            if text.startswith("="):
                self._say(row, field, "formula_without_value")
        named = ("tag", "serial", "model", "manufacturer", "category")
        stated: dict[str, object] = {field: cells[field] for field in named if field in cells}
        stated |= self._place(row, cells) | self._handed_out(row, cells) | self._data_bearing(row, cells)
        found = self._checked(row, stated)
        return found if len(self.issues) == before else None

    def _say(self, row: Row, field: str, code: str, **values: str) -> None:
        self.issues.append(self._table.issue(row, field, code, **values))

    def _checked(self, row: Row, stated: dict[str, object]) -> StatedAsset | None:
        try:
            return StatedAsset.model_validate(stated)
        except ValidationError as error:
            for fault in error.errors():
                limit = {name: str(value) for name, value in fault.get("ctx", {}).items() if name == "max_length"}
                code = _CODES.get(fault["type"], "control_characters")
                self._say(row, str(fault["loc"][-1]), code, **limit)
            return None

    def _place(self, row: Row, cells: dict[str, str]) -> dict[str, object]:
        named = "checked_out_site" if "checked_out_site" in cells else "site"
        parts: dict[str, str] = {part: cells[part] for part in _PLACE[1:] if part in cells}
        if named not in cells:
            if parts:
                self._say(row, "site", "site_needed")
            return {}
        site = self._sites.get(normal(cells[named]))
        if site is None:
            self._say(row, named, "site_unknown", site=cells[named][:200])
            return {}
        return {"place": {"site": site, **parts}}

    def _handed_out(self, row: Row, cells: dict[str, str]) -> dict[str, object]:
        """Status and holder. Snipe-IT's labels do not say whether a thing is handed out; its checkout columns do."""
        name = " ".join(cells[part] for part in ("first_name", "last_name") if part in cells)
        holder = cells.get("holder") or name or cells.get("username")
        said: dict[str, object] = {"holder": holder} if holder else {}
        status = STATUS_WORDS.get(normal(cells["status"])) if "status" in cells else None
        if "status" in cells and status is None:
            self._say(row, "status", "status_unknown", status=cells["status"][:200])
        elif self._is_snipe_it and status in (None, AssetStatus.IN_STOCK):
            out = bool(holder) or "checkout" in cells or "checked_out_site" in cells
            status = AssetStatus.DEPLOYED if out else AssetStatus.IN_STOCK
        return said | ({"status": status} if status else {})

    def _data_bearing(self, row: Row, cells: dict[str, str]) -> dict[str, object]:
        if "data_bearing" not in cells:
            return {}
        answer = _YES_OR_NO.get(cells["data_bearing"].lower())
        if answer is None:
            self._say(row, "data_bearing", "yes_or_no_needed")
            return {}
        return {"data_bearing": answer}
