"""Items of a catalogue, from what was asked to what was charged."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from domain.cases.events import Message
from domain.cases.order_commands import Approve, Cancel, Reject
from domain.contracts.catalogue import Item
from domain.kinds import OrderState
from tests.domain.orders.test_items import VIRUS
from tests.patience import until
from tests.stories import scripts
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, COORDINATOR, REQUESTER, request

LISTING = scripts.LISTING.but(catalogue=(*scripts.LISTING.catalogue, VIRUS))


async def ordered(stage: Stage, item: Item, answers: Mapping[str, Any] | None = None) -> OrderDesk:
    return await stage.place(request(item.kind, item=item.id, answers=answers or {}), LISTING)


async def told(desk: OrderDesk, template: str) -> Message:
    """The one message of its kind; a command is answered before all that it makes known is out."""

    async def letters() -> list[Message]:
        return desk.told(template)

    (message,) = await until(letters)
    return message


async def test_what_was_asked_and_answered_is_in_the_messages_and_the_price_is_the_items(stage: Stage) -> None:
    desk = await ordered(stage, VIRUS, {"noticed": "Fenster gehen auf"})

    await scripts.repair(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await desk.ledger() == [("flat", "79.00"), ("part", "62.50")]
    received = await told(desk, "order_received")
    assert received.values["item_de"] == "Schadsoftware entfernen"
    assert received.values["answers_de"] == "Was fiel auf? Fenster gehen auf"


async def test_a_price_is_quoted_accepted_and_charged(stage: Stage) -> None:
    desk = await ordered(stage, scripts.ADVICE)

    await scripts.quoted(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await desk.ledger() == [("flat", "450.00")]
    assert (await told(desk, "quote_asked")).roles == ("coordinator",)
    asked = await told(desk, "consent_asked")
    assert (asked.values["price"], asked.values["minutes"], asked.values["at_most"]) == ("450.00", "120", "")


async def test_a_quote_that_is_too_high_ends_the_order_and_costs_nothing(stage: Stage) -> None:
    desk = await ordered(stage, scripts.ADVICE)

    await scripts.quoted_too_high(desk)

    assert (await desk.ended()).state == OrderState.REJECTED
    assert await desk.ledger() == []


async def test_a_quote_that_nobody_answers_reminds_the_requester_then_the_sdm_and_books_nothing(stage: Stage) -> None:
    desk = await ordered(stage, scripts.ADVICE)
    await scripts.priced(desk, "450.00")

    await desk.later(days=2)

    near, missed = [await told(desk, template) for template in ("deadline_near", "deadline_missed")]
    assert (near.roles, near.people, near.values["clock"]) == (("requester",), ("p-vogel",), "consent/1")
    assert (missed.roles, missed.values["clock"]) == (("requester", "sdm"), "consent/1")
    assert desk.told("appointment_to_book") == []
    assert await desk.tries(COORDINATOR, scripts.visit(await desk.now() + timedelta(days=1))) == ["no_such_step_open"]


async def test_of_two_prices_that_are_quoted_at_once_one_is_asked_about(stage: Stage) -> None:
    desk = await ordered(stage, scripts.ADVICE)
    await desk.say(APPROVER, Approve(step="approval"))

    answers = await asyncio.gather(
        *(desk.tries(COORDINATOR, Approve(step="quote", price=Decimal(price))) for price in ("450.00", "54.00"))
    )

    assert sorted(answers) == [[], ["step_not_ready"]]
    asked = await told(desk, "consent_asked")
    quote = (await desk.progress()).quote
    assert quote is not None
    assert asked.values["price"] == f"{quote.price}"


async def test_what_was_refused_or_called_off_is_neither_quoted_nor_agreed_to_any_more(stage: Stage) -> None:
    refused, called_off = await ordered(stage, scripts.ADVICE), await ordered(stage, scripts.TRAINING)
    await scripts.priced(refused, "450.00")
    await called_off.say(APPROVER, Approve(step="approval"))

    await refused.say(REQUESTER, Reject(step="consent", reason="zu teuer"))
    await called_off.say(REQUESTER, Cancel(reason="doch nicht"))

    again = Approve(step="quote", price=Decimal("45.00"))
    assert [await desk.tries(COORDINATOR, again) for desk in (refused, called_off)] == [["order_is_over"]] * 2
    assert [await desk.tries(REQUESTER, Approve(step="consent")) for desk in (refused, called_off)] == (
        [["order_is_over"]] * 2
    )


async def test_a_yes_is_said_once_and_by_the_requester_alone(stage: Stage) -> None:
    desk = await ordered(stage, scripts.TRAINING)
    await desk.say(APPROVER, Approve(step="approval"))

    by_others = [await desk.tries(one, Approve(step="consent")) for one in (APPROVER, COORDINATOR)]
    answers = await asyncio.gather(*(desk.tries(REQUESTER, Approve(step="consent")) for _ in range(3)))

    assert by_others == [["role_needed"]] * 2
    assert sorted(answers) == [[], ["step_not_ready"], ["step_not_ready"]]
    assert len([event for event in await desk.events("approve") if event.step == "consent"]) == 1


async def test_whoever_is_asked_first_learns_how_long_it_takes(stage: Stage) -> None:
    desk = await ordered(stage, scripts.TRAINING)

    await desk.say(APPROVER, Approve(step="approval"))

    asked = await told(desk, "consent_asked")
    assert asked.values["minutes"] == "240"
    assert desk.told("appointment_to_book") == []
