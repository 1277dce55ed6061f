"""Move projects: what is moved under which contract, and where people may go."""

from pydantic import Field

from domain.places import Place
from domain.values import Line, Slug, Value


class Project(Value):
    """`places` are the floors, rooms or desks that may be moved to, if they are to be checked; `closed` are out of use.

    Lists that name no site mean the only one.
    """

    id: Slug
    customer: Slug
    contract: Slug
    name: Line
    sites: tuple[Slug, ...] = Field(min_length=1, max_length=100)
    places: tuple[Place, ...] = Field(default=(), max_length=10_000)
    closed: tuple[Place, ...] = Field(default=(), max_length=1_000)


def spot(place: Place) -> tuple[str, ...]:
    """A place to be compared: people write B and b."""
    parts = (place.site, place.building, place.floor, place.room, place.desk)
    return tuple("" if part is None else part.strip().lower() for part in parts)


def agrees(stated: Place, known: Place) -> bool:
    """Whether what is stated of a place is true of the known one, which may say more."""
    return all(said in ("", is_) for said, is_ in zip(spot(stated), spot(known), strict=True))


def is_open(target: Place, project: Project) -> bool:
    return not any(agrees(area, target) for area in project.closed)


def exists(target: Place, project: Project) -> bool:
    known = project.places
    return not known or any(agrees(place, target) or agrees(target, place) for place in known)
