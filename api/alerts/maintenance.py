"""Maintenance windows: while one lasts, the alerts it covers open nothing; when it ends, they are judged again."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import Alarm, May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from db.alerts import maintenance as kept
from db.alerts.groups import mark_all
from db.contracts import list_sites
from domain.alerts.maintenance import MaintenanceWindow, problems_of
from domain.keys import Key, must_see
from domain.refusals import Problem, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/maintenance", tags=["alerts"])

Reading = Annotated[Key, Depends(May(Operation.READ_ALERTS))]
Planning = Annotated[Key, Depends(May(Operation.PLAN_MAINTENANCE))]


@router.get("", operation_id="listMaintenanceWindows")
async def show_windows(caller: Reading, database: Tables, now: Now) -> Sequence[MaintenanceWindow]:
    """List current and planned windows, by start."""
    async with database.reading() as session:
        return await kept.list_windows(session, caller.customers, since=now)


@router.get("/{window_id}", operation_id="getMaintenanceWindow")
async def show_window(window_id: Slug, caller: Reading, database: Tables, response: Response) -> MaintenanceWindow:
    """Get a window, including past ones."""
    async with database.reading() as session:
        return tagged(response, await _known(session, window_id, caller))


@router.put("/{window_id}", operation_id="putMaintenanceWindow")
async def put_window(
    window_id: Slug, window: MaintenanceWindow, caller: Planning, saving: BySaving, now: Now, alarm: Alarm
) -> MaintenanceWindow:
    """Schedule or change a window. It applies at once to alerts now firing."""
    if window.id != window_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"maintenance-window/{window_id}", window.customer) as session:
        await must_know_customer(session, caller, window.customer, "/customer")
        saving.over(await kept.maintenance_window(session, window_id), window, caller)
        sites = await list_sites(session, (window.customer,))
        refuse_if(problems_of(window, [site.id for site in sites], now))
        saved = await kept.save_window(session, window, by=caller.person)
        waking = await mark_all(session, now, customer=window.customer)
    alarm.relay.wake(waking)
    return saving.answer(saved)


@router.delete("/{window_id}", operation_id="deleteMaintenanceWindow", status_code=204)
async def drop_window(window_id: Slug, caller: Planning, saving: BySaving, now: Now, alarm: Alarm) -> None:
    """Cancel a window, or end it now. Alerts it suppressed are evaluated at once."""
    async with saving.database.reading() as session:
        whose = (await _known(session, window_id, caller)).customer
    async with saving.turn(f"maintenance-window/{window_id}", whose) as session:
        window = await _known(session, window_id, caller)
        saving.must_match(window)
        await kept.drop_window(session, window_id)
        waking = await mark_all(session, now, customer=window.customer)
    alarm.relay.wake(waking)


async def _known(session: AsyncSession, window_id: str, caller: Key) -> MaintenanceWindow:
    window = await kept.maintenance_window(session, window_id)
    if window is None:
        raise unknown("maintenance_window", window_id)
    must_see(caller, window.customer, unknown("maintenance_window", window_id))
    return window
