"""Clocks, holds, deadlines and everything that happens because nobody did anything."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.figures import WORK
from domain.cases.events import Happening
from domain.cases.order_commands import (
    Accept,
    AddEvidence,
    Approve,
    Complete,
    DeclineAcceptance,
    Hold,
    Reschedule,
    Resume,
)
from domain.clocks.holds import HoldReason
from domain.clocks.ladders import LadderRow
from domain.clocks.thresholds import Threshold
from domain.contracts.chains import Evidence
from domain.kinds import OrderKind, OrderState
from domain.people import Role
from tests.stories import scripts
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, CONTRACT, COORDINATOR, REQUESTER, TECHNICIAN

# Five working days of nine hours, promised on Monday at nine in Augsburg.
WEDNESDAY = datetime(2027, 11, 24, 8, tzinfo=UTC)


async def hold(desk: OrderDesk, **span: float) -> None:
    until = await desk.now() + timedelta(**span)
    await desk.say(COORDINATOR, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="on leave"))


def is_about(one: str, other: str) -> bool:
    """Commands are given some milliseconds after the minute."""
    return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) < timedelta(minutes=1)


def percents(desk: OrderDesk, template: str) -> list[tuple[str, str]]:
    return [(message.values["clock"], message.values["percent"]) for message in desk.told(template)]


def escalations(what: str) -> int:
    """How many have been counted with their lateness since the process began."""
    counted = f'imacflow_escalation_lateness_seconds_count{{what="{what}"}} '
    return sum(int(line.removeprefix(counted)) for line in WORK.lines() if line.startswith(counted))


async def test_an_approval_nobody_gives_reminds_the_approver_and_then_the_sdm(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)

    await desk.later(days=3)

    near, missed = desk.told("deadline_near")[0], desk.told("deadline_missed")[0]
    assert (near.roles, near.values["clock"], near.values["percent"]) == (("approver",), "approval/1", "50")
    assert (missed.roles, missed.values["clock"]) == (("approver", "sdm"), "approval/1")
    # Sixteen working hours, eight of them today.
    assert is_about(missed.values["due"], "2027-11-23T15:00+00:00")


async def test_the_promise_to_the_customer_warns_twice_and_breaks_once(stage: Stage) -> None:
    late = escalations("deadline_missed")
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())

    await desk.later(days=9)

    assert percents(desk, "deadline_near") == [("order", "75"), ("order", "90")]
    (missed,) = desk.told("deadline_missed")
    assert missed.roles == ("sdm", "brm", "requester")
    assert missed.people == ("p-vogel",)
    assert datetime.fromisoformat(missed.values["due"]) == datetime(2027, 11, 29, 8, tzinfo=UTC)
    (event,) = await desk.events(Happening.DEADLINE_MISSED)
    assert 0 < float(event.values["late_seconds"]) < 60
    assert (await desk.row()).missed
    assert escalations("deadline_missed") == late + 1


async def test_work_that_is_done_in_time_is_never_warned_of(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=10))

    await desk.later(days=2)

    assert await desk.events(Happening.THRESHOLD_REACHED) == []


async def test_a_ladder_without_a_last_row_still_records_the_breach(stage: Stage) -> None:
    quiet = CONTRACT.but(ladder=(LadderRow(at=Threshold(percent=50), tell=(Role.SDM,)),))
    desk = await scripts.placed(stage, OrderKind.CHANGE, quiet)
    await desk.say(APPROVER, Approve())

    await desk.later(days=9)

    assert percents(desk, "deadline_near") == [("order", "50")]
    assert desk.told("deadline_missed") == []
    assert (await desk.row()).missed


async def test_everybody_on_a_rung_is_told(stage: Stage) -> None:
    half = Threshold(percent=50)
    ladder = (LadderRow(at=half, tell=(Role.SDM,)), LadderRow(at=half, tell=(Role.BRM, Role.SDM)))
    desk = await scripts.placed(stage, OrderKind.CHANGE, CONTRACT.but(ladder=ladder))
    await desk.say(APPROVER, Approve())

    await desk.later(days=4)

    assert [message.roles for message in desk.told("deadline_near")] == [("sdm", "brm")]


async def test_a_hold_over_a_threshold_moves_it_and_ends_by_itself_with_everybody_told(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())

    await hold(desk, days=14)
    assert (await desk.row()).state == OrderState.ON_HOLD
    await desk.later(days=13)
    assert desk.told("deadline_near") == []
    await desk.later(days=1, minutes=1)

    assert [message.roles for message in desk.told("order_held")] == [("requester", "coordinator")]
    assert [message.roles for message in desk.told("hold_ended")] == [("coordinator",)]
    assert (await desk.row()).state == OrderState.APPROVED
    await desk.later(days=9)
    assert percents(desk, "deadline_near") == [("order", "75"), ("order", "90")]
    (missed,) = await desk.events(Happening.DEADLINE_MISSED)
    assert is_about(missed.values["due"], "2027-12-13T08:00+00:00")


async def test_a_threshold_that_was_reached_before_the_hold_is_not_lost(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())
    await desk.later(days=4)

    await hold(desk, days=30)

    assert percents(desk, "deadline_near") == [("order", "75")]


async def test_two_holds_are_one_rest(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await hold(desk, days=2)
    delivery = Hold(
        code=HoldReason.WAITING_DELIVERY, max_until=await desk.now() + timedelta(days=4), reason="not here yet"
    )
    await desk.say(COORDINATOR, delivery)

    await desk.later(days=3)
    assert (await desk.row()).state == OrderState.ON_HOLD
    await desk.say(COORDINATOR, Resume())

    assert (await desk.row()).state == OrderState.REQUESTED


async def test_a_year_on_hold_costs_nothing_and_leaves_a_deadline_behind(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())
    await hold(desk, days=365)
    before = await desk.history_length()

    await desk.later(days=364)
    assert await desk.history_length() == before
    await desk.later(days=2)

    row = await desk.row()
    assert row.state == OrderState.APPROVED
    assert is_about(row.deadline.isoformat(), "2028-11-28T08:00+00:00")


async def test_a_date_the_customer_asked_for_is_no_breach_and_may_be_moved(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())
    first, second = await desk.now() + timedelta(days=30), await desk.now() + timedelta(days=60)
    await desk.say(COORDINATOR, scripts.visit(first, customer_asked=True, technician="p-lang"))

    await desk.say(
        REQUESTER, Reschedule(window=scripts.visit(second).window, customer_asked=True, reason="no lorry before")
    )
    await desk.later(days=59)

    assert await desk.events(Happening.DEADLINE_MISSED) == []
    assert [message.values["from"] for message in desk.told("appointment_agreed")] == [
        first.isoformat(),
        second.isoformat(),
    ]
    assert [message.people for message in desk.told("visit_assigned")] == [("p-lang",), ("p-lang",)]
    assert (await desk.row()).as_progress().appointment is not None
    await desk.later(days=9)
    assert len(await desk.events(Happening.DEADLINE_MISSED)) == 1


async def done(stage: Stage, until: datetime) -> OrderDesk:
    """Work is done at that time, and the user is asked to sign."""
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    await desk.later(seconds=(until - await desk.now()).total_seconds())
    await desk.say(TECHNICIAN, Complete(minutes=10))
    return desk


@pytest.mark.parametrize(
    ("work_done", "deemed"),
    [
        pytest.param("2027-11-23T10:00+00:00", "2027-11-26T16:00+00:00", id="within a week"),
        pytest.param("2027-11-25T10:00+00:00", "2027-11-30T16:00+00:00", id="over a weekend"),
        pytest.param("2027-12-30T10:00+00:00", "2028-01-04T16:00+00:00", id="over New Year"),
        pytest.param("2028-01-04T10:00+00:00", "2028-01-10T16:00+00:00", id="over Epiphany, a holiday in Bavaria"),
    ],
)
async def test_silence_counts_as_acceptance_after_three_working_days(stage: Stage, work_done: str, deemed: str) -> None:
    desk = await done(stage, datetime.fromisoformat(work_done))

    await desk.later(days=7)

    assert (await desk.ended()).state == OrderState.COMPLETED
    (event,) = await desk.events(Happening.DEEMED_ACCEPTED)
    assert is_about(event.at.isoformat(), deemed)
    assert desk.told("acceptance_asked")[0].values["until"] == datetime.fromisoformat(deemed).isoformat()
    assert len(desk.told("deemed_accepted")) == 1


async def test_declined_work_is_done_again_and_asked_for_anew(stage: Stage) -> None:
    desk = await done(stage, WEDNESDAY)
    await desk.later(days=1)
    await desk.say(REQUESTER, DeclineAcceptance(reason="no network"))
    assert (await desk.row()).state == OrderState.SCHEDULED
    await desk.later(days=6)
    assert await desk.events(Happening.DEEMED_ACCEPTED) == []

    await desk.say(TECHNICIAN, Complete(minutes=20))
    await desk.say(REQUESTER, Accept())

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert len(desk.told("acceptance_asked")) == 2
    assert [amount for reason, amount in await desk.ledger() if reason == "time"] == ["24.00", "48.00"]


async def test_a_missing_disposal_proof_is_chased_every_ten_working_days(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.DISPOSE)
    assert isinstance(desk.order.chain.step("proof"), Evidence)
    await desk.say(APPROVER, Approve())
    await scripts.erased(desk, "SN900")
    await scripts.handed_over(desk, "SN900")

    await desk.later(days=30)
    chased = [event.at.date().isoformat() for event in await desk.events(Happening.EVIDENCE_OVERDUE)]
    assert chased == ["2027-12-06", "2027-12-20"]
    await desk.say(COORDINATOR, AddEvidence(document="disposal_proof", document_no="EN-1", serials=("SN900",)))

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert [message.roles for message in desk.told("evidence_overdue")] == [("coordinator",)] * 2
