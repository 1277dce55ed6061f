"""What happens to a move project and its waves, line by line."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType

from cli.cases import event_row
from cli.moments import clock_at
from cli.tables import filled, table
from cli.words import heading
from documents.wording import sentence, word
from domain.cases.events import Event
from domain.moves.launched.wave_progress import WorkplaceState
from domain.people import Language, Role
from domain.refusals import Problem

# What is noted with an event and says of whom or of what it speaks.
NAMED = ("wave", "row", "order", "person")


class FollowedEvent(Event):
    """As the API sends it to those who follow."""

    case: str
    order: str | None = None
    customer: str


def events_table(events: Sequence[Event], zone: str, language: Language) -> RenderableType:
    return filled(table(language, "time", "what", "actor", "details"), (row(event, zone, language) for event in events))


def line(event: Event, zone: str, language: Language) -> str:
    at, what, actor, details = row(event, zone, language)
    wave = f"{event.case.rpartition('/')[2]}  " if isinstance(event, FollowedEvent) and "/wave/" in event.case else ""
    said = f"  {actor}" if event.actor.role != Role.SYSTEM else ""
    return f"{at}  {wave}{what}{said}" + (f"  {details}" if details else "")


def row(event: Event, zone: str, language: Language) -> tuple[str, str, str, str]:
    at, what, _, actor, said = event_row(event, zone, language)
    known = word("move_happening", event.what, language)
    details = ", ".join([*_rows(event, language), said] if event.command is not None else _noted(event, zone, language))
    return at, known if known != event.what else what, actor, details


def _rows(event: Event, language: Language) -> Iterator[str]:
    """Which rows a command was about."""
    numbers = getattr(event.command, "rows", ())
    if numbers:
        yield f"{heading('rows', language)} {', '.join(map(str, numbers))}"


def _noted(event: Event, zone: str, language: Language) -> Iterator[str]:
    values = event.values
    yield from (f"{heading(name, language)} {values[name]}" for name in NAMED if name in values)
    if "until" in values:
        yield f"{heading('until', language)} {clock_at(datetime.fromisoformat(values['until']), zone)}"
    if "workplaces" in values:
        ok = word("workplace_state", WorkplaceState.OK, language)
        yield f"{values.get('ok', 0)} / {values['workplaces']} {ok}"
    if "problem" in values:
        yield sentence(Problem(code=values["problem"], values=values), language)
