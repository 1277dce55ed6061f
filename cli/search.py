"""`imac search`: finding what somebody has the beginning of."""

from collections.abc import Iterable
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import BaseModel
from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.cases import Several
from cli.http import Query, parsed, path
from cli.tables import filled, table
from cli.words import phrase
from documents.wording import ordered, word
from domain.people import Language
from domain.search import FoundKind, FoundThing

MOST = 50
# People and projects have none.
_STATES = {
    FoundKind.ORDER: "order_state",
    FoundKind.INCIDENT: "incident_state",
    FoundKind.ASSET: "asset_status",
    FoundKind.PERSON: "",
    FoundKind.PROJECT: "",
}


class Answered(BaseModel):
    items: tuple[FoundThing, ...]
    more: bool


async def search(
    text: Annotated[str, Parameter(help="The beginning of a number, reference, name, tag, serial or room.")],
    /,
    *,
    kind: Annotated[tuple[FoundKind, ...], Several] = (),
    customer: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=MOST))] = 20,
    asking: Asking = ASKING,
) -> None:
    """Find orders, incidents, assets, people and projects by the beginning of what you know.

    Parameters
    ----------
    kind
        Only things of this kind.
    limit
        So many at most.
    """
    query: Query = {"q": text, "kind": kind, "customer": customer, "limit": limit}
    async with asking.api() as api:
        answer = await api.get(path("search"), query)
    asking.show(answer, lambda: picture(parsed(Answered, answer), asking.language))


def picture(answered: Answered, language: Language) -> RenderableType:
    if not answered.items:
        return Text(phrase("found_nothing", language))
    made = table(language, "kind", "found", "title", "state", "customer", "matched")
    parts: list[RenderableType] = [filled(made, _rows(answered.items, language))]
    if answered.more:
        parts.append(Text(phrase("found_more", language), "dim"))
    return Group(*parts)


def _rows(items: Iterable[FoundThing], language: Language) -> Iterable[tuple[object, ...]]:
    for one in items:
        title = one.title or (ordered(one.item_name, one.order_kind, language) if one.order_kind else "")
        noun = _STATES[one.kind]
        state = word(noun, one.state, language) if noun and one.state else ""
        kind, matched = word("found_kind", one.kind, language), word("search_field", one.matched, language)
        yield kind, one.no, title, state, one.customer, matched
