"""Move lists as text, held against the example customer with everything in the register."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from api.jobs import MoveGround, StagedFile, staged_moves, understood_assets
from connectors.contract_files import read_customer_file
from connectors.holidays import with_holidays
from connectors.spreadsheets import read_list
from domain.assets.imports import Register, plan
from domain.assets.lists import NO_WORDS
from domain.customer_files import CustomerFile
from domain.meanings import NO_MEANINGS, Meanings
from domain.moves.lists.columns import ColumnMapping
from domain.moves.lists.staging import StagedRow
from domain.moves.project import Project

EXAMPLES = Path(__file__).parents[4] / "examples"
HEADINGS = (
    "Mitarbeiter;Inventarnr.;von Gebäude;von Etage;von Raum;von Platz;"
    "nach Gebäude;nach Etage;nach Raum;nach Platz;Umzugsdatum;Welle;Bemerkung"
)
PROJECT = Project(id="p", customer="adler", contract="adler-2026", name="Umzug", sites=("adler-hq",))
NOW = datetime(2026, 11, 29, tzinfo=UTC)


@cache
def adler() -> CustomerFile:
    return read_customer_file((EXAMPLES / "adler.yaml").read_bytes())


@cache
def register() -> tuple[str, ...]:
    """The example's assets, as they are written."""
    parcel = read_list("assets.csv", (EXAMPLES / "adler-assets.csv").read_bytes())
    planned = plan(understood_assets(parcel, adler().sites, NO_WORDS), "adler", Register({}, {}, {}), overrule=False)
    return tuple(after.model_dump_json() for _, after in planned.changes)


def staged_file(
    content: bytes, *, name: str = "l.csv", mapping: ColumnMapping | None = None, meanings: Meanings = NO_MEANINGS
) -> StagedFile:
    sites = [site.but(access=with_holidays(site.access, NOW)) for site in adler().sites]
    people = [person for person in adler().people if person.customer == "adler"]
    columns = mapping or ColumnMapping(columns={})
    ground = MoveGround(PROJECT, sites, people, register(), columns, date(2026, 11, 29), meanings)
    return staged_moves(read_list(name, content), ground)


def staged(
    *lines: str, headings: str = HEADINGS, mapping: ColumnMapping | None = None, meanings: Meanings = NO_MEANINGS
) -> tuple[StagedRow, ...]:
    return staged_file("\n".join((headings, *lines)).encode(), mapping=mapping, meanings=meanings).staged.rows


def said_of(row: StagedRow) -> list[tuple[str, str]]:
    """What stands against a row, each at its column."""
    return [(one.column, one.code) for one in (*row.issues, *row.conflicts)]
