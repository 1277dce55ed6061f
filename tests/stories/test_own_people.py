"""Incidents, and steps of orders, that are given to the customer's own people, and come back."""

import pytest

from domain.cases.incident_commands import CustomerAnswer, Resolve, Respond
from domain.cases.order_commands import Accept, Cancel, Complete, HandOver, HolderKind
from domain.incidents.progress import IncidentState
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import OwnPeopleStint
from tests.stories import scripts
from tests.stories.scripts import NAMED, OWN_IT
from tests.stories.stage import IncidentDesk, OrderDesk, Stage
from tests.world import COORDINATOR, DESK_AGENT, REQUESTER, TECHNICIAN, trouble

THEIRS = HandOver(kind=HolderKind.CUSTOMER, to="contact")
BACK = HandOver(kind=HolderKind.TEAM, to="service_desk")


async def given(stage: Stage, *, holds: bool = False) -> IncidentDesk:
    """Half an hour with us, and then with them."""
    desk = await stage.report(trouble(priority="major", category="printer"), NAMED.but(contact_holds=holds))
    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.say(DESK_AGENT, THEIRS)
    return desk


@pytest.mark.parametrize("holds", [False, True], ids=["its clocks go on", "its clocks wait"])
async def test_what_is_with_the_customers_own_people_is_counted_beside_ours(stage: Stage, holds: bool) -> None:
    desk = await given(stage, holds=holds)
    waiting = await desk.progress()

    await desk.later(minutes=60)
    await desk.say(OWN_IT, BACK)
    back = await desk.progress()
    await desk.later(minutes=15)
    await desk.say(TECHNICIAN, Resolve(solution="Treiber erneuert"))

    assert (waiting.holder.kind, waiting.holder.holder) == (HolderKind.CUSTOMER, "contact")
    assert waiting.state == (IncidentState.ON_HOLD if holds else IncidentState.IN_PROGRESS)
    assert (back.holder.kind, back.holder.holder, back.holds) == (HolderKind.PERSON, DESK_AGENT.person, ())
    assert [(part.kind, part.minutes) for part in (await desk.progress()).burnt] == [
        (HolderKind.TEAM, 30),
        (HolderKind.CUSTOMER, 0 if holds else 60),
        (HolderKind.PERSON, 15),
    ]
    assert [message.people for message in desk.told("incident_with_customer")] == [(OWN_IT.person,)]


async def test_they_give_back_what_they_have_and_nothing_else(stage: Stage) -> None:
    desk = await given(stage)

    elsewhere = await desk.tries(OWN_IT, HandOver(to="p-lang"))
    stranger = await desk.tries(REQUESTER, BACK)
    again = await desk.tries(DESK_AGENT, THEIRS)
    await desk.say(OWN_IT, BACK)
    twice = await desk.tries(OWN_IT, BACK)

    assert (elsewhere, stranger) == (["only_back_to_desk"], ["not_with_you"])
    assert (again, twice) == (["holder_is_so"], ["not_with_you"])


async def test_an_answer_ends_no_wait_that_the_contract_makes_of_having_it(stage: Stage) -> None:
    desk = await given(stage, holds=True)

    await desk.say(OWN_IT, CustomerAnswer(message="Wir sind dran."))
    held = (await desk.progress()).state
    await desk.say(DESK_AGENT, HandOver(to="p-lang"))

    assert held == IncidentState.ON_HOLD
    assert (await desk.progress()).holds == ()


