"""`imac catalogue`: what can be ordered under a contract, and what is asked about it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from cli.arguments import ContractId, ContractVersion
from cli.asking import ASKING, Asking
from cli.contracts.chains import row as chain_row
from cli.http import parsed, path
from cli.moments import hours
from cli.sheets import Fact, head
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import names_of_steps, word
from domain.contracts.catalogue import ItemQuestion, OfferedItem, Pricing, in_words
from domain.people import Language

ItemId = Annotated[str, Parameter(help="Item of the catalogue.")]


async def list_items(contract: ContractId, /, *, version: ContractVersion = None, asking: Asking = ASKING) -> None:
    """List what can be ordered: items with target and price."""
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract, "catalogue"), {"version": version})
    asking.show(answer, lambda: items_table(parsed(tuple[OfferedItem, ...], answer), asking.language))


async def show(
    contract: ContractId, item: ItemId, /, *, version: ContractVersion = None, asking: Asking = ASKING
) -> None:
    """Show an item: what it is, what is asked, who may order and approve it, and its steps."""
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract, "catalogue", item), {"version": version})
    asking.show(answer, lambda: picture(parsed(OfferedItem, answer), asking.language))


def items_table(items: Sequence[OfferedItem], language: Language) -> RenderableType:
    made = table(language, "--item", "name", "kind", ">target", "charges", "note")
    for item in items:
        note = heading("withdrawn", language) if item.withdrawn else ""
        target = hours(timedelta(minutes=item.target_minutes))
        name, kind = in_words(item.name, language), word("order_kind", item.kind, language)
        filled(made, [(item.id, name, kind, target, charged(item, language), note)])
    return made


def charged(item: OfferedItem, language: Language) -> str:
    if item.pricing == Pricing.FLAT and item.price is not None:
        return f"{item.price:.2f} EUR"
    return word("pricing", item.pricing, language)


def picture(item: OfferedItem, language: Language) -> RenderableType:
    title = Text.assemble((in_words(item.name, language), "bold"), "  ", (item.id, "dim"))
    alarms = ["withdrawn"] * item.withdrawn
    parts: list[RenderableType] = [head(title, facts(item, language), language, *alarms)]
    if item.questions:
        parts.append(questions_table(item.questions, language))
    names = names_of_steps(item.chain, language)
    steps = table(language, "step", "type", "after", "details", ">target", "note", "--step", title="steps")
    parts.append(filled(steps, (chain_row(step, names, language) for step in item.chain.in_order())))
    return stacked(*parts)


def facts(item: OfferedItem, language: Language) -> Iterator[Fact]:
    yield "description", in_words(item.description, language)
    yield "kind", word("order_kind", item.kind, language)
    yield "target", hours(timedelta(minutes=item.target_minutes))
    if item.estimate_minutes is not None:
        yield "duration", hours(timedelta(minutes=item.estimate_minutes))
    yield "charges", charged(item, language)
    yield "requester", ", ".join(item.requesters)
    yield "approved_by", ", ".join(item.approvers) or heading("nobody", language)


def questions_table(questions: Sequence[ItemQuestion], language: Language) -> RenderableType:
    made = table(language, "--answer", "question", "type", "choices", "note", title="questions")
    for one in questions:
        choices = "\n".join(f"{choice.id}: {in_words(choice.name, language)}" for choice in one.choices)
        note = "" if one.needed else heading("optional", language)
        row = (one.id, in_words(one.text, language), word("question_kind", one.kind, language), choices, note)
        filled(made, [row])
    return made
