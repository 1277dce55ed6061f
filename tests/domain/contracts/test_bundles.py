"""What keeps a bundle from being listed: all of it at once, each where it stands."""

from decimal import Decimal
from typing import Any

import pytest

from domain.contracts.catalogue import Item, ItemPart, ItemQuestion, Pricing
from domain.contracts.contract import Contract
from domain.contracts.offers import catalogue_problems, offer_of
from domain.kinds import OrderKind
from tests.stories.bundle_scripts import BUNDLED, NEWCOMER, PHONE, words


def many(count: int) -> tuple[ItemQuestion, ...]:
    return tuple(ItemQuestion(id=f"q-{n}", text=words("Was?")) for n in range(count))


def problems(*items: Item) -> list[tuple[str, str]]:
    contract: Contract = BUNDLED.but(catalogue=(*BUNDLED.catalogue, *items))
    return [(problem.code, problem.at) for problem in catalogue_problems(contract)]


def bundle(*parts: dict[str, Any], **changes: object) -> Item:
    return NEWCOMER.but(id="leaver", items=tuple(ItemPart.model_validate(part) for part in parts)).but(**changes)


def test_what_is_listed_comes_to_what_its_items_do() -> None:
    offered = offer_of(BUNDLED, NEWCOMER)

    assert problems() == []
    assert (offered.pricing, offered.price, offered.target_minutes) == (Pricing.BY_ITEMS, None, 5400)
    assert [part.called for part in offered.items] == ["notebook", "spare", "phone", "talk"]
    assert offered.chain.step("phone").titles == PHONE.name


def test_who_approves_may_be_nobody_and_then_all_begin_at_once() -> None:
    chain = offer_of(BUNDLED, bundle({"item": "phone"}, {"item": "talk"}, approval=False)).chain

    assert [(step.id, step.after) for step in chain.steps] == [("phone", ()), ("talk", ())]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(bundle({"item": "leaver"}), [("bundle_in_bundle", "/items/0/item")], id="itself"),
        pytest.param(bundle({"item": "newcomer"}), [("bundle_in_bundle", "/items/0/item")], id="another bundle"),
        pytest.param(bundle({"item": "paint"}), [("item_unknown", "/items/0/item")], id="an unknown item"),
        pytest.param(bundle({"item": "phone"}, {"item": "phone"}), [("step_twice", "/items")], id="two of one id"),
        pytest.param(
            bundle({"item": "phone", "id": "approval"}),
            [("step_twice", "/items"), ("chain_cycle", "/items")],
            id="called approval",
        ),
        pytest.param(bundle({"item": "phone", "after": ["phone"]}), [("chain_cycle", "/items")], id="after itself"),
        pytest.param(
            bundle({"item": "phone", "after": ["talk"]}, {"item": "talk", "after": ["phone"]}),
            [("chain_cycle", "/items")],
            id="a circle",
        ),
        pytest.param(bundle({"item": "phone", "after": ["paint"]}), [("step_unknown", "/items")], id="after nothing"),
        pytest.param(bundle({"item": "notebook"}), [("field_needed", "/items/0/wanted")], id="nothing to take"),
        pytest.param(
            bundle({"item": "phone"}, price=Decimal(5), ask_first=True, estimate_minutes=5, kind=OrderKind.MOVE),
            [
                ("bundle_of_kind", "/kind"),
                ("not_of_bundle", "/price"),
                ("not_of_bundle", "/estimate_minutes"),
                ("not_of_bundle", "/ask_first"),
                ("step_missing", "/items"),
            ],
            id="what its items have",
        ),
        pytest.param(
            PHONE.but(id="x", price=None, pricing=Pricing.BY_ITEMS), [("item_without_items", "/pricing")], id="no items"
        ),
        pytest.param(
            bundle({"item": "phone"}, questions=(ItemQuestion(id="notebook_first-day", text=words("Wann?")),)).but(
                items=NEWCOMER.items[:1]
            ),
            [("question_twice", "/items")],
            id="a question that is asked twice",
        ),
        pytest.param(
            bundle({"item": "notebook", "id": "n" * 60, "wanted": [{"model": "T14"}]}),
            [("question_id_long", "/items")],
            id="too long a name for a question",
        ),
        pytest.param(
            bundle({"item": "phone"}, questions=many(50)).but(items=NEWCOMER.items[:1]),
            [("questions_too_many", "/items")],
            id="more questions than can be answered",
        ),
    ],
)
def test_what_is_wrong_with_a_bundle_is_said_where_it_stands(item: Item, expected: list[tuple[str, str]]) -> None:
    assert problems(item) == [(code, f"/catalogue/4{at}") for code, at in expected]
