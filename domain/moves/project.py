"""Move projects: what is moved under which contract, and where people may go."""

from pydantic import Field

from domain.place_names import agrees
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


def is_open(target: Place, project: Project) -> bool:
    return not any(agrees(area, target) for area in project.closed)


def exists(target: Place, project: Project) -> bool:
    known = project.places
    return not known or any(agrees(place, target) or agrees(target, place) for place in known)
