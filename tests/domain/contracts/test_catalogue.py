"""Catalogues: what an item comes to under its contract, and everything that keeps one from being saved."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.contracts.catalogue import Item, ItemChoice, ItemQuestion, Pricing, QuestionKind
from domain.contracts.chains import Approval, Evidence
from domain.contracts.contract import Contract
from domain.contracts.offers import catalogue_problems, offer_of, offered
from domain.contracts.tailoring import Insertion, Tailoring
from domain.kinds import OrderKind
from domain.leaving import contract_without, empty_roles
from tests.world import CONTRACT

NAME: Any = {"de": "Schadsoftware entfernen", "en": "Remove malware"}
VIRUS = Item(id="virus", name=NAME, kind=OrderKind.BREAK_FIX, price=Decimal("79.00"))
ADVICE = Item(id="advice", name=NAME, kind=OrderKind.ASSIST, ask_first=True)


def listing(*items: Item, **changes: object) -> Contract:
    return CONTRACT.but(catalogue=items, **changes)


def problems(*items: Item, **changes: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.at) for problem in catalogue_problems(listing(*items, **changes))]


def test_without_a_list_there_is_one_item_for_each_kind_that_has_a_target() -> None:
    targets = {OrderKind.MOVE: 540, OrderKind.INSTALL: 1080}
    found = offered(CONTRACT.but(targets=targets))

    assert [(one.id, one.target_minutes, one.pricing, one.price) for one in found] == [
        ("install", 1080, Pricing.FLAT, Decimal("89.00")),
        ("move", 540, Pricing.BY_TIME, None),
    ]


def test_what_an_item_leaves_out_is_as_the_contract_has_it_for_its_kind() -> None:
    (found,) = offered(listing(Item(id="desk", name=NAME, kind=OrderKind.INSTALL)))

    assert (found.target_minutes, found.pricing, found.price) == (2700, Pricing.FLAT, Decimal("89.00"))
    assert (found.requesters, found.approvers) == (CONTRACT.requesters, CONTRACT.approvers)
    assert found.chain == CONTRACT.chain(OrderKind.INSTALL)


def test_an_item_tailors_what_the_contract_has_made_of_the_kind() -> None:
    contract = listing(chains={OrderKind.INSTALL: Tailoring(set={"work": {"checklist": ["unpack"]}})})
    item = VIRUS.but(kind=OrderKind.INSTALL, chain=Tailoring(drop=("appointment",)), estimate_minutes=25)

    chain = offer_of(contract, item).chain

    assert [step.id for step in chain.steps] == [
        *("approval", "reservation", "work", "acceptance", "asset_update", "charge")
    ]
    assert (chain.step("work").checklist, chain.step("work").estimate_minutes) == (("unpack",), 25)  # type: ignore[union-attr]


def test_an_item_that_nobody_approves_asks_nobody_of_the_customer_and_goes_on_with_the_rest() -> None:
    item = VIRUS.but(kind=OrderKind.DISPOSE, approval=False)
    found = offer_of(CONTRACT, item)

    assert found.approvers == ()
    assert not [step for step in found.chain.steps if isinstance(step, Approval)]
    assert found.chain.step("erasure").after == ()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(VIRUS.but(name={"de": "Virus"}), ("words_missing", "/catalogue/0/name/en"), id="one language"),
        pytest.param(
            VIRUS.but(description={"en": "x"}), ("words_missing", "/catalogue/0/description/de"), id="half described"
        ),
        pytest.param(VIRUS.but(requesters=()), ("item_without_people", "/catalogue/0/requesters"), id="for nobody"),
        pytest.param(
            VIRUS.but(requesters=("p-lang",)), ("not_named_as", "/catalogue/0/requesters/0"), id="for a stranger"
        ),
        pytest.param(
            VIRUS.but(approvers=("p-vogel",)), ("not_named_as", "/catalogue/0/approvers/0"), id="no approver's"
        ),
        pytest.param(
            VIRUS.but(pricing=Pricing.INCLUDED), ("price_needless", "/catalogue/0/price"), id="included at a price"
        ),
        pytest.param(
            VIRUS.but(price=None, pricing=Pricing.FLAT), ("item_without_price", "/catalogue/0/price"), id="flat at none"
        ),
        pytest.param(
            VIRUS.but(chain=Tailoring(drop=("nothing",))), ("step_unknown", "/catalogue/0/chain"), id="an unknown step"
        ),
        pytest.param(
            VIRUS.but(chain=Tailoring(drop=("asset_update",))),
            ("step_missing", "/catalogue/0/chain"),
            id="a chain that cannot run",
        ),
        pytest.param(
            ADVICE.but(chain=Tailoring(drop=("appointment", "work"))),
            ("item_cannot_ask", "/catalogue/0/chain"),
            id="asked first, with nothing that comes after",
        ),
        pytest.param(
            ADVICE.but(chain=Tailoring(add=(Insertion(step=Evidence(id="consent", document="photo")),))),
            ("item_cannot_ask", "/catalogue/0/chain"),
            id="asked first, where something else is called so",
        ),
    ],
)
def test_what_is_wrong_with_an_item_is_said_where_it_stands(item: Item, expected: tuple[str, str]) -> None:
    assert problems(item) == [expected]


def test_without_a_target_of_its_own_an_item_needs_one_of_its_kind() -> None:
    targets = {OrderKind.MOVE: 540}

    assert problems(VIRUS, targets=targets) == [("item_without_target", "/catalogue/0/target_minutes")]
    assert problems(VIRUS.but(target_minutes=60), targets=targets) == []


def test_by_time_an_item_needs_the_rate_of_everybody_who_works_in_it() -> None:
    prices = CONTRACT.prices.but(hourly={})

    assert problems(VIRUS.but(price=None), prices=prices) == [("item_without_price", "/catalogue/0/price")]
    assert problems(VIRUS.but(price=None, pricing=Pricing.INCLUDED), prices=prices) == []


def test_all_that_is_wrong_with_a_catalogue_is_said_at_once() -> None:
    one = ItemQuestion(id="one", text={"de": "Was?"})
    asked = (
        one,
        one.but(text=NAME, kind=QuestionKind.CHOICE),
        one.but(id="two", text=NAME, choices=(ItemChoice(id="a", name=NAME), ItemChoice(id="a", name=NAME))),
    )

    assert problems(VIRUS, VIRUS.but(questions=asked)) == [
        ("item_twice", "/catalogue/1/id"),
        ("words_missing", "/catalogue/1/questions/0/text/en"),
        ("question_twice", "/catalogue/1/questions/1/id"),
        ("choices_missing", "/catalogue/1/questions/1/choices"),
        ("choices_needless", "/catalogue/1/questions/2/choices"),
        ("choice_twice", "/catalogue/1/questions/2/choices/1/id"),
    ]


@pytest.mark.parametrize("price", ["79.001", "-1", "1000000.01", "seventy-nine"])
def test_a_price_is_an_amount_of_euros_and_cents(price: str) -> None:
    with pytest.raises(ValidationError):
        Item.model_validate_json(f'{{"id": "virus", "name": {{}}, "kind": "break_fix", "price": "{price}"}}')


def test_whoever_leaves_is_taken_out_of_items_and_leaves_none_to_nobody() -> None:
    contract = listing(VIRUS.but(requesters=("p-vogel",), approvers=("p-huber",)), approvers=("p-huber", "p-koch"))

    handed_over = contract_without(contract, "p-vogel", "p-huber").catalogue[0]
    left_empty = [(problem.code, problem.values["role"]) for problem in empty_roles(contract, "p-huber", None)]

    assert (handed_over.requesters, handed_over.approvers) == (("p-huber",), ("p-huber",))
    assert left_empty == [("item_left_empty", "approver")]
