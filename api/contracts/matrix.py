"""The communications matrix of a contract: as data, as a page, and as a PDF for the customer."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from api.contracts.contract import Version
from api.dependencies import May, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response, in_language
from api.jobs import matrix_pdf
from api.policy import Operation
from api.workshop import AtWorkshop
from db import contracts as kept
from documents.matrix import matrix_page
from domain.contracts.matrix_sheets import MatrixSheet, matrix_sheet, roles_named
from domain.keys import Key
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/contracts/{contract_id}", tags=["contracts"])

# The page brings its own styles and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

Reading = Annotated[Key, Depends(May(Operation.READ_MATRIX))]


async def known_matrix(contract_id: Slug, caller: Reading, database: Tables, version: Version = None) -> MatrixSheet:
    """Raises `Unknown` when there is no such contract or version, none the caller may see, or it has no matrix."""
    async with database.reading() as session:
        contract = await kept.known_version(session, contract_id, caller, version)
        (customer,) = await kept.list_customers(session, (contract.customer,))
        named = [person for role in roles_named(contract) for person in contract.people(role)]
        return matrix_sheet(contract, customer, await kept.people_by_id(session, named))


ThisMatrix = Annotated[MatrixSheet, Depends(known_matrix)]


@router.get("/matrix", operation_id="getMatrix")
async def show_matrix(sheet: ThisMatrix) -> MatrixSheet:
    """Get the communications matrix: contacts, targets and the people in each role."""
    return sheet


@router.get("/matrix.html", operation_id="getMatrixHtml", response_class=HTMLResponse)
async def show_matrix_page(sheet: ThisMatrix, language: Spoken) -> HTMLResponse:
    """Get the matrix as a printable HTML page."""
    headers = in_language(language) | {"Content-Security-Policy": _POLICY}
    return HTMLResponse(matrix_page(sheet, language), headers=headers)


@router.get("/matrix.pdf", operation_id="getMatrixPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_matrix_pdf(sheet: ThisMatrix, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the matrix as PDF/A. The same version always gives the same bytes."""
    printed = await workshop.make(matrix_pdf, sheet, language)
    name = f"matrix-{sheet.contract}-{sheet.version}-{language}.pdf"
    return file_response(printed, PDF, name, language)
