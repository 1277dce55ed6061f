"""Every sheet and list in German and in English: what a language has words for stands in no other one."""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from io import StringIO
from typing import get_args

import pytest
from pydantic import JsonValue
from rich.console import Console, RenderableType

import examples
from cli.alerts.alert import alerts_table, groups_table, receipt_table, rules_table
from cli.alerts.maintenance import windows_table
from cli.answers import AnsweredPage
from cli.assets import life_picture
from cli.assets import picture as import_picture
from cli.cases import event_row, events_table
from cli.channels import ShownChannel, channels_table
from cli.clocks.pictures import clock_picture
from cli.clocks.sla import comparison_table, preview_picture
from cli.contracts import chains, contract, costs, matrix
from cli.faults import Checked, check_picture
from cli.incidents import sheet as incident_sheet
from cli.incidents.incident import lines_table as incident_lines
from cli.keys import keys_table
from cli.moves import events as move_events
from cli.moves import previews, project, rehearse
from cli.moves import report as move_report
from cli.moves import sheet as project_sheet
from cli.moves.plans import plans_table
from cli.oncall import pictures
from cli.oncall.feeds import feeds_table
from cli.oncall.page import page_picture
from cli.orders import sheet as order_sheet
from cli.orders.order import lines_table as order_lines
from cli.people import leaving_picture
from cli.vendors import picture as vendor_picture
from cli.vendors import responsible_table, rows_table
from connectors.contract_files import read_alert_rules, read_customer_file, read_rota, read_vendor_file
from documents.terminal import terminal_wording
from documents.wording import LANGUAGES, wording
from domain.alerts.alert import AlertReceipt, AlertSheet
from domain.alerts.groups import GroupSheet
from domain.alerts.maintenance import MaintenanceWindow
from domain.assets.asset import Asset, LifeEntry
from domain.assets.imports import ImportResult
from domain.cases.events import Event
from domain.cases.instructions import AnyCommand
from domain.cases.notices import NoticeAttempt
from domain.cases.order_commands import CommandBase
from domain.clocks.reports import ClockReport
from domain.contracts.chains import DEFAULTS, Work
from domain.contracts.matrix_sheets import MatrixSheet
from domain.costs.cost import ContractCost
from domain.incidents.sheets import IncidentLine, IncidentSheet
from domain.keys import Key
from domain.kinds import OrderKind
from domain.leaving import LeavingSheet
from domain.moves.launched.call_offs import RowFate
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WorkplaceStanding
from domain.moves.lists.staging import StagedList, StagedRow
from domain.moves.plans.changes import PlanChanges
from domain.moves.plans.versions import PlanHeader
from domain.moves.rehearsals.forecasts import Rehearsal
from domain.oncall.feeds import CalendarFeed
from domain.oncall.page import NewsKind, PageSheet
from domain.oncall.shifts import Gap, OnCall, RotaChange, Shift
from domain.orders.ledger import LedgerEntry
from domain.orders.progress import OwnPeopleStint
from domain.orders.sheets import OrderLine, OrderSheet
from domain.people import Language
from domain.promises.what_ifs import Comparison, MigrationPreview
from domain.vendors.directories import Responsible
from tests.documents.test_project_reports import OFF
from tests.domain.orders.paper import placed
from tests.samples import sample
from tests.world import CONTRACT, HQ

# As many as the longest set of choices has.
MANY = 20
ZONE = HQ.access.zone
ZONES = {"x-1": ZONE}


def example(name: str) -> bytes:
    return files(examples).joinpath(name).read_bytes()


