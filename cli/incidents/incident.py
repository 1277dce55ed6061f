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
from cli.http import Api, if_allowed, parsed, path
from cli.incidents import sheet as incident_sheet
from cli.moments import clock_at, moment
from cli.orders.order import read_request
from cli.tables import filled, state, table
from cli.words import heading
from domain.cases.notices import NoticeAttempt
from domain.incidents.progress import IncidentState
from domain.incidents.sheets import IncidentLine, IncidentSheet
from domain.oncall.page import PageSheet
from domain.people import Language
from domain.places import Site
from domain.priorities import Grade, Priority

IncidentNo = Annotated[str, Parameter(help="Number of the incident.")]
OVER = (IncidentState.CLOSED, IncidentState.CANCELLED)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class IncidentOptions:
    contract: str | None = None
    "Contract under which it is looked after."
    site: str | None = None
    "Where it is."
    title: str | None = None
    "What is wrong, in one line."
    description: str | None = None
    "What else is known of it."
    reporter: str | None = None
    "Who has reported it; left out, nobody has, as when a monitor saw it."
    asset: str | None = None
    "Tag of the device."
    category: str | None = None
    "What kind of trouble, such as hardware or network."
    impact: Grade | None = None
    "How far it reaches; together with the urgency this gives the priority."
    urgency: Grade | None = None
    "How soon it hurts."
    priority: Priority | None = None
    "Rather than impact and urgency."
    parent: str | None = None
    "Number of the incident of which it is a part."
    follows: str | None = None
    "Number of one that was solved and has come back."
    reference: str | None = None
    "The customer's own number."

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
    """Report an incident and print its sheet.

    Parameters
    ----------
    received_at
        When it was reported, on the clock at the site, if that was before now.
    file
        A report as JSON, as POST /incidents takes it; options given beside it win.
    key
        Idempotency key: sent again with the same one, nothing is reported twice.
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
    state: Annotated[tuple[IncidentState, ...], Several] = ()
    "Only these states."
    priority: Annotated[tuple[Priority, ...], Several] = ()
    "Only these priorities."
    customer: str | None = None
    site: str | None = None
    contract: str | None = None
    reporter: str | None = None
    owner: str | None = None
    "Only those this person answers for."
    holder: str | None = None
    "Only those this person, team or vendor works on."
    asset: str | None = None
    parent: str | None = None
    "Only the parts of this incident."
    reference: str | None = None
    received_from: str | None = None
    "Received at this instant or later, such as 2026-11-24T09:00+01:00."
    received_until: str | None = None
    "Received before this instant."
    missed: bool | None = None
    "Only incidents that missed a deadline, or only others."
    stuck: bool | None = None
    "Only red ones, which nobody has taken, or only others."
    sort: Sort = "-received_at"
    "A leading minus turns the order round."
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
        All pages instead of the first.
    """
    await INCIDENTS.list(asking, asdict(wanted), follow=all_pages, picture=lines_table)


def lines_table(lines: Sequence[IncidentLine], zones: Mapping[str, str], language: Language) -> RenderableType:
    made = table(language, "incident", "priority", "state", "title", "site", "owner", "received", "deadline", "note")
    for line in lines:
        zone = zones.get(line.site, "UTC")
        deadline = clock_at(line.deadline, zone) if line.deadline else ""
        notes = [heading(name, language) for name, is_so in (("missed", line.missed), ("red", line.stuck)) if is_so]
        named = (line.no, incident_sheet.priority(line.priority, language), state(line.state, language), line.title)
        times = (clock_at(line.received_at, zone), deadline)
        filled(made, [(*named, line.site, line.owner or line.holder, *times, Text(", ".join(notes), "red"))])
    return made


async def show(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Show one incident: clocks, who has it and had it, vendors, pages, orders, and what to type next."""
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
    return incident_sheet.IncidentPapers(
        sheet=sheet,
        site=await api.read(Site, path("sites", sheet.site)),
        messages=await if_allowed(notices, ()),
        pages=(await if_allowed(pages, AnsweredPage[PageSheet](items=()))).items,
    )


async def timeline(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Show who did what to an incident, and when."""
    await INCIDENTS.timeline(asking, no)


async def watch(no: IncidentNo, /, *, asking: Asking = ASKING) -> None:
    """Print every event of an incident, the past ones first, until it is closed or cancelled."""
    await INCIDENTS.watch(asking, no)


INCIDENTS = Cases(
    "incidents", IncidentSheet, AnsweredPage[IncidentLine], lambda sheet: sheet.state in OVER, show_incident
)
