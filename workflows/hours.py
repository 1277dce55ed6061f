"""The contract's service hours inside a workflow: UTC intervals that an activity made, fetched as far as needed."""

from datetime import datetime, timedelta

from activities.calendars import Calendars, HoursAsked
from domain.orders import Order
from domain.windows import Windows
from workflows.effects import act

FURTHER = timedelta(days=60)


class Hours:
    def __init__(self, order: Order) -> None:
        self._order = order
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
            self._windows = await act(Calendars.service_hours, asked, summary=f"service hours until {at:%Y-%m-%d}")
        return self._windows
