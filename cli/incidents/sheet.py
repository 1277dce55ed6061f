"""The sheet of one incident as a person reads it, with the command lines that bring it on."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from cli import sheets
from cli.holders import holders_table, jobs_table
from cli.moments import clock_at, hours
from cli.names import clock_name
from cli.oncall.page import pages_table
from cli.orders.outcomes import charges_table, messages_table
from cli.sheets import Fact, at_fault, clock_state, ended, on_hold, pinned, typed, typed_next
from cli.tables import bar, filled, stacked, state, table
from cli.words import heading
from documents.wording import word
from domain.cases.notices import NoticeAttempt
from domain.incidents.progress import IncidentState
from domain.incidents.sheets import IncidentSheet
from domain.oncall.page import PageSheet
from domain.orders.ledger import LedgerEntry
from domain.orders.sheets import ClockFace
from domain.people import Language
from domain.places import Site
from domain.priorities import Priority
from domain.times import Instant
from domain.vendors.jobs import JobStatus

COLOURS = {Priority.BLOCKER: "bold red", Priority.CRITICAL: "red", Priority.MAJOR: "yellow"}


@dataclass(frozen=True)
class IncidentPapers:
    """Everything that is known of one incident."""

    sheet: IncidentSheet
    site: Site
    messages: tuple[NoticeAttempt, ...] = ()
    pages: tuple[PageSheet, ...] = ()
    charges: tuple[LedgerEntry, ...] = ()

    @property
    def zone(self) -> str:
        return self.site.access.zone

    def clock(self, at: Instant | None) -> str:
        return clock_at(at, self.zone) if at else ""


def picture(papers: IncidentPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    parts = [head(papers, language), clocks_table(papers, language), holders(papers, language)]
    if sheet.jobs:
        parts.append(jobs_table(sheet.jobs, papers.clock, language))
    if papers.pages:
        parts.append(pages_table(papers.pages, language))
    if sheet.orders:
        orders = ((linked.order, word("order_state", linked.state or "", language)) for linked in sheet.orders)
        parts.append(filled(table(language, "order", "state", title="orders"), orders))
    if papers.charges:
        parts.append(charges_table(papers.charges, language))
    if papers.messages:
        parts.append(messages_table(papers.messages, papers.zone, language))
    return stacked(*parts, *typed_next(next_lines(sheet), language))


def head(papers: IncidentPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    title = Text("  ").join(
        [Text(sheet.no, "bold"), priority(sheet.priority, language), state(sheet.state, language), Text(sheet.title)]
    )
    alarms = [name for name, is_so in (("missed", sheet.missed), ("red", sheet.red)) if is_so]
    known = (*asked(papers, language), *stands(papers, language))
    return sheets.head(title, known, language, *alarms)


def priority(of: Priority, language: Language) -> Text:
    return Text(word("priority", of, language), COLOURS.get(of, ""))


def asked(papers: IncidentPapers, language: Language) -> Iterator[Fact]:
    """What was reported."""
    sheet, request = papers.sheet, papers.sheet.request
    when = heading("in_hours" if sheet.in_hours else "out_of_hours", language)
    yield from pinned(sheet, papers.site, language)
    yield "reporter", request.reporter
    yield "received", f"{papers.clock(sheet.received_at)}, {when}"
    if sheet.asset is not None:
        yield "asset", " ".join(filter(None, (sheet.asset.tag, sheet.asset.manufacturer, sheet.asset.model)))
    yield "category", sheet.category
    if sheet.impact and sheet.urgency:
        grades = ((name, grade) for name, grade in (("impact", sheet.impact), ("urgency", sheet.urgency)))
        yield (
            "judged",
            ", ".join(f"{heading(name, language)} {word('grade', grade, language)}" for name, grade in grades),
        )
    yield "reference", request.reference
    yield "part_of", sheet.parent
    yield "follows", request.follows
    yield "merged_into", sheet.merger.into if sheet.merger else None
    yield "merged_in", ", ".join(other.incident for other in sheet.merged) or None
    yield "description", request.description


def stands(papers: IncidentPapers, language: Language) -> Iterator[Fact]:
    """How it stands."""
    sheet = papers.sheet
    yield "owner", sheet.answerable
    yield "with", f"{sheet.holder.holder} ({word('holder_kind', sheet.holder.kind, language)})"
    yield "deadline", papers.clock(sheet.deadline)
    if sheet.answered_at is not None:
        yield "answer_waits_since", papers.clock(sheet.answered_at)
    if sheet.alerts_firing:
        yield "alerts_still_firing", f"{sheet.alerts_firing}"
    if sheet.promises:
        yield "promised", papers.clock(sheet.promises[-1].date)
    yield from at_fault(sheet.faults, papers.zone, language)
    yield from on_hold(sheet.holds, papers.zone, language)
    if sheet.resolved_at is not None:
        yield "solution", ", ".join(filter(None, (papers.clock(sheet.resolved_at), sheet.solution, sheet.cause)))
        yield "reopen_until", papers.clock(sheet.reopen_until)
    yield from ended(sheet.withdrawal, papers.zone)


def clocks_table(papers: IncidentPapers, language: Language) -> RenderableType:
    made = table(language, "name", "type", ">target", "used", ">left", "deadline", "state", title="clocks")
    for face in papers.sheet.clocks:
        share = face.used / face.target if face.used is not None else 0
        named = (clock_name(face.name, face.kind, language), face.type, hours(face.target))
        filled(
            made,
            [(*named, bar(share), left(face), papers.clock(face.deadline), clock_state(face, papers.zone, language))],
        )
    return made


def left(face: ClockFace) -> Text:
    """In the hours by which the clock runs."""
    if face.used is None or face.stopped_at or face.cancelled_at:
        return Text("")
    spare = face.target - face.used
    return Text(hours(spare)) if face.used <= face.target else Text(f"-{hours(-spare)}", "red")


def holders(papers: IncidentPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    return holders_table(sheet.stints, sheet.burnt, sheet.resolved_at, papers.clock, language)


def next_lines(sheet: IncidentSheet) -> Iterator[str]:
    """What can be typed next. Words in capitals are to be filled in."""
    for words in _next(sheet):
        yield typed("incident", words[0], sheet.no, *words[1:])


def _next(sheet: IncidentSheet) -> Iterator[tuple[str, ...]]:
    if sheet.state == IncidentState.RESOLVED:
        yield ("confirm",)
    if "reopen" in sheet.commands:
        yield "reopen", "--reason", "REASON"
    if not sheet.state.is_unsolved:
        return
    if sheet.category is None:
        yield "classify", "--category", "CATEGORY", "--impact", "IMPACT", "--urgency", "URGENCY"
    if sheet.responded_at is None:
        yield "respond", "--message", "MESSAGE"
    if sheet.holds:
        yield ("resume",)
    if sheet.jobs and sheet.jobs[-1].status == JobStatus.OFFERED:
        yield "vendor", "--status", "accepted", "--ticket", "TICKET"
    if sheet.responded_at is not None:
        yield "resolve", "--solution", "SOLUTION"
