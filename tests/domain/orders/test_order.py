"""Accepting an order: what the contract grants, and every reason why it does not."""

from datetime import date
from typing import Any

import pytest

from domain.assets.asset import Asset, AssetStatus
from domain.contracts.chains import Erasure
from domain.contracts.tailoring import Insertion, Tailoring, for_project
from domain.kinds import OrderKind
from domain.orders.order import Order, OrderRequest, Registers, accept, accept_part
from domain.people import Role
from domain.places import Site
from domain.refusals import Unacceptable
from tests.domain.orders.paper import ASKED, MONDAY
from tests.world import CONTRACT, COORDINATOR, DESK, HQ, NEW_DESK, part

NOTEBOOK = Asset(tag="NB-200", customer="adler", serial="SN200", status=AssetStatus.DEPLOYED, place=DESK)
MOVE = ASKED[OrderKind.MOVE]


def accepted(request: OrderRequest, *assets: Asset, contract: object = CONTRACT, site: Site | None = HQ) -> Order:
    known = Registers((site,) if site else (), assets)
    return accept(contract, request, known, no="O-1", at=MONDAY)  # type: ignore[arg-type]


def problems(
    request: OrderRequest, *assets: Asset, site: Site | None = HQ, **contract: object
) -> list[tuple[str, str]]:
    with pytest.raises(Unacceptable) as refused:
        accepted(request, *assets, contract=CONTRACT.but(**contract), site=site)
    return [(problem.code, problem.at) for problem in refused.value.problems]


def test_an_accepted_order_pins_its_terms_and_chain() -> None:
    order = accepted(MOVE, NOTEBOOK)

    assert (order.terms.contract, order.terms.version, order.terms.target_minutes) == ("adler-2026", 1, 2700)
    assert order.terms.access == HQ.access
    assert order.chain == CONTRACT.chain(OrderKind.MOVE)
    assert order.received_at == MONDAY


def test_high_risk_is_ordered_with_a_change_approval() -> None:
    order = accepted(MOVE.but(risk="high"), NOTEBOOK)

    assert "change_approval" in order.chain.before("appointment")


def test_the_people_of_an_order_are_its_requester_the_approvers_and_the_team() -> None:
    order = accepted(MOVE, NOTEBOOK)

    assert order.people(Role.REQUESTER) == ("p-vogel",)
    assert order.people(Role.APPROVER) == ("p-huber",)
    assert order.people(Role.SDM) == ("p-sommer",)
    assert order.people(Role.AUDITOR) == ()


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        pytest.param({"valid_from": date(2026, 3, 3)}, ("contract_not_valid", "/contract"), id="not yet valid"),
        pytest.param({"valid_until": date(2026, 3, 1)}, ("contract_not_valid", "/contract"), id="no longer valid"),
        pytest.param({"targets": {}}, ("kind_not_offered", "/kind"), id="a kind without target"),
        pytest.param({"requesters": ("p-huber",)}, ("requester_not_named", "/requester"), id="a stranger"),
    ],
)
def test_what_the_contract_does_not_grant(contract: dict[str, Any], expected: tuple[str, str]) -> None:
    assert problems(MOVE, NOTEBOOK, **contract) == [expected]


def test_a_contract_is_valid_on_its_last_day_as_its_own_zone_counts_days() -> None:
    late = MONDAY.replace(hour=22, minute=59)
    contract = CONTRACT.but(valid_until=MONDAY.date())

    assert contract.is_valid_on(late)
    assert not contract.is_valid_on(late.replace(hour=23))


@pytest.mark.parametrize(
    "site", [pytest.param(None, id="nobody knows it"), pytest.param(HQ.but(customer="other"), id="another customer's")]
)
def test_a_site_that_is_not_the_customers_is_unknown(site: Site | None) -> None:
    assert problems(MOVE, NOTEBOOK, site=site) == [("site_unknown", "/site")]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (OrderKind.INSTALL, ["/wanted", "/target"]),
        (OrderKind.MOVE, ["/assets", "/target"]),
        (OrderKind.ADD, ["/assets", "/wanted"]),
        (OrderKind.CHANGE, ["/assets"]),
        (OrderKind.REMOVE, ["/assets"]),
        (OrderKind.DISPOSE, ["/assets"]),
    ],
)
def test_what_each_kind_cannot_do_without(kind: OrderKind, missing: list[str]) -> None:
    bare = ASKED[kind].but(assets=(), wanted=(), target=None)

    assert problems(bare) == [("field_needed", at) for at in missing]


def test_what_is_broken_need_not_stand_in_the_register() -> None:
    assert accepted(ASKED[OrderKind.BREAK_FIX].but(assets=())).assets == ()


