"""Reading and checking a move list; peak memory beside that of the process before. Aim: 10,000 rows < 5 s, 300 MB."""

import multiprocessing
import os
import resource
from collections.abc import Iterator
from datetime import UTC, date, datetime
from time import perf_counter

from bench.ground.report import Figure
from connectors.holidays import with_holidays
from connectors.spreadsheets import read_file
from domain.assets.asset import Asset, AssetStatus
from domain.clocks.calendars import Calendar
from domain.moves.lists.columns import ColumnMapping
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.staging import Ground, RowState, stage
from domain.moves.project import Project
from domain.places import Place, Site

# The heading is a row as well, and 50,000 rows are read.
SIZES = tuple(int(size) for size in os.environ.get("IMAC_BENCH_MOVES", "1000,10000,49999").split(","))
HEADINGS = "Mitarbeiter;Gebäude alt;Etage alt;Raum alt;Platz alt;Gebäude neu;Etage neu;Raum neu;Platz neu;Umzugsdatum"
OFFICE = Calendar.model_validate(
    {
        "zone": "Europe/Berlin",
        "region": "DE-BY",
        "weekly": {day: [["07:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)
PROJECT = Project(id="bench", customer="bench", contract="bench", name="Bench", sites=("hq",))
NOW = datetime(2026, 11, 21, tzinfo=UTC)
MEGA = 1_000_000
# Every tenth row is wrong, every tenth pair swaps desks.
WRONG, SWAPPED = 10, 20


def run() -> list[Figure]:
    figures = []
    for size in SIZES:
        # Memory is that of a process that does nothing else.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            spent, megabytes, before, issues = pool.apply(measured, (size,))
        figures += [
            Figure(f"{size:,} rows, {issues:,} of them wrong", spent, None, None, "s"),
            Figure(f"{size:,} rows, peak memory; alone the registers take {before:.0f}", megabytes, None, None, "MB"),
        ]
    return figures


def measured(size: int) -> tuple[float, float, float, int]:
    content = "\n".join((HEADINGS, *lines(size))).encode("cp1252")
    texts = [asset.model_dump_json(exclude_defaults=True) for asset in assets(size)]
    before = peak()
    begin = perf_counter()
    known = PeopleAndAssets((), map(Asset.model_validate_json, texts))
    sites = [Site(id="hq", customer="bench", name="HQ", access=with_holidays(OFFICE, NOW))]
    ground = Ground(PROJECT, sites, known, ColumnMapping(columns={}), date(2026, 11, 21))
    staged = stage(read_file("moves.csv", content), ground)
    spent = perf_counter() - begin
    wrong = sum(row.state == RowState.ISSUE for row in staged.rows)
    if len(staged.rows) != size or wrong != size // WRONG or not any(row.interim for row in staged.rows):
        raise AssertionError(f"{len(staged.rows)} rows, {wrong} of them wrong")
    return spent, peak(), before, wrong


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGA


def desk_of(n: int) -> tuple[str, str, str, str]:
    return "A", str(n // 2_000), str(n // 4), str(n % 4 + 1)


def lines(size: int) -> Iterator[str]:
    for n in range(size):
        building, *there = desk_of(n)
        target = ("B", *there)
        if n % SWAPPED in (2, 3):
            target = desk_of(n + 1 if n % SWAPPED == 2 else n - 1)
        name = "Unbekannt" if n % WRONG == WRONG - 1 else "Person"
        yield ";".join((f"{name} {n}", building, *there, *target, "11.03.2027"))


def assets(size: int) -> Iterator[Asset]:
    for n in range(size):
        building, floor, room, desk = desk_of(n)
        place = Place(site="hq", building=building, floor=floor, room=room, desk=desk)
        for kind in ("NB", "MO", "DK"):
            yield Asset(
                tag=f"{kind}-{n}",
                customer="bench",
                serial=f"S-{kind}-{n}",
                model="ThinkPad T14 Gen 4",
                status=AssetStatus.DEPLOYED,
                place=place,
                holder=f"Person {n}",
            )
