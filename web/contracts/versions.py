"""Contracts: those that can be seen, and what one version of one promises."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.contracts.manuals import known_manual, show_manual_pdf
from api.contracts.matrix import known_matrix, show_matrix_pdf
from api.dependencies import Tables
from api.policy import Operation
from api.queries import QueryValue
from api.workshop import AtWorkshop
from connectors.holidays import with_holidays
from db.contracts import (
    contract_version,
    customer,
    known_contract,
    known_version,
    list_contracts,
)
from documents.matrix import printed
from documents.service_hours import service_hours
from domain.contracts.contract import Contract
from domain.people import Role
from domain.values import Slug
from web.contracts.promises import (
    PARTS_SHOWN,
    calls,
    changed_sections,
    holidays_ahead,
    ladders,
    offers,
    opens_at,
)
from web.marks import Mark
from web.moments import day_of
from web.order_sheets import names_of
from web.rendering import Values, page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
CONTRACTS = "/contracts"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_CONTRACTS))]
# Of many versions, so many are led to.
VERSIONS_SHOWN = 12
Validity = Literal["in_force", "not_yet_in_force", "run_out"]
_MARKS: dict[Validity, Mark] = {"in_force": Mark.OK, "not_yet_in_force": Mark.WAIT, "run_out": Mark.LEFT}


class VersionQuery(QueryValue):
    """Which version; the one in force if none is named."""

    version: int | None = Field(default=None, ge=1, le=10**9)


@dataclass(frozen=True)
class ContractLine:
    """A contract in one line."""

    contract: Contract
    standing: Validity
    hours: str


def standing_of(contract: Contract, now: datetime) -> Validity:
    if contract.is_valid_on(now):
        return "in_force"
    return "not_yet_in_force" if day_of(now, contract.calendar.zone) < contract.valid_from else "run_out"


@router.get(CONTRACTS, name="contractsPage")
async def list_page(request: Request, reader: Reading, database: Tables) -> Response:
    async with database.reading() as session:
        found = await list_contracts(session, reader.key.customers)
    language, now = reader.look.language, reader.now
    lines = [
        ContractLine(one, standing_of(one, now), service_hours(one.calendar, language))
        for one in sorted(found, key=lambda one: (standing_of(one, now) != "in_force", one.customer, one.name))
    ]
    values = {"lines": lines, "stands": _MARKS}
    return page(request, "contracts.html", reader.look, values, reader=reader)


@router.get(f"{CONTRACTS}/{{contract_id}}", name="contractPage")
async def contract_page(
    request: Request, contract_id: Slug, query: Annotated[VersionQuery, Query()], reader: Reading, database: Tables
) -> Response:
    async with database.reading() as session:
        newest = await known_contract(session, contract_id, reader.key)
        contract = await known_version(session, contract_id, reader.key, query.version)
        before = await contract_version(session, contract_id, contract.version - 1)
        whose = await customer(session, contract.customer)
    shows_matrix = contract.matrix is not None and reader.may(Operation.READ_MATRIX)
    sheet = await known_matrix(contract_id, reader.key, database, contract.version) if shows_matrix else None
    names = await names_of(contract.everybody(), reader, database)
    values = {
        **_values(contract, reader),
        "matrix": printed(sheet, reader.look.language) if sheet else None,
        "newest": newest.version,
        "versions": tuple(range(newest.version, max(0, newest.version - VERSIONS_SHOWN), -1)),
        "changed": changed_sections(contract, before) if before else (),
        "customer": whose.name if whose else contract.customer,
        "names": names,
    }
    return page(request, "contract.html", reader.look, values, reader=reader)


def _values(contract: Contract, reader: Reader) -> Values:
    language, now = reader.look.language, reader.now
    calendar = with_holidays(contract.calendar, now)
    prices = contract.prices
    return {
        "contract": contract,
        "standing": standing_of(contract, now),
        "stands": _MARKS,
        "zone": contract.calendar.zone,
        "now": now,
        "offers": offers(contract, language),
        "hours_said": service_hours(contract.calendar, language),
        "opens_at": opens_at(calendar, now),
        "holidays": holidays_ahead(calendar, day_of(now, contract.calendar.zone)),
        "ladders": ladders(contract, reader.key, language),
        "calls": calls(contract.paging.steps, language) if contract.matrix else (),
        "may_see_rota": contract.paging.rota is not None and reader.may(Operation.READ_ROTAS),
        "parts": sorted(prices.parts.items())[:PARTS_SHOWN],
        "more_parts": max(0, len(prices.parts) - PARTS_SHOWN),
        "people": tuple((role, named) for role in Role if (named := contract.people(role))),
    }


@router.get(f"{CONTRACTS}/{{contract_id}}/matrix.pdf", name="contractMatrixPage")
async def matrix_file(
    contract_id: Slug,
    query: Annotated[VersionQuery, Query()],
    reader: Annotated[Reader, Depends(Signed(Operation.READ_MATRIX))],
    database: Tables,
    workshop: AtWorkshop,
) -> Response:
    """The matrix as it hangs on a wall."""
    sheet = await known_matrix(contract_id, reader.key, database, query.version)
    return await show_matrix_pdf(sheet, workshop, reader.look.language)


@router.get(f"{CONTRACTS}/{{contract_id}}/manual.pdf", name="contractManualPage")
async def manual_file(
    contract_id: Slug,
    query: Annotated[VersionQuery, Query()],
    reader: Reading,
    database: Tables,
    workshop: AtWorkshop,
) -> Response:
    """The operating manual, to be kept."""
    manual = await known_manual(contract_id, reader.key, database, query.version)
    return await show_manual_pdf(manual, workshop, reader.look.language)
