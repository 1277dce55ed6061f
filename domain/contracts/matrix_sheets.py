"""The communications matrix as the customer gets it: one version, with the people behind its roles."""

from collections.abc import Iterable, Iterator
from datetime import date

from domain.clocks.calendars import Calendar
from domain.contracts.catalogue import Descriptions, ItemWords
from domain.contracts.contract import Contract
from domain.contracts.customers import Customer
from domain.contracts.matrix import CommunicationsMatrix
from domain.people import Person, Role
from domain.refusals import Problem, Unknown
from domain.values import EmailAddress, Line, Slug, Value

# Who they are to the customer (background 003); whoever else stands in a cell is named after them.
_ALWAYS_NAMED = (Role.SDM, Role.SERVICE_DESK, Role.BRM)


class RoleHolder(Value):
    role: Role
    name: Line
    email: EmailAddress


class ListedItem(Value):
    """What can be ordered; prices are not told here. `target_minutes` are service minutes."""

    name: ItemWords
    description: Descriptions = {}
    target_minutes: int


class MatrixSheet(Value):
    """`service_hours` is the contract's calendar. Who is on call is not told: that changes, the number does not.

    Every cell of `matrix` says whom alerts call, also where the contract leaves it unsaid.
    """

    contract: Slug
    contract_name: Line
    customer: Line
    version: int
    valid_from: date
    valid_until: date | None
    service_hours: Calendar
    matrix: CommunicationsMatrix
    people: tuple[RoleHolder, ...]
    items: tuple[ListedItem, ...] = ()


def roles_named(contract: Contract) -> tuple[Role, ...]:
    places = contract.matrix.places() if contract.matrix else ()
    named = [(place.cell.first, place.cell.fallback, place.cell.monitoring) for place in places]
    in_cells = [who for cell in named for who in cell if isinstance(who, Role)]
    return tuple(dict.fromkeys((*_ALWAYS_NAMED, *in_cells)))


def matrix_sheet(contract: Contract, customer: Customer, people: Iterable[Person]) -> MatrixSheet:
    """Raises `Unknown` when the contract has no matrix."""
    if contract.matrix is None:
        raise Unknown(Problem(code="matrix_missing", values={"contract": contract.id}))
    known = {person.id: person for person in people}
    holders = [
        RoleHolder(role=role, name=known[person].name, email=known[person].email)
        for role in roles_named(contract)
        for person in contract.people(role)
        if person in known
    ]
    return MatrixSheet(
        contract=contract.id,
        contract_name=contract.name,
        customer=customer.name,
        version=contract.version,
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        service_hours=contract.calendar,
        matrix=contract.matrix.spelt_out(has_rota=contract.paging.rota is not None),
        people=tuple(holders),
        items=tuple(_listed(contract)),
    )


def _listed(contract: Contract) -> Iterator[ListedItem]:
    """Of its catalogue; where that lists nothing, kinds of order are nothing to print."""
    for item in contract.catalogue:
        if not item.withdrawn:
            minutes = item.target_minutes or contract.targets[item.kind]
            yield ListedItem(name=item.name, description=item.description, target_minutes=minutes)
