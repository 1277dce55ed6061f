"""Figures in Prometheus' text format. Labels have few values, all of our own: no person, customer or number is one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

KIND = "text/plain; version=0.0.4"
# In seconds: of a request, and of an escalation, which may have waited for a whole outage.
REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ESCALATION = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)


class Occurrences:
    """How often something was, since the process began."""

    def __init__(self, name: str, *labels: str) -> None:
        self._name, self._labels = name, labels
        self._seen: Counter[tuple[str, ...]] = Counter()

    def add(self, *values: str) -> None:
        self._seen[values] += 1

    def lines(self) -> Iterator[str]:
        yield f"# TYPE {self._name} counter"
        # Nothing seen of what has no labels is a figure as well.
        seen = self._seen if self._labels else Counter({(): self._seen[()]})
        for values, count in sorted(seen.items()):
            yield line(self._name, count, **dict(zip(self._labels, values, strict=True)))


class Histogram:
    """How long something took, in buckets, since the process began."""

    def __init__(self, name: str, bounds: Sequence[float], label: str) -> None:
        self._name, self._bounds, self._label = name, bounds, label
        self._within: dict[str, list[int]] = defaultdict(lambda: [0] * (len(bounds) + 1))
        self._sum: dict[str, float] = defaultdict(float)

    def add(self, value: str, seconds: float) -> None:
        self._within[value][bisect_left(self._bounds, seconds)] += 1
        self._sum[value] += seconds

    def lines(self) -> Iterator[str]:
        yield f"# TYPE {self._name} histogram"
        for value, counts in sorted(self._within.items()):
            below, label = 0, {self._label: value}
            for bound, count in zip((*self._bounds, None), counts, strict=True):
                below += count
                yield line(f"{self._name}_bucket", below, **label, le=f"{bound or '+Inf'}")
            yield line(f"{self._name}_sum", self._sum[value], **label)
            yield line(f"{self._name}_count", below, **label)


@dataclass
class Requests:
    """How requests ended and how long they took."""

    ended: Occurrences = field(default_factory=lambda: Occurrences("imacflow_requests_total", "route", "code"))
    took: Histogram = field(default_factory=lambda: Histogram("imacflow_request_seconds", REQUEST, "route"))

    def add(self, route: str, status: int, seconds: float) -> None:
        self.ended.add(route, f"{status}")
        self.took.add(route, seconds)

    def lines(self) -> Iterator[str]:
        yield from self.ended.lines()
        yield from self.took.lines()


@dataclass
class WorkFigures:
    """What a worker has done: escalations and how late they were, letters by kind of channel, rows put right."""

    escalated: Histogram = field(
        default_factory=lambda: Histogram("imacflow_escalation_lateness_seconds", ESCALATION, "what")
    )
    letters: Occurrences = field(default_factory=lambda: Occurrences("imacflow_letters_total", "channel", "outcome"))
    rows_ahead: Occurrences = field(default_factory=lambda: Occurrences("imacflow_rows_ahead_total"))

    def lines(self) -> Iterator[str]:
        for figures in (self.escalated, self.letters, self.rows_ahead):
            yield from figures.lines()


# Of this process: activities count wherever they run.
WORK = WorkFigures()


def gauges(name: str, values: Mapping[tuple[str, ...], float], *labels: str) -> Iterable[str]:
    yield f"# TYPE {name} gauge"
    for found in sorted(values):
        yield line(name, values[found], **dict(zip(labels, found, strict=True)))


def gauge(name: str, value: float) -> Iterable[str]:
    yield f"# TYPE {name} gauge"
    yield line(name, value)


def line(name: str, number: float, **labels: str) -> str:
    said = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{said}}} {number:g}" if said else f"{name} {number:g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