NOTED: tuple[tuple[str, dict[str, str]], ...] = (
    ("threshold_reached", {"clock": "work/1", "clock_type": "OLA", "percent": "75", "collapsed": "yes"}),
    ("deadline_missed", {"clock": "order", "due": "2027-11-22T09:30:00+00:00", "late_seconds": "0.003"}),
    ("deadline_missed", {"clock": "vendor-1-response", "due": "2027-11-22T09:30:00.123456Z"}),
    ("threshold_reached", {"clock": "promised-2", "clock_type": "SLA", "percent": "50", "collapsed": "no"}),
    ("hold_ended", {"code": "waiting_customer"}),
    ("booked_by_plan", {"from": "2027-11-22T09:30:00Z", "to": "2027-11-22T11:30:00Z", "technician": "p-lang"}),
    ("step_stuck", {"problem": "out_of_stock", "model": "T14", "quantity": "1", "in_stock": "0"}),
    ("notice_undeliverable", {"problem": "notice_undeliverable", "notices": "order_received, step_stuck"}),
    ("solved", {"until": "2027-11-22T09:30:00Z", "solution": "T14"}),
    ("evidence_overdue", {"document": "disposal_proof"}),
    ("order_ended", {"order": "O-1", "state": "in_progress"}),
    ("page_sent", {"cause": "resolution_75"}),
    ("page_sent", {"cause": "priority_changed"}),
    *(("page_answered", {"answer": f"{kind}", "person": "p-lang", "owner": "p-koch"}) for kind in NewsKind),
    ("vendor_asked", {"vendor": "T14", "answer_minutes": "30", "late_minutes": "5", "vendor_due": "2027-11-22T09:30Z"}),
    ("no_vendor", {"passed_over": "T14"}),
    ("row_failed", {"row": "1", "order": "O-1", "problem": "desk_not_free"}),
    ("settling", {"until": "2027-11-22T09:30:00Z", "workplaces": "4", "ok": "3"}),
)


def events(noun: str) -> Iterator[Event]:
    """Whatever this noun has words for can happen."""
    happenings = wording("en").words[noun]
    actor: JsonValue = {"person": "p-lang", "role": "service_desk"}
    told: dict[str, JsonValue] = {"actor": actor, "step": "work", "reason": "T14", "values": {}, "command": None}
    for what in happenings:
        yield sample(Event, **told | {"what": what})
    for what, values in NOTED:
        if what in happenings:
            yield sample(Event, **told | {"what": what, "values": dict(values)})
    for kind in commands():
        command = sample(kind).model_dump(mode="json")
        if command["type"] not in happenings:
            continue
        yield sample(Event, **told | {"what": command["type"], "command": command})


def commands(of: object = AnyCommand) -> Iterator[type[CommandBase]]:
    for one in get_args(of):
        if isinstance(one, type) and issubclass(one, CommandBase):
            yield one
        yield from commands(one)


Sheets = Callable[[Language], Iterator[RenderableType]]


def orders(language: Language) -> Iterator[RenderableType]:
    for kind in OrderKind:
        chain = DEFAULTS[kind]
        yield chains.picture(chain, CONTRACT, language)
        for n in range(MANY):
            charges, messages = (sample(LedgerEntry, n),), (sample(NoticeAttempt, n),)
            lent = sample(OwnPeopleStint, n, step=chain.steps[0].id)
            taken = sample(
                OrderSheet,
                n,
                steps=[],
                awaiting=[],
                own_people=[lent.model_dump(mode="json")],
                kind=kind,
                request=ASKED,
            )
            yield order_sheet.picture(order_sheet.OrderPapers(taken, chain, HQ, charges, messages), language)
    yield order_lines([sample(OrderLine, n) for n in range(MANY)], ZONES, language)
    yield events_table(list(events("happening")), ZONE, language)


ASKED = placed(OrderKind.INSTALL).request.model_dump(mode="json")


def incidents(language: Language) -> Iterator[RenderableType]:
    for n in range(MANY):
        papers = incident_sheet.IncidentPapers(
            sample(IncidentSheet, n),
            HQ,
            (sample(NoticeAttempt, n),),
            (sample(PageSheet, n),),
            (sample(LedgerEntry, n),),
        )
        yield incident_sheet.picture(papers, language)
        yield page_picture(sample(PageSheet, n), language)
    yield incident_lines([sample(IncidentLine, n) for n in range(MANY)], ZONES, language)


