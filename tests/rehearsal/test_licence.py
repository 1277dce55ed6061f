"""What comes out of the engine is what comes out of a real server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.cases.incident_commands import Confirm, Diagnose, HandOver, Resolve, Respond
from domain.cases.order_commands import Cancel
from domain.incidents.incident import Incident
from domain.kinds import OrderKind
from domain.orders.order import Order
from tests.rehearsal.desks import House, VirtualDesk
from tests.stories import scripts
from tests.stories.stage import Stage
from tests.world import ASSETS, DESK_AGENT, REQUESTER, TECHNICIAN, CaseDesk, trouble
from workflows.receipts import Receipt

# The server's clock goes on between two steps of a script; nothing else in the scripts is as near to each other.
AT_ONCE = timedelta(minutes=50)


async def off_the_hour(stage: Stage) -> None:
    """Targets and waits are whole hours: from twenty past the hour, none ends at the very edge of a service window.

    There a second more on the server's clock would make a night of difference.
    """
    now = await stage.environment.get_current_time()
    await stage.wait_until(now.replace(minute=20, second=0, microsecond=0) + timedelta(hours=1))


async def nobody_came(desk: CaseDesk) -> None:
    await desk.later(days=30)
    await desk.say(REQUESTER, Cancel(reason="nobody ever came"))


PLAYED = (
    (OrderKind.MOVE, scripts.move),
    (OrderKind.INSTALL, scripts.failed),
    (OrderKind.INSTALL, scripts.visited_for_nothing),
    (OrderKind.BREAK_FIX, scripts.repair),
    (OrderKind.ASSIST, scripts.assist),
    (OrderKind.CHANGE, scripts.held),
    (OrderKind.CHANGE, nobody_came),
    (OrderKind.DISPOSE, scripts.dispose),
)


async def looked_after(desk: CaseDesk) -> None:
    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.say(DESK_AGENT, HandOver(to="p-lang"))
    await desk.later(days=5)
    await desk.say(TECHNICIAN, Diagnose(finding="Papierstau im Einzug"))
    await desk.say(TECHNICIAN, Resolve(solution="Papierstau entfernt"))
    await desk.say(REQUESTER, Confirm())


async def test_an_order_comes_to_the_same_without_a_server(stage: Stage) -> None:
    """The licence of the engine: whatever it is asked to rehearse, production would do alike."""
    for kind, script in PLAYED:
        await off_the_hour(stage)
        served = await scripts.placed(stage, kind)
        await script(served)
        receipt = await served.ended()
        known = {asset.tag: asset for asset in (*ASSETS, *served.order.assets)}
        house = House(served.order.received_at, known.values())

        rehearsed = await asyncio.to_thread(house.engine.run, played(house, served.order, script))

        assert rehearsed == receipt
        assert_alike(house.events(served.case), await served.events())
        assert_alike(house.last[served.case], await served.progress())


async def test_an_incident_comes_to_the_same_without_a_server(stage: Stage) -> None:
    await off_the_hour(stage)
    served = await stage.report(trouble(priority="major", category="printer"))
    await looked_after(served)
    receipt = await served.ended()
    house = House(served.incident.received_at)

    rehearsed = await asyncio.to_thread(house.engine.run, played(house, served.incident, looked_after))

    assert rehearsed == receipt
    assert_alike(house.events(served.case), await served.events())
    assert_alike(house.last[served.case], await served.progress())


async def played(house: House, case: Order | Incident, script: Callable[[VirtualDesk], Awaitable[None]]) -> Receipt:
    desk = house.place(case) if isinstance(case, Order) else house.report(case)
    await script(desk)
    return await desk.ended()


def assert_alike(ours: object, theirs: object) -> None:
    one, other = (leaves(ANYTHING.dump_python(what, mode="json")) for what in (ours, theirs))
    assert one.keys() == other.keys()
    assert [(at, one[at], other[at]) for at in one if not is_alike(at, one[at], other[at])] == []


def leaves(tree: object, at: str = "") -> dict[str, object]:
    match tree:
        case dict():
            return {name: leaf for key, value in tree.items() for name, leaf in leaves(value, f"{at}/{key}").items()}
        case list():
            return {name: leaf for n, value in enumerate(tree) for name, leaf in leaves(value, f"{at}/{n}").items()}
        case _:
            return {at: tree}


def is_alike(at: str, one: object, other: object) -> bool:
    if one == other or at.endswith("/late_seconds"):
        return True
    apart = [distance(kind, one, other) for kind in (datetime, timedelta)]
    return any(span is not None and span < AT_ONCE for span in apart)


def distance(kind: type, one: object, other: object) -> timedelta | None:
    read = TypeAdapter[Any](kind).validate_python
    try:
        span: timedelta = abs(read(one) - read(other))
    except ValidationError:
        return None
    return span


ANYTHING = TypeAdapter[Any](Any)
