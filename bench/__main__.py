"""`python -m bench [name ...]` runs the named benches, or all of them."""

import sys
from importlib import import_module
from pathlib import Path

from bench.report import Figure, print_table

NOT_BENCHES = {"__init__", "__main__", "report"}


def main(names: list[str]) -> None:
    known = sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_BENCHES)
    if unknown := set(names) - set(known):
        sys.exit(f"No bench is called {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    for name in names or known:
        figures: list[Figure] = import_module(f"bench.{name}").run()
        print(f"\n{name}")
        print_table(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
