"""The words by which things are found, made anew from the things."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import tuple_
from sqlmodel import SQLModel, col, select

from db.assets.asset import AssetRow
from db.contracts import PersonRow
from db.engine import Database
from db.incidents import IncidentRow
from db.moves.projects import ProjectRow
from db.orders import OrderRow
from db.search import Thing, asset_thing, find_by, order_thing
from domain.assets.search import words_of as asset_words
from domain.incidents.search import words_of as incident_words
from domain.moves.search import words_of as project_words
from domain.orders.search import words_of as order_words
from domain.search import FoundKind, SearchWord
from domain.search import words_of as person_words

# Whoever writes meanwhile waits for so many at most.
_AT_ONCE = 200
Named = tuple[Thing, Iterable[SearchWord]]


class _Source(NamedTuple):
    """`key` is what rows are told apart by, in the order in which they are read."""

    table: type[SQLModel]
    key: tuple[str, ...]
    named: Callable[[Any], Named]


def _order(row: OrderRow) -> Named:
    return order_thing(row.no, row.customer), order_words(row.as_order(), row.as_progress().assets)


def _incident(row: IncidentRow) -> Named:
    return Thing(FoundKind.INCIDENT, row.customer, row.no), incident_words(row.as_incident())


def _asset(row: AssetRow) -> Named:
    return asset_thing(row.customer, row.tag), asset_words(row.as_asset())


def _person(row: PersonRow) -> Named:
    return Thing(FoundKind.PERSON, row.customer, row.id), person_words(row.as_person())


def _project(row: ProjectRow) -> Named:
    return Thing(FoundKind.PROJECT, row.customer, row.id), project_words(row.as_project())


_SOURCES = (
    _Source(OrderRow, ("no",), _order),
    _Source(IncidentRow, ("no",), _incident),
    _Source(AssetRow, ("customer", "tag"), _asset),
    _Source(PersonRow, ("id",), _person),
    _Source(ProjectRow, ("id",), _project),
)


async def find_anew(database: Database) -> None:
    """Nothing is taken away, so that whoever writes meanwhile loses nothing."""
    for table, key, named in _SOURCES:
        place = [col(getattr(table, name)) for name in key]
        after = tuple("" for _ in key)
        while True:
            async with database.writing() as session:
                query = select(table).where(tuple_(*place) > after).order_by(*place).limit(_AT_ONCE)
                rows = (await session.execute(query)).scalars().all()
                await find_by(session, [named(row) for row in rows])
            if len(rows) < _AT_ONCE:
                break
            after = tuple(getattr(rows[-1], name) for name in key)
