"""`imac awaited`: what cases wait for people to say, and the table of it made anew."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.cases import LARGEST_PAGE, Several, list_pages
from cli.moments import clock_at, moment
from cli.names import step_name
from cli.stack.ground import database_trouble, opened, silent_database
from cli.stack.programs import must_be_whole, read_settings
from cli.tables import filled, table
from cli.words import heading, phrase
from db.rebuilding import rebuild as make_anew
from documents.wording import word
from domain.cases.awaited import AwaitedLine, AwaitingCase
from domain.contracts.catalogue import in_words
from domain.people import Language, Role
from settings import Settings


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AwaitedOptions:
    mine: Annotated[bool | None, Parameter(negative="")] = None
    "Only what your key's person is named for, and what nobody is named for in its role."
    role: Role | None = None
    "Only what is awaited from this role."
    person: str | None = None
    "Only what this person is named for."
    customer: str | None = None
    kind: Annotated[tuple[AwaitingCase, ...], Several] = ()
    "Only cases of this kind."
    exception: bool | None = None
    "Only what goes on only when a person has decided how, or only all else."
    due_before: str | None = None
    "Only what is due before this time, such as 2026-11-24T09:00+01:00."
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=LARGEST_PAGE))] = 50
    "Lines per page."


EVERYTHING = AwaitedOptions()


async def list_awaited(
    *,
    wanted: AwaitedOptions = EVERYTHING,
    all_pages: Annotated[bool, Parameter(name="--all", negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """List what cases wait for, what is due first, first.

    Parameters
    ----------
    all_pages
        Show all pages, not just the first.
    """
    query = asdict(wanted)
    if wanted.due_before:
        query["due_before"] = moment(wanted.due_before, "UTC").isoformat()
    await list_pages(asking, "awaited", AnsweredPage[AwaitedLine], query, follow=all_pages, picture=lines_table)


def lines_table(lines: Sequence[AwaitedLine], zones: Mapping[str, str], language: Language) -> RenderableType:
    made = table(language, "due", "case", "step", "what", "person", "customer", "note")
    for line in lines:
        zone = zones.get(line.site or "", "UTC")
        people = ", ".join(line.people) or (word("role", line.role, language) if line.role else "")
        what = Text(word("awaited", line.command, language), "bold red" if line.exception else "")
        step = step_name(line.step, language) if line.kind == AwaitingCase.ORDER else ""
        called = line.title or in_words(line.item_name, language)
        notes = (*(heading(name, language) for name in _notes(line)), called)
        due = clock_at(line.due, zone) if line.due else ""
        filled(made, [(due, line.no, step, what, people, line.customer, ", ".join(filter(None, notes)))])
    return made


def _notes(line: AwaitedLine) -> list[str]:
    return [name for name, is_so in (("stuck", line.exception), ("on_hold", line.held)) if is_so]


def rebuild(*, asking: Asking = ASKING) -> None:
    """Write anew, from the cases, what they wait for. A repair: the database is its own, and everything may run."""
    settings = read_settings(asking.data_dir)
    must_be_whole(settings.database_url)
    amended = asyncio.run(_rebuild(settings))
    if asking.json:
        sys.stdout.write(f'{{"amended": {amended}}}\n')
    else:
        asking.console.print(phrase("rebuilt", asking.language, amended=amended))


async def _rebuild(settings: Settings) -> int:
    async with opened(settings) as database:
        trouble = await database_trouble(database)
        if trouble is not None:
            raise trouble
        try:
            return await make_anew(database)
        except (SQLAlchemyError, OSError) as error:
            raise silent_database(error) from None
