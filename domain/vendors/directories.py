"""The directory: which vendor is responsible for what somebody has made, at which site."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from domain.clocks.windows import ServiceHours
from domain.lists import normal
from domain.people import Person
from domain.refusals import Problem
from domain.times import Instant, ZoneName
from domain.values import Line, Slug, Value
from domain.vendors.vendor import Certificate, UnderpinningContract, Vendor, VendorWork


class Responsibility(Value):
    """One row; what it leaves out may be anything. `product_class` is an asset's category.

    `contract` names the vendor's underpinning contract that covers it; left out, it is whichever is in force. What that
    is for, the contract says: who takes old devices for good is asked for no repairs.
    """

    manufacturer: Line | None = None
    product_class: Line | None = None
    site: Slug | None = None
    vendor: Slug
    contract: Slug | None = None

    @property
    def says(self) -> int:
        """How much it says of what it is about."""
        return sum(part is not None for part in (self.manufacturer, self.product_class, self.site))


class Directory(Value):
    """One version of the rows for one customer, or without `customer` of those for all. Version 0 was never saved."""

    customer: Slug | None = None
    version: int = Field(default=0, ge=0)
    rows: tuple[Responsibility, ...] = Field(default=(), max_length=1000)


class VendorFile(Value):
    """What is brought in together: vendors, the people who speak for them, and directories. Any part may come alone."""

    people: tuple[Person, ...] = ()
    vendors: tuple[Vendor, ...] = ()
    directories: tuple[Directory, ...] = ()


class Concern(NamedTuple):
    """What is broken, or is to be carried or taken, as far as it is known."""

    manufacturer: str | None = None
    product_class: str | None = None
    site: str | None = None
    work: VendorWork = VendorWork.SERVICE


class Choice(NamedTuple):
    vendor: Vendor
    uc: UnderpinningContract


class Responsible(Value):
    """A vendor that is responsible, and by when it would have to respond and be done if it were given the job now."""

    vendor: Slug
    name: Line
    phone: Line | None
    people: tuple[Slug, ...]
    contract: Slug
    account_no: Line | None
    zone: ZoneName
    respond_by: Instant
    resolve_by: Instant
    lapsed: tuple[Certificate, ...] = ()


def responsible(
    directories: Sequence[Directory], vendors: Collection[Vendor], concern: Concern, at: datetime
) -> tuple[Choice, ...]:
    """The vendor of first choice and those after it, with the contracts that hold then; each vendor once.

    Directories come in the order in which they are asked, the customer's own before the one for all. Within one the
    row that says most goes first, and of those that say as much the one written first.
    """
    known = {vendor.id: vendor for vendor in vendors}
    choices: dict[str, Choice] = {}
    for directory in directories:
        for row in sorted(directory.rows, key=lambda row: -row.says):
            vendor = known.get(row.vendor)
            uc = _contract_of(row, vendor, concern.work, at) if vendor else None
            if vendor and uc and _concerns(row, concern):
                choices.setdefault(vendor.id, Choice(vendor, uc))
    return tuple(choices.values())


def answer(choice: Choice, hours: ServiceHours, at: datetime) -> Responsible:
    """`hours` are the vendor's service hours."""
    vendor, uc = choice
    return Responsible(
        vendor=vendor.id,
        name=vendor.name,
        phone=vendor.phone,
        people=vendor.people,
        contract=uc.id,
        account_no=uc.account_no,
        zone=uc.calendar.zone,
        respond_by=hours.add(at, uc.response),
        resolve_by=hours.add(at, uc.resolution),
        lapsed=uc.lapsed(at),
    )


def _contract_of(row: Responsibility, vendor: Vendor, work: VendorWork, at: datetime) -> UnderpinningContract | None:
    if row.contract is None:
        return vendor.contract_at(at, work)
    named = vendor.contract(row.contract)
    return named if named and named.work == work and named.is_valid_at(at) else None


def _concerns(row: Responsibility, concern: Concern) -> bool:
    """Names are compared as people write them: neither capitals nor spaces matter."""
    asked = (row.manufacturer, concern.manufacturer), (row.product_class, concern.product_class)
    names = all(wanted is None or (given is not None and normal(wanted) == normal(given)) for wanted, given in asked)
    return names and row.site in (None, concern.site)


def problems_of(
    directory: Directory, vendors: Collection[Vendor], sites: Collection[str], now: datetime
) -> list[Problem]:
    """Everything that is wrong with the rows; `vendors` and `sites` are those that the directory's customer has."""
    known = {vendor.id: vendor for vendor in vendors if vendor.serves(directory.customer)}
    problems = list(_doubles(directory))
    for n, row in enumerate(directory.rows):
        at = f"/rows/{n}"
        vendor = known.get(row.vendor)
        if vendor is None:
            problems.append(Problem(code="vendor_unknown", at=f"{at}/vendor", values={"vendor": row.vendor}))
        else:
            problems += _contract_problems(row, vendor, at, now)
        if row.site is not None and directory.customer is None:
            problems.append(Problem(code="site_needs_customer", at=f"{at}/site", values={"site": row.site}))
        elif row.site is not None and row.site not in sites:
            problems.append(Problem(code="site_unknown", at=f"{at}/site", values={"site": row.site}))
    return problems


def problems_in_use(vendor: Vendor, directories: Sequence[Directory]) -> list[Problem]:
    """Contracts that a vendor no longer has although rows name them: those would lead nowhere."""
    named = (row.contract for directory in directories for row in directory.rows if row.vendor == vendor.id)
    return [
        Problem(code="uc_in_directory", at="/contracts", values={"contract": contract})
        for contract in dict.fromkeys(named)
        if contract is not None and vendor.contract(contract) is None
    ]


def _doubles(directory: Directory) -> Iterator[Problem]:
    first: dict[tuple[str, ...], int] = {}
    for n, row in enumerate(directory.rows):
        key = (normal(row.manufacturer or ""), normal(row.product_class or ""), row.site or "", row.vendor)
        if first.setdefault(key, n) != n:
            yield Problem(code="row_twice", at=f"/rows/{n}", values={"row": str(first[key] + 1)})


def _contract_problems(row: Responsibility, vendor: Vendor, at: str, now: datetime) -> Iterator[Problem]:
    contract = vendor.contract(row.contract) if row.contract is not None else None
    if row.contract is not None and contract is None:
        values = {"contract": row.contract, "vendor": row.vendor}
        yield Problem(code="uc_unknown", at=f"{at}/contract", values=values)
    elif all(each.is_over(now) for each in ([contract] if contract else vendor.contracts)):
        yield Problem(code="uc_expired", at=f"{at}/contract", values={"vendor": row.vendor})
