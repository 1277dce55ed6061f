"""What is accepted of a bundle: an order for each of its items, or all that is wrong with any of them."""

from typing import Any

import pytest

from domain.assets.asset import AssetStatus
from domain.contracts.chains import Approval
from domain.kinds import OrderKind
from domain.orders.order import OrderWish, Registers, accept
from domain.refusals import Unacceptable
from tests.domain.orders.paper import MONDAY
from tests.stories.bundle_scripts import BUNDLED, LEAVER, LEFT, NEWCOMER, PHONE, leaving, wished
from tests.world import ASSETS, HQ

KNOWN = Registers((HQ,), tuple(ASSETS))


def problems(contract: Any = BUNDLED, **fields: object) -> list[tuple[str, str]]:  # noqa: ANN401  # a contract
    with pytest.raises(Unacceptable) as refused:
        accept(contract, wished(**fields), KNOWN, no="O-B", at=MONDAY)
    return [(problem.code, problem.at) for problem in refused.value.problems]


def test_each_item_is_an_order_of_its_own_and_the_whole_is_approved_once() -> None:
    bundle = accept(BUNDLED, wished(note="third floor"), KNOWN, no="O-B", at=MONDAY)

    parts = {part.bundle.step: part for part in bundle.parts if part.bundle is not None}
    assert [step.id for step in bundle.chain.steps] == ["approval", "notebook", "spare", "phone", "talk"]
    assert bundle.chain.step("talk").after == ("notebook", "phone")
    assert bundle.chain.step("phone").after == ("approval",)
    assert not [step for part in bundle.parts for step in part.chain.steps if isinstance(step, Approval)]
    assert [part.request.kind for part in bundle.parts] == [OrderKind.INSTALL] * 2 + [OrderKind.ASSIST] * 2
    assert parts["notebook"].request.answers == {"first-day": "Montag"}
    assert parts["spare"].request.answers == {}
    assert (parts["notebook"].request.holder, parts["phone"].request.holder) == ("Nora Falk", None)
    assert {part.request.note for part in bundle.parts} == {"third floor"}
    assert [one.model for one in parts["spare"].request.wanted] == ["ThinkPad T14"]


def test_what_was_asked_stands_in_the_bundle_by_the_names_of_its_items() -> None:
    bundle = accept(BUNDLED, wished(), KNOWN, no="O-B", at=MONDAY)

    assert bundle.item is not None
    assert [question.id for question in bundle.item.questions] == ["notebook_first-day", "spare_first-day"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"target": None}, [("field_needed", "/target")], id="no place, said once for both"),
        pytest.param({"assets": ["NB-200"]}, [("not_of_bundle", "/assets")], id="assets that nothing takes"),
        pytest.param(
            {"wanted": [{"model": "T14"}], "new_model": "X1", "incident": "I-1"},
            [("not_of_bundle", "/wanted"), ("not_of_bundle", "/new_model"), ("not_of_bundle", "/incident")],
            id="what bundles do not take",
        ),
        pytest.param({"answers": {"first-day": "x"}}, [("answer_not_asked", "/answers/first-day")], id="no question"),
        pytest.param(
            {"site": "nowhere", "requester": "p-lang"},
            [("requester_not_named", "/requester"), ("site_unknown", "/site"), ("target_elsewhere", "/target/site")],
            id="all at once",
        ),
    ],
)
def test_whatever_is_wrong_with_any_part_is_said_at_once(
    fields: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    assert problems(**fields) == expected


def test_an_item_that_few_may_order_keeps_others_from_its_bundle() -> None:
    few = BUNDLED.but(
        catalogue=tuple(one.but(requesters=("p-huber",)) if one == PHONE else one for one in BUNDLED.catalogue)
    )

    assert problems(few) == [("requester_not_for_item", "/requester")]


def test_a_bundle_is_ordered_by_its_name_alone() -> None:
    wish = OrderWish.model_validate(wished().model_dump(exclude={"kind"}))

    assert accept(BUNDLED, wish, KNOWN, no="O-B", at=MONDAY).request.kind == NEWCOMER.kind


def test_what_a_leaver_gives_back_is_disposed_of_as_the_return_leaves_it_and_by_four_eyes() -> None:
    bundle = accept(LEFT, leaving(), KNOWN, no="O-B", at=MONDAY)

    parts = {part.bundle.step: part for part in bundle.parts if part.bundle is not None}
    approval = bundle.chain.step("approval")
    assert isinstance(approval, Approval)
    assert approval.four_eyes
    assert {step: [asset.status for asset in part.assets] for step, part in parts.items()} == {
        "phone": [],
        "back": [AssetStatus.DEPLOYED],
        "scrap": [AssetStatus.IN_STOCK],
    }
    assert [(asset.place, asset.holder) for asset in parts["scrap"].assets] == [(None, None)]


def test_what_nothing_has_taken_back_before_is_not_disposed_of() -> None:
    at_once = LEAVER.but(items=tuple(part.but(after=()) for part in LEAVER.items))
    contract = LEFT.but(catalogue=(*LEFT.catalogue[:-1], at_once))

    with pytest.raises(Unacceptable) as refused:
        accept(contract, leaving(), KNOWN, no="O-B", at=MONDAY)

    assert [(problem.code, problem.at) for problem in refused.value.problems] == [("asset_not_ready", "/assets/0")]