def checks(language: Language) -> Iterator[RenderableType]:
    for n in range(MANY):
        yield check_picture(sample(Checked, n), language)
    yield check_picture(Checked(looked_at=None, rewritten=None, faulty=()), language)


def clocks(language: Language) -> Iterator[RenderableType]:
    for n in range(MANY):
        yield clock_picture(sample(ClockReport, n), language)
        yield comparison_table((sample(Comparison, n),), language)
    preview = sample(MigrationPreview)
    named = [preview.moves[0].but(clock=clock) for clock in ("order", "work/1", "response", "vendor-1-resolution")]
    yield preview_picture(preview.but(moves=tuple(named)), ZONE, language)


def moves(language: Language) -> Iterator[RenderableType]:
    yield move_events.events_table(list(events("move_happening")), ZONE, language)
    yield move_report.picture(OFF, language)
    for n in range(MANY):
        yield project_sheet.picture(
            project_sheet.ProjectPapers(sample(ProjectSheet, n), ZONE, (sample(WorkplaceStanding, n, legs=[]),)),
            language,
        )
        rows = (sample(StagedRow, n),)
        yield project.rows_picture(AnsweredPage[StagedRow](items=rows, next=None), language)
        yield project.picture(sample(StagedList, n), language)
        yield plans_table((sample(PlanHeader, n),), ZONE, language)
        yield previews.changes_picture(sample(PlanChanges, n), ZONE, language)
        yield previews.fates_table([sample(RowFate, n)], language)
        forecast = sample(Rehearsal, n)
        named = [forecast.missed[0].but(clock=clock) for clock in ("order", "work/1", "exception")]
        yield rehearse.picture(forecast.but(missed=tuple(named), finished=0), ZONE, language)


def registers(language: Language) -> Iterator[RenderableType]:
    file = read_customer_file(example("adler.yaml"))
    for known in file.contracts:
        yield contract.contracts_table([known], language)
        yield contract.picture(known, language)
    for n in range(MANY):
        yield costs.picture(sample(ContractCost, n), language)
    paged = CONTRACT.model_dump(mode="json")
    sheet = {name: paged[name] for name in ("matrix", "version", "valid_from", "valid_until")}
    yield matrix.picture(sample(MatrixSheet, **sheet, service_hours=paged["calendar"], people=[]), language)
    for n in range(MANY):
        life = [sample(LifeEntry, n), sample(LifeEntry, n, before=sample(Asset, n + 1).model_dump(mode="json"))]
        yield life_picture(sample(Asset, n), life, language)
        moved: JsonValue = {"row": 1, "tag": "T14", "outcome": "changed", "changed": ["status", "holder"]}
        yield import_picture(sample(ImportResult, n, rows=[moved]), "imac asset import l.csv", language)
        yield keys_table([sample(Key, n), sample(Key, n, revoked_at=None)], language)
        yield channels_table([sample(ShownChannel, n)], language)
    vendors = read_vendor_file(example("vendors.yaml"))
    yield from (vendor_picture(vendor, language) for vendor in vendors.vendors)
    yield rows_table(vendors.directories, language)
    yield responsible_table([sample(Responsible)], language)


def rotas(language: Language) -> Iterator[RenderableType]:
    known = read_rota(example("rota.yaml"))
    yield pictures.rota_picture(known, language)
    for n in range(MANY):
        yield pictures.on_call_picture(sample(OnCall, n), known, {}, language)
        yield pictures.on_call_picture(sample(OnCall, n, primary=None, backup=None), known, {}, language)
        yield pictures.shifts_table([sample(Shift, n)], known, language)
        yield pictures.gaps_table([sample(Gap, n)], known, language)
        yield feeds_table([sample(CalendarFeed, n)], known, language)
        yield leaving_picture(sample(LeavingSheet, n), language)
        change = sample(RotaChange, n)
        yield pictures.saved_picture(known.but(change=change), language, preview=True)
        yield pictures.saved_picture(known.but(change=change.but(before=None)), language)


