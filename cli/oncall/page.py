"""`imac page`: who is called about what, who has it, and taking it over."""

import uuid
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import RenderableType
from rich.text import Text

from api.cursors import CursorPage
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.faults import fault_words
from cli.http import Api, parsed, path
from cli.moments import clock_at
from cli.names import cause_name
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import word
from domain.cases.page_commands import Acknowledge, Decline
from domain.oncall.page import Call, CallAttempt, PageSheet, PageState
from domain.people import Language

Name = Annotated[str, Parameter(help="I-…/1, or just the incident for its latest page.")]
Why = Annotated[str | None, Parameter(help="Reason, kept with the page.")]
COLOURS = {PageState.CALLING: "yellow", PageState.ACKNOWLEDGED: "green", PageState.UNANSWERED: "bold red"}
MARKS = {True: "✓", False: "✗", None: "…"}


async def list_pages(
    *,
    everything: Annotated[bool, Parameter(name="--all", negative="")] = False,
    incident: str | None = None,
    customer: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=200))] = 20,
    asking: Asking = ASKING,
) -> None:
    """List pages, newest first.

    Parameters
    ----------
    everything
        Include pages that have ended.
    incident
        Filter by incident.
    customer
        Filter by customer.
    limit
        Maximum number of results.
    """
    query = {"open": None if everything else True, "incident": incident, "customer": customer, "limit": limit}
    async with asking.api() as api:
        answer = await api.get(path("pages"), query)
    asking.show(answer, lambda: pages_table(parsed(CursorPage[PageSheet], answer).items, asking.language))


async def show(name: Name, /, *, asking: Asking = ASKING) -> None:
    """Show who was paged and how, who acknowledged and what is next."""
    async with asking.api() as api:
        answer = await api.get(await path_of(api, name))
    asking.show(answer, lambda: page_picture(parsed(PageSheet, answer), asking.language))


async def acknowledge(name: Name, /, *, reason: Why = None, asking: Asking = ASKING) -> None:
    """Acknowledge: stops the page."""
    await say(asking, name, Acknowledge(reason=reason))


async def decline(name: Name, /, *, reason: Why = None, asking: Asking = ASKING) -> None:
    """Decline or hand back: the next person is paged at once."""
    await say(asking, name, Decline(reason=reason))


async def say(asking: Asking, name: str, command: Acknowledge | Decline) -> None:
    async with asking.api() as api:
        answers = f"{await path_of(api, name)}/answers"
        # Typed twice is meant twice; only the connection's own repeats are the same request.
        answer = await api.post(answers, command.model_dump(mode="json", exclude_none=True), key=uuid.uuid4().hex)
    asking.show(answer, lambda: page_picture(parsed(PageSheet, answer), asking.language))


async def path_of(api: Api, name: str) -> str:
    incident, slash, no = name.partition("/")
    if slash:
        return path("pages", incident, no)
    newest = (await api.read(CursorPage[PageSheet], path("pages"), {"incident": incident, "limit": 1})).items
    if not newest:
        raise CliError("nobody_paged", Exit.REFUSED, incident=incident)
    return path("pages", incident, f"{newest[0].no}")


def pages_table(pages: tuple[PageSheet, ...], language: Language) -> RenderableType:
    made = table(language, "page", "state", "owner", "cause", "customer", "from", "round", "calls")
    return filled(
        made,
        (
            (
                f"{page.incident}/{page.no}",
                state(page, language),
                page.owner or page.final_owner,
                cause_name(page.cause, language),
                page.customer,
                clock_at(page.started_at, page.zone),
                page.round,
                len(page.calls),
            )
            for page in pages
        ),
    )


def page_picture(page: PageSheet, language: Language) -> RenderableType:
    head = pages_table((page,), language)
    made = table(language, "round", "person", "name", "channel", "due", "time", ">late", "reached")
    calls = filled(made, (row for call in page.calls for row in attempts(page, call, language)))
    parts = [head, *([Text(page.title)] if page.title else []), calls]
    parts += [Text(fault_words(fault, page.zone, language), "red") for fault in page.faults]
    if page.due_at is not None:
        parts.append(Text(f"{heading('next', language)}: {clock_at(page.due_at, page.zone)} {page.zone}"))
    return stacked(*parts)


def attempts(page: PageSheet, call: Call, language: Language) -> list[tuple[object, ...]]:
    declined = word("page_happening", "decline", language) if call.person in page.declined else None
    who = (call.round, call.person, call.name)
    if not call.attempts:
        return [(*who, None, clock_at(call.due, page.zone), None, None, declined)]
    return [(*who, *tried(attempt, page.zone), declined or MARKS[attempt.reached]) for attempt in call.attempts]


def tried(attempt: CallAttempt, zone: str) -> tuple[object, ...]:
    ended = clock_at(attempt.ended_at, zone) if attempt.ended_at else None
    return attempt.method.name, clock_at(attempt.due, zone), ended, f"{attempt.late.total_seconds():.1f} s"


def state(page: PageSheet, language: Language) -> Text:
    return Text(word("page_state", page.state, language), COLOURS.get(page.state, "dim"))
