"""The examples are what newcomers try first: each loads without a problem, and its orders are accepted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.moves.lists import bring_in
from connectors.contract_files import (
    read_alert_rules,
    read_customer_file,
    read_orders,
    read_plan_request,
    read_rota,
    read_vendor_file,
)
from connectors.holidays import calendar_problems, with_holidays
from connectors.spreadsheets import read_file, read_list
from db.assets.asset import assets_by_tag, in_stock
from db.assets.imports import Manner, import_assets
from db.contracts import save_contract, save_customer, save_person, save_site, unknown_names
from db.engine import Database
from db.moves.plans import newest_plan, store_plan
from db.moves.projects import save_project, staged_row_by_key, staged_rows
from db.oncall.rotas import known_people
from documents.wording import LANGUAGES
from domain.alerts.alertmanager import AlertmanagerWebhook, from_alertmanager
from domain.alerts.rules import in_order, rule_for
from domain.alerts.rules import problems_of as rule_problems
from domain.assets.imports import ImportResult
from domain.assets.lists import read_assets
from domain.contracts.chains import Evidence
from domain.contracts.contract import problems_of
from domain.customer_files import CustomerFile
from domain.kinds import OrderKind
from domain.moves.plans.making import PlanGround, make
from domain.moves.plans.versions import PlanRequest, legs_of
from domain.moves.plans.waves import CutBy
from domain.moves.project import Project
from domain.oncall.rota_checks import gaps
from domain.oncall.rota_checks import problems_of as rota_problems
from domain.orders.order import OrderRequest, Registers, accept
from domain.people import MACHINE
from domain.priorities import Priority
from domain.promises.checks import promise_problems
from domain.promises.paging_checks import unattended
from domain.vendors.directories import Concern, responsible
from domain.vendors.directories import problems_of as directory_problems
from domain.vendors.vendor import problems_of as vendor_problems
from tests.workshop import Here

EXAMPLES = Path(__file__).parent.parent / "examples"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADLER = read_customer_file((EXAMPLES / "adler.yaml").read_bytes())
ORDERS = read_orders((EXAMPLES / "orders.yaml").read_bytes())
ROTA = read_rota((EXAMPLES / "rota.yaml").read_bytes())
VENDORS = read_vendor_file((EXAMPLES / "vendors.yaml").read_bytes())
RULES = read_alert_rules((EXAMPLES / "alerts" / "rules.yaml").read_bytes())
(CONTRACT,) = ADLER.contracts


# As the service is open for it: with its holidays.
DATED = CONTRACT.but(calendar=with_holidays(CONTRACT.calendar, NOW))


async def move_in(database: Database, file: CustomerFile) -> None:
    assert file.customer is not None
    async with database.writing() as session:
        await save_customer(session, file.customer)
        await session.flush()
        for site in file.sites:
            await save_site(session, site)
        for person in file.people:
            await save_person(session, person)
        for contract in file.contracts:
            await save_contract(session, contract)


async def import_list(database: Database, name: str) -> ImportResult:
    found = read_assets(read_file(name, (EXAMPLES / name).read_bytes()), ADLER.sites)
    return await import_assets(database, customer="adler", found=found, actor=MACHINE, at=NOW, manner=Manner())


async def test_the_example_contract_has_no_problem(database: Database) -> None:
    await move_in(database, ADLER)

    async with database.reading() as session:
        assert await unknown_names(session, CONTRACT) == []
    assert [*problems_of(CONTRACT), *promise_problems(CONTRACT)] == []
    for calendar in (CONTRACT.calendar, *(site.access for site in ADLER.sites)):
        assert calendar_problems(calendar, "", NOW) == []


def test_the_example_contract_asks_for_a_photo_before_anything_counts_as_disposed() -> None:
    chain = CONTRACT.chain(OrderKind.DISPOSE)

    assert isinstance(chain.step("photo"), Evidence)
    assert "photo" in chain.before("asset_update")


@pytest.mark.parametrize(("name", "assets"), [("adler-assets.csv", 104), ("snipeit-assets.csv", 12)])
async def test_an_example_list_is_imported_whole(database: Database, name: str, assets: int) -> None:
    await move_in(database, ADLER)

    result = await import_list(database, name)

    assert (result.added, result.issues, result.ignored_columns) == (assets, (), ())


async def test_the_example_move_lists_are_one_clean_and_one_as_messy_as_real_ones(database: Database) -> None:
    await move_in(database, ADLER)
    await import_list(database, "adler-assets.csv")
    project = Project(id="haus-b", customer="adler", contract=CONTRACT.id, name="Haus B", sites=("adler-hq",))
    async with database.writing() as session:
        await save_project(session, project)

    clean, messy = [
        await bring_in(
            database, Here(), project, read_list(name, (EXAMPLES / name).read_bytes()), actor=MACHINE, at=NOW
        )
        for name in ("move-clean.csv", "move-messy.csv")
    ]

    assert (clean.rows, clean.ready, clean.swaps) == (40, 40, 1)
    assert (messy.rows, messy.ready, messy.with_issues, messy.with_conflicts, messy.swaps) == (19, 7, 7, 5, 1)
    assert messy.ignored_columns == ()


async def test_the_example_plan_moves_the_example_list_in_three_waves(database: Database) -> None:
    await move_in(database, ADLER)
    await import_list(database, "adler-assets.csv")
    project = Project(id="haus-b", customer="adler", contract=CONTRACT.id, name="Haus B", sites=("adler-hq",))
    async with database.writing() as session:
        await save_project(session, project)
    moves = read_list("move-clean.csv", (EXAMPLES / "move-clean.csv").read_bytes())
    staged = await bring_in(database, Here(), project, moves, actor=MACHINE, at=NOW)
    async with database.reading() as session:
        rows = await staged_rows(session, staged)
    ground = PlanGround(project, CONTRACT, staged, rows, ADLER.sites, ADLER.people)

    given = make(read_plan_request((EXAMPLES / "move-plan.yaml").read_bytes()), ground, actor=MACHINE, at=NOW)
    by_column, by_floor = [
        make(PlanRequest(cut_by=by, interim=given.request.interim, minutes=60), ground, actor=MACHINE, at=NOW)
        for by in (CutBy.COLUMN, CutBy.FLOOR)
    ]

    for planned in (given, by_column):
        assert [len(legs_of(planned, wave)) for wave in ("w1", "w2", "w3")] == [12, 15, 14]
    assert [(wave.floor, wave.after) for wave in by_floor.basis.waves] == [*(("2", ()), ("1", ("w1",)), ("2", ("w2",)))]
    assert [planned.planned for planned in (given, by_column, by_floor)] == [40, 40, 40]
    (leg, *_) = legs_of(given, "w1")
    async with database.writing() as session:
        saved = await store_plan(session, given)
        newest = await newest_plan(session, project.id)
        row = await staged_row_by_key(session, project.id, saved.list_version, leg.workplace)
    assert newest == saved
    assert [found.row for found in rows if found == row] == [leg.row]


async def test_the_example_rota_has_two_people_on_call_all_the_year(database: Database) -> None:
    await move_in(database, ADLER)
    async with database.reading() as session:
        known = await known_people(session, ROTA)
    rota = ROTA.but(coverage=with_holidays(ROTA.coverage, NOW))

    assert rota_problems(rota, NOW, known) == []
    assert gaps(rota, NOW, NOW + timedelta(days=365), known) == []
    assert unattended(DATED, rota, NOW, known) == []


def test_the_customer_file_begins_the_same_rota() -> None:
    assert ADLER.rotas == (ROTA.but(overrides=(), swaps=()),)


def test_the_example_matrix_helps_judging_in_both_languages() -> None:
    assert CONTRACT.matrix is not None

    rows = CONTRACT.matrix.rows
    counted = {priority: {len(row.examples[language]) for language in LANGUAGES} for priority, row in rows.items()}

    assert list(rows) == list(Priority)
    assert all(len(counts) == 1 and counts <= {2, 3, 4} for counts in counted.values())
    assert [row.name.keys() for row in rows.values()] == [set(LANGUAGES)] * 4


def test_the_example_vendors_and_their_directories_have_no_problem() -> None:
    sites = [site.id for site in ADLER.sites]
    known = {person.id for person in (*ADLER.people, *VENDORS.people)}

    for vendor in VENDORS.vendors:
        assert vendor_problems(vendor, NOW, known) == []
        assert [problem for uc in vendor.contracts for problem in calendar_problems(uc.calendar, "", NOW)] == []
    assert [directory_problems(rows, VENDORS.vendors, sites, NOW) for rows in VENDORS.directories] == [[], []]


@pytest.mark.parametrize(
    ("concern", "vendors"),
    [
        (Concern("Dell", "Server", "adler-hq"), ["dakota", "lechtal"]),
        (Concern("HP", "Drucker", "adler-hq"), ["sahyadri", "lechtal"]),
        (Concern("HP", "Drucker", "adler-muc"), ["lechtal", "sahyadri"]),
        (Concern("Philips", "Monitor", "adler-hq"), ["lechtal"]),
    ],
)
def test_somebody_is_responsible_for_whatever_the_example_customer_has(concern: Concern, vendors: list[str]) -> None:
    for_all, own = VENDORS.directories

    assert [choice.vendor.id for choice in responsible((own, for_all), VENDORS.vendors, concern, NOW)] == vendors


def test_there_is_an_example_order_of_every_kind() -> None:
    assert [order.kind for order in ORDERS] == list(OrderKind)


@pytest.mark.parametrize("request_", [pytest.param(order, id=order.kind) for order in ORDERS])
async def test_an_example_order_is_accepted(database: Database, request_: OrderRequest) -> None:
    await move_in(database, ADLER)
    await import_list(database, "adler-assets.csv")
    async with database.reading() as session:
        assets = await assets_by_tag(session, "adler", request_.assets)
        for wanted in request_.wanted:
            assert len(await in_stock(session, "adler", wanted.model, 9)) >= wanted.quantity

    order = accept(CONTRACT, request_, Registers(tuple(ADLER.sites), assets), no="O-EXAMPLE", at=NOW)

    assert len(order.assets) == len(request_.assets)


def test_the_example_rules_suit_the_example_contract_and_the_example_alerts() -> None:
    webhook = AlertmanagerWebhook.model_validate_json((EXAMPLES / "alerts" / "alertmanager.json").read_bytes())
    sites = [site.id for site in ADLER.sites]

    found = [rule_for(alert, in_order(RULES)) for alert in from_alertmanager(webhook, "alertmanager")]

    assert [rule_problems(rule, CONTRACT, sites) for rule in RULES] == [[]] * 3
    assert [rule.id for rule in found if rule] == ["adler-network"] * 2
