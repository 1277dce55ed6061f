"""`python -m bench [name ...]` runs the named benches, or all of them."""

import sys
from importlib import import_module

from bench.ground.report import Figure, print_table

BENCHES = (
    "calendars",
    "clocks",
    "history",
    "throughput",
    "moves",
    "fairness",
    "rank",
    "accept",
    "workers",
    "listing",
    "pages",
    "alerts",
    "deadlines",
    "lists",
    "reading",
    "plans",
    "rehearsals",
    "startup",
    "coldstart",
    "sizes",
    "rating",
    "costs",
)


def main(names: list[str]) -> None:
    if unknown := set(names) - set(BENCHES):
        sys.exit(f"No bench is called {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    for name in names or BENCHES:
        bench = import_module(f"bench.{name}")
        print(f"\n{name}: {bench.__doc__}", flush=True)
        figures: list[Figure] = bench.run()
        print_table(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
