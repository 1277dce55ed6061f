"""The rota: who is on call at which instant. It is always two people, the primary and the backup."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from domain.clocks.calendars import Calendar
from domain.oncall.layers import watches
from domain.oncall.leavers import Leaver, handed_on
from domain.oncall.rotations import DutyTurn, FurtherRotation, Rotation
from domain.oncall.shifts import DutyStretch, Layer, OnCall, RotaChange, Shift
from domain.times import Instant, ZoneName, utc, zone
from domain.values import Line, Slug, Value

INSTANT = timedelta(microseconds=1)
MOST_CHANGES = 500
MOST_FURTHER = 22


class Override(Value):
    """Somebody stands in for whoever would be on call. One layer has one stand-in at a time."""

    layer: Layer
    person: Slug
    start: Instant
    end: Instant
    why: Line | None = None


class RotaTurn(Value):
    """The shift of one person in which an instant lies."""

    layer: Layer
    person: Slug
    at: Instant


class Swap(Value):
    """Two people exchange two shifts: afterwards the first shift is the second person's, and the other way round."""

    first: RotaTurn
    second: RotaTurn


class Rota(Value):
    """One version of a rota. `owner` is told when nobody is on call, `coverage` says when somebody must be.
    Shifts of somebody `leaving` are somebody else's from then on, whoever has saved the rota since.
    Everybody is reminded `remind_hours` before a shift of theirs; 0 is never.

    A layer's hours may be shared by `further` rotations: each of them has its own, and they do not overlap.
    Overrides win over swaps, swaps over the rotation; the latest swap of a shift counts. `change` is what this
    version has changed; it is worked out when the rota is saved.
    """

    id: Slug
    name: Line
    customer: Slug | None = None
    version: int = Field(default=1, ge=1)
    zone: ZoneName
    owner: Slug
    primary: Rotation
    backup: Rotation
    further: Annotated[tuple[FurtherRotation, ...], Field(max_length=MOST_FURTHER)] = ()
    overrides: Annotated[tuple[Override, ...], Field(max_length=MOST_CHANGES)] = ()
    swaps: Annotated[tuple[Swap, ...], Field(max_length=MOST_CHANGES)] = ()
    coverage: Calendar = Calendar(zone="UTC", always=True)
    leaving: Annotated[tuple[Leaver, ...], Field(max_length=100)] = ()
    remind_hours: int = Field(default=24, ge=0, le=24)
    change: RotaChange | None = None

    def rotation(self, layer: Layer) -> Rotation:
        return self.primary if layer == Layer.PRIMARY else self.backup

    def rotations(self, layer: Layer) -> tuple[Rotation, ...]:
        return (self.rotation(layer), *(further for further in self.further if further.layer == layer))

    def places(self) -> Iterator[tuple[str, Layer, Rotation]]:
        """Every rotation with where it is written."""
        yield from ((f"/{layer}", layer, self.rotation(layer)) for layer in Layer)
        yield from ((f"/further/{n}", further.layer, further) for n, further in enumerate(self.further))

    def on_call_at(self, at: datetime) -> OnCall:
        instant = utc(at)
        primary, backup = (next(self.stretches(layer, instant, instant + INSTANT)) for layer in Layer)
        return OnCall(
            primary=primary.person,
            backup=backup.person,
            until=min(primary.end, backup.end),
            owner=self.owner,
            version=self.version,
        )

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Who is on call within [start, end), by time; nobody is no shift."""
        return [stretch.shift for stretch in self.manned(start, end)]

    def manned(self, start: datetime, end: datetime) -> list[DutyStretch]:
        """The stretches of `shifts`."""
        since, until = utc(start), utc(end)
        clipped = (
            stretch._replace(start=max(stretch.start, since), end=min(stretch.end, until))
            for layer in Layer
            for stretch in self.stretches(layer, since, until)
            if stretch.person is not None
        )
        return sorted(clipped, key=lambda stretch: stretch.start)

    def stretches(self, layer: Layer, start: datetime, end: datetime) -> Iterator[DutyStretch]:
        """All of [start, end) without gaps, at its edges as long as they last; nobody's time has no person."""
        overrides = sorted(
            (override for override in self.overrides if override.layer == layer), key=lambda override: override.start
        )
        for shift in self._planned(layer, start, end):
            for stretch in _overridden(shift, overrides):
                if stretch.start < end and stretch.end > start:
                    yield stretch

    def shift_of(self, turn: RotaTurn) -> tuple[datetime, datetime]:
        """The shift a swap means, from hand-over to hand-over."""
        _, (_, start, end) = self.turn_of(turn)
        return start, end

    def turn_of(self, turn: RotaTurn) -> tuple[int, DutyTurn]:
        """The turn a swap means, with the place of its rotation in the layer: the one on duty then, or the first."""
        rotations = self.rotations(turn.layer)
        on_duty = (place for place, rotation in enumerate(rotations) if rotation.is_on_duty(turn.at))
        place = next(on_duty, 0) if len(rotations) > 1 else 0
        return place, rotations[place].turn_at(turn.at, rotations[place].zone_in(self.zone))

    def is_over(self, swap: Swap, now: datetime) -> bool:
        return all(self.shift_of(turn)[1] <= now for turn in (swap.first, swap.second))

    def without_past(self, now: datetime) -> "Rota":
        """What is over needs no place in the next version: the versions before answer for it."""
        return self.but(
            overrides=tuple(override for override in self.overrides if override.end > now),
            swaps=tuple(swap for swap in self.swaps if not self.is_over(swap, now)),
        )

    def _planned(self, layer: Layer, start: datetime, end: datetime) -> Iterator[DutyStretch]:
        swapped, rotations, leaving = self._swapped(layer), self.rotations(layer), self.leaving
        for begin, place, finish, turn in watches(rotations, self.zone, start, end):
            person = swapped.get((place, turn.start), turn.person) if turn.person else None
            handed_over = turn.start if turn.person else None
            planned = DutyStretch(
                layer, person, begin, finish, handed_over, None if person == turn.person else turn.person
            )
            if leaving:
                yield from handed_on(planned, rotations[place].members, leaving)
            else:
                yield planned

    def _swapped(self, layer: Layer) -> dict[tuple[int, datetime], Slug]:
        """Who has the shift of the rotation at this place that begins then."""
        given: dict[tuple[int, datetime], Slug] = {}
        for swap in self.swaps:
            for turn, other in ((swap.first, swap.second), (swap.second, swap.first)):
                if turn.layer == layer:
                    place, (_, begin, _) = self.turn_of(turn)
                    given[place, begin] = other.person
        return given


def _overridden(shift: DutyStretch, overrides: Sequence[Override]) -> Iterator[DutyStretch]:
    since = shift.start
    for override in overrides:
        begin, finish = max(override.start, since), min(override.end, shift.end)
        if begin >= finish:
            continue
        if since < begin:
            yield shift._replace(start=since, end=begin)
        yield shift._replace(start=begin, end=finish, person=override.person, instead_of=shift.person)
        since = finish
    if since < shift.end:
        yield shift._replace(start=since)


def shown(at: datetime, rota: Rota) -> str:
    return f"{at.astimezone(zone(rota.zone)):%Y-%m-%d %H:%M}"
