"""Where things stand: sites with their zone, holidays and access hours, and places inside them."""

from pydantic import Field

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
    """A customer's site. `access` says when technicians may enter; its zone is the site's own.

    `places` are buildings, floors or rooms that are there though no asset stands in them yet.
    """

    id: Slug
    customer: Slug
    name: Line
    address: Line | None = None
    access: Calendar
    places: tuple[Place, ...] = Field(default=(), max_length=2_000)
