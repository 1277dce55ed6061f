"""Contracts as files: what tailors a chain, and everything that is wrong with a file named at once."""

import pytest

from connectors.contract_files import read_contract, read_customer_file
from connectors.holidays import calendar_problems
from db.contracts import unknown_names
from db.engine import Database
from documents.notices import notice_problems
from domain.contracts.chains import Approval, Evidence
from domain.contracts.contract import problems_of
from domain.kinds import OrderKind
from domain.refusals import Unacceptable
from tests.db.test_imports import NOW
from tests.world import furnish

PLAIN = """
id: small
customer: adler
name: Small
valid_from: 2026-01-01
calendar: {zone: Europe/Berlin, region: DE-BY, weekly: {mon: [[08:00, 17:00]]}}
requesters: [p-vogel]
approvers: [p-huber]
targets: {install: 540, dispose: 2700}
prices: {hourly: {technician: 96.00}}
"""


def contract(chains: str) -> bytes:
    return f"{PLAIN}chains:\n{chains}".encode()


def problems(content: bytes) -> set[tuple[str, str]]:
    try:
        found = problems_of(read_contract(content))
    except Unacceptable as refused:
        found = list(refused.problems)
    return {(problem.code, problem.at) for problem in found}


def test_a_contract_drops_adds_reorders_and_sets_steps() -> None:
    kept = read_contract(
        contract("""
  install:
    drop: [acceptance]
    add:
      - step: {type: evidence, id: photo, after: [work], document: photo}
        before: [asset_update]
    reorder: {appointment: [approval]}
    set:
      approval: {target_minutes: 120, four_eyes: yes}
""")
    )

    chain = kept.chain(OrderKind.INSTALL)

    assert problems_of(kept) == []
    assert [step.id for step in chain.in_order()] == [
        *("approval", "reservation", "appointment", "work", "photo", "asset_update", "charge")
    ]
    assert chain.step("approval") == Approval(id="approval", target_minutes=120, four_eyes=True)
    assert chain.step("photo") == Evidence(id="photo", after=("work",), document="photo")
    assert chain.step("appointment").after == ("approval",)
    assert set(chain.step("asset_update").after) == {"work", "photo"}


def test_everything_that_is_wrong_with_a_chain_is_named_at_once() -> None:
    content = contract("""
  dispose:
    drop: [erasure, asset_update, nonsense]
    reorder: {handover: [proof]}
    set:
      approval: {role: boss, target_minutes: -5}
      proof: {colour: red}
  install:
    reorder: {work: [charge, nowhere]}
""")

    assert problems(content) >= {
        ("step_unknown", "/chains/dispose"),
        ("step_missing", "/chains/dispose"),
        ("chain_cycle", "/chains/dispose"),
        ("parameter_wrong", "/chains/dispose/set/approval/role"),
        ("parameter_wrong", "/chains/dispose/set/approval/target_minutes"),
        ("parameter_wrong", "/chains/dispose/set/proof/colour"),
        ("chain_cycle", "/chains/install"),
        ("step_unknown", "/chains/install/work/after"),
    }


def test_fields_and_chains_that_are_wrong_are_named_together() -> None:
    content = contract("  install: {drop: [asset_update]}\n") + b"team: {boss: [p-koch]}\nterm: 5\n"

    assert problems(content) == {
        ("field_wrong", "/team/boss/[key]"),
        ("field_wrong", "/term"),
        ("step_missing", "/chains/install"),
    }


def test_dates_targets_and_prices_are_checked() -> None:
    content = (
        PLAIN.replace("hourly", "parts").replace("technician", "ram").replace("540", "0") + "valid_until: 2025-01-01"
    )

    assert problems(content.encode()) == {
        ("validity_reversed", "/valid_until"),
        ("target_wrong", "/targets/install"),
        ("price_missing", "/prices/flat/install"),
        ("price_missing", "/prices/flat/dispose"),
    }


def test_work_on_incidents_is_charged_by_a_price() -> None:
    content = PLAIN.replace(
        "{hourly: {technician: 96.00}}", "{flat: {install: 9.00, dispose: 9.00}, incidents: charge}"
    )

    assert problems(content.encode()) == {("hour_unpriced", "/prices/hourly/technician")}


async def test_names_that_nobody_knows_are_found_at_the_edge(database: Database) -> None:
    await furnish(database)
    text = PLAIN.replace("p-vogel", "p-nobody").replace("DE-BY", "DE-XX") + "team: {sdm: [p-sommer, p-ghost]}\n"
    text += "chains: {install: {add: [{step: {type: notice, id: told, after: [work], template: hooray}}]}}\n"
    kept = read_contract(text.encode())

    async with database.reading() as session:
        found = await unknown_names(session, kept)
    found += calendar_problems(kept.calendar, "/calendar", NOW) + notice_problems(kept)

    assert [(problem.code, problem.at) for problem in found] == [
        ("person_unknown", "/requesters/0"),
        ("person_unknown", "/team/sdm/1"),
        ("region_unknown", "/calendar/region"),
        ("template_unknown", "/chains/install/told/template"),
    ]


def test_a_contract_alone_is_a_customer_file_too() -> None:
    file = read_customer_file(PLAIN.encode())

    assert (file.customer, [contract.id for contract in file.contracts]) == (None, ["small"])


def test_problems_of_a_customer_file_say_in_which_contract_they_are() -> None:
    content = "contracts:\n- {chains: {install: {drop: [charge, x]}}}\n"

    with pytest.raises(Unacceptable) as refused:
        read_customer_file(content.encode())

    found = {(problem.code, problem.at) for problem in refused.value.problems}
    assert {("field_wrong", "/contracts/0/id"), ("step_unknown", "/contracts/0/chains/install")} <= found


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"id: a\nid: b\n", "yaml_broken", id="a key twice"),
        pytest.param(b"id: [a\n", "yaml_broken", id="a bracket left open"),
        pytest.param(b"id: !!python/object/apply:os.getcwd []\n", "yaml_broken", id="an object"),
        pytest.param(b"id: !!int x\n", "yaml_broken", id="a tag"),
        pytest.param(b"? [a]\n: b\n", "yaml_broken", id="a list as a key"),
        pytest.param(b"id: a\n---\nid: b\n", "yaml_broken", id="two documents"),
        pytest.param(b"id: \x00\n", "yaml_broken", id="NUL"),
        pytest.param("name: Größe\n".encode("cp1252"), "yaml_broken", id="not UTF-8"),
        pytest.param(b"id: &a [*a]\n", "yaml_recursive", id="a list in itself"),
        pytest.param(BOMB.encode(), "yaml_unfolds_too_large", id="a billion values in ten lines"),
        pytest.param(b"[" * 100_000, "yaml_unfolds_too_large", id="a hundred thousand brackets"),
        pytest.param(b"#" * 600_000, "file_too_large", id="too many bytes"),
        pytest.param(b"", "field_wrong", id="nothing in it"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(content: bytes, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_contract(content)

    assert {problem.code for problem in refused.value.problems} == {code}


def test_times_numbers_and_words_are_taken_as_they_are_written() -> None:
    text = PLAIN.replace("name: Small", "name: no").replace("96.00", "62.55")

    kept = read_contract(text.encode())

    assert (kept.name, str(kept.prices.hourly), kept.calendar.weekly.mon) == (
        "no",
        "{<Role.TECHNICIAN: 'technician'>: Decimal('62.55')}",
        ((480, 1020),),
    )
