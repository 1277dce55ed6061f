"""What commands do alike with every kind of case: tell it something, list it, show its life and follow it."""

import json
import sys
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar

import httpx2
from cyclopts import Parameter
from pydantic import BaseModel, JsonValue
from rich.console import Console, RenderableType

from cli.answers import AnsweredPage
from cli.asking import Asking
from cli.errors import CliError, Exit
from cli.http import Api, Query, parsed, path, unreachable
from cli.moments import clock_at, moment
from cli.names import noted, step_name, told
from cli.tables import filled, table
from cli.words import phrase
from documents.wording import given_reason, word
from domain.cases.events import Event
from domain.people import Language, Role
from domain.places import Site

Several = Parameter(consume_multiple=True, negative="")
Reason = Annotated[str, Parameter(help="Reason, kept in the history of the case.")]
Why = Annotated[str | None, Parameter(help="Reason, kept in the history of the case.")]
Sort = Literal["received_at", "-received_at", "updated_at", "-updated_at", "deadline", "-deadline"]
# Without a visit an order has no place among those sorted by theirs.
OrderSort = Literal[Sort, "starts_at", "-starts_at"]
LARGEST_PAGE = 200


class CaseSheet(Protocol):
    @property
    def no(self) -> str: ...

    @property
    def site(self) -> str: ...


S = TypeVar("S", bound=CaseSheet)
L = TypeVar("L", bound=BaseModel)
# What the steps of a case are called, by their ids.
Names = Mapping[str, str]
# Lines, the zones of their sites, and the language to draw them in.
Picture = Callable[[Sequence[L], Mapping[str, str], Language], RenderableType]


async def _no_steps(_api: Api, _no: str, _language: Language) -> Names:
    return {}


@dataclass(frozen=True)
class Cases(Generic[S, L]):
    """One kind of case: where the API keeps it, its sheet and a page of a list of it, and how a sheet is shown."""

    noun: str
    sheet: type[S]
    page: type[AnsweredPage[L]]
    is_over: Callable[[S], bool]
    show: Callable[[Asking, Api, httpx2.Response], Awaitable[None]]
    steps: Callable[[Api, str, Language], Awaitable[Names]] = _no_steps

    async def tell(self, asking: Asking, no: str, command: str, /, **fields: JsonValue) -> None:
        async with asking.api() as api:
            await self.give(asking, api, no, command, **fields)

    async def give(self, asking: Asking, api: Api, no: str, command: str, /, **fields: JsonValue) -> None:
        """Send one command and print the case as it is then. What is None was not said."""
        said = {name: value for name, value in fields.items() if value is not None}
        body: dict[str, JsonValue] = {"type": command, **said}
        # Typed twice is meant twice; only the connection's own repeats are the same request.
        await self.show(asking, api, await api.post(path(self.noun, no, "commands"), body, key=uuid.uuid4().hex))

    async def zone_of(self, api: Api, no: str) -> str:
        sheet = await api.read(self.sheet, path(self.noun, no))
        return (await api.read(Site, path("sites", sheet.site))).access.zone

    async def instant(self, api: Api, no: str, typed: str | None) -> str | None:
        """A time as it was typed, on the clock at the site."""
        return moment(typed, await self.zone_of(api, no)).isoformat() if typed else None

    async def list(self, asking: Asking, query: Query, *, follow: bool, picture: Picture[L]) -> None:
        await list_pages(asking, self.noun, self.page, query, follow=follow, picture=picture)

    async def timeline(self, asking: Asking, no: str) -> None:
        async with asking.api() as api:
            answer = await api.get(path(self.noun, no, "timeline"))
            zone = await self.zone_of(api, no)
            steps = await self.steps(api, no, asking.language)
        asking.show(answer, lambda: events_table(parsed(tuple[Event, ...], answer), zone, asking.language, steps))

    async def watch(self, asking: Asking, no: str) -> None:
        """Print every event of a case, the past ones first, until it ends."""
        async with asking.api() as api:
            steps = await self.steps(api, no, asking.language)
            follower = Follower(self, api, no, await self.zone_of(api, no), steps, asking)
            try:
                # Connected first and read afterwards, nothing can happen in between unseen.
                async with api.events() as source:
                    if await follower.catch_up():
                        return
                    async for event in source:
                        if no in event.data and await follower.catch_up():
                            return
            except httpx2.TransportError as error:
                raise unreachable(api.client.base_url, error) from None
        raise CliError("stream_ended", Exit.UNREACHABLE, case=no)


