"""`imac incident`: reporting incidents and seeing how they stand."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.cases import LARGEST_PAGE, Cases, Several, Sort
from cli.faults import fault_names
from cli.http import Api, if_allowed, parsed, path
from cli.incidents import sheet as incident_sheet
from cli.moments import clock_at, moment
from cli.orders.order import read_request
from cli.tables import filled, state, table
from cli.words import heading
from domain.cases.notices import NoticeAttempt
from domain.incidents.progress import OVER, IncidentState
from domain.incidents.sheets import IncidentLine, IncidentSheet
from domain.oncall.page import PageSheet
from domain.orders.ledger import LedgerEntry
from domain.people import Language
from domain.places import Site
from domain.priorities import Grade, Priority

IncidentNo = Annotated[str, Parameter(help="Incident number.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class IncidentOptions:
    contract: str | None = None
    "Contract for the incident."
    site: str | None = None
    "Affected site."
    title: str | None = None
    "Short description."
    description: str | None = None
    "Details."
    reporter: str | None = None
    "Reporter; omit if monitoring detected it."
    asset: str | None = None
    "Tag of the affected asset."
    category: str | None = None
    "Category, such as hardware or network."
    impact: Grade | None = None
    "Impact; with the urgency it determines the priority."
    urgency: Grade | None = None
    "Urgency."
    priority: Priority | None = None
    "Priority, instead of impact and urgency."
    parent: str | None = None
    "Parent incident."
    follows: str | None = None
    "Earlier, resolved incident that has recurred."
    reference: str | None = None
    "The customer's reference number."

    def over(self, request: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A request with what the options say in place of what it says."""
        return request | {name: value for name, value in asdict(self).items() if value is not None}


NOTHING_SAID = IncidentOptions()


async def report(
    *,
    trouble: IncidentOptions = NOTHING_SAID,
    received_at: str | None = None,
    file: Path | None = None,
    key: str | None = None,
    asking: Asking = ASKING,
) -> None:
    """Report an incident and show it.

    Parameters
    ----------
    received_at
        Time of the report, in local time at the site; defaults to now.
    file
        JSON request, as for POST /incidents; options override it.
    key
        Idempotency key: repeating a request with the same key reports only one incident.
    """
    body = trouble.over(read_request(file) if file else {})
    async with asking.api() as api:
        if received_at is not None:
            site = await api.read(Site, path("sites", f"{body.get('site', '')}"))
            body["received_at"] = moment(received_at, site.access.zone).isoformat()
        await show_incident(asking, api, await api.post(path("incidents"), body, key=key))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class IncidentFilterOptions:
    text: str | None = None
    "Words in the number, title, description or reference."
    category: str | None = None
    "Filter by category."
    state: Annotated[tuple[IncidentState, ...], Several] = ()
    "Filter by state."
    priority: Annotated[tuple[Priority, ...], Several] = ()
    "Filter by priority."
    customer: str | None = None
    site: str | None = None
    contract: str | None = None
    reporter: str | None = None
    owner: str | None = None
    "Filter by owner."
    holder: str | None = None
    "Filter by assignee: a person, team or vendor."
    asset: str | None = None
    parent: str | None = None
    "Filter by parent incident."
    reference: str | None = None
    received_from: str | None = None
    "Received at or after this time, such as 2026-11-24T09:00+01:00."
    received_until: str | None = None
    "Received before this time."
    missed: bool | None = None
    "Only incidents with (or without) a missed deadline."
    stuck: bool | None = None
    "Only incidents that nobody has acknowledged, or only the others."
    sort: Sort = "-received_at"
    "Sort field; a leading minus sorts in descending order."
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=LARGEST_PAGE))] = 50
    "Incidents per page."


EVERYTHING = IncidentFilterOptions()


async def list_incidents(
    *,
    wanted: IncidentFilterOptions = EVERYTHING,
    all_pages: Annotated[bool, Parameter(name="--all", negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """List incidents, newest first.

    Parameters
    ----------
    all_pages
        Show all pages, not just the first.
    """
    await INCIDENTS.list(asking, asdict(wanted), follow=all_pages, picture=lines_table)


def lines_table(lines: Sequence[IncidentLine], zones: Mapping[str, str], language: Language) -> RenderableType:
    made = table(language, "incident", "priority", "state", "title", "site", "owner", "received", "deadline", "note")
    for line in lines:
        zone = zones.get(line.site, "UTC")
        deadline = clock_at(line.deadline, zone) if line.deadline else ""
        notes = [heading(name, language) for name, is_so in (("missed", line.missed), ("red", line.stuck)) if is_so]
        notes += fault_names(line.faults, language)
        named = (line.no, incident_sheet.priority(line.priority, language), state(line.state, language), line.title)
        times = (clock_at(line.received_at, zone), deadline)
        filled(made, [(*named, line.site, line.owner or line.holder, *times, Text(", ".join(notes), "red"))])
    return made


async def show(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Show an incident: clocks, assignments, vendors, pages, orders and the next command."""
    async with asking.api() as api:
        await show_incident(asking, api, await api.get(path("incidents", no)))


async def show_incident(asking: Asking, api: Api, answer: httpx2.Response) -> None:
    if asking.json:
        sys.stdout.write(f"{answer.text}\n")
        return
    papers = await papers_of(api, parsed(IncidentSheet, answer))
    asking.console.print(incident_sheet.picture(papers, asking.language))


async def papers_of(api: Api, sheet: IncidentSheet) -> incident_sheet.IncidentPapers:
    notices = api.read(tuple[NoticeAttempt, ...], path("incidents", sheet.no, "notices"))
    pages = api.read(AnsweredPage[PageSheet], path("pages"), {"incident": sheet.no})
    charges = api.read(tuple[LedgerEntry, ...], path("incidents", sheet.no, "charges"))
    return incident_sheet.IncidentPapers(
        sheet=sheet,
        site=await api.read(Site, path("sites", sheet.site)),
        messages=await if_allowed(notices, ()),
        charges=await if_allowed(charges, ()),
        pages=(await if_allowed(pages, AnsweredPage[PageSheet](items=()))).items,
    )


async def timeline(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Show the history of an incident."""
    await INCIDENTS.timeline(asking, no)


async def watch(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Show all past events of an incident, then follow new ones until it is closed or cancelled."""
    await INCIDENTS.watch(asking, no)


INCIDENTS = Cases(
    "incidents", IncidentSheet, AnsweredPage[IncidentLine], lambda sheet: sheet.state in OVER, show_incident
)
