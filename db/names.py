"""What people and customers are called, for whoever sees what they have to do with."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.cases.journal import JournalRow
from db.contracts import CustomerRow, list_contracts, people_by_id
from db.engine import Glance
from db.incidents import IncidentRow
from db.moves.launches import WorkplaceRow
from db.orders import OrderRow
from domain.people import PersonName


async def names_within(
    session: AsyncSession, ids: Sequence[str], customers: tuple[str, ...] | None
) -> Sequence[PersonName]:
    """Of those asked for, the customers' own, whom their contracts name, and who acts, owns or is booked there."""
    people = await people_by_id(session, ids)
    if customers is not None:
        contracts = await list_contracts(session, customers)
        known = {name for contract in contracts for name in contract.everybody()}
        asked = [person.id for person in people if person.customer is None and person.id not in known]
        known |= await _at_work(session, asked, customers) if asked else set()
        for person in asked:
            if person not in known and await _has_acted(session, person, customers):
                known.add(person)
        people = tuple(
            person
            for person in people
            if person.customer in customers or (person.customer is None and person.id in known)
        )
    return [PersonName(id=person.id, name=person.name) for person in people]


async def customer_names(session: Glance, customers: tuple[str, ...] | None) -> Mapping[str, str]:
    """By id; of all customers where none are named."""
    query = select(CustomerRow.id, CustomerRow.name)
    if customers is not None:
        query = query.where(col(CustomerRow.id).in_(customers))
    return dict(map(tuple, (await session.execute(query)).all()))


async def _at_work(session: AsyncSession, people: Sequence[str], customers: tuple[str, ...]) -> set[str]:
    """Who is booked for a visit, has an incident or answers for it, or owns an exception of a move."""
    places = (
        (OrderRow.technician, OrderRow.customer),
        (IncidentRow.owner, IncidentRow.customer),
        (IncidentRow.holder, IncidentRow.customer),
        (WorkplaceRow.owner, WorkplaceRow.customer),
    )
    found: set[str] = set()
    for person, customer in places:
        query = select(person).where(col(person).in_(people), col(customer).in_(customers)).distinct()
        found |= {one for one in (await session.execute(query)).scalars() if one is not None}
    return found


async def _has_acted(session: AsyncSession, person: str, customers: tuple[str, ...]) -> bool:
    acted = col(JournalRow.event).contains(f'"actor":{{"person":"{person}"', autoescape=True)
    query = select(JournalRow.id).where(col(JournalRow.customer).in_(customers), acted).limit(1)
    return (await session.execute(query)).first() is not None
