"""The directory: which vendor is responsible for what."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.queries import QueryValue
from api.saving import BySaving, tagged
from connectors.holidays import with_holidays
from db.contracts import list_sites, site
from db.vendors.directories import directories_for, directory_of, save_directory
from db.vendors.vendor import list_vendors
from domain.keys import Key, must_see
from domain.refusals import refuse_if, unknown
from domain.values import Line, Slug
from domain.vendors.directories import Concern, Directory, Responsible, answer, problems_of, responsible
from domain.vendors.vendor import VendorWork

router = APIRouter(route_class=BoundedRoute, prefix="/directory", tags=["vendors"])

Reading = Annotated[Key, Depends(May(Operation.READ_VENDORS))]


@router.get("", operation_id="getDirectory")
async def show_directory(
    caller: Reading, database: Tables, response: Response, customer: Slug | None = None
) -> Directory:
    """Get the directory rows for one customer, or without `customer` those for all."""
    if customer is not None:
        must_see(caller, customer, unknown("customer", customer, "/query/customer"))
    async with database.reading() as session:
        return tagged(response, await directory_of(session, customer))


@router.put("", operation_id="putDirectory")
async def put_directory(
    directory: Directory,
    caller: Annotated[Key, Depends(May(Operation.WRITE_VENDORS))],
    saving: BySaving,
    now: Now,
) -> Directory:
    """Save all rows for one customer, or for all, as the next version. A refusal lists all problems."""
    customer = directory.customer
    async with saving.turn(f"directory/{customer or ''}", customer) as session:
        if customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, customer or "", "/customer")
        saving.must_match(await directory_of(session, customer))
        scope = (customer,) if customer is not None else ()
        vendors = await list_vendors(session, scope)
        sites = [known.id for known in await list_sites(session, scope)]
        refuse_if(problems_of(directory, vendors, sites, now))
        saved = await save_directory(session, directory, by=caller.person, at=now)
    return saving.answer(saved)


class ConcernQuery(QueryValue):
    """What is broken, or is to be carried or taken for good.

    A site says whose it is; without one, a customer's own rows are asked if it is named.
    """

    manufacturer: Line | None = None
    product_class: Line | None = None
    site: Slug | None = None
    work: VendorWork = VendorWork.SERVICE
    customer: Slug | None = None


@router.get("/responsible", operation_id="getResponsibleVendor")
async def show_responsible(
    query: Annotated[ConcernQuery, Query()], caller: Reading, database: Tables, now: Now
) -> Sequence[Responsible]:
    """Get the responsible vendors, first choice first, with response and resolution deadlines if dispatched now."""
    async with database.reading() as session:
        customer = await _whose(session, query, caller)
        directories = await directories_for(session, customer)
        vendors = await list_vendors(session, (customer,) if customer else ())
    concern = Concern(query.manufacturer, query.product_class, query.site, query.work)
    choices = responsible(directories, vendors, concern, now)
    return [answer(choice, with_holidays(choice.uc.calendar, now), now) for choice in choices]


async def _whose(session: AsyncSession, query: ConcernQuery, caller: Key) -> str | None:
    if query.site is None:
        if query.customer is not None:
            must_see(caller, query.customer, unknown("customer", query.customer, "/query/customer"))
        return query.customer
    nobodys = unknown("site", query.site, "/query/site")
    found = await site(session, query.site)
    if found is None or query.customer not in (None, found.customer):
        raise nobodys
    must_see(caller, found.customer, nobodys)
    return found.customer
