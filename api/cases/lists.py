"""What lists of orders and of incidents are asked alike."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from api.cursors import Cursor, cursor_wrong, page, read_cursor
from api.queries import QueryValue
from db.cases.case import CaseRow, Section, Sort, sort_value
from domain.times import Instant
from domain.values import Line, Slug

R = TypeVar("R", bound=CaseRow)
_AT: TypeAdapter[Instant] = TypeAdapter(Instant)
# What of a question is not asked of a single column.
BEYOND_COLUMNS = frozenset({"customer", "state", "sort", "limit", "cursor"})


class CaseQuery(QueryValue):
    """What every list of cases can be narrowed to, and how it is sorted and paged. Cursors name what is `listed`."""

    listed: ClassVar[str]

    customer: Slug | None = None
    site: Slug | None = None
    contract: Slug | None = None
    reference: Line | None = None
    received_from: Instant | None = None
    received_until: Instant | None = None
    missed: bool | None = None
    stuck: bool | None = None
    sort: Sort = "-received_at"
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)

    def section(self) -> Section:
        after = read_cursor(self.cursor, f"{self.listed} {self.sort}")
        try:
            return Section(self.sort, self.limit, (_AT.validate_python(after[0]), after[1]) if after else None)
        except ValidationError as error:
            raise cursor_wrong() from error

    def cut(self, found: Sequence[R]) -> tuple[tuple[R, ...], str | None]:
        """The rows of this page, of one more than the limit, and the cursor of the next one."""
        rows, last = page(found, self.limit)
        if last is None:
            return rows, None
        after = (sort_value(last, self.sort).isoformat(), last.no)
        return rows, str(Cursor(sort=f"{self.listed} {self.sort}", after=after))