class Follower:
    def __init__(self, cases: Cases[Any, Any], api: Api, no: str, zone: str, steps: Names, asking: Asking) -> None:
        self.cases = cases
        self.api = api
        self.no = no
        self.zone = zone
        self.steps = steps
        self.asking = asking
        self.seen = 0

    async def catch_up(self) -> bool:
        """Print what is new and tell whether the case has ended."""
        for event in await self.api.read(tuple[Event, ...], path(self.cases.noun, self.no, "timeline")):
            if event.seq > self.seen:
                self.tell(event)
                self.seen = event.seq
        return self.cases.is_over(await self.api.read(self.cases.sheet, path(self.cases.noun, self.no)))

    def tell(self, event: Event) -> None:
        if self.asking.json:
            line = event.model_dump_json(exclude_none=True)
        else:
            at, what, step, actor, details = event_row(event, self.zone, self.asking.language, self.steps)
            line = f"{at}  {what:<22} {step:<16} {actor}" + (f"  {details}" if details else "")
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


async def list_pages(
    asking: Asking, noun: str, page: type[AnsweredPage[L]], query: Query, *, follow: bool, picture: Picture[L]
) -> None:
    """Print the first page of a list, or all of them."""
    async with asking.api() as api:
        pages = [await api.get(path(noun), query)]
        while follow and (cursor := parsed(AnsweredPage[JsonValue], pages[-1]).next):
            pages.append(await api.get(path(noun), {**query, "cursor": cursor}))
        if asking.json:
            print_pages(pages)
            return
        zones = {site.id: site.access.zone for site in await api.read(tuple[Site, ...], path("sites"))}
    shown = [parsed(page, one) for one in pages]
    asking.console.print(picture([line for one in shown for line in one.items], zones, asking.language))
    if not follow and shown[-1].next:
        Console(stderr=True).print(phrase("more_with_all", asking.language), style="dim")


def print_pages(pages: Sequence[httpx2.Response]) -> None:
    """One object, whatever the number of pages; `next` is that of the last."""
    whole = {"items": [item for page in pages for item in page.json()["items"]], "next": pages[-1].json().get("next")}
    sys.stdout.write(f"{json.dumps(whole, ensure_ascii=False)}\n")


NO_STEPS: Names = MappingProxyType({})


def events_table(events: Sequence[Event], zone: str, language: Language, steps: Names = NO_STEPS) -> RenderableType:
    made = table(language, "time", "what", "step", "actor", "details")
    return filled(made, (event_row(event, zone, language, steps) for event in events))


def event_row(event: Event, zone: str, language: Language, steps: Names = NO_STEPS) -> tuple[str, str, str, str, str]:
    """Time, what happened, at which step, by whom, and details; a step that `steps` does not name is named by us."""
    role = word("role", event.actor.role, language)
    actor = event.actor.person if event.actor.role == Role.SYSTEM else f"{event.actor.person} ({role})"
    reason = given_reason(event.reason, event.actor, language) if event.reason else None
    details = ", ".join([*filter(None, [reason]), *_details(event, zone, language)])
    step = steps.get(event.step) or step_name(event.step, language) if event.step else ""
    return clock_at(event.at, zone), word("happening", event.what, language), step, actor, details


def _details(event: Event, zone: str, language: Language) -> Iterator[str]:
    """What was said with a command, as far as it fits into a line, and what is noted of the event."""
    if event.command is not None:
        said = event.command.model_dump(exclude={"type", "step", "reason"}, exclude_defaults=True)
        for name, value in said.items():
            if isinstance(value, str | int | datetime):
                yield told(name, value, language, zone)
    yield from noted(event.values, language, zone)
