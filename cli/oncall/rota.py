"""`imac oncall`: who is on call, where nobody is, stand-ins and swaps."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of, read
from cli.errors import CliError, Exit
from cli.http import Api, parsed, path
from cli.moments import clock_at, moment, rough
from cli.tables import filled, stacked, table
from cli.words import heading
from connectors.contract_files import read_rota
from documents.wording import word
from domain.oncall.rota import Layer, OnCall, Rota, Shift
from domain.oncall.rota_checks import Gap
from domain.people import Language, Person

RotaId = Annotated[str | None, Parameter(help="Rota; optional if there is only one.")]
From = Annotated[str | None, Parameter(name="--from", help="Start, in the rota's time zone; defaults to now.")]
Until = Annotated[str | None, Parameter(name="--until", help="End; defaults to two weeks after the start.")]


async def who(*, at: str | None = None, rota: RotaId = None, asking: Asking = ASKING) -> None:
    """Show who is on call, and how to reach them.

    Parameters
    ----------
    at
        Time, past or future, in the rota's time zone: "2026-12-24 22:00"; defaults to now.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        answer = await api.get(path("rotas", asked.id, "on-call"), {"at": instant(at, asked)})
        people = {person.id: person for person in await api.read(tuple[Person, ...], path("people"))}
    asking.show(answer, lambda: on_call_picture(parsed(OnCall, answer), asked, people, asking.language))


async def shifts(*, start: From = None, until: Until = None, rota: RotaId = None, asking: Asking = ASKING) -> None:
    """List shifts, past and future."""
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        query = {"from": instant(start, asked), "until": instant(until, asked)}
        answer = await api.get(path("rotas", asked.id, "shifts"), query)
    asking.show(answer, lambda: shifts_table(parsed(tuple[Shift, ...], answer), asked, asking.language))


async def gaps(*, start: From = None, until: Until = None, rota: RotaId = None, asking: Asking = ASKING) -> None:
    """List times with fewer than two reachable people. Exits with 1 if there are any."""
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        query = {"from": instant(start, asked), "until": instant(until, asked)}
        answer = await api.get(path("rotas", asked.id, "gaps"), query)
    found = parsed(tuple[Gap, ...], answer)
    asking.show(answer, lambda: gaps_table(found, asked, asking.language))
    if found:
        sys.exit(Exit.REFUSED)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Stretch:
    layer: Layer
    "Layer to override."
    start: Annotated[str, Parameter(name="--from")]
    "Start, in the rota's time zone."
    until: str
    "End."
    why: str | None = None
    "Reason, kept with the rota."


async def override(person: str, /, *, stretch: Stretch, rota: RotaId = None, asking: Asking = ASKING) -> None:
    """Add an override.

    Parameters
    ----------
    person
        Person on call instead.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        body: dict[str, JsonValue] = {
            "layer": stretch.layer,
            "person": person,
            "start": instant(stretch.start, asked),
            "end": instant(stretch.until, asked),
            "why": stretch.why,
        }
        answer = await api.post(path("rotas", asked.id, "overrides"), body)
    asking.show(answer, lambda: changes_picture(parsed(Rota, answer), asking.language))


async def drop(
    layer: Layer,
    /,
    *,
    start: Annotated[str, Parameter(name="--from")],
    rota: RotaId = None,
    asking: Asking = ASKING,
) -> None:
    """Remove an override, or end it now if it has started.

    Parameters
    ----------
    start
        Start of the override, as given to `imac oncall override`.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        begin = moment(start, asked.zone).isoformat()
        answer = await api.delete(path("rotas", asked.id, "overrides", layer, begin))
    asking.show(answer, lambda: changes_picture(parsed(Rota, answer), asking.language))


async def swap(first: str, second: str, /, *, rota: RotaId = None, asking: Asking = ASKING) -> None:
    """Swap two shifts.

    Parameters
    ----------
    first
        A shift as PERSON@TIME or LAYER:PERSON@TIME, at any time within it; the layer defaults to primary.
    second
        The other shift.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        answer = await api.post(
            path("rotas", asked.id, "swaps"), {"first": turn(first, asked), "second": turn(second, asked)}
        )
    asking.show(answer, lambda: changes_picture(parsed(Rota, answer), asking.language))


async def import_file(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Import a rota. Refused if there are gaps in the next 14 days; all are listed.

    Parameters
    ----------
    file
        YAML, as in examples/rota.yaml.
    """
    brought = read(read_rota, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        answer = await api.put(path("rotas", brought.id), brought)
    asking.show(answer, lambda: rota_picture(parsed(Rota, answer), asking.language))


async def rota_of(api: Api, named: str | None) -> Rota:
    if named is not None:
        return await api.read(Rota, path("rotas", named))
    known = await api.read(tuple[Rota, ...], path("rotas"))
    if len(known) == 1:
        return known[0]
    if not known:
        raise CliError("no_rota", Exit.USAGE)
    raise CliError("rota_not_named", Exit.USAGE, count=len(known), rotas=", ".join(rota.id for rota in known))


def instant(typed: str | None, rota: Rota) -> str | None:
    return moment(typed, rota.zone).isoformat() if typed is not None else None


def turn(typed: str, rota: Rota) -> dict[str, JsonValue]:
    whose, at_sign, time = typed.partition("@")
    layer, _, person = whose.rpartition(":")
    if not at_sign:
        raise CliError("shift_unreadable", Exit.USAGE, typed=typed)
    return {"layer": layer or Layer.PRIMARY, "person": person, "at": instant(time, rota)}


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
        (word("rota_layer", layer, language), ", ".join(rota.rotation(layer).members), rota.rotation(layer).start)
        for layer in Layer
    )
    return stacked(
        filled(table(language, "id", "version", "name", "owner"), [(rota.id, rota.version, rota.name, rota.owner)]),
        filled(table(language, "layer", "members", "from"), rotations),
        changes_picture(rota, language),
    )


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
