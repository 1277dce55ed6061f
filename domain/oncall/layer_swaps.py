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
    """Whoever is on call in one layer, stand-ins included, stands in for the other one."""
    left = [part for override in rota.overrides for part in _outside(override, start, end)]
    others = {Layer.PRIMARY: Layer.BACKUP, Layer.BACKUP: Layer.PRIMARY}
    taken = [
        Override(layer=other, person=shift.person, start=max(shift.start, start), end=min(shift.end, end), why=why)
        for layer, other in others.items()
        for shift in rota.stretches(layer, start, end)
        if shift.person is not None
    ]
    return rota.but(overrides=(*left, *taken))


def _outside(override: Override, start: datetime, end: datetime) -> Iterator[Override]:
    if override.end <= start or override.start >= end:
        yield override
        return
    if override.start < start:
        yield override.but(end=start)
    if end < override.end:
        yield override.but(start=end)
