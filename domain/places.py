"""Where things stand: sites with their zone, holidays and access hours, and places inside them."""

from domain.clocks.calendars import Calendar
from domain.values import Line, Slug, Value


class Place(Value):
    site: Slug
    building: Line | None = None
    floor: Line | None = None
    room: Line | None = None
    desk: Line | None = None

    def __str__(self) -> str:
        return " / ".join(part for part in (self.site, self.building, self.floor, self.room, self.desk) if part)


class Site(Value):
    """A customer's site. `access` says when technicians may enter; its zone is the site's own."""

    id: Slug
    customer: Slug
    name: Line
    address: Line | None = None
    access: Calendar
