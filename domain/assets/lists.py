"""What a list of assets says, row by row: our own columns in German and English, and those of Snipe-IT's export."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from domain.assets.asset import AssetStatus
from domain.assets.columns import HARMLESS, HEADINGS, AssetHeadings, ListWords
from domain.blocks import table_of
from domain.cells import CellFile
from domain.list_words import UNSTATED, WORDLESS, doubtful, doubtful_place, is_footer, is_total, wordless
from domain.lists import DataIssue, Row, Table, normal, sites_by_name
from domain.names import same_tag
from domain.nearest import Nearest, named
from domain.place_names import plain
from domain.places import Place, Site
from domain.unknown_columns import UnknownColumn, questions
from domain.unseen import unseen
from domain.values import AssetTag, Line, Value

_STATUS: dict[AssetStatus, tuple[str, ...]] = {
    AssetStatus.ORDERED: ("ordered", "bestellt", "pending"),
    AssetStatus.IN_STOCK: (
        *(
            "in stock",
            "stock",
            "auf lager",
            "lager",
            "ready to deploy",
            "deployable",
            "im lager",
            "in lager",
            "am lager",
        ),
        *("lagernd", "verfügbar", "available", "in storage"),
    ),
    AssetStatus.RESERVED: ("reserved", "reserviert"),
    AssetStatus.DEPLOYED: (
        *("deployed", "in use", "in betrieb", "im einsatz", "ausgegeben", "in gebrauch", "in benutzung"),
        "in verwendung",
    ),
    AssetStatus.IN_REPAIR: ("in repair", "in reparatur", "out for repair", "out for diagnostics", "reparatur"),
    AssetStatus.RETIRED: (
        *("retired", "archived", "ausgemustert", "außer betrieb", "undeployable", "ausgesondert", "stillgelegt"),
        "decommissioned",
    ),
    AssetStatus.WIPED: ("wiped", "gelöscht"),
    AssetStatus.DISPOSED: ("disposed", "entsorgt", "verschrottet", "scrapped"),
}
STATUS_WORDS = {word: status for status, words in _STATUS.items() for word in words}
_YES, _NO = ("yes", "y", "ja", "j", "true", "wahr", "1", "x"), ("no", "n", "nein", "false", "falsch", "0")
_YES_OR_NO = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_PLACE = ("site", "building", "floor", "room", "desk")
_CODES = {"string_too_long": "cell_too_long", "string_pattern_mismatch": "tag_malformed", "missing": "cell_needed"}


_AS_WRITTEN = ("tag", "serial", "model", "manufacturer", "category")
# What makers call a thing may be any text.
_NAMES_OF_THINGS = frozenset({"model", "manufacturer", "category"})
_IN_ONE_LINE = _NAMES_OF_THINGS | {"holder"}
# "ja" is nobody, and nowhere.
_NO_ANSWERS = frozenset({"holder", *_PLACE})
_FREE = frozenset({"data_bearing", "checkout", "first_name", "last_name", "username"})
_TWICE = {"tag": "tag_twice", "serial": "serial_twice"}
_IN_OTHER_LETTERS = {"tag": "tag_in_other_letters", "serial": "serial_in_other_letters"}
_MOST_IN_A_FOOTER = 3
# What makers and lists write where there is none: nothing but zeros, one sign again and again, or a row of digits.
_NO_SERIAL = re.compile(r"[0 ./_-]+|(\S)\1{3,}|0?123456789?0?", re.ASCII)


NO_WORDS = ListWords(customer="nobody")


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
    unknown_columns: tuple[UnknownColumn, ...] = ()


def read_assets(
    file: CellFile, sites: Sequence[Site], words: ListWords = NO_WORDS, *, with_unseen: bool = False
) -> AssetList:
    """Every row that can be understood, and every problem of the others. Raises `Unacceptable` without headings.

    What is hidden or struck out counts only if somebody wants it.
    """
    table = table_of(file, AssetHeadings(words.columns))
    table = table._replace(rows=tuple(row for row in table.rows if not _is_no_asset(row, table)))
    asked = questions(table, table.rows, Nearest(HEADINGS, cutoff=0.7), HARMLESS)
    reader = _AssetReader(table, sites, words)
    reader.issues += asked.issues
    if not with_unseen:
        reader.issues += (issue for row in table.rows for issue in unseen(table, row, "tag"))
    doubtful = {issue.row for issue in reader.issues}
    rows = []
    for row in table.rows:
        stated = reader.read(row) if row.number not in doubtful else None
        if stated is not None:
            rows.append(StatedRow(row, stated))
    doubled = set()
    for stated_row, issue in _doubles(table, rows):
        doubled.add(stated_row.row.number)
        reader.issues.append(issue)
    right = tuple(row for row in rows if row.row.number not in doubled)
    return AssetList(table, right, tuple(reader.issues), asked.columns)


def _is_no_asset(row: Row, table: Table) -> bool:
    if is_total(row.texts):
        return True
    return is_footer(row.texts) and len(table.cells(row)) <= _MOST_IN_A_FOOTER


def _doubles(table: Table, rows: list[StatedRow]) -> Iterator[tuple[StatedRow, DataIssue]]:
    """The first row with a tag or serial is believed, the later ones are reported, whatever letters they are in."""
    first: dict[tuple[str, str], StatedRow] = {}
    for stated_row in rows:
        stated = stated_row.stated
        for field, value in (("tag", stated.tag), ("serial", stated.serial)):
            if value is None:
                continue
            before = first.setdefault((field, same_tag(value)), stated_row)
            if before is stated_row:
                continue
            written = getattr(before.stated, field)
            values = {"first_row": before.row.name, "other": written}
            code = _TWICE[field] if written == value else _IN_OTHER_LETTERS[field]
            yield stated_row, table.issue(stated_row.row, field, code, **values)


def _has_letters(text: str) -> bool:
    """A tag of nothing but question marks is no tag, whatever it says."""
    return any(sign.isalnum() for sign in text)


class _AssetReader:
    def __init__(self, table: Table, sites: Sequence[Site], words: ListWords) -> None:
        self.issues: list[DataIssue] = []
        self._table = table
        self._sites = sites_by_name(sites)
        self._written = named(site.name for site in sites)
        self._words = words
        self._is_snipe_it = "checkout" in table.positions or "checked_out_site" in table.positions

    def read(self, row: Row) -> StatedAsset | None:
        before = len(self.issues)
        faults = self._table.faults(row)
        self.issues += [*faults.values(), *self._table.nameless(row)]
        cells = self._values(row)
        stated: dict[str, object] = {field: cells[field] for field in _AS_WRITTEN if field in cells}
        stated |= self._place(row, cells) | self._handed_out(row, cells) | self._data_bearing(row, cells)
        found = None if "tag" in faults else self._checked(row, stated)
        return found if len(self.issues) == before else None

    def _values(self, row: Row) -> dict[str, str]:
        said = {field: text for field, text in self._table.cells(row).items() if plain(text) not in UNSTATED}
        said = {
            field: " ".join(text.split()) if field in _IN_ONE_LINE and "\n" in text else text
            for field, text in said.items()
        }
        cells, told = self._words.without(said)
        for field, text in cells.items():
            if text.startswith("="):
                self._say(row, field, "formula_without_value")
            elif field == "serial" and _NO_SERIAL.fullmatch(text):
                self._say(row, field, "serial_says_nothing")
            elif field not in told and field not in _FREE and _has_letters(text) and normal(text) not in STATUS_WORDS:
                meaning = wordless(text) or (None if field in _NAMES_OF_THINGS else doubtful(text))
                if meaning is None and field in _NO_ANSWERS:
                    meaning = doubtful_place(text)
                if meaning is not None:
                    self._say(row, field, WORDLESS[meaning])
        return cells

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
        at = "checked_out_site" if "checked_out_site" in cells else "site"
        parts: dict[str, str] = {part: cells[part] for part in _PLACE[1:] if part in cells}
        if at not in cells:
            if parts:
                self._say(row, "site", "site_needed")
            return {}
        site = self._sites.get(normal(cells[at]))
        if site is None:
            self._say(row, at, "site_unknown", site=cells[at][:200], known=self._written)
            return {}
        return {"place": {"site": site, **parts}}

    def _handed_out(self, row: Row, cells: dict[str, str]) -> dict[str, object]:
        """Status and holder. Snipe-IT's labels do not say whether a thing is handed out; its checkout columns do."""
        name = " ".join(cells[part] for part in ("first_name", "last_name") if part in cells)
        holder = cells.get("holder") or name or cells.get("username")
        said: dict[str, object] = {"holder": holder} if holder else {}
        status = STATUS_WORDS.get(normal(cells["status"])) if "status" in cells else None
        if "status" in cells and status is None:
            known = ", ".join(AssetStatus)
            self._say(row, "status", "status_unknown", status=cells["status"][:200], known=known)
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
