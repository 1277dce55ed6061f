"""Customers, their sites, and the people we work with."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import May, Now, Tables
from api.policy import Operation
from connectors.holidays import region_problems
from db import contracts as kept
from db.channels import known_channels
from domain.channels.contacts import contact_problems
from domain.contracts.customers import Customer
from domain.keys import Key, must_see
from domain.people import Person
from domain.places import Site
from domain.refusals import Problem, Refused, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(tags=["customers"])


@router.get("/customers", operation_id="listCustomers")
async def show_customers(
    caller: Annotated[Key, Depends(May(Operation.READ_CUSTOMERS))], database: Tables
) -> Sequence[Customer]:
    """The customers the caller may see."""
    async with database.reading() as session:
        return await kept.list_customers(session, caller.customers)


@router.put("/customers/{customer_id}", operation_id="putCustomer")
async def put_customer(
    customer_id: Slug,
    customer: Customer,
    caller: Annotated[Key, Depends(May(Operation.WRITE_CUSTOMERS))],
    database: Tables,
) -> Customer:
    """Save a customer."""
    _must_be_named(customer_id, customer.id)
    must_see(caller, customer_id, unknown("customer", customer_id))
    async with database.writing() as session:
        await kept.save_customer(session, customer)
    return customer


@router.get("/sites", operation_id="listSites")
async def show_sites(caller: Annotated[Key, Depends(May(Operation.READ_SITES))], database: Tables) -> Sequence[Site]:
    """Sites with their zone, holiday region and access hours."""
    async with database.reading() as session:
        return await kept.list_sites(session, caller.customers)


@router.get("/sites/{site_id}", operation_id="getSite")
async def show_site(
    site_id: Slug, caller: Annotated[Key, Depends(May(Operation.READ_SITES))], database: Tables
) -> Site:
    """One site."""
    async with database.reading() as session:
        found = await kept.site(session, site_id)
    if found is None:
        raise unknown("site", site_id)
    must_see(caller, found.customer, unknown("site", site_id))
    return found


@router.put("/sites/{site_id}", operation_id="putSite")
async def put_site(
    site_id: Slug,
    site: Site,
    caller: Annotated[Key, Depends(May(Operation.WRITE_SITES))],
    database: Tables,
    now: Now,
) -> Site:
    """Save a site. Orders accepted before keep the access hours they were promised."""
    _must_be_named(site_id, site.id)
    refuse_if(region_problems(site.access, "/access", now))
    async with database.writing() as session:
        await must_know_customer(session, caller, site.customer, "/customer")
        before = await kept.site(session, site_id)
        if before is not None:
            must_see(caller, before.customer, unknown("site", site_id))
            _must_stay(before.customer, site.customer)
        await kept.save_site(session, site)
    return site


@router.get("/people", operation_id="listPeople")
async def show_people(
    caller: Annotated[Key, Depends(May(Operation.READ_PEOPLE))], database: Tables
) -> Sequence[Person]:
    """People we may write to; a key for one customer sees that customer's only."""
    async with database.reading() as session:
        return await kept.list_people(session, caller.customers)


@router.get("/people/{person_id}", operation_id="getPerson")
async def show_person(
    person_id: Slug, caller: Annotated[Key, Depends(May(Operation.READ_PEOPLE))], database: Tables
) -> Person:
    """One person."""
    async with database.reading() as session:
        found = await kept.people_by_id(session, [person_id])
    if not found:
        raise unknown("person", person_id)
    must_see(caller, found[0].customer, unknown("person", person_id))
    return found[0]


@router.put("/people/{person_id}", operation_id="putPerson")
async def put_person(
    person_id: Slug,
    person: Person,
    caller: Annotated[Key, Depends(May(Operation.WRITE_PEOPLE))],
    database: Tables,
) -> Person:
    """Save a person. Without a customer it is one of the provider's own."""
    _must_be_named(person_id, person.id)
    async with database.writing() as session:
        refuse_if(contact_problems(person, await known_channels(session) if person.contacts else {}))
        if person.customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, person.customer or "", "/customer")
        for before in await kept.people_by_id(session, [person_id]):
            must_see(caller, before.customer, unknown("person", person_id))
            _must_stay(before.customer, person.customer)
        await kept.save_person(session, person)
    return person


async def must_know_customer(session: AsyncSession, caller: Key, customer: str, at: str) -> None:
    nobody = unknown("customer", customer, at)
    must_see(caller, customer, nobody)
    if not await kept.list_customers(session, (customer,)):
        raise nobody


def _must_be_named(asked: str, given: str) -> None:
    if asked != given:
        raise Unacceptable(Problem(code="id_differs", at="/id"))


def _must_stay(before: str | None, after: str | None) -> None:
    if before != after:
        raise Refused(Problem(code="owner_fixed", at="/customer", values={"customer": before or "-"}))
