"""Bringing asset lists into the register."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, UploadFile
from pydantic import Field

from api.dependencies import InContext, May, Tables
from api.gate.routes import BoundedRoute
from api.jobs import read_list, understood_assets
from api.policy import Operation
from api.queries import QueryValue
from db.assets.imports import Manner, import_assets, import_run
from db.contracts import list_sites
from db.list_words import list_words
from domain.assets.imports import ImportResult
from domain.keys import Key, must_see
from domain.people import Actor
from domain.refusals import unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/imports", tags=["imports"])

Importing = Annotated[Key, Depends(May(Operation.IMPORT_ASSETS))]


class ImportQuery(QueryValue):
    customer: Slug
    dry_run: bool = Field(default=False, description="Dry run: show the result without saving.")
    overrule: bool = Field(
        default=False,
        description="Overwrite assets even if an order has changed them since, and exchange serials between assets.",
    )
    retag: bool = Field(default=False, description="An asset whose serial is listed beside a new tag gets that tag.")
    unseen: bool = Field(
        default=False, description="Import rows that are hidden or struck through in the file as well."
    )


@router.post("/assets", operation_id="importAssets")
async def bring_in_assets(
    file: Annotated[UploadFile, File(description="CSV, XLSX or ODS, with our headers or from Snipe-IT.")],
    query: Annotated[ImportQuery, Query()],
    caller: Importing,
    context: InContext,
) -> ImportResult:
    """Import an asset list. Rows with problems are skipped and listed; all others are saved.

    What an order has done to an asset since stands, unless the list is to overrule it. The same list again changes only
    what has changed.
    """
    must_see(caller, query.customer, unknown("customer", query.customer, "/query/customer"))
    parcel = await context.workshop.read(read_list, file.filename or "", await file.read())
    async with context.database.reading() as session:
        sites = await list_sites(session, (query.customer,))
        words = await list_words(session, query.customer)
    found = await context.workshop.make(understood_assets, parcel, sites, words, query.unseen)
    actor = Actor(person=caller.person, role=caller.role)
    manner = Manner(query.dry_run, query.overrule, query.retag)
    return await import_assets(
        context.database, customer=query.customer, found=found, actor=actor, at=context.now, manner=manner
    )


@router.get("/{import_id}", operation_id="getImport")
async def show_import(import_id: Slug, caller: Importing, database: Tables) -> ImportResult:
    """Get the result of an import."""
    async with database.reading() as session:
        found = await import_run(session, import_id)
    if found is None:
        raise unknown("import", import_id)
    must_see(caller, found.customer, unknown("import", import_id))
    return found
