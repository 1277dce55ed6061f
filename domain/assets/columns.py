"""The columns of asset lists: German, English and Snipe-IT's headings, and what others mean to one customer."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from domain.blocks import Headings
from domain.cells import CellKind
from domain.lists import NOTES, TRUTHS, Row, normal
from domain.meanings import Meanings
from domain.nearest import Nearest, named
from domain.refusals import Problem
from domain.values import Line, Slug


class AssetColumn(StrEnum):
    """What a column of an asset list can be mapped to."""

    TAG = "tag"
    SERIAL = "serial"
    MODEL = "model"
    MANUFACTURER = "manufacturer"
    CATEGORY = "category"
    STATUS = "status"
    SITE = "site"
    BUILDING = "building"
    FLOOR = "floor"
    ROOM = "room"
    DESK = "desk"
    HOLDER = "holder"
    DATA_BEARING = "data_bearing"
    IGNORED = "ignored"


class ListWords(Meanings):
    """What headings of asset lists mean to one customer, and words in the cells of all its lists."""

    customer: Slug
    columns: dict[Line, AssetColumn] = Field(default={}, max_length=200)


_COLUMNS: dict[str, tuple[str, ...]] = {
    "tag": (
        *("tag", "asset tag", "inventory number", "inventarnummer", "inventar-nr.", "inventarnr.", "inventarnr"),
        *(
            "asset no.",
            "asset number",
            "assettag",
            "asset id",
            "inventar",
            "inventar nr.",
            "inv.-nr.",
            "gerätenummer",
            "geräte-nr.",
        ),
    ),
    "serial": (
        *(
            "serial",
            "serial number",
            "serial no.",
            "seriennummer",
            "serien-nr.",
            "seriennr.",
            "seriennr",
            "s/n",
            "sn",
            "serialnumber",
        ),
    ),
    "model": ("model", "model name", "modell", "modellname"),
    "manufacturer": ("manufacturer", "hersteller"),
    "category": ("category", "type", "kategorie", "geräteart", "gerätetyp", "art"),
    "status": ("status", "state", "zustand"),
    "site": ("site", "location", "standort", "niederlassung", "liegenschaft"),
    "building": ("building", "gebäude", "haus"),
    "floor": ("floor", "etage", "stockwerk", "geschoss"),
    "room": ("room", "raum", "zimmer", "raumnr.", "raum-nr.", "raumnummer"),
    "desk": ("desk", "seat", "platz", "arbeitsplatz"),
    "holder": (
        *("holder", "user", "assigned to", "checked out to", "nutzer", "benutzer", "inhaber", "mitarbeiter"),
        *("employee",),
    ),
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
# What says nothing of an asset that we keep: named as not read, and nobody is asked about it wherever it stands.
HARMLESS = frozenset(
    {
        *("kostenstelle", "kst", "kst.", "cost center", "cost centre", "anschaffung", "anschaffungsdatum"),
        *("kaufdatum", "anschaffungswert", "kaufpreis", "preis", "cost", "price", "lieferant", "händler"),
        *("rechnung", "rechnungsnr.", "rechnungsnummer", "invoice", "bestellung", "bestellnr.", "bestellnummer"),
        *("garantie", "garantie bis", "warranty until", "warranty expiration", "mac", "mac-adresse", "mac address"),
        *("ip", "ip-adresse", "ip address", "hostname", "rechnername", "computername", "betriebssystem", "os"),
        *("operating system", "cpu", "ram", "arbeitsspeicher", "festplatte", "disk", "bemerkung", "bemerkungen"),
        *("notiz", "notizen", "kommentar", "comment", "comments", "remarks", "abteilung", "department", "firma"),
        *("leasing bis", "leasingende", "lfd. nr.", "nr.", "nr", "#", "description", "beschreibung", "eol"),
        *(
            "last seen",
            "lastseen",
            "url",
            "image",
            "manager",
            "title",
            "created at",
            "updated at",
            "last audit",
            "employee no.",
            "last check-in",
        ),
        *("compliance", "ownership", "managed by", "os version", "domain", "userdomain", "letzte änderung", "entität"),
        *("letzte inventur", "inventur"),
    }
)
# Words that may mean something else once another heading says the same: Snipe-IT's "Type" beside its "Category".
_WEAK = frozenset({"type", "art", "user", "state"})
# What says who holds a thing, or that Snipe-IT has written the list, where "Name" is the thing's own.
_HOLDERS = frozenset({"holder", "first_name", "last_name", "username", "checkout", "checked_out_site"})
_FEWEST = 2
_SURELY = 3
_KNOWN_SHARE = 0.6


class AssetHeadings:
    """The headings of asset lists in both languages, those of Snipe-IT, and what the customer has said of others."""

    mapped = "assets", "tag"
    content: Mapping[str, frozenset[CellKind]] = {"data_bearing": TRUTHS, "checkout": NOTES}

    def __init__(self, told: Mapping[str, AssetColumn]) -> None:
        own = {normal(text): "" if column == AssetColumn.IGNORED else str(column) for text, column in told.items()}
        self._names, self._told = HEADINGS | own, own.keys()
        self._near = Nearest(dict.fromkeys(_COLUMNS["tag"], "tag"), cutoff=0.6)

    def headings(self, rows: Sequence[Row], at: int) -> Headings | None:
        line = rows[at].texts
        headings = [normal(cell) for cell in line if cell.strip()]
        known = sum(heading in self._names for heading in headings)
        fields = tuple(self._names.get(normal(cell)) for cell in line)
        fields = tuple(
            None if normal(cell) in _WEAK and fields.count(field) > 1 else field
            for cell, field in zip(line, fields, strict=True)
        )
        if not _HOLDERS.intersection(fields) and "name" not in self._told:
            # Where no column says who holds a thing, that may.
            fields = tuple(None if normal(cell) == "name" else field for cell, field in zip(line, fields, strict=True))
        surely = known >= _SURELY or "tag" in fields or known >= _KNOWN_SHARE * len(headings)
        # One known word is a title, not a row of headings.
        return Headings(at, line, fields) if known >= _FEWEST and surely else None

    def meant(self, heading: str) -> str:
        return self._near.to(normal(heading))

    def lacks(self, headings: Headings) -> list[Problem]:
        if "tag" in headings.fields:
            return []
        both = list(zip(headings.line, headings.fields, strict=True))
        unknown = [text.strip() for text, field in both if field is None and text.strip()]
        values = {
            "column": "tag",
            "write": named(_COLUMNS["tag"], most=4),
            "found": named(text.strip() for text, field in both if field),
            "unknown": named(unknown),
            "nearest": next((text for text in unknown if self._near.to(normal(text))), ""),
        }
        return [Problem(code="column_missing", values=values)]
