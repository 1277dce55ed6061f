"""What a bench tells: our figure beside a baseline measured in the same run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """`ratio` says how many times better ours is: above one is good, whatever the unit. Some stand alone."""

    name: str
    ours: float
    baseline: float | None
    ratio: float | None
    unit: str


def rate(name: str, ours: list[float], baseline: list[float], unit: str) -> Figure:
    """Rates of rounds that alternated: the middle of each, since the noise met both."""
    return Figure(name, median(ours), median(baseline), median(ours) / median(baseline), unit)


def seconds(call: Callable[[], object], times: int, rounds: int = 3) -> float:
    """Seconds per call, the best of several rounds: other programs only ever make it slower."""

    def one_round() -> float:
        begin = perf_counter()
        for _ in range(times):
            call()
        return (perf_counter() - begin) / times

    return min(one_round() for _ in range(rounds))


def print_table(figures: Iterable[Figure]) -> None:
    rows = [
        (figure.name, _number(figure.ours), _number(figure.baseline), _times(figure.ratio), figure.unit)
        for figure in figures
    ]
    table = [("", "ours", "baseline", "ratio", "unit"), *rows]
    name_width, *widths = (max(len(row[column]) for row in table) for column in range(4))
    for name, *numbers, unit in table:
        cells = (number.rjust(width) for number, width in zip(numbers, widths, strict=True))
        print("  ".join([name.ljust(name_width), *cells, unit]))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:,.2f}x"
