"""Groups of alerts: whether somebody must look at one, what it has done so far, and how it stands."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Index, Text, and_, bindparam, or_, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.alerts.alert import counts_of
from db.columns import METADATA, UtcDateTime
from db.incidents import incidents_over
from domain.alerts.groups import Done, GroupNote, GroupState, Waking
from domain.refusals import Problem

# Whoever was to wake a group and has not done so by then will not do it any more.
WOKEN_WITHIN = timedelta(seconds=60)
# In a storm it is not written down with every delivery when the last one came.
MOMENT = timedelta(seconds=5)
# More would wait so long for their turn that others had better see to them.
MOST_OVERDUE = 200


class GroupRow(SQLModel, table=True):
    """`dirty_at` is since when there is something that the group's workflow has not looked at.

    `woken_at` is when somebody last saw to it that it is woken although whoever was to do so has not.
    `truncated` is how many alerts the sender left off when it last named some of the group.
    """

    __tablename__ = "alert_groups"
    __table_args__ = (
        Index("ix_alert_groups_customer_last_seen", "customer", "last_seen", "id"),
        Index("ix_alert_groups_last_seen", "last_seen", "id"),
        Index("ix_alert_groups_dirty", "dirty_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    rule: str = Field(max_length=64, index=True)
    customer: str = Field(max_length=64)
    labels: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    dirty_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    woken_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    look_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    incident: str | None = Field(default=None, max_length=64)
    first_seen: datetime = Field(sa_type=UtcDateTime)
    last_seen: datetime = Field(sa_type=UtcDateTime)
    done: str = Field(sa_type=Text)
    problem: str | None = Field(default=None, sa_type=Text)
    truncated: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    def as_done(self) -> Done:
        return Done.model_validate_json(self.done)

    def as_labels(self) -> dict[str, str]:
        labels: dict[str, str] = json.loads(self.labels)
        return labels

    def as_problem(self) -> Problem | None:
        return Problem.model_validate_json(self.problem) if self.problem else None


# Asked with every delivery: built once.
_TABLE = METADATA.tables[GroupRow.__tablename__]
_NAMED = _TABLE.c.id.in_(bindparam("ids", expanding=True))
_SEEN = (_TABLE.c.id, _TABLE.c.customer, _TABLE.c.dirty_at, _TABLE.c.last_seen, _TABLE.c.incident, _TABLE.c.truncated)
_GROUPS = _TABLE.select().with_only_columns(*_SEEN).where(_NAMED)
_GROUPS = _GROUPS.order_by(_TABLE.c.id).with_for_update()
_ADD = _TABLE.insert()
_TRUNCATE = _TABLE.update().where(_NAMED).values(truncated=bindparam("truncated"))
_SEE = _TABLE.update().where(_NAMED).values(last_seen=bindparam("at"))
_MARK = _TABLE.update().where(_NAMED).values(dirty_at=bindparam("at"))


class GroupPlace(NamedTuple):
    """What makes a group: its rule, its customer and the labels its alerts have in common."""

    rule: str
    customer: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class GroupFilter:
    customers: tuple[str, ...] | None = None
    states: tuple[GroupState, ...] = ()
    rule: str | None = None


async def group_row(session: AsyncSession, group: str) -> GroupRow | None:
    return await session.get(GroupRow, group)


async def unmark(session: AsyncSession, group: str) -> None:
    """Somebody looks at it now: whatever comes after this is news again."""
    await session.execute(_MARK, {"ids": [group], "at": None})


async def touch(
    session: AsyncSession,
    places: Mapping[str, GroupPlace | None],
    news: Collection[str],
    firing: Collection[str],
    at: datetime,
    *,
    truncated: int = 0,
) -> list[Waking]:
    """Note that alerts have come, in some groups with news; those to wake are the ones nobody is waking yet.

    That more alerts were left off than before is news of all of them: which they belong to nobody knows.
    """
    found = {row.id: row for row in await session.execute(_GROUPS, {"ids": sorted({*places, *news})})}
    new = {group: place for group, place in places.items() if place is not None and group not in found}
    if new:
        await session.execute(_ADD, [_new(group, place, at) for group, place in new.items()])
    if again := sorted(group for group in places if group in found and at - found[group].last_seen > MOMENT):
        await session.execute(_SEE, {"ids": again, "at": at})
    cut = {group for group in places if truncated > (found[group].truncated if group in found else 0)}
    if cut:
        await session.execute(_TRUNCATE, {"ids": sorted(cut), "truncated": truncated})
    # That something fires still is news when the incident is over.
    incidents = {row.incident: row.id for row in found.values() if row.incident and row.id in firing}
    over = await incidents_over(session, incidents) if incidents else ()
    customers = {row.id: row.customer for row in found.values()}
    customers |= {group: place.customer for group, place in new.items()}
    return await _marked(
        session,
        [
            Waking(group, customers[group])
            for group in sorted({*news, *cut, *(incidents[no] for no in over)})
            if group in new or _is_nobodys(found[group].dirty_at, at)
        ],
        at,
    )


async def expect(session: AsyncSession, group: str, place: GroupPlace, at: datetime) -> list[Waking]:
    """A group of signs of life begins before there is one."""
    return await touch(session, {group: place}, {group}, (), at)


async def open_groups(session: AsyncSession, groups: Collection[str]) -> frozenset[str]:
    """Those of them that have an incident on which somebody still works, or could."""
    query = select(GroupRow.id, GroupRow.incident).where(
        col(GroupRow.id).in_(groups), col(GroupRow.incident).is_not(None)
    )
    incidents = {incident: group for group, incident in await session.execute(query)}
    over = await incidents_over(session, incidents) if incidents else frozenset()
    return frozenset(group for incident, group in incidents.items() if incident not in over)


async def mark_all(
    session: AsyncSession, at: datetime, *, customer: str | None = None, rule: str | None = None
) -> list[Waking]:
    """Have all groups looked at in which something fires, because what they are judged by has changed."""
    query = select(GroupRow.id, GroupRow.customer, GroupRow.dirty_at).where(col(GroupRow.state) != GroupState.QUIET)
    if customer is not None:
        query = query.where(col(GroupRow.customer) == customer)
    if rule is not None:
        query = query.where(col(GroupRow.rule) == rule)
    rows = await session.execute(query.order_by(col(GroupRow.id)).with_for_update())
    return await _marked(session, [Waking(row.id, row.customer) for row in rows if _is_nobodys(row.dirty_at, at)], at)


async def mark_groups_of(session: AsyncSession, incidents: Collection[str], at: datetime) -> None:
    """Nobody is woken by that: whoever looks for what is overdue finds them."""
    query = select(GroupRow.id).where(col(GroupRow.incident).in_(incidents), col(GroupRow.dirty_at).is_(None))
    found = (await session.execute(query.order_by(col(GroupRow.id)).with_for_update())).scalars().all()
    if found:
        await session.execute(_MARK, {"ids": found, "at": at})


async def firing_for(session: AsyncSession, incidents: Collection[str]) -> int:
    """How many alerts of these incidents fire."""
    groups = (await session.execute(select(GroupRow.id).where(col(GroupRow.incident).in_(incidents)))).scalars().all()
    return sum(firing for firing, _ in (await counts_of(session, groups)).values()) if groups else 0


async def overdue(session: AsyncSession, dirty_since: datetime, at: datetime) -> Sequence[str]:
    """Those that have been dirty since then and that nobody sees to, the longest waiting first."""
    query = select(GroupRow.id).where(_is_overdue(dirty_since, at)).order_by(col(GroupRow.dirty_at))
    return (await session.execute(query.limit(MOST_OVERDUE))).scalars().all()


async def see_to(session: AsyncSession, groups: Sequence[str], dirty_since: datetime, at: datetime) -> list[Waking]:
    """Take over whichever of them nobody else has taken over meanwhile."""
    taken = update(GroupRow).where(col(GroupRow.id).in_(groups), _is_overdue(dirty_since, at)).values(woken_at=at)
    found = await session.execute(taken.returning(col(GroupRow.id), col(GroupRow.customer)))
    return [Waking(group, customer) for group, customer in found]


async def write_down(session: AsyncSession, note: GroupNote) -> None:
    changes = {
        "state": note.state,
        "done": note.done.model_dump_json(),
        "incident": note.done.incident,
        "look_at": note.look_at,
        "problem": note.problem.model_dump_json() if note.problem else None,
    }
    # What was left off of a fault that is over tells nothing of the next.
    forgotten = {"truncated": 0} if note.state in (GroupState.QUIET, GroupState.CLEARED) else {}
    await session.execute(update(GroupRow).where(col(GroupRow.id) == note.group).values(**changes | forgotten))


async def list_groups(
    session: AsyncSession, wanted: GroupFilter, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[GroupRow]:
    """Those that alerts came for last come first; one more than the limit."""
    query = select(GroupRow)
    if wanted.customers is not None:
        query = query.where(col(GroupRow.customer).in_(wanted.customers))
    if wanted.states:
        query = query.where(col(GroupRow.state).in_(wanted.states))
    if wanted.rule is not None:
        query = query.where(col(GroupRow.rule) == wanted.rule)
    if after is not None:
        query = query.where(tuple_(col(GroupRow.last_seen), col(GroupRow.id)) < after)
    query = query.order_by(col(GroupRow.last_seen).desc(), col(GroupRow.id).desc()).limit(limit + 1)
    return (await session.execute(query)).scalars().all()


async def _marked(session: AsyncSession, waking: list[Waking], at: datetime) -> list[Waking]:
    if waking:
        await session.execute(_MARK, {"ids": [group for group, _ in waking], "at": at})
    return waking


def _is_nobodys(dirty_at: datetime | None, at: datetime) -> bool:
    """Whether nobody is about to wake the group."""
    return dirty_at is None or at - dirty_at > WOKEN_WITHIN


def _is_overdue(dirty_since: datetime, at: datetime) -> ColumnElement[bool]:
    woken = col(GroupRow.woken_at)
    nobodys = or_(woken.is_(None), woken < col(GroupRow.dirty_at), woken < at - WOKEN_WITHIN)
    return and_(col(GroupRow.dirty_at) <= dirty_since, nobodys)


def _new(group: str, place: GroupPlace, at: datetime) -> dict[str, str | datetime]:
    return {
        "id": group,
        "rule": place.rule,
        "customer": place.customer,
        "labels": json.dumps(place.labels, ensure_ascii=False),
        "state": GroupState.COLLECTING,
        "first_seen": at,
        "last_seen": at,
        "done": Done(since=at).model_dump_json(),
    }
