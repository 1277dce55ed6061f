"""Vendors, and what each has promised us."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from connectors.holidays import calendar_problems, with_holidays
from db.contracts import list_contracts
from db.vendors import vendor as kept
from db.vendors.directories import directories_naming
from domain.keys import Key
from domain.promises.matrix_checks import useless_uc
from domain.refusals import Problem, Unacceptable, refuse_if, unknown
from domain.values import Slug
from domain.vendors.directories import problems_in_use
from domain.vendors.vendor import UnderpinningContract, Vendor, VendorWork, problems_of

router = APIRouter(route_class=BoundedRoute, prefix="/vendors", tags=["vendors"])

# Holidays are known for six years, so what is promised must be due before.
LONGEST_WAIT = timedelta(days=5 * 365)

Reading = Annotated[Key, Depends(May(Operation.READ_VENDORS))]
Version = Annotated[int | None, Query(ge=1, le=10**9, description="Vendor version; defaults to the one in force.")]


@router.get("", operation_id="listVendors")
async def show_vendors(caller: Reading, database: Tables) -> Sequence[Vendor]:
    """List vendors serving visible customers, in the version in force."""
    async with database.reading() as session:
        return await kept.list_vendors(session, caller.customers)


@router.get("/{vendor_id}", operation_id="getVendor")
async def show_vendor(
    vendor_id: Slug, caller: Reading, database: Tables, response: Response, version: Version = None
) -> Vendor:
    """Get a vendor, in the version in force or an earlier one."""
    async with database.reading() as session:
        found = await kept.vendor_in_force(session, vendor_id)
        if found is None or not _is_seen(found, caller):
            raise unknown("vendor", vendor_id)
        # Whose a vendor is never changes.
        meant = found if version is None else await kept.vendor_version(session, vendor_id, version)
    if meant is None:
        raise unknown("vendor_version", f"{version}", "/query/version")
    return tagged(response, meant)


@router.put("/{vendor_id}", operation_id="putVendor")
async def put_vendor(
    vendor_id: Slug,
    vendor: Vendor,
    caller: Annotated[Key, Depends(May(Operation.WRITE_VENDORS))],
    saving: BySaving,
    now: Now,
) -> Vendor:
    """Save a vendor as its next version. Existing jobs keep their terms."""
    if vendor.id != vendor_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"vendor/{vendor_id}", vendor.customer) as session:
        if vendor.customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, vendor.customer or "", "/customer")
        saving.over(await kept.vendor_in_force(session, vendor_id), vendor, caller)
        known = await kept.known_people(session, vendor)
        used = problems_in_use(vendor, await directories_naming(session, vendor_id))
        hours = [problem for n, uc in enumerate(vendor.contracts) for problem in _hours_problems(uc, n, now)]
        promises = await _promise_problems(session, vendor)
        refuse_if([*problems_of(vendor, now, known), *hours, *used, *promises])
        saved = await kept.save_vendor(session, vendor, by=caller.person, at=now)
    return saving.answer(saved)


def _is_seen(vendor: Vendor, caller: Key) -> bool:
    """A vendor that serves everybody is no other customer's."""
    return vendor.customer is None or caller.sees(vendor.customer)


async def _promise_problems(session: AsyncSession, vendor: Vendor) -> list[Problem]:
    """What the vendor has promised for incidents must be of use for something that was promised to those it serves."""
    contracts = await list_contracts(session, None if vendor.customer is None else (vendor.customer,))
    matrices = [contract.matrix for contract in contracts if contract.matrix is not None]
    return [
        problem
        for n, uc in enumerate(vendor.contracts)
        if uc.work == VendorWork.SERVICE
        for problem in useless_uc(matrices, vendor.id, uc, f"/contracts/{n}/resolution_minutes")
    ]


def _hours_problems(uc: UnderpinningContract, n: int, now: datetime) -> list[Problem]:
    """Hours that keep holidays nobody knows, or that hardly ever add up to what is promised in them."""
    at = f"/contracts/{n}"
    regions = calendar_problems(uc.calendar, f"{at}/calendar", now)
    if regions:
        return regions
    in_sight = with_holidays(uc.calendar, now).elapsed(now, now + LONGEST_WAIT)
    targets = {"response_minutes": uc.response, "resolution_minutes": uc.resolution}
    return [
        Problem(code="target_unreachable", at=f"{at}/{name}", values={"minutes": f"{target // timedelta(minutes=1)}"})
        for name, target in targets.items()
        if in_sight < target
    ]
