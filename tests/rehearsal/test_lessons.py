"""What random lives have taught: each of these cases was once stuck, lost or rung about for ever."""

from datetime import UTC, datetime, timedelta

from activities.notices import Outgoing
from domain.cases.incident_commands import ChangePriority, Reopen, Resolve
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Approve, Cancel, Dispatch, Migrate
from domain.clocks.sla import ClockKind
from domain.ids import page_workflow_id
from domain.incidents.progress import IncidentProgress, IncidentState
from domain.kinds import OrderKind, OrderState
from domain.oncall.page import PageState
from domain.priorities import Priority
from rehearsal.stand_ins import Postbox, StandInAway
from rehearsal.virtual_time import VirtualTime
from tests.rehearsal.desks import House, VirtualDesk
from tests.stories import scripts
from tests.world import (
    APPROVER,
    CONTRACT,
    COORDINATOR,
    DESK_AGENT,
    REQUESTER,
    TECHNICIAN,
    incident,
    order,
    request,
    trouble,
)
from workflows.receipts import Receipt

MONDAY = datetime(2027, 11, 22, 8, tzinfo=UTC)
# Ten at night in Augsburg.
SATURDAY = datetime(2027, 11, 27, 21, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def reported(house: House, priority: Priority) -> VirtualDesk:
    return house.report(incident(trouble(priority=priority), house.engine.time.now, CONTRACT))


def test_nobody_is_rung_about_an_incident_that_was_cancelled() -> None:
    house = House(SATURDAY)
    desk = reported(house, Priority.BLOCKER)

    async def cancelled() -> Receipt:
        await desk.later(minutes=1)
        await desk.say(COORDINATOR, Cancel(reason="Fehlalarm"))
        await desk.ended()
        return await house.engine.result(page_workflow_id(desk.case, 1), Receipt)

    assert house.engine.run(cancelled()).state == PageState.STOPPED
    assert house.engine.open_ids() == []


class LateMail(Postbox):
    time: VirtualTime
    back_at: datetime

    async def deliver(self, outgoing: Outgoing) -> None:
        if self.time.now < self.back_at:
            raise StandInAway
        await super().deliver(outgoing)


def test_what_was_reopened_in_time_but_heard_late_is_looked_after_again() -> None:
    mail = LateMail()
    house = House(MONDAY, postbox=mail)
    mail.time, mail.back_at = house.engine.time, MONDAY + 30 * DAY
    desk = reported(house, Priority.MINOR)

    async def reopened() -> Receipt:
        await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
        until = house.engine.query(desk.case, "progress", IncidentProgress).reopen_until
        assert until is not None
        await house.engine.time.until(until + MINUTE)
        late = Instruction(
            command=Reopen(reason="wieder kaputt"), actor=REQUESTER, given_at=until - MINUTE, request_id="late"
        )
        return await house.engine.update(desk.case, "command", late, Receipt)

    async def solved_at_last() -> Receipt:
        await desk.later(days=40)
        await desk.say(TECHNICIAN, Resolve(solution="getauscht"))
        return await desk.ended()

    assert house.engine.run(reopened()).state == IncidentState.IN_PROGRESS
    assert house.engine.run(solved_at_last()).state == IncidentState.CLOSED


def test_a_calendar_is_fetched_for_whatever_clock_is_to_run_by_it_next() -> None:
    """The incident's clocks run round the clock; the new calendar counts only for the priority it is given now."""
    house = House(MONDAY)
    desk = reported(house, Priority.BLOCKER)
    migrated = Migrate(version=2, reason="neuer Vertrag")
    lowered = ChangePriority(priority=Priority.MINOR, reason="Ersatz steht da")
    first, second = (house.engine.time.begin(desk.say(COORDINATOR, said)) for said in (migrated, lowered))

    house.engine.run(desk.later(minutes=1))

    assert first.is_done
    assert second.is_done
    assert {clock.hours for clock in house.last[desk.case].clocks} == {"service-2"}


def test_what_was_said_before_the_vendor_was_asked_is_heard_all_the_same() -> None:
    """It is said while nobody works on the incident, and heard only when the vendor has been asked."""
    house = House(MONDAY, seed=1)
    desk = reported(house, Priority.MINOR)
    house.engine.rest(desk.case, MONDAY + HOUR)
    house.engine.time.begin(desk.say(DESK_AGENT, Dispatch()))
    house.engine.run(desk.later(seconds=3601))
    cancelled = Instruction(
        command=Cancel(reason="Fehlalarm"), actor=DESK_AGENT, given_at=MONDAY + HOUR / 2, request_id="waited"
    )

    receipt = house.engine.run(house.engine.update(desk.case, "command", cancelled, Receipt))

    assert receipt.state == IncidentState.CANCELLED
    promised = [clock for clock in house.last[desk.case].clocks if clock.kind == ClockKind.VENDOR]
    assert [clock.cancelled_at for clock in promised] == [MONDAY + HOUR] * 2


class WithoutRegister(House):
    def is_away(self, key: str) -> bool:
        return self.engine.time.now < MONDAY + DAY


def test_an_order_is_cancelled_while_the_register_is_away() -> None:
    house = WithoutRegister(MONDAY)
    desk = house.place(order(request(OrderKind.INSTALL, **scripts.FIELDS[OrderKind.INSTALL]), MONDAY))

    async def cancelled() -> Receipt:
        await desk.say(APPROVER, Approve())
        await desk.later(hours=1)
        await desk.say(REQUESTER, Cancel(reason="Kein Bedarf mehr"))
        return await desk.ended()

    assert house.engine.run(cancelled()).state == OrderState.CANCELLED
