"""Who has had a case, and the vendors that were asked: the same for incidents and orders."""

from collections.abc import Callable, Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.moments import now, rough
from cli.tables import filled, table
from cli.words import heading
from documents.wording import word
from domain.cases.holders import Burnt, Stint
from domain.people import Language
from domain.times import Instant
from domain.vendors.jobs import VendorJob

Clock = Callable[[Instant | None], str]


def holders_table(
    stints: Iterable[Stint], burnt: Iterable[Burnt], ended_at: Instant | None, clock: Clock, language: Language
) -> RenderableType:
    """Who had it when; minutes are those of what was promised, for all stints of a holder together."""
    minutes = {(one.kind, one.holder): one.minutes for one in burnt}
    made = table(language, "with", "kind", "from", "until", ">duration", ">minutes_used", title="holders")
    for stint in stints:
        span = rough((stint.until or ended_at or now()) - stint.since)
        kind = word("holder_kind", stint.kind, language)
        used = minutes.pop((stint.kind, stint.holder), None)
        filled(made, [(stint.holder, kind, clock(stint.since), clock(stint.until), span, used)])
    return made


def jobs_table(jobs: Iterable[VendorJob], clock: Clock, language: Language) -> RenderableType:
    made = table(language, "vendor", "state", "asked", "answer_due", "accepted", "ticket", "note", title="vendors")
    for job in jobs:
        times = (job.offered_at, job.answer_due, job.accepted_at)
        status = word("job_status", job.status, language)
        filled(made, [(job.vendor, status, *map(clock, times), job.ticket, too_slow(job, language))])
    return made


def too_slow(job: VendorJob, language: Language) -> Text:
    if job.verdict is None or job.verdict.is_met:
        return Text("")
    return Text(f"{heading('too_slow_by', language)} {rough(job.verdict.resolution_late)}", "red")
