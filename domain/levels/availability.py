"""Availability: what was promised, what was lost of it, and what may still be lost. Exact: whole seconds and fractions.

At each instant a service is down by a level from 0 to 1. Promised is what its window opens within the period and its
life, less agreed maintenance that was announced in time and exclusions. An outage counts as one from its first to its
last second, whatever is closed or maintained between, and belongs to the period in which it began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from domain.clocks.calendars import Calendar
from domain.levels.needs import WORKS, DownSpan
from domain.levels.spans import Seconds, common, length, shares, united, without

_HUNDRED = 100
# Availability is shown in thousandths of a percent.
_SHOWN = 1_000


@dataclass(frozen=True)
class MeasuredLevel:
    """Seconds of one period; `target` in percent of what was promised, `down` weighted by level."""

    target: Fraction
    promised: int
    excluded: int
    down: Fraction
    longest: int
    number: int

    @property
    def left(self) -> Fraction:
        """Seconds that may still be lost of the whole period; below nothing, by how much it was too many."""
        return self.promised * (1 - self.target / _HUNDRED) - self.down

    @property
    def is_kept(self) -> bool:
        return self.left >= 0

    @property
    def availability(self) -> Fraction | None:
        """Percent; none where nothing was promised."""
        return _HUNDRED * (self.promised - self.down) / self.promised if self.promised else None

    @property
    def shown(self) -> str | None:
        """Cut to three places, never rounded up: 100.000 only without a second lost."""
        if self.availability is None:
            return None
        whole, thousandths = divmod(int(self.availability * _SHOWN), _SHOWN)
        return f"{whole}.{thousandths:03}"


@dataclass(frozen=True)
class LevelPromise:
    """`life` is the service's own; `out` is agreed maintenance and exclusions, united."""

    period: Seconds
    window: Calendar
    target: Fraction
    life: Seconds
    out: Sequence[Seconds] = ()


def measure(promise: LevelPromise, course: Sequence[DownSpan]) -> MeasuredLevel:
    """`course` is when the service was down by how much, in order, as far as that is known."""
    reach = promise.period[0], max([promise.period[1], *(down.span[1] for down in course)])
    in_life = common(_open(promise.window, reach), [promise.life])
    undisturbed = without(in_life, promise.out)
    promised = common(undisturbed, [promise.period])
    lengths = list(shares((span for span in outages(course) if _begins_in(promise.period, span)), undisturbed))
    return MeasuredLevel(
        target=promise.target,
        promised=length(promised),
        excluded=length(common(in_life, [promise.period])) - length(promised),
        down=lost(course, promised),
        longest=max(lengths, default=0),
        number=sum(seconds > 0 for seconds in lengths),
    )


def outages(course: Sequence[DownSpan]) -> list[Seconds]:
    """Times that touch are one outage, by however much the service was down in each."""
    return united(down.span for down in course)


def lost(course: Sequence[DownSpan], promised: Sequence[Seconds]) -> Fraction:
    """Seconds, weighted by level."""
    seconds = shares((down.span for down in course), promised)
    return sum((share * down.level for share, down in zip(seconds, course, strict=True)), WORKS)


def _begins_in(period: Seconds, outage: Seconds) -> bool:
    return period[0] <= outage[0] < period[1]


def _open(window: Calendar, reach: Seconds) -> list[Seconds]:
    start, end = (datetime.fromtimestamp(at, UTC) for at in reach)
    opens = window.windows(start, end).opens
    return united((int(begin.timestamp()), int(until.timestamp())) for begin, until in opens)
