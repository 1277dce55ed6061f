"""What was found, as it is called now: the words lead to things, and these are read from their own tables."""

from collections.abc import Iterable, Sequence

from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.assets.asset import AssetRow
from db.contracts import PersonRow
from db.incidents import IncidentRow
from db.moves.projects import ProjectRow
from db.orders import item_in, orders_of
from db.search import Hit, Thing
from domain.kinds import OrderKind
from domain.search import FoundKind, FoundThing

Shown = dict[Thing, FoundThing]


async def shown(session: AsyncSession, found: Sequence[Hit]) -> tuple[FoundThing, ...]:
    """Each thing once, by what it is found best; what is gone meanwhile is left out."""
    best: dict[Thing, Hit] = {}
    for hit in found:
        best.setdefault(hit.thing, hit)
    known = await _orders(session, best) | await _incidents(session, best) | await _assets(session, best)
    known |= await _people(session, best) | await _projects(session, best)
    return tuple(
        known[thing].but(matched=hit.field, exact=hit.is_exact) for thing, hit in best.items() if thing in known
    )


def _refs(things: Iterable[Thing], kind: FoundKind) -> list[str]:
    return [thing.ref for thing in things if thing.kind == kind]


async def _orders(session: AsyncSession, things: Iterable[Thing]) -> Shown:
    return {
        Thing(FoundKind.ORDER, row.customer, row.no): FoundThing(
            kind=FoundKind.ORDER,
            no=row.no,
            customer=row.customer,
            order_kind=OrderKind(row.kind),
            item_name=named.name if (named := item_in(row.order)) else {},
            state=row.state,
        )
        for row in await orders_of(session, _refs(things, FoundKind.ORDER))
    }


async def _incidents(session: AsyncSession, things: Iterable[Thing]) -> Shown:
    refs = _refs(things, FoundKind.INCIDENT)
    columns = select(IncidentRow.no, IncidentRow.customer, IncidentRow.title, IncidentRow.state)
    return {
        Thing(FoundKind.INCIDENT, customer, no): FoundThing(
            kind=FoundKind.INCIDENT, no=no, customer=customer, title=title, state=state
        )
        for no, customer, title, state in await session.execute(columns.where(col(IncidentRow.no).in_(refs)))
    }


async def _assets(session: AsyncSession, things: Iterable[Thing]) -> Shown:
    keys = [(thing.customer, thing.ref) for thing in things if thing.kind == FoundKind.ASSET]
    columns = select(AssetRow.customer, AssetRow.tag, AssetRow.model, AssetRow.status)
    query = columns.where(tuple_(col(AssetRow.customer), col(AssetRow.tag)).in_(keys))
    return {
        Thing(FoundKind.ASSET, customer, tag): FoundThing(
            kind=FoundKind.ASSET, no=tag, customer=customer, title=model, state=status
        )
        for customer, tag, model, status in await session.execute(query)
    }


async def _people(session: AsyncSession, things: Iterable[Thing]) -> Shown:
    query = select(PersonRow).where(col(PersonRow.id).in_(_refs(things, FoundKind.PERSON)))
    people = [row.as_person() for row in (await session.execute(query)).scalars()]
    return {
        Thing(FoundKind.PERSON, one.customer, one.id): FoundThing(
            kind=FoundKind.PERSON, no=one.id, customer=one.customer, title=one.name
        )
        for one in people
    }


async def _projects(session: AsyncSession, things: Iterable[Thing]) -> Shown:
    query = select(ProjectRow).where(col(ProjectRow.id).in_(_refs(things, FoundKind.PROJECT)))
    projects = [row.as_project() for row in (await session.execute(query)).scalars()]
    return {
        Thing(FoundKind.PROJECT, one.customer, one.id): FoundThing(
            kind=FoundKind.PROJECT, no=one.id, customer=one.customer, title=one.name
        )
        for one in projects
    }
