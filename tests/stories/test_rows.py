"""Orders that are rows of a project: planned and approved with it, watched over by their wave."""

from domain.cases.events import Happening
from domain.cases.order_commands import Cancel
from domain.kinds import OrderState
from domain.orders.news import OrderNews
from tests.stories import scripts
from tests.stories.row_stage import hearing
from tests.stories.stage import OrderDesk, Stage
from tests.world import COORDINATOR, DESK, NEW_DESK


def told(desk: OrderDesk) -> list[tuple[str, tuple[str, ...]]]:
    """All messages of an order, with the roles or people they went to."""
    sent = desk.stage.postman.handed.values()
    return sorted((message.template, message.roles or message.people) for message in sent if message.case == desk.case)


def turns(heard: list[OrderNews]) -> list[tuple[OrderState, bool, str | None]]:
    return [(news.state, news.stuck, news.problem.code if news.problem else None) for news in heard]


async def test_a_row_that_goes_wrong_twice_still_arrives(stage: Stage) -> None:
    async with hearing(stage) as rows:
        desk = await rows.place()

        await scripts.row(desk)

        assert (await desk.ended()).state == OrderState.COMPLETED
        heard = await rows.heard(desk)
    assert (await desk.asset("NB-200")).place == NEW_DESK
    (booked,) = await desk.events(Happening.BOOKED_BY_PLAN)
    assert (booked.step, booked.values["technician"]) == ("appointment", "p-lang")
    assert [event.command.type for event in await desk.events() if event.command][:2] == ["complete", "book"]
    assert turns(heard) == [
        (OrderState.IN_PROGRESS, True, "verification_mismatch"),
        (OrderState.IN_PROGRESS, False, None),
        (OrderState.COMPLETED, False, None),
    ]
    assert told(desk) == [
        ("appointment_agreed", ("requester",)),
        ("appointment_to_book", ("coordinator",)),
        ("step_stuck", ("coordinator",)),
        ("visit_assigned", ("p-lang",)),
    ]


async def test_what_fails_or_is_called_off_leaves_the_register_as_it_was(stage: Stage) -> None:
    """The second try of a row is cancelled with its visit only two hours away."""
    async with hearing(stage) as rows:
        first = await rows.place()
        before = await first.asset("NB-200")
        await scripts.failed_at_the_target(first)
        assert (await first.ended()).state == OrderState.FAILED
        second = await rows.place(attempt=2)
        await second.say(COORDINATOR, Cancel(reason="the customer stays"))
        assert (await second.ended()).state == OrderState.CANCELLED

        heard = [*await rows.heard(first), *await rows.heard(second)]

    assert before.place == DESK
    assert await second.asset("NB-200") == before
    assert turns(heard) == [
        (OrderState.FAILED, False, "work_failed"),
        (OrderState.CANCELLED, False, "order_cancelled"),
    ]
    assert [news.problem.values for news in heard if news.problem] == [
        {"reason": "no socket"},
        {"reason": "the customer stays"},
    ]
    assert told(first) == [
        ("bring_back", ("coordinator",)),
        ("order_failed", ("coordinator",)),
        ("put_back", ("coordinator",)),
        ("put_back", ("coordinator",)),
    ]
    assert (told(second), await second.ledger()) == ([], [])
