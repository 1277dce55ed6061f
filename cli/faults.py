"""`imac check`, and what is wrong with a case in words."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.http import parsed, path
from cli.moments import clock_at
from cli.tables import filled, table
from cli.words import phrase
from documents.wording import word
from domain.cases.faults import CaseFault, FaultKind, FaultyCase
from domain.people import Language
from domain.values import Value

ZONE = "UTC"


class Checked(Value):
    looked_at: int | None
    rewritten: int | None
    faulty: tuple[FaultyCase, ...]


async def check(*, asking: Asking = ASKING) -> None:
    """Check that every open case is run and gets on. Marks those that do not, and tells their owners."""
    async with asking.api() as api:
        answer = await api.post(path("checks"), {})
    asking.show(answer, lambda: check_picture(parsed(Checked, answer), asking.language))


def check_picture(checked: Checked, language: Language) -> RenderableType:
    if checked.looked_at is None:
        outcome = phrase("check_goes_on", language)
    else:
        outcome = phrase(
            "checked",
            language,
            looked_at=checked.looked_at,
            faulty=len(checked.faulty),
            rewritten=checked.rewritten or 0,
        )
    parts: list[RenderableType] = [Text(outcome)]
    if checked.faulty:
        parts.append(faulty_table(checked.faulty, language))
    return Group(*parts)


SENTENCES = {
    FaultKind.ORPHANED: "fault_orphaned",
    FaultKind.STANDS_STILL: "fault_stands_still",
    FaultKind.UNANSWERED: "fault_unanswered",
    FaultKind.LEFT_ALONE: "fault_left_alone",
}


def faulty_table(cases: Iterable[FaultyCase], language: Language) -> RenderableType:
    return filled(
        table(language, "case", "customer", "contract", "fault"),
        (
            (case.no, case.customer, case.contract, fault_words(fault, ZONE, language))
            for case in cases
            for fault in case.faults
        ),
    )


def fault_words(fault: CaseFault, zone: str, language: Language) -> str:
    """Since when, at what, how often: "billing has not answered since 09:10, 37 attempts"."""
    noun = {FaultKind.ORPHANED: "run_end", FaultKind.UNANSWERED: "asked"}.get(fault.kind)
    about = fault.about or ""
    return phrase(
        SENTENCES[fault.kind],
        language,
        about=word(noun, about, language) if noun else about,
        since=clock_at(fault.since, zone),
        tries=fault.tries,
    )


def fault_names(faults: Iterable[CaseFault], language: Language) -> list[str]:
    return [word("case_fault", fault.kind, language) for fault in faults]
