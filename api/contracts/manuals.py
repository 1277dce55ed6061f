"""The operating manual of a contract version, as a PDF for its customer."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from api.contracts.contract import Version
from api.dependencies import May, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import manual_pdf
from api.policy import Operation
from api.workshop import AtWorkshop
from db import contracts as kept
from db.vendors.directories import directories_for
from db.vendors.vendor import list_vendors
from domain.contracts.manuals import Manual, holders, roles_in, vendors_for
from domain.contracts.matrix_sheets import matrix_sheet
from domain.keys import Key
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/contracts/{contract_id}", tags=["contracts"])

# Prices stand in it.
Reading = Annotated[Key, Depends(May(Operation.READ_CONTRACTS))]


async def known_manual(contract_id: Slug, caller: Reading, database: Tables, version: Version = None) -> Manual:
    """The same for whoever may see it. Raises `Unknown` when there is no such contract or version for the caller."""
    async with database.reading() as session:
        contract = await kept.known_version(session, contract_id, caller, version)
        owner = contract.customer
        (customer,) = await kept.list_customers(session, (owner,))
        in_roles = {person for role in roles_in(contract) for person in contract.people(role)}
        named = sorted({*in_roles, *contract.requesters, *contract.approvers})
        people = [person for person in await kept.people_by_id(session, named) if person.customer in (None, owner)]
        sites = {site.id: site.name for site in await kept.list_sites(session, (owner,))}
        directories = await directories_for(session, owner)
        vendors = await list_vendors(session, (owner,))
    return Manual(
        contract=contract,
        customer=customer.name,
        matrix=matrix_sheet(contract, customer, people) if contract.matrix else None,
        people=holders(contract, people),
        names={person.id: person.name for person in people},
        vendors=tuple(vendors_for(owner, directories, vendors, sites)),
    )


@router.get("/manual.pdf", operation_id="getManualPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_manual_pdf(
    manual: Annotated[Manual, Depends(known_manual)], workshop: AtWorkshop, language: Spoken
) -> Response:
    """Get the operating manual of a contract version as PDF/A: hours, people, matrix, catalogue, prices, complaints."""
    made = await workshop.make(manual_pdf, manual, language)
    name = f"manual-{manual.contract.id}-{manual.contract.version}-{language}.pdf"
    return file_response(made, PDF, name, language)
