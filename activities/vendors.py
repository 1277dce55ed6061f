"""Whom a job is given to, what that vendor has promised, and what it is certified for."""

from collections.abc import Sequence

from temporalio import activity

from activities.calendars import Calendars, HoursAsked
from db.engine import Database
from db.vendors.directories import directories_for
from db.vendors.vendor import list_vendors, vendor_in_force
from domain.cases.lookups import CustodianFound
from domain.orders.departures import certificate_at, custodian_found
from domain.times import Instant, ZoneName
from domain.values import Line, Slug, Value
from domain.vendors.certificates import CertificateKind
from domain.vendors.directories import Choice, Concern, responsible
from domain.vendors.vendor import UnderpinningContract, Vendor, VendorTerms, VendorWork


class VendorAsked(Value):
    """What is to be done, and who is not to be asked again. `vendor` is given where somebody has chosen one themselves.

    Where a `certificate` is asked for, only those count that have it by the clock of the zone.
    """

    customer: Slug
    manufacturer: Line | None = None
    product_class: Line | None = None
    site: Slug | None = None
    work: VendorWork = VendorWork.SERVICE
    certificate: CertificateKind | None = None
    zone: ZoneName | None = None
    vendor: Slug | None = None
    declined: tuple[Slug, ...] = ()
    at: Instant


class CustodianAsked(Value):
    """Of which vendor the certificates of a kind are asked, and by the clock of which zone."""

    customer: Slug
    vendor: Slug
    certificate: CertificateKind
    zone: ZoneName


class Vendors:
    def __init__(self, database: Database, calendars: Calendars) -> None:
        self._database = database
        self._calendars = calendars

    @activity.defn
    async def find_vendor(self, asked: VendorAsked) -> VendorTerms | None:
        """The first that the directory names and that has not declined, or the one that was chosen; None if nobody."""
        async with self._database.reading() as session:
            directories = await directories_for(session, asked.customer)
            serving = await list_vendors(session, (asked.customer,))
        vendors = [vendor for vendor in serving if _may_take(vendor, asked)]
        concern = Concern(asked.manufacturer, asked.product_class, asked.site, asked.work)
        choices = responsible(directories, vendors, concern, asked.at)
        if asked.vendor is not None:
            return await self._chosen(asked, vendors, choices)
        left = (choice for choice in choices if choice.vendor.id not in asked.declined)
        first = next(left, None)
        return await self._terms(first.vendor, first.uc, asked.at) if first else None

    @activity.defn
    async def find_custodian(self, asked: CustodianAsked) -> CustodianFound | None:
        """As the directory has it now; None if the vendor serves this customer no more."""
        async with self._database.reading() as session:
            vendor = await vendor_in_force(session, asked.vendor)
        if vendor is None or not vendor.serves(asked.customer):
            return None
        return custodian_found(vendor, asked.certificate, asked.zone)

    async def _chosen(
        self, asked: VendorAsked, vendors: Sequence[Vendor], choices: Sequence[Choice]
    ) -> VendorTerms | None:
        """Under the contract that the directory names for this, else under any that is in force."""
        for vendor, uc in choices:
            if vendor.id == asked.vendor:
                return await self._terms(vendor, uc, asked.at)
        chosen = next((vendor for vendor in vendors if vendor.id == asked.vendor), None)
        return await self._terms(chosen, chosen.contract_at(asked.at, asked.work), asked.at) if chosen else None

    async def _terms(self, vendor: Vendor, uc: UnderpinningContract | None, at: Instant) -> VendorTerms:
        terms = VendorTerms(
            vendor=vendor.id,
            name=vendor.name,
            version=vendor.version,
            people=vendor.people,
            answer_minutes=vendor.answer_minutes,
        )
        if uc is None:
            return terms
        span = HoursAsked(calendar=uc.calendar, start=at, until=at, span=2 * uc.resolution)
        return terms.but(uc=uc, hours=await self._calendars.service_hours(span), lapsed=uc.lapsed(at))


def _may_take(vendor: Vendor, asked: VendorAsked) -> bool:
    if asked.certificate is None or asked.zone is None:
        return True
    return certificate_at(custodian_found(vendor, asked.certificate, asked.zone), asked.at) is not None
