"""Figures in Prometheus' text format. Labels have few values, all of our own: no person, customer or number is one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KIND = "text/plain; version=0.0.4"
# In seconds.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Requests:
    """How requests ended and how long they took, since the process began."""

    _ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    _within: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * (len(BOUNDS) + 1)))
    _seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, route: str, status: int, seconds: float) -> None:
        self._ended[route, status] += 1
        self._within[route][bisect_left(BOUNDS, seconds)] += 1
        self._seconds[route] += seconds

    def lines(self) -> Iterable[str]:
        yield "# TYPE imacflow_requests_total counter"
        for (route, status), count in sorted(self._ended.items()):
            yield line("imacflow_requests_total", count, route=route, code=f"{status}")
        yield "# TYPE imacflow_request_seconds histogram"
        for route, counts in sorted(self._within.items()):
            below = 0
            for bound, count in zip((*BOUNDS, None), counts, strict=True):
                below += count
                yield line("imacflow_request_seconds_bucket", below, route=route, le=f"{bound or '+Inf'}")
            yield line("imacflow_request_seconds_sum", self._seconds[route], route=route)
            yield line("imacflow_request_seconds_count", below, route=route)


def gauges(name: str, values: Mapping[str, float], label: str) -> Iterable[str]:
    yield f"# TYPE {name} gauge"
    for value in sorted(values):
        yield line(name, values[value], **{label: value})


def gauge(name: str, value: float) -> Iterable[str]:
    yield f"# TYPE {name} gauge"
    yield line(name, value)


def line(name: str, number: float, **labels: str) -> str:
    said = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{said}}} {number:g}" if said else f"{name} {number:g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
