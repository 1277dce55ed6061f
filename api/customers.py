"""Customers, their sites, and the people we work with."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from connectors.holidays import calendar_problems
from db import contracts as kept
from db.channels import known_channels
from db.names import names_within
from domain.channels.contacts import contact_problems
from domain.contracts.customers import Customer
from domain.keys import Key, is_nobodys_id, must_see
from domain.people import Person, PersonName
from domain.places import Site
from domain.refusals import Problem, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, tags=["customers"])


@router.get("/customers", operation_id="listCustomers")
async def show_customers(
    caller: Annotated[Key, Depends(May(Operation.READ_CUSTOMERS))], database: Tables
) -> Sequence[Customer]:
    """List visible customers."""
    async with database.reading() as session:
        return await kept.list_customers(session, caller.customers)


@router.get("/customers/{customer_id}", operation_id="getCustomer")
async def show_customer(
    customer_id: Slug,
    caller: Annotated[Key, Depends(May(Operation.READ_CUSTOMERS))],
    database: Tables,
    response: Response,
) -> Customer:
    """One customer."""
    must_see(caller, customer_id, unknown("customer", customer_id))
    async with database.reading() as session:
        found = await kept.customer(session, customer_id)
    if found is None:
        raise unknown("customer", customer_id)
    return tagged(response, found)


@router.put("/customers/{customer_id}", operation_id="putCustomer")
async def put_customer(
    customer_id: Slug,
    customer: Customer,
    caller: Annotated[Key, Depends(May(Operation.WRITE_CUSTOMERS))],
    saving: BySaving,
) -> Customer:
    """Save a customer."""
    _must_be_named(customer_id, customer.id)
    must_see(caller, customer_id, unknown("customer", customer_id))
    async with saving.turn(f"customer/{customer_id}", customer_id) as session:
        saving.must_match(await kept.customer(session, customer_id))
        await kept.save_customer(session, customer)
    return saving.answer(customer)


@router.get("/sites", operation_id="listSites")
async def show_sites(caller: Annotated[Key, Depends(May(Operation.READ_SITES))], database: Tables) -> Sequence[Site]:
    """List sites with time zone, holiday region and access hours."""
    async with database.reading() as session:
        return await kept.list_sites(session, caller.customers)


@router.get("/sites/{site_id}", operation_id="getSite")
async def show_site(
    site_id: Slug, caller: Annotated[Key, Depends(May(Operation.READ_SITES))], database: Tables, response: Response
) -> Site:
    """Get a site."""
    async with database.reading() as session:
        found = await kept.site(session, site_id)
    if found is None:
        raise unknown("site", site_id)
    must_see(caller, found.customer, unknown("site", site_id))
    return tagged(response, found)


@router.put("/sites/{site_id}", operation_id="putSite")
async def put_site(
    site_id: Slug,
    site: Site,
    caller: Annotated[Key, Depends(May(Operation.WRITE_SITES))],
    saving: BySaving,
    now: Now,
) -> Site:
    """Save a site. Orders already accepted keep their access hours."""
    _must_be_named(site_id, site.id)
    refuse_if(calendar_problems(site.access, "/access", now))
    async with saving.turn(f"site/{site_id}", site.customer) as session:
        await must_know_customer(session, caller, site.customer, "/customer")
        saving.over(await kept.site(session, site_id), site, caller)
        await kept.save_site(session, site)
    return saving.answer(site)


@router.get("/people", operation_id="listPeople")
async def show_people(
    caller: Annotated[Key, Depends(May(Operation.READ_PEOPLE))], database: Tables
) -> Sequence[Person]:
    """List people; a key limited to one customer sees only that customer's."""
    async with database.reading() as session:
        return await kept.list_people(session, caller.customers)


@router.get("/names", operation_id="listNames")
async def show_names(
    person: Annotated[list[Slug], Query(min_length=1, max_length=50)],
    caller: Annotated[Key, Depends(May(Operation.READ_PEOPLE))],
    database: Tables,
) -> Sequence[PersonName]:
    """What those are called who act in what the caller sees; nobody is named who does not."""
    async with database.reading() as session:
        return await names_within(session, person, caller.customers)


@router.get("/people/{person_id}", operation_id="getPerson")
async def show_person(
    person_id: Slug,
    caller: Annotated[Key, Depends(May(Operation.READ_PEOPLE))],
    database: Tables,
    response: Response,
) -> Person:
    """Get a person."""
    async with database.reading() as session:
        found = await kept.people_by_id(session, [person_id])
    if not found:
        raise unknown("person", person_id)
    must_see(caller, found[0].customer, unknown("person", person_id))
    return tagged(response, found[0])


@router.put("/people/{person_id}", operation_id="putPerson")
async def put_person(
    person_id: Slug,
    person: Person,
    caller: Annotated[Key, Depends(May(Operation.WRITE_PEOPLE))],
    saving: BySaving,
) -> Person:
    """Save a person. Without a customer, the person belongs to the provider.

    Whoever leaves does so until `leaves_at` is given as null.
    """
    _must_be_named(person_id, person.id)
    refuse_if([Problem(code="id_reserved", at="/id", values={"id": person.id})] if is_nobodys_id(person.id) else [])
    async with saving.turn(f"person/{person_id}", person.customer) as session:
        refuse_if(contact_problems(person, await known_channels(session) if person.contacts else {}))
        if person.customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, person.customer or "", "/customer")
        before = next(iter(await kept.people_by_id(session, [person_id])), None)
        saving.over(before, person, caller)
        # Most files do not say who leaves: that is known by the command that took them out of everything.
        if before is not None and "leaves_at" not in person.model_fields_set:
            person = person.but(leaves_at=before.leaves_at)
        await kept.save_person(session, person)
    return saving.answer(person)


async def must_know_customer(session: AsyncSession, caller: Key, customer: str, at: str) -> None:
    nobody = unknown("customer", customer, at)
    must_see(caller, customer, nobody)
    if not await kept.list_customers(session, (customer,)):
        raise nobody


def _must_be_named(asked: str, given: str) -> None:
    if asked != given:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
