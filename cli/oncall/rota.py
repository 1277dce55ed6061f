"""`imac oncall`: who is on call, where nobody is, stand-ins and swaps."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import JsonValue

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of, read
from cli.errors import CliError, Exit
from cli.http import Api, Query, parsed, path, version_seen
from cli.moments import moment
from cli.oncall.pictures import gaps_table, on_call_picture, rota_picture, saved_picture, shifts_table
from connectors.contract_files import read_rota
from domain.oncall.rota import Rota
from domain.oncall.shifts import Gap, Layer, OnCall, Shift
from domain.people import Person

RotaId = Annotated[str | None, Parameter(help="Rota; optional if there is only one.")]
From = Annotated[str | None, Parameter(name="--from", help="Start, in the rota's time zone; defaults to now.")]
Preview = Annotated[bool, Parameter(negative="", help="Show the effect without saving.")]
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


async def show(rota: RotaId = None, /, *, asking: Asking = ASKING) -> None:
    """Show a rota: its version, members, overrides and swaps. With --json, as a file for `imac oncall import`."""
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        answer = await api.get(path("rotas", asked.id))
    asking.show(answer, lambda: rota_picture(parsed(Rota, answer), asking.language))


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


async def override(
    person: str, /, *, stretch: Stretch, rota: RotaId = None, preview: Preview = False, asking: Asking = ASKING
) -> None:
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
        answer = await api.post(path("rotas", asked.id, "overrides"), body, query=previewing(preview))
    asking.show(answer, lambda: saved_picture(parsed(Rota, answer), asking.language, preview=preview))


async def drop(
    layer: Layer,
    /,
    *,
    start: Annotated[str, Parameter(name="--from")],
    rota: RotaId = None,
    preview: Preview = False,
    asking: Asking = ASKING,
) -> None:
    """Remove an override, or end it now if it has started.

    Parameters
    ----------
    layer
        Layer of the override.
    start
        Start of the override, as given to `imac oncall override`.
    """
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        begin = moment(start, asked.zone).isoformat()
        answer = await api.delete(path("rotas", asked.id, "overrides", layer, begin), previewing(preview))
    asking.show(answer, lambda: saved_picture(parsed(Rota, answer), asking.language, preview=preview))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LayerOptions:
    layers: Annotated[bool, Parameter(negative="")] = False
    "Swap primary and backup instead."
    start: Annotated[str | None, Parameter(name="--from")] = None
    "With --layers: start, in the rota's time zone; defaults to now."
    until: str | None = None
    "With --layers: end; defaults to the next change of who is on call."


async def swap(
    first: str | None = None,
    second: str | None = None,
    /,
    *,
    options: LayerOptions = LayerOptions(),
    rota: RotaId = None,
    preview: Preview = False,
    asking: Asking = ASKING,
) -> None:
    """Swap two shifts, or primary and backup.

    Parameters
    ----------
    first
        A shift as PERSON@TIME or LAYER:PERSON@TIME, at any time within it; the layer defaults to primary.
    second
        The other shift.
    """
    if options.layers == (first is not None or second is not None):
        raise CliError("swap_of_what", Exit.USAGE)
    async with asking.api() as api:
        asked = await rota_of(api, rota)
        swapping = layer_swap(api, options, asked) if options.layers else shift_swap(first, second, asked)
        what, body = await swapping
        answer = await api.post(path("rotas", asked.id, what), body, query=previewing(preview))
    asking.show(answer, lambda: saved_picture(parsed(Rota, answer), asking.language, preview=preview))


async def layer_swap(api: Api, options: LayerOptions, rota: Rota) -> tuple[str, dict[str, JsonValue]]:
    start, until = instant(options.start, rota), instant(options.until, rota)
    found = await api.read(OnCall, path("rotas", rota.id, "on-call"), {"at": start})
    if found.backup is None:
        raise CliError("no_backup", Exit.REFUSED)
    return "layer-swaps", {"primary": found.backup, "start": start, "end": until}


async def shift_swap(first: str | None, second: str | None, rota: Rota) -> tuple[str, dict[str, JsonValue]]:
    return "swaps", {"first": turn(first or "", rota), "second": turn(second or "", rota)}


async def import_file(file: Path, /, *, preview: Preview = False, asking: Asking = ASKING) -> None:
    """Import a rota. Refused if there are gaps in the next 14 days; all are listed.

    Whoever is on call stays so until the shift ends. A file that names its version is refused if somebody has changed
    the rota since.

    Parameters
    ----------
    file
        YAML, as in examples/rota.yaml, or what `imac oncall show --json` prints.
    """
    brought = read(read_rota, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        answer = await api.put(
            path("rotas", brought.id), brought, query=previewing(preview), version=version_seen(brought)
        )
    asking.show(answer, lambda: saved_picture(parsed(Rota, answer), asking.language, preview=preview))


def previewing(preview: bool) -> Query:
    return {"preview": preview or None}


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
