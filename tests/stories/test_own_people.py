"""Incidents that are given to the customer's own people, and come back."""

import pytest

from domain.cases.incident_commands import CustomerAnswer, HandOver, HolderKind, Resolve, Respond
from domain.incidents.progress import IncidentState
from domain.people import Actor, Role
from tests.stories.stage import IncidentDesk, Stage
from tests.world import CONTRACT, DESK_AGENT, REQUESTER, TECHNICIAN, trouble

OWN_IT = Actor(person="p-huber", role=Role.CONTACT)
THEIRS = HandOver(kind=HolderKind.CUSTOMER, to="contact")
BACK = HandOver(kind=HolderKind.TEAM, to="service_desk")
NAMED = CONTRACT.but(team=CONTRACT.team | {Role.CONTACT: (OWN_IT.person,)})


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
