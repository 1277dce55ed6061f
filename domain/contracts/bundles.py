"""Bundles: items that are ordered together, each an order of its own. What one comes to, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.assets.asset import AssetStatus
from domain.contracts.catalogue import Item, ItemPart, ItemQuestion, asks_customer
from domain.contracts.chains import Approval, AssetUpdate, Chain, PartOrder, Step, problems_of
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.refusals import Problem, Refused
from domain.values import PER_CHOICE, Slug

_LONGEST_ID = 64
# What each of its items has, a bundle has not.
_OF_ITEMS = ("chain", "price", "pricing", "estimate_minutes", "ask_first")
_FROM_STOCK = (OrderKind.INSTALL, OrderKind.ADD)
_OF_ASSETS = (OrderKind.MOVE, OrderKind.ADD, OrderKind.CHANGE, OrderKind.REMOVE, OrderKind.DISPOSE)

# What each of its orders is asked for with.
_SHARED = ("contract", "requester", "site", "reference", "note")
_PLACED = ("target", "holder")
_PLACING = (OrderKind.INSTALL, OrderKind.MOVE)
_OF_OTHERS = ("wanted", "new_model", "incident")


def question_id(part: Slug, question: Slug) -> Slug:
    """By which a bundle asks what one of its items does."""
    return f"{part}_{question}"


def questions_of(contract: Contract, item: Item) -> tuple[ItemQuestion, ...]:
    """What is asked when it is ordered: of a bundle, what its items ask as well."""
    asked = list(item.questions)
    for part in item.items:
        one = contract.item(part.item)
        asked += (
            question.model_copy(update={"id": question_id(part.called, question.id)})
            for question in (one.questions if one else ())
        )
    return tuple(asked)


def bundle_chain(contract: Contract, bundle: Item) -> Chain:
    """One approval for the whole, and then its orders, each after those that it names.

    It stands for those of its items: where one of them asks for four eyes, the whole does.
    """
    names = {item.id: item.name for item in contract.items()}
    four_eyes = any(
        step.four_eyes
        for part in bundle.items
        for step in _steps(contract, part)
        if isinstance(step, Approval) and asks_customer(step)
    )
    steps: list[Step] = []
    previous: tuple[Slug, ...] = ()
    for one in contract.chain(bundle.kind).approvals:
        if bundle.approval or not asks_customer(one):
            is_asked = four_eyes and asks_customer(one)
            steps.append(one.but(after=previous, four_eyes=one.four_eyes or is_asked))
            previous = (one.id,)
    for part in bundle.items:
        titles = names.get(part.item, {})
        steps.append(PartOrder(id=part.called, titles=titles, item=part.item, after=part.after or previous))
    return Chain(kind=bundle.kind, steps=tuple(steps))


def _steps(contract: Contract, part: ItemPart) -> tuple[Step, ...]:
    """None of an item that is wrong itself: that is said where it stands."""
    item = contract.item(part.item)
    if item is None or item.items:
        return ()
    try:
        return item.chain_on(contract.chain(item.kind)).steps
    except Refused:
        return ()


def left_as(contract: Contract, bundle: Item, part: ItemPart) -> AssetStatus | None:
    """In which status the assets of a bundle are when this part of it gets them, if others take them away before."""
    earlier = bundle_chain(contract, bundle).before(part.called)
    taking = (one for one in bundle.items if one.assets and one.called in earlier)
    goals = [
        step.goal for one in taking for step in _steps(contract, one) if isinstance(step, AssetUpdate) and step.vacate
    ]
    return goals[-1] if goals else None


def fields_of_parts(
    contract: Contract, bundle: Item, wish: Mapping[str, Any]
) -> Iterator[tuple[ItemPart, Item, dict[str, object]]]:
    """In the order in which the bundle lists them; `wish` is what it was ordered with, field by field."""
    for part in bundle.items:
        item = contract.item(part.item)
        assert item is not None  # a contract whose bundles name no items is not saved
        names = (*_SHARED, *(_PLACED if item.kind in _PLACING else ()), *(("assets",) if part.assets else ()))
        answers = {
            question.id: answer
            for question in item.questions
            if (answer := wish["answers"].get(question_id(part.called, question.id))) is not None
        }
        own = {"kind": item.kind, "item": item.id, "wanted": part.wanted, "answers": answers}
        yield part, item, {name: wish[name] for name in names} | own


def needless(contract: Contract, bundle: Item) -> Iterator[str]:
    """The fields of a wish that none of its items takes."""
    kinds = {item.kind for part in bundle.items if (item := contract.item(part.item)) is not None}
    yield from _OF_OTHERS
    yield from () if kinds.intersection(_PLACING) else _PLACED
    yield from () if any(part.assets for part in bundle.items) else ("assets",)


def bundle_problems(contract: Contract, bundle: Item, at: str) -> Iterator[Problem]:
    if bundle.kind != OrderKind.ASSIST:
        yield Problem(code="bundle_of_kind", at=f"{at}/kind", values={"kind": bundle.kind})
    for field in _OF_ITEMS:
        if getattr(bundle, field) not in (None, False):
            yield Problem(code="not_of_bundle", at=f"{at}/{field}", values={"item": bundle.id})
    for n, part in enumerate(bundle.items):
        yield from _part_problems(contract, part, f"{at}/items/{n}")
    yield from (problem.but(at=f"{at}/items") for problem in problems_of(bundle_chain(contract, bundle)))
    yield from _unaskable(contract, bundle, at)


def _part_problems(contract: Contract, part: ItemPart, at: str) -> Iterator[Problem]:
    item = contract.item(part.item)
    values = {"item": part.item}
    if item is None:
        yield Problem(code="item_unknown", at=f"{at}/item", values=values)
        return
    if item.items:
        yield Problem(code="bundle_in_bundle", at=f"{at}/item", values=values)
    if item.withdrawn:
        yield Problem(code="item_withdrawn", at=f"{at}/item", values=values)
    # Nobody could say it when the bundle is ordered.
    if item.kind in _FROM_STOCK and not part.wanted and not (part.assets and item.kind == OrderKind.INSTALL):
        yield Problem(code="field_needed", at=f"{at}/wanted", values={"kind": item.kind})
    if item.kind in _OF_ASSETS and not part.assets:
        yield Problem(code="field_needed", at=f"{at}/assets", values={"kind": item.kind})


def _unaskable(contract: Contract, bundle: Item, at: str) -> Iterator[Problem]:
    ids = [question.id for question in questions_of(contract, bundle)]
    if len(ids) > PER_CHOICE:
        yield Problem(code="questions_too_many", at=f"{at}/items", values={"most": f"{PER_CHOICE}"})
    for asked in sorted({one for one in ids if ids.count(one) > 1}):
        yield Problem(code="question_twice", at=f"{at}/items", values={"question": asked})
    for asked in ids:
        if len(asked) > _LONGEST_ID:
            yield Problem(code="question_id_long", at=f"{at}/items", values={"question": asked})
