"""Customers and what was agreed with them: contracts by version, sites and people."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Text, bindparam, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.engine import Glance
from db.search import Thing, find_only_by
from db.versions import next_version
from domain.contracts.contract import Contract
from domain.contracts.customers import Customer
from domain.keys import Key, must_see
from domain.people import Person, leavers
from domain.places import Site
from domain.refusals import Problem, unknown
from domain.search import FoundKind, words_of


class CustomerRow(SQLModel, table=True):
    __tablename__ = "customers"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=200)


class ContractRow(SQLModel, table=True):
    """Versions are never changed; the highest is the one in force."""

    __tablename__ = "contracts"

    id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    customer: str = Field(max_length=64, foreign_key="customers.id", index=True)
    contract: str = Field(sa_type=Text)

    def as_contract(self) -> Contract:
        return _contract(self.contract)


class SiteRow(SQLModel, table=True):
    __tablename__ = "sites"

    id: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64, foreign_key="customers.id", index=True)
    site: str = Field(sa_type=Text)

    def as_site(self) -> Site:
        return _site(self.site)


class PersonRow(SQLModel, table=True):
    __tablename__ = "people"

    id: str = Field(primary_key=True, max_length=64)
    customer: str | None = Field(default=None, max_length=64, foreign_key="customers.id", index=True)
    person: str = Field(sa_type=Text)

    def as_person(self) -> Person:
        return Person.model_validate_json(self.person)


# What is written is read at every order; a calendar that stays in memory also stays compiled.
@lru_cache(maxsize=256)
def _contract(text: str) -> Contract:
    return Contract.model_validate_json(text)


@lru_cache(maxsize=1024)
def _site(text: str) -> Site:
    return Site.model_validate_json(text)


# Asked for with every order: statements that are built once, and read what is written without loading a row.
_IN_FORCE = (
    select(ContractRow.contract)
    .where(col(ContractRow.id) == bindparam("contract"))
    .order_by(col(ContractRow.version).desc())
    .limit(1)
)
_SITES = select(SiteRow.site).where(col(SiteRow.id).in_(bindparam("ids", expanding=True)))


async def contract_in_force(session: Glance, contract_id: str) -> Contract | None:
    text = (await session.execute(_IN_FORCE, {"contract": contract_id})).scalar_one_or_none()
    return _contract(text) if text else None


async def known_contract(session: Glance, contract_id: str, caller: Key, at: str = "") -> Contract:
    """The version in force. Raises `Unknown` when there is no such contract, or none the caller may see."""
    contract = await contract_in_force(session, contract_id)
    if contract is None:
        raise unknown("contract", contract_id, at)
    must_see(caller, contract.customer, unknown("contract", contract_id, at))
    return contract


async def known_version(session: AsyncSession, contract_id: str, caller: Key, version: int | None) -> Contract:
    """One version, or the one in force. Raises `Unknown` when there is none, or none the caller may see."""
    contract = await known_contract(session, contract_id, caller)
    if version is None:
        return contract
    older = await contract_version(session, contract_id, version)
    if older is None:
        raise unknown("contract_version", str(version), "/query/version")
    return older


async def contract_version(session: AsyncSession, contract_id: str, version: int) -> Contract | None:
    row = await session.get(ContractRow, (contract_id, version))
    return row.as_contract() if row else None


async def list_contracts(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Contract]:
    newest = (
        select(ContractRow.id, func.max(ContractRow.version).label("version")).group_by(col(ContractRow.id)).subquery()
    )
    query = (
        select(ContractRow)
        .join(newest, (col(ContractRow.id) == newest.c.id) & (col(ContractRow.version) == newest.c.version))
        .order_by(col(ContractRow.id))
    )
    if customers is not None:
        query = query.where(col(ContractRow.customer).in_(customers))
    return [row.as_contract() for row in (await session.execute(query)).scalars()]


async def sites_by_id(session: Glance, ids: Sequence[str]) -> tuple[Site, ...]:
    return tuple(map(_site, (await session.execute(_SITES, {"ids": list(ids)})).scalars()))


async def site(session: AsyncSession, site_id: str) -> Site | None:
    row = await session.get(SiteRow, site_id)
    return row.as_site() if row else None


async def list_sites(session: Glance, customers: tuple[str, ...] | None) -> Sequence[Site]:
    query = select(SiteRow.site).order_by(col(SiteRow.id))
    if customers is not None:
        query = query.where(col(SiteRow.customer).in_(customers))
    return [_site(text) for text in (await session.execute(query)).scalars()]


async def people_by_id(session: Glance, ids: Sequence[str]) -> tuple[Person, ...]:
    query = select(PersonRow.person).where(col(PersonRow.id).in_(ids)).order_by(col(PersonRow.id))
    return tuple(map(Person.model_validate_json, (await session.execute(query)).scalars()))


async def list_people(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Person]:
    query = select(PersonRow).order_by(col(PersonRow.id))
    if customers is not None:
        query = query.where(col(PersonRow.customer).in_(customers))
    return [row.as_person() for row in (await session.execute(query)).scalars()]


async def list_customers(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Customer]:
    query = select(CustomerRow).order_by(col(CustomerRow.id))
    if customers is not None:
        query = query.where(col(CustomerRow.id).in_(customers))
    return [Customer(id=row.id, name=row.name) for row in (await session.execute(query)).scalars()]


async def customer(session: AsyncSession, customer_id: str) -> Customer | None:
    row = await session.get(CustomerRow, customer_id)
    return Customer(id=row.id, name=row.name) if row else None


async def save_customer(session: AsyncSession, kept: Customer) -> None:
    await session.merge(CustomerRow(id=kept.id, name=kept.name))


async def save_site(session: AsyncSession, kept: Site) -> None:
    await session.merge(SiteRow(id=kept.id, customer=kept.customer, site=kept.model_dump_json()))


async def save_person(session: AsyncSession, person: Person) -> None:
    before = await session.get(PersonRow, person.id)
    if before is not None and before.customer != person.customer:
        await find_only_by(session, Thing(FoundKind.PERSON, before.customer, person.id), frozenset())
    await session.merge(PersonRow(id=person.id, customer=person.customer, person=person.model_dump_json()))
    await find_only_by(session, Thing(FoundKind.PERSON, person.customer, person.id), words_of(person))


async def save_contract(session: AsyncSession, contract: Contract) -> Contract:
    """The contract under the next version; unchanged, it stays the version it is."""
    kept = await contract_in_force(session, contract.id)
    saved = next_version(contract, kept)
    if saved is kept:
        return saved
    session.add(
        ContractRow(id=saved.id, version=saved.version, customer=saved.customer, contract=saved.model_dump_json())
    )
    return saved


async def unknown_names(session: AsyncSession, contract: Contract) -> list[Problem]:
    """What a contract names and the tables do not know; another customer's people are unknown too."""
    named = {
        f"/{field}/{position}": person
        for field, people in (("requesters", contract.requesters), ("approvers", contract.approvers))
        for position, person in enumerate(people)
    }
    named |= {
        f"/team/{role}/{position}": person
        for role, people in contract.team.items()
        for position, person in enumerate(people)
    }
    found = await people_by_id(session, sorted(set(named.values())))
    known = {person.id for person in found if person.customer in (None, contract.customer)}
    problems = [
        Problem(code="person_unknown", at=at, values={"person": person})
        for at, person in named.items()
        if person not in known
    ]
    problems += leavers(named, found)
    if await session.get(CustomerRow, contract.customer) is None:
        problems.insert(0, Problem(code="customer_unknown", at="/customer", values={"customer": contract.customer}))
    return problems
