"""What people hear of their shifts: that they have become others, and that one begins soon."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.cases.events import Message
from domain.oncall import rota_versions
from domain.oncall.rota import INSTANT, Rota
from domain.oncall.rota_versions import InForce
from domain.oncall.shifts import Layer, PersonsChange, Shift
from domain.values import Slug

# After an outage what has happened within this time is told all the same.
TOLD_WITHIN = timedelta(days=2)
# Turns of the last days are known, so that of a week of nights only the first is announced.
LOOKED_BACK = timedelta(days=8)
MOST_SHOWN = 12


def changes_told(version: InForce, contract: Slug) -> list[Message]:
    """One letter to everybody whose shifts this version has changed; whoever asks how often, it is the same one."""
    rota = version.rota
    return [_changed(rota, change, contract) for change in (rota.change.shifts if rota.change else ())]


def reminders(versions: Sequence[InForce], at: datetime, contract: Slug) -> list[Message]:
    """Of shifts that begin within the time the rota asks for, in the version in force. Versions come in order."""
    if not versions:
        return []
    rota = versions[-1].rota
    ahead = timedelta(hours=rota.remind_hours)
    first = (shift for layer in Layer for shift in _first_of_turns(rota, layer, at, at + ahead))
    return [
        _reminder(rota, shift, contract)
        for shift in first
        if at < shift.start <= at + ahead and not _is_news(versions, shift, ahead)
    ]


def _first_of_turns(rota: Rota, layer: Layer, start: datetime, end: datetime) -> Iterator[Shift]:
    """Of one person's shifts on end only the first: a week of nights is announced once."""
    begun = set()
    for shift in rota.stretches(layer, start - LOOKED_BACK, end + INSTANT):
        if shift.person is None:
            continue
        turn = shift.person, shift.handed_over
        if turn not in begun:
            yield shift.shift
        begun.add(turn)


def _is_news(versions: Sequence[InForce], shift: Shift, ahead: timedelta) -> bool:
    """Whether it became theirs so late that the letter about the change has just said so."""
    known = rota_versions.known_at(versions, shift.start - ahead)
    if known is None:
        return versions[-1].rota.change is not None
    return next(known.stretches(shift.layer, shift.start, shift.start + INSTANT)).person != shift.person


def _changed(rota: Rota, change: PersonsChange, contract: Slug) -> Message:
    return Message(
        key=f"notice:rota/{rota.id}/{rota.version}/{change.person}",
        case=f"rota/{rota.id}",
        contract=contract,
        template="rota_changed",
        people=(change.person,),
        values={
            "rota": rota.name,
            "zone": rota.zone,
            "gained": _written(change.gained),
            "gained_more": _more(change.gained),
            "lost": _written(change.lost),
            "lost_more": _more(change.lost),
        },
    )


def _reminder(rota: Rota, shift: Shift, contract: Slug) -> Message:
    assert shift.person is not None
    return Message(
        key=f"notice:rota/{rota.id}/{shift.layer}/{shift.start:%Y%m%dT%H%M}/{shift.person}",
        case=f"rota/{rota.id}",
        contract=contract,
        template="rota_reminder",
        people=(shift.person,),
        values={"rota": rota.name, "zone": rota.zone, "shift": _written([shift]), "start": shift.start.isoformat()},
    )


def _written(shifts: Iterable[Shift]) -> str:
    """For the template's filter `shifts`."""
    first = list(shifts)[:MOST_SHOWN]
    return " ".join(f"{shift.layer}|{shift.start.isoformat()}|{shift.end.isoformat()}" for shift in first)


def _more(shifts: Sequence[Shift]) -> str:
    return str(max(0, len(shifts) - MOST_SHOWN))
