"""What vendors are certified for, of all of them at once: what ends next, first."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.queries import QueryValue
from db.vendors.vendor import list_vendors
from domain.keys import Key
from domain.times import Day
from domain.values import Slug
from domain.vendors.certificates import CertificateKind, ListedCertificate
from domain.vendors.vendor import certificates_of

router = APIRouter(route_class=BoundedRoute, prefix="/vendor-certificates", tags=["vendors"])


class CertificateQuery(QueryValue):
    """`ends_by` leaves out what is valid beyond that day."""

    vendor: Slug | None = None
    kind: CertificateKind | None = None
    ends_by: Day | None = None


@router.get("", operation_id="listVendorCertificates")
async def show_certificates(
    query: Annotated[CertificateQuery, Query()],
    caller: Annotated[Key, Depends(May(Operation.READ_VENDORS))],
    database: Tables,
) -> Sequence[ListedCertificate]:
    """List the certificates of vendors serving visible customers; those that end next come first."""
    async with database.reading() as session:
        found = certificates_of(await list_vendors(session, caller.customers))
    return [
        one
        for one in found
        if query.vendor in (None, one.vendor)
        and query.kind in (None, one.certificate.kind)
        and (query.ends_by is None or one.certificate.valid_until <= query.ends_by)
    ]
