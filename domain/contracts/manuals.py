"""The operating manual of a contract version: all that its customer has to know of how we work for it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from domain.contracts.contract import Contract
from domain.contracts.matrix_sheets import MatrixSheet, RoleHolder, roles_named
from domain.people import Person, Role
from domain.values import Line, Slug, Value
from domain.vendors.directories import Directory
from domain.vendors.vendor import Vendor, VendorWork

# To whom complaints go, one after the other.
COMPLAINTS = (Role.SDM, Role.BRM, Role.MANAGEMENT)


class ManualVendor(Value):
    """Who repairs what. What a vendor has promised us, and how we reach it, is no customer's affair."""

    name: Line
    manufacturer: Line | None = None
    product_class: Line | None = None
    site: Line | None = None


class Manual(Value):
    """`names` are those of the people that the contract names, as far as the customer may know them."""

    contract: Contract
    customer: Line
    matrix: MatrixSheet | None = None
    people: tuple[RoleHolder, ...] = ()
    names: dict[Slug, Line] = {}
    vendors: tuple[ManualVendor, ...] = ()


def roles_in(contract: Contract) -> tuple[Role, ...]:
    """Those whose holders are told with their addresses."""
    return tuple(dict.fromkeys((*roles_named(contract), *COMPLAINTS)))


def holders(contract: Contract, people: Iterable[Person]) -> tuple[RoleHolder, ...]:
    known = {person.id: person for person in people}
    return tuple(
        RoleHolder(role=role, name=known[person].name, email=known[person].email)
        for role in roles_in(contract)
        for person in contract.people(role)
        if person in known
    )


def vendors_for(
    customer: str, directories: Sequence[Directory], vendors: Collection[Vendor], sites: Mapping[str, str]
) -> Iterator[ManualVendor]:
    """In the order in which they are asked; `sites` are the customer's own, by id. Nobody else's vendor is named."""
    known = {vendor.id: vendor for vendor in vendors if vendor.serves(customer) and _repairs(vendor)}
    for directory in directories:
        for row in directory.rows:
            if row.vendor in known and (row.site is None or row.site in sites):
                yield ManualVendor(
                    name=known[row.vendor].name,
                    manufacturer=row.manufacturer,
                    product_class=row.product_class,
                    site=sites[row.site] if row.site else None,
                )


def _repairs(vendor: Vendor) -> bool:
    """Who only carries devices, or takes them for good, is of no use to whoever has trouble with one."""
    return not vendor.contracts or any(contract.work == VendorWork.SERVICE for contract in vendor.contracts)
