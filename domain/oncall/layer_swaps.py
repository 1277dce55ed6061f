"""Primary and backup exchange their places for a while."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.oncall.rota import Override, Rota, shown
from domain.oncall.shifts import Layer
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.times import Instant
from domain.values import Line, Slug, Value

LONGEST = timedelta(weeks=8)


class LayerSwap(Value):
    """`primary` is who becomes it: told again, nothing happens.

    From `start`, or now, to `end`, or the next change of who is on call.
    """

    primary: Slug
    start: Instant | None = None
    end: Instant | None = None
    why: Line | None = None

    def made(self, rota: Rota, now: datetime) -> Rota:
        """What is over stays as it was. Raises `Unacceptable`."""
        start = max(self.start or now, now)
        found = rota.on_call_at(start)
        end = self.end or found.until
        refuse_if(list(self._problems(start, end, now)))
        if found.primary == self.primary:
            return rota
        if found.primary is None:
            raise Unacceptable(Problem(code="no_primary_to_swap", at="/start", values={"at": shown(start, rota)}))
        if found.backup != self.primary:
            values = {"person": self.primary, "backup": found.backup or "–", "at": shown(start, rota)}
            raise Unacceptable(Problem(code="not_the_backup", at="/primary", values=values))
        return _exchanged(rota, start, end, self.why)

    def _problems(self, start: datetime, end: datetime, now: datetime) -> Iterator[Problem]:
        if end <= now:
            yield Problem(code="in_the_past", at="/end")
        elif end <= start:
            yield Problem(code="period_reversed", at="/end")
        elif end - start > LONGEST:
            yield Problem(code="period_too_long", at="/end", values={"days": str(LONGEST.days)})


def _exchanged(rota: Rota, start: datetime, end: datetime, why: Line | None) -> Rota:
    """Whoever is on call in one layer, stand-ins included, stands in for the other one, wherever both are manned."""
    left = list(rota.overrides)
    taken: dict[Layer, list[Override]] = {layer: [] for layer in Layer}
    for since, until, primary, backup in _manned(rota, start, end):
        left = [part for override in left for part in _outside(override, since, until)]
        for layer, person in ((Layer.PRIMARY, backup), (Layer.BACKUP, primary)):
            stands_in = Override(layer=layer, person=person, start=since, end=until, why=why)
            before = taken[layer][-1:]
            goes_on = [one for one in before if (one.person, one.end) == (person, since)]
            taken[layer][-1:] = [one.but(end=until) for one in goes_on] or [*before, stands_in]
    return rota.but(overrides=(*left, *(one for stand_ins in taken.values() for one in stand_ins)))


def _manned(rota: Rota, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, Slug, Slug]]:
    """Where both layers have somebody, in order."""
    primaries, backups = (list(rota.stretches(layer, start, end)) for layer in Layer)
    for one in primaries:
        for other in backups:
            since, until = max(one.start, other.start, start), min(one.end, other.end, end)
            if since < until and one.person is not None and other.person is not None:
                yield since, until, one.person, other.person


def _outside(override: Override, start: datetime, end: datetime) -> Iterator[Override]:
    if override.end <= start or override.start >= end:
        yield override
        return
    if override.start < start:
        yield override.but(end=start)
    if end < override.end:
        yield override.but(start=end)
