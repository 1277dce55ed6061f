"""Pictures of the rota: who is on call, shifts, gaps, and what a change makes of them."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from cli.moments import clock_at, rough
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from documents.service_hours import service_hours
from documents.wording import word
from domain.oncall.rota import Rota
from domain.oncall.rotations import FurtherRotation, Rotation
from domain.oncall.shifts import Gap, Layer, OnCall, RotaChange, Shift
from domain.people import Language, Person


def saved_picture(rota: Rota, language: Language, *, preview: bool = False) -> RenderableType:
    """The rota, and what saving it has changed or would change."""
    parts = [phrase("only_preview", language)] if preview else []
    return stacked(*parts, rota_picture(rota, language), *effects(rota, language))


def effects(rota: Rota, language: Language) -> Iterator[RenderableType]:
    if rota.change is None:
        return
    yield before_and_after(rota.change, language)
    if rota.change.shifts:
        yield moved_shifts(rota.change, rota, language)
    if rota.change.gaps:
        yield gaps_table(rota.change.gaps, rota, language)


def before_and_after(change: RotaChange, language: Language) -> RenderableType:
    """Who is on call now."""
    nobody_is = word("gap_reason", "nobody", language)
    made = table(language, "layer", "on_call_before", "on_call_after")
    for layer in Layer:
        before, after = (getattr(found, layer) if found else None for found in (change.before, change.after))
        filled(made, [(word("rota_layer", layer, language), before or nobody_is, after or nobody_is)])
    return made


def moved_shifts(change: RotaChange, rota: Rota, language: Language) -> RenderableType:
    made = table(language, "person", "what", "layer", "from", "until")
    return filled(
        made,
        (
            (
                moved.person,
                heading(kind, language),
                word("rota_layer", shift.layer, language),
                clock_at(shift.start, rota.zone),
                clock_at(shift.end, rota.zone),
            )
            for moved in change.shifts
            for kind, found in (("gained", moved.gained), ("lost", moved.lost))
            for shift in found
        ),
    )


def on_call_picture(found: OnCall, rota: Rota, people: Mapping[str, Person], language: Language) -> RenderableType:
    made = table(language, "layer", "person", "name", "email")
    for layer, person in ((Layer.PRIMARY, found.primary), (Layer.BACKUP, found.backup)):
        known = people.get(person or "")
        # Nobody on call is the owner's affair.
        shown = (person, known.name, known.email) if known else (person or nobody(language, found.owner), "", "")
        filled(made, [(word("rota_layer", layer, language), *shown)])
    return stacked(made, f"{rota.name}, {heading('until', language)} {clock_at(found.until, rota.zone)} {rota.zone}")


def nobody(language: Language, owner: str) -> Text:
    return Text(f"{word('gap_reason', 'nobody', language)}; {heading('owner', language)}: {owner}", "bold red")


def shifts_table(found: Sequence[Shift], rota: Rota, language: Language) -> RenderableType:
    made = table(language, "layer", "person", "from", "until", ">duration", "instead_of")
    return filled(
        made,
        (
            (
                word("rota_layer", shift.layer, language),
                shift.person,
                clock_at(shift.start, rota.zone),
                clock_at(shift.end, rota.zone),
                rough(shift.end - shift.start),
                shift.instead_of,
            )
            for shift in found
        ),
    )


def gaps_table(found: Sequence[Gap], rota: Rota, language: Language) -> RenderableType:
    made = table(language, "from", "until", "layer", "person", "why")
    return filled(
        made,
        (
            (
                clock_at(gap.start, rota.zone),
                clock_at(gap.end, rota.zone),
                word("rota_layer", gap.layer, language),
                gap.person,
                word("gap_reason", gap.why, language),
            )
            for gap in found
        ),
    )


def rota_picture(rota: Rota, language: Language) -> RenderableType:
    rotations = (
        (word("rota_layer", layer, language), named(rotation), ", ".join(rotation.members), rotation.start, hours)
        for _, layer, rotation in rota.places()
        for hours in [hours_of(rotation, language)]
    )
    return stacked(
        filled(table(language, "id", "version", "name", "owner"), [(rota.id, rota.version, rota.name, rota.owner)]),
        filled(table(language, "layer", "name", "members", "from", "hours_on_duty"), rotations),
        changes_picture(rota, language),
    )


def named(rotation: Rotation) -> str:
    return rotation.name if isinstance(rotation, FurtherRotation) else ""


def hours_of(rotation: Rotation, language: Language) -> str:
    if rotation.hours is None:
        return word("matrix_label", "always", language)
    hours = f"{service_hours(rotation.hours, language)} ({rotation.hours.zone})"
    return phrase("outside_hours", language, hours=hours) if rotation.outside else hours


def changes_picture(rota: Rota, language: Language) -> RenderableType:
    """The stand-ins and swaps that are not over."""
    made = table(language, "layer", "person", "from", "until", "why")
    return filled(made, [*stand_ins(rota, language), *swapped(rota, language)])


def stand_ins(rota: Rota, language: Language) -> Iterator[tuple[str | None, ...]]:
    for stand_in in rota.overrides:
        times = clock_at(stand_in.start, rota.zone), clock_at(stand_in.end, rota.zone)
        yield word("rota_layer", stand_in.layer, language), stand_in.person, *times, stand_in.why


def swapped(rota: Rota, language: Language) -> Iterator[tuple[str | None, ...]]:
    for exchange in rota.swaps:
        for given, taker in ((exchange.first, exchange.second), (exchange.second, exchange.first)):
            start, end = (clock_at(at, rota.zone) for at in rota.shift_of(given))
            why = f"{heading('swapped_with', language)} {given.person}"
            yield word("rota_layer", given.layer, language), taker.person, start, end, why
