"""What a bench tells: our figure beside a baseline measured in the same run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Figure:
    """`ratio` says how many times better ours is: above one is good, whatever the unit."""

    name: str
    ours: float
    baseline: float
    ratio: float
    unit: str


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
        (figure.name, f"{figure.ours:,.2f}", f"{figure.baseline:,.2f}", f"{figure.ratio:,.1f}x", figure.unit)
        for figure in figures
    ]
    table = [("", "ours", "baseline", "ratio", "unit"), *rows]
    name_width, *widths = (max(len(row[column]) for row in table) for column in range(4))
    for name, *numbers, unit in table:
        cells = (number.rjust(width) for number, width in zip(numbers, widths, strict=True))
        print("  ".join([name.ljust(name_width), *cells, unit]))