@pytest.mark.parametrize(
    ("kind", "asset", "code"),
    [
        pytest.param("move", NOTEBOOK.but(customer="other"), "asset_unknown", id="another customer's asset"),
        pytest.param(
            "move", NOTEBOOK.but(status=AssetStatus.IN_STOCK), "asset_not_ready", id="moving what is in stock"
        ),
        pytest.param("move", NOTEBOOK.but(place=NEW_DESK), "already_there", id="moving to where it stands"),
        pytest.param("install", NOTEBOOK, "asset_not_ready", id="installing what is in use"),
        pytest.param("change", NOTEBOOK.but(status=AssetStatus.IN_REPAIR), "asset_not_ready", id="changing in repair"),
        pytest.param("remove", NOTEBOOK.but(status=AssetStatus.RETIRED), "asset_not_ready", id="removing the retired"),
        pytest.param("dispose", NOTEBOOK, "asset_not_ready", id="disposing of what is in use"),
        pytest.param(
            "break_fix", NOTEBOOK.but(status=AssetStatus.RETIRED), "asset_not_ready", id="mending what nobody uses"
        ),
        pytest.param("remove", NOTEBOOK.but(serial=None), "serial_missing", id="no serial to prove erasure for"),
    ],
)
def test_an_asset_that_does_not_fit(kind: str, asset: Asset, code: str) -> None:
    asked = ASKED[OrderKind(kind)].but(assets=("NB-200",))

    assert problems(asked, asset) == [(code, "/assets/0")]


@pytest.mark.parametrize(
    "asset",
    [
        pytest.param(NOTEBOOK.but(serial=None, data_bearing=False), id="without data"),
        pytest.param(NOTEBOOK.but(serial=None, erased_by="O-0"), id="proven erased before"),
    ],
)
def test_what_needs_no_erasure_needs_no_serial(asset: Asset) -> None:
    assert accepted(ASKED[OrderKind.REMOVE], asset).assets == (asset,)


def test_a_contract_that_erases_before_moving_asks_for_serials_too() -> None:
    wiping = Tailoring(add=(Insertion(step=Erasure(id="wipe", after=("approval",))),))

    assert problems(MOVE, NOTEBOOK.but(serial=None), chains={OrderKind.MOVE: wiping}) == [
        ("serial_missing", "/assets/0")
    ]


def test_a_part_of_a_project_is_ordered_by_whoever_launched_that_and_approved_with_the_plan() -> None:
    asked = MOVE.but(requester=COORDINATOR.person)
    first = part(MONDAY)

    order = accept_part(CONTRACT, asked, Registers((HQ,), (NOTEBOOK,)), first, no="O-1", at=MONDAY)

    assert (order.placed_by, order.part) == ("p-koch", first)
    assert order.chain == for_project(CONTRACT.chain(OrderKind.MOVE))
    assert order.terms == accepted(MOVE, NOTEBOOK).terms


def test_a_part_of_a_project_is_granted_nothing_else_that_an_order_would_not_be() -> None:
    asked = MOVE.but(requester=COORDINATOR.person, assets=("NB-999",), target=None)

    with pytest.raises(Unacceptable) as refused:
        accept_part(CONTRACT.but(targets={}), asked, Registers(), part(MONDAY), no="O-1", at=MONDAY)

    assert [problem.code for problem in refused.value.problems] == [
        *("kind_not_offered", "site_unknown", "field_needed", "asset_unknown")
    ]


def test_all_problems_are_named_at_once() -> None:
    asked = MOVE.but(requester="p-nobody", assets=("NB-200", "NB-999", "NB-200"), target=None)
    asset = NOTEBOOK.but(status=AssetStatus.RETIRED)

    assert problems(asked, asset, site=None, valid_until=date(2026, 1, 1), targets={}) == [
        ("contract_not_valid", "/contract"),
        ("kind_not_offered", "/kind"),
        ("requester_not_named", "/requester"),
        ("site_unknown", "/site"),
        ("field_needed", "/target"),
        ("asset_not_ready", "/assets/0"),
        ("asset_unknown", "/assets/1"),
        ("asset_twice", "/assets/2"),
    ]


def test_only_a_move_leads_to_another_site_and_that_must_be_known() -> None:
    elsewhere = NEW_DESK.but(site="adler-branch")

    assert problems(MOVE.but(target=elsewhere), NOTEBOOK) == [("site_unknown", "/target/site")]
    assert problems(
        ASKED[OrderKind.INSTALL].but(target=elsewhere, assets=("NB-200",)), NOTEBOOK.but(status=AssetStatus.IN_STOCK)
    ) == [("target_elsewhere", "/target/site")]
