"""Ordering an item of the catalogue: what is asked is answered, and what was promised for it is pinned."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.cases.order_commands import Approve, Reject
from domain.contracts.catalogue import Item, ItemChoice, ItemQuestion, Pricing, QuestionKind
from domain.contracts.chains import DEFAULTS, Approval
from domain.contracts.chains import problems_of as chain_problems
from domain.contracts.contract import Contract
from domain.kinds import OrderKind, OrderState
from domain.orders.charges import charge_lines
from domain.orders.order import Order, OrderWish, Registers, accept
from domain.orders.progress import StepStatus
from domain.orders.run_sheets import run_stop
from domain.orders.sheets import answers_of, expected_minutes, told_of
from domain.people import Role
from domain.refusals import Unacceptable
from tests.domain.orders.paper import MONDAY, Paper
from tests.world import ASSETS, CONTRACT, COORDINATOR, HQ, OFFICE, REQUESTER, TECHNICIAN


def words(text: str) -> Any:  # noqa: ANN401  # both languages
    return {"de": text, "en": f"{text} (en)"}


QUESTIONS = (
    ItemQuestion(id="noticed", text=words("Was fiel auf?")),
    ItemQuestion(id="count", text=words("Wie oft?"), kind=QuestionKind.NUMBER, needed=False),
    ItemQuestion(id="since", text=words("Seit wann?"), kind=QuestionKind.DATE, needed=False),
    ItemQuestion(
        id="still",
        text=words("Noch am Netz?"),
        kind=QuestionKind.CHOICE,
        needed=False,
        choices=(ItemChoice(id="yes", name=words("ja")), ItemChoice(id="no", name=words("nein"))),
    ),
    ItemQuestion(id="who", text=words("Wer war es?"), kind=QuestionKind.PERSON, needed=False),
    ItemQuestion(id="where", text=words("Wo?"), kind=QuestionKind.PLACE, needed=False),
    ItemQuestion(id="which", text=words("Welches Gerät?"), kind=QuestionKind.ASSET, needed=False),
)
VIRUS = Item(
    id="virus",
    name=words("Schadsoftware entfernen"),
    kind=OrderKind.BREAK_FIX,
    price=Decimal("79.00"),
    target_minutes=540,
    questions=QUESTIONS,
)
LISTING = CONTRACT.but(catalogue=(VIRUS, VIRUS.but(id="old", withdrawn=True)))
KNOWN = Registers(sites=(HQ,), people=frozenset({"p-vogel"}), tags=frozenset({"NB-200"}))


def wish(**fields: object) -> OrderWish:
    base = {"contract": CONTRACT.id, "requester": "p-vogel", "site": HQ.id, "item": "virus"}
    return OrderWish.model_validate(base | {"answers": {"noticed": "Fenster gehen auf"}} | fields)


def accepted(asked: OrderWish, contract: Contract = LISTING) -> Order:
    return accept(contract, asked, KNOWN, no="O-1", at=MONDAY)


def problems(asked: OrderWish, contract: Contract = LISTING) -> list[tuple[str, str]]:
    with pytest.raises(Unacceptable) as refused:
        accepted(asked, contract)
    return [(problem.code, problem.at) for problem in refused.value.problems]


def test_an_order_for_an_item_pins_its_name_price_time_and_steps() -> None:
    order = accepted(wish())

    assert order.item is not None
    assert (order.item.name["de"], order.item.price) == ("Schadsoftware entfernen", Decimal("79.00"))
    assert (order.request.kind, order.terms.target_minutes) == (OrderKind.BREAK_FIX, 540)
    assert [(one.question, one.answer) for one in answers_of(order)] == [("noticed", "Fenster gehen auf")]


def test_an_order_of_before_there_were_catalogues_is_read_as_it_was() -> None:
    old = accept(CONTRACT, wish(item=None, kind="break_fix", answers={}), KNOWN, no="O-1", at=MONDAY).model_dump_json(
        exclude={"item": True, "request": {"item", "answers"}}
    )

    order = Order.model_validate_json(old)

    assert (order.item, order.request.item, order.request.answers) == (None, None, {})
    assert [reason for reason, _, _ in charged(order)] == ["time", "travel"]


def test_where_nothing_is_listed_a_kind_is_ordered_as_an_item_of_its_name() -> None:
    order = accepted(wish(item="break_fix", answers={}), CONTRACT)

    assert (order.request.kind, order.item) == (OrderKind.BREAK_FIX, None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"item": "paint"}, [("item_unknown", "/item")], id="not listed"),
        pytest.param({"item": "old"}, [("item_withdrawn", "/item")], id="withdrawn"),
        pytest.param({"kind": "change", "assets": []}, [("item_of_other_kind", "/kind")], id="another kind"),
        pytest.param({"item": None, "answers": {}}, [("kind_missing", "/item")], id="nothing"),
        pytest.param({"answers": {}}, [("question_unanswered", "/answers/noticed")], id="unanswered"),
        pytest.param(
            {"requester": "p-lang", "site": "x", "answers": {"paint": "red"}},
            [
                ("answer_not_asked", "/answers/paint"),
                ("question_unanswered", "/answers/noticed"),
                ("requester_not_named", "/requester"),
                ("site_unknown", "/site"),
            ],
            id="all at once",
        ),
    ],
)
def test_what_the_catalogue_does_not_grant(fields: dict[str, object], expected: list[tuple[str, str]]) -> None:
    found = problems(wish(**fields))

    assert [one for one in found if one[0] != "field_needed"] == expected


@pytest.mark.parametrize(
    ("question", "right", "wrong", "code"),
    [
        ("count", ["3", "2,5", "-4"], ["three", "1e9", "٣", "1" * 40, "1,"], "answer_no_number"),
        ("since", ["2026-02-28"], ["2026-02-30", "28.02.2026", "20260228", "٢٠٢٦-٠٢-٢٨"], "answer_no_date"),
        ("still", ["yes"], ["ja", "YES", "maybe"], "answer_no_choice"),
        ("who", ["p-vogel"], ["p-lang", "Anna Vogel"], "answer_no_person"),
        ("where", ["adler-hq", "adler-hq / A / 2"], ["falke-hq / A", "A / 2", "adler-hq//2", "/"], "answer_no_place"),
        ("which", ["NB-200"], ["NB-201", "nb-200"], "answer_no_asset"),
    ],
)
def test_an_answer_is_of_the_kind_that_was_asked_for(
    question: str, right: list[str], wrong: list[str], code: str
) -> None:
    for answer in right:
        assert accepted(wish(answers={"noticed": "x", question: answer})).item is not None
    for answer in wrong:
        found = problems(wish(answers={"noticed": "x", question: answer}))
        assert found == [(code, f"/answers/{question}")], answer


@pytest.mark.parametrize("answer", ["", "x" * 65_536, "a\u0000b", 3, None, ["x"]])
def test_an_answer_is_a_text_that_somebody_can_read(answer: object) -> None:
    with pytest.raises(ValidationError):
        wish(answers={"noticed": answer})


def test_who_may_order_an_item_and_who_approves_it_can_be_fewer_than_the_contracts() -> None:
    item = VIRUS.but(kind=OrderKind.CHANGE, questions=(), requesters=("p-huber",), approvers=("p-huber",))
    contract = LISTING.but(catalogue=(item,), approvers=("p-vogel", "p-huber"))
    asked = wish(answers={}, assets=["NB-200"])
    known = Registers(sites=(HQ,), assets=tuple(asset for asset in ASSETS if asset.tag == "NB-200"))

    order = accept(contract, asked.but(requester="p-huber"), known, no="O-1", at=MONDAY)
    with pytest.raises(Unacceptable) as refused:
        accept(contract, asked, known, no="O-1", at=MONDAY)

    assert order.people(Role.APPROVER) == ("p-huber",)
    assert [problem.code for problem in refused.value.problems] == ["requester_not_for_item"]


def charged(order: Order) -> list[tuple[str, str, str]]:
    paper = Paper(order).until("charge")
    lines = charge_lines(order, paper.progress, OFFICE)
    return [(line.reason, line.text, f"{line.amount}") for line in lines]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [("flat", "virus", "79.00")], id="flat"),
        pytest.param({"price": None, "pricing": Pricing.INCLUDED}, [("flat", "virus", "0.00")], id="included"),
        pytest.param(
            {"price": None}, [("time", "work", "48.00"), ("travel", "travel", "35.00")], id="as the contract has it"
        ),
    ],
)
def test_an_item_costs_what_its_catalogue_says(
    changes: dict[str, object], expected: list[tuple[str, str, str]]
) -> None:
    assert charged(accepted(wish(), LISTING.but(catalogue=(VIRUS.but(**changes),)))) == expected


def test_by_time_an_item_is_charged_so_although_its_kind_has_a_flat_price() -> None:
    prices = CONTRACT.prices.but(flat={OrderKind.BREAK_FIX: Decimal("10.00")})
    item = VIRUS.but(price=None, pricing=Pricing.BY_TIME)

    found = charged(accepted(wish(), LISTING.but(catalogue=(item,), prices=prices)))

    assert [reason for reason, _, _ in found] == ["time", "travel"]


def test_what_was_answered_stands_in_messages_and_on_the_run_sheet_in_both_languages() -> None:
    order = accepted(wish(answers={"noticed": "x" * 300, "still": "no"}))
    paper = Paper(order).until("work")

    told, stop = told_of(order), run_stop(order, paper.progress, "Anna Vogel")

    assert (told["item_de"], told["item_en"]) == ("Schadsoftware entfernen", "Schadsoftware entfernen (en)")
    assert told["answers_en"].endswith(" · Noch am Netz? (en) nein (en)")
    assert len(told["answers_de"]) < 500
    assert stop is not None
    assert [one.question for one in stop.answered] == ["noticed", "still"]
    assert stop.item["de"] == "Schadsoftware entfernen"


ADVICE = Item(id="advice", name=words("Beratung"), kind=OrderKind.ASSIST, pricing=Pricing.BY_QUOTE)
WITH_ADVICE = CONTRACT.but(catalogue=(ADVICE, ADVICE.but(id="training", pricing=None, ask_first=True)))


def advised(item: str) -> Paper:
    return Paper(accepted(wish(item=item, answers={}), WITH_ADVICE))


def test_what_is_quoted_is_asked_after_the_approval_and_before_anything_is_booked() -> None:
    quoted, asked = (advised(item).order.chain for item in ("advice", "training"))

    assert [step.id for step in quoted.in_order()][:4] == ["approval", "quote", "consent", "appointment"]
    assert [step.id for step in asked.in_order()][:3] == ["approval", "consent", "appointment"]


def test_nothing_is_booked_before_the_requester_has_said_yes() -> None:
    paper = advised("training").until("consent")

    by_others = paper.codes(TECHNICIAN, Approve(step="consent"))
    paper.say(REQUESTER, Approve(step="consent"))

    assert by_others == ["role_needed"]
    assert paper.status("appointment") == StepStatus.OPEN
    assert expected_minutes(paper.order) == 120


def test_a_requester_who_does_not_want_it_ends_the_order() -> None:
    paper = advised("training").until("consent")

    paper.say(REQUESTER, Reject(step="consent", reason="zu lange"))

    assert paper.progress.ending is not None
    assert paper.progress.ending.state == OrderState.REJECTED


@pytest.mark.parametrize(
    ("step", "command", "code"),
    [
        pytest.param("quote", Approve(), "price_needed", id="a quote without a price"),
        pytest.param("consent", Approve(price=Decimal(1)), "nothing_to_quote", id="a price of the customer's own"),
    ],
)
def test_a_price_is_named_by_whoever_is_asked_for_one(step: str, command: Approve, code: str) -> None:
    paper = advised("advice").until(step)

    assert paper.codes(COORDINATOR if step == "quote" else REQUESTER, command) == [code]


@pytest.mark.parametrize(
    ("price", "at_most", "expected"),
    [
        pytest.param("450.00", False, [("flat", "advice", "450.00")], id="fixed"),
        pytest.param("0.00", False, [("flat", "advice", "0.00")], id="as a favour"),
        pytest.param("50.00", True, [("flat", "advice", "50.00")], id="at most, and it took longer"),
        pytest.param(
            "450.00", True, [("time", "work", "48.00"), ("travel", "travel", "35.00")], id="at most, and it took less"
        ),
    ],
)
def test_what_was_quoted_and_accepted_is_what_it_costs(
    price: str, at_most: bool, expected: list[tuple[str, str, str]]
) -> None:
    paper = advised("advice").until("quote")
    paper.say(COORDINATOR, Approve(step="quote", price=Decimal(price), at_most=at_most))

    paper.until("charge")

    lines = charge_lines(paper.order, paper.progress, OFFICE)
    assert [(line.reason, line.text, f"{line.amount}") for line in lines] == expected


@pytest.mark.parametrize("kind", [OrderKind.ASSIST, OrderKind.DISPOSE, OrderKind.INSTALL, OrderKind.MOVE])
def test_whatever_the_chain_asking_first_leaves_one_that_can_run(kind: OrderKind) -> None:
    chain = ADVICE.but(kind=kind).chain_on(DEFAULTS[kind])
    begins = next(step for step in chain.in_order() if not isinstance(step, Approval))

    assert chain_problems(chain) == []
    assert {"quote", "consent"} <= chain.before(begins.id)
