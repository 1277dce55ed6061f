"""What the API has done in the workshop. Loads neither the web nor the database: other processes run it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from connectors.files.erasure_reports import read_erasure_report
from connectors.files.papers import read_paper
from connectors.files.parcels import unpacked
from connectors.spreadsheets import read_list
from documents.doors import doors_pdf
from documents.labels import labels_pdf
from documents.manuals import manual_pdf
from documents.matrix import matrix_pdf
from documents.project_reports import report_pdf
from documents.protocols import protocol_pdf
from documents.run_sheets import run_sheet_pdf
from documents.waste_lists import waste_csv
from documents.workbooks import annotated, report_workbook, template_workbook
from domain.assets.asset import Asset
from domain.assets.columns import ListWords
from domain.assets.lists import AssetList, read_assets
from domain.billing.rating import simulate
from domain.cases.recycler_lists import RecyclerList
from domain.clocks.calendars import Calendar
from domain.clocks.holds import ClockHold
from domain.clocks.sla import SlaClock
from domain.contracts.customers import Customer
from domain.costs.cases import ChargedCase
from domain.costs.comparison import compare as compared_costs
from domain.costs.reading import charged_incident, charged_order
from domain.meanings import NO_MEANINGS, Meanings
from domain.moves.lists.columns import ColumnMapping
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.staging import Ground, Staged, StagedList, StagedRow, stage
from domain.moves.lists.templates import template_rows
from domain.moves.plans.charts import Bar, PlannedLoad, bars, critical_path, loads
from domain.moves.plans.making import PlanGround, make
from domain.moves.plans.plan import Assignment, Basis, Plan
from domain.moves.plans.versions import PlanRequest, ProjectPlan
from domain.moves.project import Project
from domain.moves.reports.doors import DoorRoom, door_rooms, of_room
from domain.moves.reports.records import ProjectRecords, facts_of
from domain.moves.reports.report import ProjectReport, report
from domain.names import same_name
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.orders.recycler_lists import recycler_list
from domain.orders.waste import WasteReport, waste_report
from domain.people import Actor, Language, Person
from domain.places import Site
from domain.promises.what_ifs import Comparison, WhatIf, compare
from domain.refusals import Problem, Unacceptable

__all__ = [
    "compared_costs",
    "doors_pdf",
    "labels_pdf",
    "manual_pdf",
    "matrix_pdf",
    "protocol_pdf",
    "read_erasure_report",
    "read_list",
    "read_paper",
    "report_pdf",
    "report_workbook",
    "run_sheet_pdf",
    "simulate",
    "waste_csv",
]


def waste_year(rows: Sequence[tuple[str, str]], customer: str, year: int) -> WasteReport:
    """Orders and their progress as they are written."""
    cases = ((Order.model_validate_json(order), Progress.model_validate_json(text)) for order, text in rows)
    return waste_report(cases, customer, year)


def charged_orders(rows: Sequence[tuple[str, str, str]]) -> list[ChargedCase]:
    """Number, order and progress, as they are written."""
    return [charged_order(order, progress) for _, order, progress in rows]


def charged_incidents(rows: Sequence[tuple[str, str, str]]) -> list[ChargedCase]:
    return [charged_incident(incident, progress) for _, incident, progress in rows]


def compared_list(parcel: bytes, left: Sequence[str]) -> RecyclerList:
    """Assets as JSON. Raises `Unacceptable` with all that is wrong with the list."""
    return recycler_list(unpacked(parcel), [Asset.model_validate_json(text) for text in left])


class MoveGround(NamedTuple):
    """What a move list is held against; assets as they are written in the register."""

    project: Project
    sites: Sequence[Site]
    people: Sequence[Person]
    assets: Sequence[str]
    mapping: ColumnMapping
    today: date
    meanings: Meanings = NO_MEANINGS
    begun: Collection[str] = ()


class StagedFile(NamedTuple):
    file_name: str
    digest: str
    staged: Staged


def understood_assets(parcel: bytes, sites: Sequence[Site], words: ListWords, with_unseen: bool = False) -> AssetList:
    return read_assets(unpacked(parcel), sites, words, with_unseen=with_unseen)


def staged_moves(parcel: bytes, ground: MoveGround) -> StagedFile:
    file = unpacked(parcel)
    areas = [place for site in ground.sites for place in site.places] + list(ground.project.places)
    known = PeopleAndAssets(ground.people, map(Asset.model_validate_json, ground.assets), areas)
    staged = stage(
        file, Ground(ground.project, ground.sites, known, ground.mapping, ground.today, ground.meanings, ground.begun)
    )
    return StagedFile(file.name, file.digest, staged)


def annotated_list(of: StagedList, rows: Sequence[str], language: Language) -> bytes:
    """Rows as they are written."""
    return annotated(of, map(StagedRow.model_validate_json, rows), language)


class TemplateGround(NamedTuple):
    """What a list is written from; assets as they are written in the register."""

    site: Site
    floor: str | None
    people: Sequence[Person]
    assets: Sequence[str]


def written_template(ground: TemplateGround, language: Language) -> bytes:
    """Raises `Unacceptable` where nothing stands."""
    assets = [Asset.model_validate_json(text) for text in ground.assets]
    names = Counter(same_name(person.name) for person in ground.people)
    rows = template_rows(assets, ground.site.id, ground.floor, (name for name, many in names.items() if many > 1))
    if not rows:
        values = {"site": ground.site.id, "floor": ground.floor or ""}
        raise Unacceptable(Problem(code="nothing_stands_there", at="/query/floor", values=values))
    stand = [asset.place for asset in assets if asset.place is not None and asset.place.site == ground.site.id]
    return template_workbook(rows, [*stand, *ground.site.places], language)


def made_plan(request: PlanRequest, ground: PlanGround, rows: Sequence[str], actor: Actor, at: datetime) -> ProjectPlan:
    """Rows as they are written."""
    read = [StagedRow.model_validate_json(row) for row in rows]
    return make(request, ground._replace(rows=read), actor=actor, at=at)


def drawn(basis: Basis, plan: Plan) -> tuple[tuple[Bar, ...], tuple[PlannedLoad, ...], tuple[str, ...]]:
    return bars(basis, plan), loads(basis, plan), critical_path(basis, plan)


def made_report(
    records: ProjectRecords, rows: Sequence[str], orders: Mapping[str, str], customer: Customer, at: datetime
) -> ProjectReport:
    """Rows and what orders have come to as they are written."""
    read = [StagedRow.model_validate_json(row) for row in rows]
    facts = {no: facts_of(Progress.model_validate_json(text)) for no, text in orders.items()}
    return report(replace(records, rows=read, orders=facts), customer, at)


class Supposed(NamedTuple):
    """A clock with its hours, and what it would run by."""

    clock: SlaClock
    hours: Calendar
    rules: WhatIf


def compared(
    supposed: Sequence[Supposed], holds: tuple[ClockHold, ...], longest: timedelta, at: datetime
) -> list[Comparison]:
    """Raises `Unacceptable` where a target cannot be reached within the longest wait."""
    for clock, hours, rules in supposed:
        target = timedelta(minutes=rules.target_minutes) if rules.target_minutes else clock.target
        if (rules.calendar or hours).elapsed(at, at + longest) < target:
            minutes = f"{target // timedelta(minutes=1)}"
            raise Unacceptable(Problem(code="target_unreachable", at="/calendar", values={"minutes": minutes}))
    return [compare(clock, hours, rules, at, holds=holds) for clock, hours, rules in supposed]


def door_sheets(assignments: Sequence[Assignment], rows: Sequence[str], room: str | None) -> tuple[DoorRoom, ...]:
    """Rows as they are written; of all rooms, or of those that are called so."""
    read = [StagedRow.model_validate_json(row) for row in rows]
    # The first row of a key is the right one; the others were refused.
    return of_room(door_rooms(assignments, {row.key: row for row in reversed(read)}), room)
