"""What headings and words in a customer's lists mean: said once, for both kinds of list."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.customers import must_know_customer
from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from db.contracts import list_sites
from db.list_words import list_words, save_list_words
from domain.assets.columns import ListWords
from domain.keys import Key, must_see
from domain.moves.explained import word_problems
from domain.refusals import Unacceptable, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/imports", tags=["imports"])

Importing = Annotated[Key, Depends(May(Operation.IMPORT_ASSETS))]


@router.get("/words", operation_id="getListWords")
async def show_list_words(customer: Slug, caller: Importing, database: Tables, response: Response) -> ListWords:
    """Get what headings of asset lists and words in all lists mean to a customer."""
    must_see(caller, customer, unknown("customer", customer, "/query/customer"))
    async with database.reading() as session:
        return tagged(response, await list_words(session, customer))


@router.put("/words", operation_id="putListWords")
async def put_list_words(words: ListWords, caller: Importing, saving: BySaving) -> ListWords:
    """Save what headings and words mean. It counts from the next import on; headings of move lists are mapped apart."""
    async with saving.turn(f"list-words/{words.customer}", words.customer) as session:
        await must_know_customer(session, caller, words.customer, "/customer")
        before = await list_words(session, words.customer)
        saving.must_match(before)
        problems = list(word_problems(words, before, await list_sites(session, (words.customer,))))
        if problems:
            raise Unacceptable(*problems)
        await save_list_words(session, words)
    return saving.answer(words)
