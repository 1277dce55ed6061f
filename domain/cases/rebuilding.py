"""What came of holding the tables against histories: what was missing, old or different, and what no history holds."""

from domain.times import Instant
from domain.values import Line, Slug, Text, Value

# Somebody reads it: of more, the count says how many they are.
MOST_NAMED = 200


class TableFinding(Value):
    """Rows of one table, or with the journal its entries.

    `same` stand as history has them; `missing` and `old` were written, or would be. `different` stand otherwise than
    history has them and are left alone, as `unknown` are, of which history knows nothing.
    """

    table: Slug
    same: int = 0
    missing: int = 0
    old: int = 0
    different: int = 0
    unknown: int = 0

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.old)


class UnreadableCase(Value):
    """A case whose history this version cannot replay, and why; its rows are left alone."""

    case: Line
    cause: Text


class RebuildReport(Value):
    """`written` says whether it was done or only looked at.

    `lost` are open in the tables, and no run is left of them. `ahead` are further in the tables than by Temporal, and
    were asked to write themselves down as they are. `without_plan` are projects whose plan is in no history: their
    workplaces that were still to come cannot be shown. `under_way` letters and calls may reach somebody twice.
    """

    written: bool
    since: Instant | None
    cases: int
    tables: tuple[TableFinding, ...]
    unreadable: tuple[UnreadableCase, ...] = ()
    lost: tuple[Line, ...] = ()
    lost_count: int = 0
    ahead: tuple[Line, ...] = ()
    ended_unknown: int = 0
    without_plan: tuple[Line, ...] = ()
    groups_unknown: int = 0
    under_way: int = 0

    @property
    def is_whole(self) -> bool:
        return all(table.is_whole for table in self.tables) and not self.unreadable
