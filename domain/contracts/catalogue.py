"""The catalogue: what can be ordered under a contract, in the customer's words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, get_args

from pydantic import Field

from domain.assets.asset import Wanted
from domain.contracts.chains import CONSENT, QUOTE, Approval, Chain, Work
from domain.contracts.prices import Money
from domain.contracts.tailoring import Tailoring, asking_first, tailored_on, without
from domain.kinds import OrderKind
from domain.people import Language, Role
from domain.values import PER_CHOICE, Few, Hundreds, Line, SaidText, Slug, Value

LANGUAGES: tuple[Language, ...] = get_args(Language)
MOST_ITEMS = 200
# Each is an order of its own; what is larger is a project.
MOST_PARTS = 20
# Of a place, from the site to the desk.
PLACE_PARTS = ("site", "building", "floor", "room", "desk")

ItemWords = Annotated[dict[Language, Line], Field(max_length=PER_CHOICE)]
Descriptions = Annotated[dict[Language, SaidText], Field(max_length=PER_CHOICE)]


class QuestionKind(StrEnum):
    """`person` is an id, `asset` a tag, `date` as 2026-12-01, `place` as `site / building / floor / room / desk`."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    ASSET = "asset"


class ItemChoice(Value):
    id: Slug
    name: ItemWords


class ItemQuestion(Value):
    """What whoever orders an item is asked. `choices` are those of a choice."""

    id: Slug
    text: ItemWords
    kind: QuestionKind = QuestionKind.TEXT
    needed: bool = True
    choices: Few[ItemChoice] = ()

    def choice(self, answer: str) -> ItemChoice | None:
        return next((one for one in self.choices if one.id == answer), None)


class Pricing(StrEnum):
    """`included`: the work is part of what is paid anyway; parts are charged all the same.

    `by_quote`: the coordinator names a price, fixed or at most, and the customer accepts it or calls the order off.
    `by_items`: a bundle costs what its items do.
    """

    FLAT = "flat"
    BY_TIME = "by_time"
    INCLUDED = "included"
    BY_QUOTE = "by_quote"
    BY_ITEMS = "by_items"


class ItemPart(Value):
    """What of a bundle is an order of its own: an item, and after which others of them it comes.

    `id` is the item's if it is left out. `wanted` is what it takes from stock; `assets` says that it is about those
    for which the bundle is ordered.
    """

    item: Slug
    id: Slug | None = None
    after: Few[Slug] = ()
    wanted: tuple[Wanted, ...] = Field(default=(), max_length=20)
    assets: bool = False

    @property
    def called(self) -> Slug:
        return self.id or self.item


class Item(Value):
    """One thing that can be ordered. What is left out is as the contract has it for the kind.

    `requesters` and `approvers` are some of the contract's; `approval: false` asks nobody. `chain` tailors what the
    contract has made of the kind's chain. `estimate_minutes` is how long it usually takes. An item that is `withdrawn`
    can be read and no longer ordered. `ask_first`: before anything is booked the requester is told how long it should
    take, and says yes. One with `items` is a bundle: an order for each of them, approved as a whole.
    """

    id: Slug
    name: ItemWords
    description: Descriptions = {}
    kind: OrderKind
    withdrawn: bool = False
    requesters: Hundreds[Slug] | None = None
    approval: bool = True
    ask_first: bool = False
    approvers: Hundreds[Slug] | None = None
    target_minutes: int | None = Field(default=None, gt=0, le=525_600)
    estimate_minutes: int | None = Field(default=None, gt=0, le=10_000)
    pricing: Pricing | None = None
    price: Money | None = None
    chain: Tailoring | None = None
    questions: Few[ItemQuestion] = ()
    items: tuple[ItemPart, ...] = Field(default=(), max_length=MOST_PARTS)

    @property
    def asked(self) -> tuple[Approval, ...]:
        """What is asked before anything is booked, in this order."""
        if self.pricing == Pricing.BY_QUOTE:
            return (QUOTE, CONSENT)
        return (CONSENT,) if self.ask_first else ()

    def chain_on(self, promised: Chain, at: str = "/chain") -> Chain:
        """Its chain, made of what the contract promises for the kind. Raises `Unacceptable` naming every problem."""
        chain = promised if self.chain is None else tailored_on(promised, self.chain, at)
        if not self.approval:
            chain = without(chain, *(one.id for one in chain.steps if asks_customer(one)))
        chain = asking_first(chain, *self.asked)
        works = [step.id for step in chain.steps if isinstance(step, Work)]
        if self.estimate_minutes is None or len(works) != 1:
            return chain
        estimated = (
            step.but(estimate_minutes=self.estimate_minutes) if step.id in works else step for step in chain.steps
        )
        return chain.but(steps=tuple(estimated))


class OfferedItem(Value):
    """An item with all that the contract says of it. Nobody in `approvers` means that nobody is asked."""

    id: Slug
    name: ItemWords
    description: Descriptions = {}
    kind: OrderKind
    withdrawn: bool = False
    requesters: tuple[Slug, ...]
    approvers: tuple[Slug, ...]
    target_minutes: int
    estimate_minutes: int | None = None
    pricing: Pricing
    price: Money | None = None
    questions: tuple[ItemQuestion, ...] = ()
    chain: Chain
    items: tuple[ItemPart, ...] = ()


def in_words(words: Mapping[Language, str], language: Language, otherwise: str = "") -> str:
    """In this language, or in whichever there is."""
    return words.get(language) or next(iter(words.values()), otherwise)


def asks_customer(step: object) -> bool:
    return isinstance(step, Approval) and step.role == Role.APPROVER
