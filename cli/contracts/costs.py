"""`imac contract cost`: what a contract's cases cost, and beside it what they would cost under other terms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from cli.arguments import ContractId
from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from connectors.simulation_files import read_terms
from documents.wording import word
from domain.billing.agreement import Agreement
from domain.costs.cost import ContractCost, CostRow, CostTerms
from domain.people import Language
from domain.refusals import Refused


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class CostOptions:
    first: Annotated[date | None, Parameter(name="--from")] = None
    "First day, by the clock of the contract; a planned project has one of its own."
    last: Annotated[date | None, Parameter(name="--to")] = None
    "Last day; it is counted as well."
    terms: Path | None = None
    "Other terms, JSON or YAML: the contract of a document as in docs/billing.md, or all of the document."
    like: str | None = None
    "Another contract, or another version of it: adler-2026@2."
    project: str | None = None
    "A move that has been planned and rehearsed, in place of what has happened."


ALONE = CostOptions()


async def cost(contract: ContractId, /, *, options: CostOptions = ALONE, asking: Asking = ASKING) -> None:
    """Work out what the cases of a time cost, by month and reason, beside other terms. Nothing is changed."""
    asked = {"from": options.first, "to": options.last, "like": options.like, "project": options.project}
    body: dict[str, JsonValue] = {name: f"{value}" for name, value in asked.items() if value is not None}
    if options.terms is not None:
        body["terms"] = _read(options.terms).model_dump(mode="json", by_alias=True, exclude_unset=True)
    async with asking.api() as api:
        answer = await api.post(path("contracts", contract, "cost"), body)
    asking.show(answer, lambda: picture(parsed(ContractCost, answer), asking.language))


def _read(file: Path) -> Agreement:
    try:
        return read_terms(content_of(file))
    except Refused as refused:
        raise CliError("terms_refused", Exit.REFUSED, file=file.name, problems=refused.problems) from None


def picture(cost: ContractCost, language: Language) -> RenderableType:
    facts = {"since": cost.since, "until": cost.until, "count": cost.counted, "facts": cost.facts}
    parts: list[RenderableType] = [
        Text(phrase("cost_of", language, contract=named(cost.terms, language), **facts), "bold"),
        reasons(cost, language),
        months(cost, language),
    ]
    if cost.cases:
        parts.append(cases(cost, language))
    return stacked(*parts, *(Text(said) for said in remarks(cost, language)))


def named(terms: CostTerms, language: Language) -> str:
    """`adler-2026@1,2`; what was sent has no name."""
    if terms.contract is None:
        return heading("other_terms", language)
    return f"{terms.contract}@{','.join(map(str, terms.versions))}"


def reasons(cost: ContractCost, language: Language) -> RenderableType:
    made = table(language, "reason", ">lines", *_sides(cost))
    filled(
        made,
        ((reason(row.reason, language), _counts(row), *amounts(row.own, row.other)) for row in cost.rows),
    )
    made.add_section()
    return filled(made, [(heading("net", language), "", *amounts(cost.own, cost.other))])


def months(cost: ContractCost, language: Language) -> RenderableType:
    made = table(language, "from", "until", *_sides(cost))
    return filled(made, ((one.since, one.until, *amounts(one.own, one.other)) for one in cost.months))


def cases(cost: ContractCost, language: Language) -> RenderableType:
    made = table(language, "case", ">own_terms", "charges", ">other_terms", "charges", ">difference")
    return filled(
        made,
        (
            (
                one.no,
                one.own,
                ", ".join(reason(name, language) for name in one.own_reasons),
                one.other,
                ", ".join(reason(name, language) for name in one.other_reasons),
                f"{one.other - one.own:+}",
            )
            for one in cost.cases
        ),
    )


def remarks(cost: ContractCost, language: Language) -> Iterator[str]:
    """What decided the difference, and what the figures do not say."""
    if cost.decided and cost.other is not None:
        values = {"difference": f"{cost.other - cost.own:+}", "currency": cost.currency}
        yield phrase("cost_decided", language, reasons=", ".join(_decided(cost.decided, language)), **values)
    proposed = [("own_terms", cost.own_credits), ("other_terms", cost.other_credits)]
    for side, amount in proposed:
        if amount:
            yield phrase("cost_credits", language, terms=heading(side, language), amount=amount, currency=cost.currency)
    if cost.as_charged:
        yield phrase("cost_as_charged", language, parts=", ".join(cost.as_charged))
    if cost.closed_in_part:
        yield phrase("cost_closed_in_part", language, days=", ".join(map(str, cost.closed_in_part)))


def _decided(rows: Iterable[CostRow], language: Language) -> Iterator[str]:
    yield from (f"{reason(row.reason, language)} {(row.other or Decimal(0)) - row.own:+}" for row in rows)


def reason(name: str, language: Language) -> str:
    return heading("discount", language) if name == "discount" else word("line_reason", name, language)


def _sides(cost: ContractCost) -> tuple[str, ...]:
    return (">own_terms",) if cost.other is None else (">own_terms", ">other_terms", ">difference")


def _counts(row: CostRow) -> str:
    return f"{row.own_lines}" if row.other_lines is None else f"{row.own_lines} / {row.other_lines}"


def amounts(own: Decimal, other: Decimal | None) -> tuple[object, ...]:
    return (own,) if other is None else (own, other, f"{other - own:+}")
