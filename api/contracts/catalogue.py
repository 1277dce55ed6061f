"""The catalogue of a contract: what can be ordered under it, with what each item comes to."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from api.contracts.contract import Version
from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation, may
from db.contracts import known_version
from documents.wording import word
from domain.contracts.catalogue import LANGUAGES, OfferedItem
from domain.contracts.offers import offered
from domain.keys import Key
from domain.refusals import unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/contracts/{contract_id}", tags=["contracts"])


Reading = Annotated[Key, Depends(May(Operation.READ_CHAINS))]


async def listed(
    contract_id: Slug, caller: Reading, database: Tables, version: Version = None
) -> tuple[OfferedItem, ...]:
    """All items by their names, with prices for those who may see them."""
    async with database.reading() as session:
        contract = await known_version(session, contract_id, caller, version)
    named = tuple(_named(item) for item in offered(contract))
    return named if may(caller, Operation.READ_CONTRACTS) else tuple(item.but(price=None) for item in named)


Listed = Annotated[tuple[OfferedItem, ...], Depends(listed)]


@router.get("/catalogue", operation_id="getCatalogue")
async def show_catalogue(items: Listed) -> Sequence[OfferedItem]:
    """List what can be ordered: names, questions, targets, steps and prices."""
    return items


@router.get("/catalogue/{item}", operation_id="getCatalogueItem")
async def show_item(item: Slug, items: Listed) -> OfferedItem:
    """Get an item of the catalogue: what it is, what is asked, and what it comes to."""
    found = next((one for one in items if one.id == item), None)
    if found is None:
        raise unknown("item", item)
    return found


def _named(item: OfferedItem) -> OfferedItem:
    """What has no name of its own is called as its kind is."""
    if item.name:
        return item
    return item.but(name={language: word("order_kind", item.kind, language) for language in LANGUAGES})
