"""What incidents tell each other: a parent its parts, and one that was merged the one it was merged into."""

from datetime import timedelta
from enum import StrEnum

from domain.people import Actor
from domain.priorities import Priority
from domain.times import Instant
from domain.values import Slug, Text, Value

# Nobody nests incidents deeper, nor gives one more parts.
MOST_PARENTS = 20
MOST_CHILDREN = 200
# Tables show what an incident was told within moments; for so long a relation asked for is remembered beside them.
REMEMBERED = timedelta(minutes=10)


class RelationKind(StrEnum):
    PARENT = "parent"
    MERGE = "merge"


class ParentTurn(StrEnum):
    RESOLVED = "resolved"
    REOPENED = "reopened"


class ParentNews(Value):
    """The parent is solved, or open again; `with_children` says that so are its parts."""

    event_id: Slug
    parent: Slug
    turn: ParentTurn
    with_children: bool
    actor: Actor
    text: Text
    cause: Slug | None = None


class LinkedOrder(Value):
    order: Slug
    state: Slug | None = None


class MergedIn(Value):
    """An incident that goes on in this one.

    `missed` says that a promise to the customer had broken there: it counts here from then on, and only here.
    """

    incident: Slug
    reporter: Slug | None = None
    missed: bool
    at: Instant


class MergeNews(Value):
    """What comes with an incident that is merged: it, all that had been merged into it before, and how grave it was.

    `responded` says that somebody has answered the customer there, `orders` were placed for it.
    """

    event_id: Slug
    merged: tuple[MergedIn, ...]
    priority: Priority | None = None
    responded: bool = False
    orders: tuple[LinkedOrder, ...] = ()


class Envelope(Value):
    """News for another incident."""

    to: Slug
    news: ParentNews | MergeNews