def alerts(language: Language) -> Iterator[RenderableType]:
    yield rules_table(read_alert_rules(example("alerts/rules.yaml")), language)
    yield receipt_table(sample(AlertReceipt), language)
    for n in range(MANY):
        yield alerts_table([sample(AlertSheet, n), sample(AlertSheet, n, group=None)], language)
        yield groups_table([sample(GroupSheet, n, problem=None, labels={"severity": "critical"})], language)
        yield windows_table([sample(MaintenanceWindow, n)], ZONE, language)


SHEETS = (orders, incidents, checks, clocks, moves, registers, rotas, alerts)


def drawn(made: RenderableType) -> str:
    paper = StringIO()
    Console(file=paper, width=400, highlight=False).print(made)
    return paper.getvalue()


# Alike in both languages.
ALIKE = {"sla", "ola", "uc", "a"}
# What contracts, monitoring and people have named themselves, and what is typed as it stands.
GIVEN = (
    *("the lift is broken", "=dock is stuck", "stays at home", "the floor is flooded", "Umzug in Haus B"),
    *(
        "Rufbereitschaft Nordlicht IT",
        "Lechtal IT-Werkstatt",
        "Lenovo Authorised Repair",
        "Netz und Firewalls",
        "Alles Übrige",
        "adler-network",
        "adler-rest",
        "job=",
    ),
    *(", ".join(step.checklist) for chain in DEFAULTS.values() for step in chain.steps if isinstance(step, Work)),
)
TYPED = re.compile(rf"({'|'.join({step.id for chain in DEFAULTS.values() for step in chain.steps})}|--step)$")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß_]+")
CODE = re.compile(r"\d{4}-\d\d-\d\dT|\b[a-z]+_[a-z_]+\b|\b[a-z_]+/\d+\b|\b(vendor|promised)-\d")


def said(language: Language) -> set[str]:
    """Every word of a language's wordings, their placeholders and keys left out."""
    whole, terminal = wording(language), terminal_wording(language)
    texts = [*whole.problems.values(), *whole.remedies.values(), *whole.titles.values(), whole.other]
    texts += [text for noun in whole.words.values() for text in noun.values()]
    texts += [*terminal.headings.values(), *terminal.phrases.values(), *terminal.demo.values()]
    texts += [part for told in terminal.refusals.values() for part in (told.why, told.hint)]
    return {one.lower() for text in texts for one in WORD.findall(re.sub(r"\{[^}]*\}|imac .*|--[a-z-]+", " ", text))}


def foreign(language: Language) -> set[str]:
    other: Language = "en" if language == "de" else "de"
    return said(other) - said(language) - ALIKE


def lines(made: Iterator[RenderableType]) -> set[str]:
    """What sheets say in their own words: command lines, and what they were given, left out."""
    given = re.compile("|".join(map(re.escape, GIVEN)))
    drawn_lines = (line for sheet in made for line in drawn(sheet).splitlines() if "imac " not in line)
    return {TYPED.sub("", given.sub("", line).rstrip()) for line in drawn_lines}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sheets", SHEETS)
def test_a_sheet_speaks_one_language(sheets: Sheets, language: Language) -> None:
    words = foreign(language)

    found = {f"{one}: {line}" for line in lines(sheets(language)) for one in WORD.findall(line) if one.lower() in words}

    assert found == set()


@pytest.mark.parametrize("sheets", SHEETS)
def test_a_sheet_shows_no_code(sheets: Sheets) -> None:
    assert {f"{code[0]}: {line}" for line in lines(sheets("de")) for code in CODE.finditer(line)} == set()


def test_the_history_of_an_order_names_a_step_as_its_contract_does() -> None:
    actor: JsonValue = {"person": "p-lang", "role": "technician"}
    told = sample(Event, what="step_opened", actor=actor, step="photo", command=None)

    rows = [event_row(told, ZONE, "de", steps)[2] for steps in ({"photo": "Foto vom Platz"}, {})]

    assert rows == ["Foto vom Platz", "photo"]