async def test_without_own_people_nothing_is_given_to_them(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major"))

    assert await desk.tries(DESK_AGENT, THEIRS) == ["no_own_people"]


async def test_whoever_names_one_of_them_hears_that_it_goes_to_all_of_them(stage: Stage) -> None:
    desk = await given(stage)

    one_of_them = THEIRS.but(to=OWN_IT.person)

    assert await desk.tries(DESK_AGENT, one_of_them) == ["own_people_as_team"]


async def placed(stage: Stage, *, holds: bool = False) -> OrderDesk:
    return await scripts.placed(stage, OrderKind.CHANGE, NAMED.but(contact_holds=holds))


async def stints(desk: OrderDesk) -> tuple[OwnPeopleStint, ...]:
    return (await desk.progress()).own_people


@pytest.mark.parametrize("holds", [False, True], ids=["its clocks go on", "its clocks wait"])
async def test_a_step_with_the_customers_own_people_is_counted_beside_ours_and_never_charged(
    stage: Stage, holds: bool
) -> None:
    desk = await placed(stage, holds=holds)
    await scripts.with_own_people(desk)
    waiting = await desk.progress()
    due = (await desk.row()).promised

    await desk.say(OWN_IT, scripts.BACK)
    back = await desk.progress()
    await desk.say(TECHNICIAN, Complete(minutes=50))
    await desk.say(REQUESTER, Accept())

    assert waiting.state == (OrderState.ON_HOLD if holds else OrderState.SCHEDULED)
    assert (due is None) == holds
    assert [(one.step, one.until) for one in waiting.own_people] == [("work", None)]
    # From nine to twelve; what waits counts for nobody.
    assert [one.minutes for one in back.own_people] == [0 if holds else 180]
    assert back.holds == ()
    assert (await desk.ended()).state == OrderState.COMPLETED
    # An hour of ours, rounded up, and the way there: as if nobody else had had it.
    assert await desk.ledger() == [("time", "96.00"), ("travel", "35.00")]
    assert [message.people for message in desk.told("step_with_customer")] == [(OWN_IT.person,)]


async def test_they_give_back_the_step_they_have_and_nothing_else(stage: Stage) -> None:
    desk = await placed(stage)
    early = await desk.tries(DESK_AGENT, scripts.THEIRS)
    await scripts.with_own_people(desk)

    elsewhere = await desk.tries(OWN_IT, HandOver(step="work", to="p-lang"))
    stranger = await desk.tries(REQUESTER, scripts.BACK)
    again = await desk.tries(DESK_AGENT, scripts.THEIRS)
    person = await desk.tries(DESK_AGENT, HandOver(step="work", to="p-lang"))
    instead = await desk.tries(DESK_AGENT, scripts.BACK.but(instead_of="p-lang"))
    await desk.say(OWN_IT, scripts.BACK)
    twice = await desk.tries(OWN_IT, scripts.BACK)
    ours = await desk.tries(DESK_AGENT, scripts.BACK)

    assert early == ["step_not_ready"]
    assert (elsewhere, stranger) == (["step_only_back_to_desk"], ["step_not_with_you"])
    assert (again, person, instead) == (["step_given_already"], ["step_only_to_own_people"], ["instead_of_needless"])
    assert (twice, ours) == (["step_not_with_you"], ["step_not_given"])


async def test_what_we_finish_ourselves_they_have_no_longer_and_nothing_waits_for_them(stage: Stage) -> None:
    desk = await placed(stage, holds=True)
    await scripts.with_own_people(desk)

    await desk.say(TECHNICIAN, Complete(minutes=50))
    progress = await desk.progress()

    assert [one.until is not None for one in progress.own_people] == [True]
    assert (progress.holds, progress.step("acceptance").status) == ((), "open")


async def test_of_an_order_that_is_cancelled_they_have_nothing_any_more(stage: Stage) -> None:
    desk = await placed(stage)
    await scripts.with_own_people(desk)

    await desk.say(REQUESTER, Cancel(reason="no longer needed"))

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert [one.minutes for one in await stints(desk)] == [180]


async def test_over_the_night_only_hours_of_service_count(stage: Stage) -> None:
    desk = await placed(stage)
    await scripts.with_own_people(desk, days=1)

    await desk.say(COORDINATOR, scripts.BACK)

    # From nine to five on Tuesday, and from eight to nine on Wednesday.
    assert [one.minutes for one in await stints(desk)] == [540]


async def test_without_own_people_no_step_is_given_to_them(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)

    assert await desk.tries(DESK_AGENT, scripts.THEIRS) == ["no_own_people"]
