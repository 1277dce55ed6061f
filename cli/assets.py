"""`imac asset`: importing lists of assets, finding one, and its life."""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.answers import AnsweredPage
from cli.arguments import Tag
from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import Exit
from cli.http import Query, parsed, path
from cli.moments import clock_at
from cli.orders.outcomes import assets_table
from cli.sheets import typed, typed_next
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import remedy, sentence, word
from domain.assets.asset import Asset, AssetStatus, LifeEntry
from domain.assets.columns import AssetColumn
from domain.assets.imports import ImportResult, RowOutcome
from domain.blocks import spot
from domain.lists import DataIssue
from domain.people import Language
from domain.refusals import Problem


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Manners:
    dry_run: Annotated[bool, Parameter(negative="")] = False
    "Show the result without saving."
    overrule: Annotated[bool, Parameter(negative="")] = False
    "Overwrite assets even if an order has changed them since, and exchange serials between assets."
    retag: Annotated[bool, Parameter(negative="")] = False
    "Give an asset whose serial is listed beside a new tag that tag; not while an order names it."
    unseen: Annotated[bool, Parameter(negative="")] = False
    "Import rows that are hidden or struck through in the file as well."


AS_IT_IS = Manners()


async def import_file(file: Path, /, *, customer: str, manners: Manners = AS_IT_IS, asking: Asking = ASKING) -> None:
    """Import a CSV, XLSX or ODS asset list, with our headers or from Snipe-IT. Valid rows are saved.

    Ends with 1 when any row had a problem.

    Parameters
    ----------
    file
        Asset list.
    customer
        Owner of the assets.
    """
    content = content_of(file)
    query: Query = {"customer": customer, **asdict(manners)}
    async with asking.api() as api:
        # The bar goes to stderr: stdout holds the answer alone.
        with Progress(*COLUMNS, console=Console(stderr=True), transient=True) as bar:
            bar.add_task(f"{file.name}, {len(content):,} bytes", total=None)
            answer = await api.upload(path("imports", "assets"), query, file.name, content)
    result = parsed(ImportResult, answer)
    flags = (f"--{name}" for name, wanted in asdict(replace(manners, dry_run=False)).items() if wanted)
    again = typed("asset", "import", f"{file}", "--customer", customer, *flags)
    asking.show(answer, lambda: picture(result, again, asking.language))
    if result.with_problems:
        sys.exit(Exit.REFUSED)


COLUMNS = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())


def picture(result: ImportResult, again: str, language: Language) -> RenderableType:
    counts = table(
        language,
        *(">added", ">changed", ">unchanged", ">kept", ">with_problems"),
        title="dry_run" if result.dry_run else None,
    )
    filled(counts, [(result.added, result.changed, result.unchanged, result.kept, result.with_problems)])
    parts: list[RenderableType] = [counts]
    moved = [row for row in result.rows if row.changed]
    if moved:
        rows = ((row.row, row.tag, _differing(row, result, language), row.order) for row in moved)
        parts.append(filled(table(language, ">row", "tag", "differs", "kept_for"), rows))
    if result.issues:
        wrong = (
            (issue.row, spot(issue.row, issue.sheet, issue.cell), issue.column, issue.value, _advice(issue, language))
            for issue in result.issues
        )
        parts.append(filled(table(language, ">row", "cell", "column", "found", "problem"), wrong))
    aside = {
        "not_read": result.ignored_columns,
        "sheets_not_read": result.unread_sheets,
        "columns_not_shown": result.hidden_columns,
    }
    parts += (Text(f"{heading(name, language)}: {', '.join(said)}", "dim") for name, said in aside.items() if said)
    return stacked(*parts, *typed_next(next_lines(result, again), language))


def next_lines(result: ImportResult, again: str) -> Iterator[str]:
    """What can be typed next: what imports as the dry run did, last."""
    if result.unknown_columns:
        asked = (f"{one.heading}={one.nearest or AssetColumn.IGNORED}" for one in result.unknown_columns)
        yield shlex.join(["imac", "asset", "columns", "--customer", result.customer, *asked])
    if result.dry_run and (result.added or result.changed):
        yield again


def _advice(issue: DataIssue, language: Language) -> str:
    problem = Problem(code=issue.code, values=issue.values)
    return f"{sentence(problem, language)} {remedy(problem, language)}".strip()


def _differing(row: RowOutcome, result: ImportResult, language: Language) -> str:
    """The fields; as long as nothing has happened, with what stands in them and what would stand there."""
    names = {field: heading(field, language) for field in row.changed}
    if not result.dry_run or row.order:
        return ", ".join(names.values())
    both = ((name, _value(field, row.old, language), _value(field, row.new, language)) for field, name in names.items())
    return "; ".join(f"{name}: {old} → {new}" for name, old, new in both)


def _value(field: str, values: Mapping[str, str], language: Language) -> str:
    value = values.get(field, "–")
    return word("asset_status", value, language) if field == "status" else value


async def list_assets(
    *,
    customer: str | None = None,
    status: AssetStatus | None = None,
    site: str | None = None,
    search: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=200))] = 50,
    asking: Asking = ASKING,
) -> None:
    """List assets by tag.

    Parameters
    ----------
    search
        Part of a tag, serial, model or holder.
    limit
        Maximum number of results.
    """
    query = {"customer": customer, "status": status, "site": site, "search": search, "limit": limit}
    async with asking.api() as api:
        answer = await api.get(path("assets"), query)
    asking.show(answer, lambda: assets_table(parsed(AnsweredPage[Asset], answer).items, asking.language))


async def show(tag: Tag, /, *, customer: str | None = None, asking: Asking = ASKING) -> None:
    """Show an asset and its history: every change, with the order behind it.

    Parameters
    ----------
    customer
        Owner of the asset; optional for keys limited to one customer.
    """
    query = {"customer": customer}
    async with asking.api() as api:
        answer = await api.get(path("assets", tag), query)
        life = await api.get(path("assets", tag, "life"), query)
    if asking.json:
        sys.stdout.write(f'{{"asset":{answer.text},"life":{life.text}}}\n')
    else:
        entries = parsed(tuple[LifeEntry, ...], life)
        asking.console.print(life_picture(parsed(Asset, answer), entries, asking.language))


def life_picture(asset: Asset, life: Sequence[LifeEntry], language: Language) -> RenderableType:
    rows = ((clock_at(turn.at, "UTC"), turn.source, changes(turn, language)) for turn in life)
    return stacked(assets_table([asset], language), filled(table(language, "time", "under", "details"), rows))


def changes(turn: LifeEntry, language: Language) -> str:
    """What is different after a change; for the first one, how the asset came."""
    if turn.before is None:
        return word("asset_status", turn.after.status, language)
    return "; ".join(
        f"{heading(field, language)}: {shown(turn.before, field, language)} → {shown(turn.after, field, language)}"
        for field in Asset.model_fields
        if getattr(turn.before, field) != getattr(turn.after, field)
    )


def shown(asset: Asset, field: str, language: Language) -> str:
    value = getattr(asset, field)
    if isinstance(value, AssetStatus):
        return word("asset_status", value, language)
    return "–" if value is None else f"{value}"
