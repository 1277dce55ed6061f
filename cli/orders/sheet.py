"""The sheet of one order as a person reads it, with the command lines that bring it on."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import RenderableType
from rich.text import Text

from cli import sheets
from cli.holders import holders_table, jobs_table
from cli.moments import clock_at, hours, now
from cli.names import clock_name
from cli.orders.outcomes import assets_table, charges_table, messages_table
from cli.sheets import Fact, at_fault, clock_state, ended, on_hold, pinned, typed
from cli.tables import filled, mark, stacked, state, table
from cli.words import heading
from documents.wording import name_of_step, ordered, sentence, word
from domain.cases.notices import NoticeAttempt
from domain.contracts.catalogue import in_words
from domain.contracts.chains import Approval, Chain, Erasure, ErasureMethod, Evidence
from domain.orders.erasures import name_of, to_erase
from domain.orders.ledger import LedgerEntry
from domain.orders.progress import CertificateException, Custodian, OwnPeopleStint, StepStatus
from domain.orders.promises import WHOLE
from domain.orders.sheets import Awaited, OrderSheet
from domain.people import Language
from domain.places import Site
from domain.times import Instant

VISIT = timedelta(hours=2)
LOOK_AHEAD = timedelta(days=60)
COMMANDS = {
    "record_erasure": "erase",
    "confirm_custody": "custody",
    "add_evidence": "evidence",
    "log_work": "log",
    "decline_acceptance": "decline",
    "settle_certificate": "settle-certificate",
    "report_vendor": "vendor",
    "hand_over": "hand-over",
}


@dataclass(frozen=True)
class OrderPapers:
    """Everything that is known of one order."""

    sheet: OrderSheet
    chain: Chain
    site: Site
    charges: tuple[LedgerEntry, ...] = ()
    messages: tuple[NoticeAttempt, ...] = ()

    @property
    def zone(self) -> str:
        return self.site.access.zone

    def clock(self, at: Instant | None) -> str:
        return clock_at(at, self.zone) if at else ""


def picture(papers: OrderPapers, language: Language) -> RenderableType:
    parts: list[RenderableType] = [head(papers, language)]
    if papers.sheet.answered:
        parts.append(answers(papers, language))
    parts.append(steps(papers, language))
    if papers.sheet.awaiting:
        parts.append(waits_for(papers, language))
    parts.append(clocks(papers, language))
    if papers.sheet.jobs:
        parts.append(jobs_table(papers.sheet.jobs, papers.clock, language))
        parts.append(holders(papers, language))
    if papers.sheet.assets:
        parts.append(assets_table(papers.sheet.assets, language))
    if papers.charges:
        parts.append(charges_table(papers.charges, language, {papers.sheet.item: papers.sheet.item_name}))
    if papers.messages:
        parts.append(messages_table(papers.messages, papers.zone, language))
    return stacked(*parts)


def holders(papers: OrderPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    closed = max((step.closed_at for step in sheet.steps if step.closed_at), default=None)
    ended_at = (sheet.ending.at if sheet.ending else closed) if sheet.state.is_final else None
    return holders_table(sheet.stints, sheet.burnt, ended_at, papers.clock, language)


def head(papers: OrderPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    name = ordered(sheet.item_name, sheet.kind, language)
    title = Text.assemble((sheet.no, "bold"), "  ", (name, "bold"), "  ", state(sheet.state, language))
    return sheets.head(title, facts(papers, language), language, *["missed"] * sheet.missed)


def facts(papers: OrderPapers, language: Language) -> Iterator[Fact]:
    sheet, request = papers.sheet, papers.sheet.request
    if sheet.item_name:
        yield "item", f"{sheet.item} ({word('order_kind', sheet.kind, language)})"
    yield from pinned(sheet, papers.site, language)
    if sheet.bundle is not None:
        yield "bundle", sheet.bundle
    yield "requester", request.requester
    yield "received", clock_at(sheet.received_at, papers.zone)
    if sheet.deadline is not None:
        yield "deadline", clock_at(sheet.deadline, papers.zone)
    if sheet.quote is not None:
        amount = f"{sheet.quote.price:.2f} EUR"
        yield "quote", f"{word('field', 'at_most', language)} {amount}" if sheet.quote.at_most else amount
    if sheet.appointment is not None:
        window, by = sheet.appointment.window, sheet.appointment.technician
        times = f"{clock_at(window.start, papers.zone)} – {clock_at(window.end, papers.zone)}"
        yield "appointment", times if by is None else f"{times}, {by}"
    asked = {"target_place": request.target, "holder": request.holder, "reference": request.reference}
    for name, value in (asked | {"incident": request.incident}).items():
        if value is not None:
            yield name, f"{value}"
    yield from _custodians(papers, language)
    for stint in sheet.own_people:
        yield "own_people", _with_own_people(papers, stint, language)
    yield from at_fault(sheet.faults, papers.zone, language)
    yield from on_hold(sheet.holds, papers.zone, language)
    yield from ended(sheet.ending, papers.zone)


def _custodians(papers: OrderPapers, language: Language) -> Iterator[Fact]:
    for custodian in papers.sheet.custodians:
        yield "custodian", _taken(custodian, papers.zone, language)
    for questioned in papers.sheet.exceptions:
        yield "certificate", _questioned(questioned, papers.zone, language)


def _taken(custodian: Custodian, zone: str, language: Language) -> str:
    """Who has it since when, and what proved then that it could be given to them."""
    said = f"{custodian.name}, {clock_at(custodian.at, zone)}"
    if custodian.certificate is None:
        return said
    held = custodian.certificate.certificate
    kind = word("certificate_kind", held.kind, language)
    return f"{said}: {kind} {held.number}, {heading('until', language)} {held.valid_until}"


def _with_own_people(papers: OrderPapers, stint: OwnPeopleStint, language: Language) -> str:
    said = f"{name_of_step(papers.chain.step(stint.step), language)}, {clock_at(stint.since, papers.zone)}"
    if stint.until is None or stint.minutes is None:
        return said
    return f"{said} – {clock_at(stint.until, papers.zone)}, {hours(timedelta(minutes=stint.minutes))}"


def _questioned(one: CertificateException, zone: str, language: Language) -> str:
    why = one.reason or word("happening", "certificate_expired", language)
    since = f"{one.custodian.name}, {clock_at(one.since, zone)}: {why}"
    if one.finding is not None:
        return f"{since} → {one.finding} ({one.settled_by})"
    return since if one.due is None else f"{since} ({heading('deadline', language)} {clock_at(one.due, zone)})"


def answers(papers: OrderPapers, language: Language) -> RenderableType:
    rows = ((in_words(one.text, language), in_words(one.name, language, one.answer)) for one in papers.sheet.answered)
    return filled(table(language, "question", "answer", title="questions"), rows)


def steps(papers: OrderPapers, language: Language) -> RenderableType:
    rows = []
    parts = {part.step: part for part in papers.sheet.parts}
    for step in papers.sheet.steps:
        times = [clock_at(at, papers.zone) if at else "" for at in (step.opened_at, step.closed_at)]
        notes = [f"{heading('round', language)} {step.round}"] if step.round > 1 else []
        notes += [sentence(step.problem, language)] if step.problem else []
        if (part := parts.get(step.id)) is not None:
            notes.append(f"{part.order} ({word('order_state', part.state, language)})")
        notes += [f"{heading('skip_proposed_by', language)}: {step.skip_proposed_by}"] if step.skip_proposed_by else []
        name = name_of_step(papers.chain.step(step.id), language)
        named = (mark(step.status), name, word("step_status", step.status, language))
        rows.append((*named, *times, ", ".join(notes), step.id))
    return filled(table(language, "", "step", "status", "opened", "closed", "note", "--step", title="steps"), rows)


def waits_for(papers: OrderPapers, language: Language) -> RenderableType:
    lines = Text(f"{heading('waits_for', language)}\n", "bold")
    for awaited, line in next_lines(papers):
        lines.append(f"  {name_of_step(papers.chain.step(awaited.step), language)}", "cyan")
        people = f" ({', '.join(awaited.people)})" if awaited.people else ""
        role = word("role", awaited.role, language) if awaited.role else ""
        lines.append(f"  {role}{people}\n", "dim")
        lines.append(f"    {line}\n", "not bold")
    return lines


def next_lines(papers: OrderPapers) -> Iterator[tuple[Awaited, str]]:
    """What can be typed next. Words in capitals are to be filled in."""
    same = Counter(awaited.command for awaited in papers.sheet.awaiting)
    for awaited in papers.sheet.awaiting:
        name = COMMANDS.get(awaited.command, awaited.command)
        step = ["--step", awaited.step] if same[awaited.command] > 1 else []
        yield awaited, typed("order", name, papers.sheet.no, *step, *arguments(papers, awaited))


def arguments(papers: OrderPapers, awaited: Awaited) -> list[str]:
    match awaited.command:
        case "book":
            start, end = next_visit(papers.site, now())
            return ["--from", clock_at(start, papers.zone), "--to", clock_at(end, papers.zone)]
        case "verify":
            return ["--tag", *(asset.tag for asset in papers.sheet.assets)]
        case "complete":
            return ["--minutes", "MINUTES"]
        case "approve":
            step = papers.chain.step(awaited.step)
            return ["--price", "EUR"] if isinstance(step, Approval) and step.quotes else []
        case "dispatch" | "report_vendor":
            return of_vendor(papers, awaited)
        case _:
            return proofs(papers, awaited)


def proofs(papers: OrderPapers, awaited: Awaited) -> list[str]:
    listed = [name_of(asset) for asset in papers.sheet.assets]
    step = papers.chain.step(awaited.step)
    match awaited.command:
        case "record_erasure":
            method = step.at_least if isinstance(step, Erasure) else ErasureMethod.PURGE
            serials = sorted(to_erase(papers.sheet.assets))[:1] or ["SERIAL"]
            people = ["--operator", "OPERATOR", "--verifier", "VERIFIER"]
            return ["--serial", *serials, "--method", method, "--tool", "TOOL", *people]
        case "confirm_custody":
            begun = any(step.id == awaited.step and step.status == StepStatus.STARTED for step in papers.sheet.steps)
            return ["--side", "taker" if begun else "giver", "--serial", *listed]
        case "hand_over":
            return ["--back"]
        case "settle_certificate":
            return ["--finding", "FINDING"]
        case "add_evidence":
            document = step.document if isinstance(step, Evidence) else "DOCUMENT"
            return ["--document", document, "--document-no", "NUMBER", "--serial", *listed]
        case _:
            return []


def of_vendor(papers: OrderPapers, awaited: Awaited) -> list[str]:
    """Whoever was asked accepts; whoever has accepted gets it done; with nobody left somebody is named."""
    if awaited.command == "dispatch":
        return ["--vendor", "VENDOR"]
    jobs = [job for job in papers.sheet.jobs if job.step == awaited.step]
    if any(job.is_taken for job in jobs):
        return ["--status", "done"]
    return ["--status", "accepted", "--ticket", "TICKET"]


def next_visit(site: Site, after: datetime) -> tuple[datetime, datetime]:
    """The first two hours in which the site can be entered, from a full hour on."""
    for opens, closes in site.access.windows(after, after + LOOK_AHEAD).opens:
        start = opens if opens == opens.replace(minute=0, second=0) else opens.replace(minute=0, second=0) + HOUR
        if closes - start >= VISIT:
            return start, start + VISIT
    return after, after + VISIT


HOUR = timedelta(hours=1)


def clocks(papers: OrderPapers, language: Language) -> RenderableType:
    made = table(language, "name", "type", ">target", "started", "state", title="clocks")
    for clock in papers.sheet.clocks:
        started = clock_at(clock.started_at, papers.zone) if clock.started_at else ""
        named = (clock_name(clock.name, clock.kind, language), clock.type, hours(clock.target))
        due = papers.sheet.deadline if clock.name == WHOLE else None
        filled(made, [(*named, started, clock_state(clock, papers.zone, language, due))])
    return made
