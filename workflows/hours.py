"""The contract's service hours inside a workflow: UTC intervals that an activity made, fetched as far as needed."""

from datetime import datetime, timedelta
from typing import Protocol

from activities.calendars import Calendars, HoursAsked
from domain.orders import Order
from domain.windows import Windows
from workflows.effects import Activity, In, Out

FURTHER = timedelta(days=60)


class Act(Protocol):
    async def __call__(self, activity: Activity[In, Out], asked: In, *, summary: str) -> Out: ...


class Hours:
    def __init__(self, order: Order, act: Act) -> None:
        self._order = order
        self._act = act
        self._windows: Windows | None = None

    @property
    def known(self) -> Windows | None:
        return self._windows

    async def until(self, at: datetime) -> Windows:
        """Service hours from the order's receipt to `at` and beyond. Fetched again only when they end before."""
        if self._windows is None or self._windows.end < at:
            asked = HoursAsked(
                calendar=self._order.terms.calendar,
                start=self._order.received_at,
                until=at,
                span=2 * timedelta(minutes=self._order.terms.target_minutes),
            )
            summary = f"service hours until {at:%Y-%m-%d}"
            self._windows = await self._act(Calendars.service_hours, asked, summary=summary)
        return self._windows
