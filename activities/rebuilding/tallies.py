"""What was found in which table."""

from collections import Counter, defaultdict

from domain.cases.rebuilding import TableFinding


class RebuildTally:
    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, table: str, **found: int) -> None:
        """By the names that a finding has for them."""
        self._counts[table].update(found)

    def findings(self) -> tuple[TableFinding, ...]:
        return tuple(TableFinding(table=table, **counts) for table, counts in sorted(self._counts.items()))
