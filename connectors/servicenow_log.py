"""Reading a ServiceNow incident log: the columns of the public data set UCI 498, as .csv or .csv.gz."""

import csv
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from gzip import GzipFile
from io import BytesIO, StringIO
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from domain.incidents.logs.servicenow import Contradiction, Contradictory, LogRow
from domain.priorities import Priority
from domain.refusals import Problem, Unacceptable
from domain.times import AmbiguousLocalTime, NoSuchLocalTime, first_instant, local_instant

MOMENTS = {
    "opened_at": "opened_at",
    "sys_created_at": "created_at",
    "sys_updated_at": "changed_at",
    "resolved_at": "resolved_at",
    "closed_at": "closed_at",
}
COLUMNS = (
    "number",
    "incident_state",
    "active",
    "reopen_count",
    "sys_mod_count",
    "made_sla",
    "category",
    "priority",
    "assignment_group",
    *MOMENTS,
)
GZIPPED = b"\x1f\x8b"
MAX_BYTES = 300_000_000
UNKNOWN = ("?", "")
PRIORITIES = {str(rank): priority for rank, priority in enumerate(Priority, start=1)}
MOMENT = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}) (\d{1,2}):(\d{2})")


class ReadLog(NamedTuple):
    """Rows, and lines that cannot be read."""

    rows: tuple[LogRow, ...]
    unreadable: tuple[Contradiction, ...]


def read_log(content: bytes, zone: str) -> ReadLog:
    """All of a log. Its times name no zone: they are wall clocks of this one, to the minute.

    Raises `Unacceptable` for a file that is no such log.
    """
    lines = csv.DictReader(StringIO(_text(content), newline=""), restval="")
    rows: list[LogRow] = []
    unreadable: list[Contradiction] = []
    try:
        _check_columns(lines.fieldnames or ())
        for written in lines:
            line = lines.line_num
            try:
                rows.append(_row(written, line, zone))
            except ValueError as error:
                unreadable.append(Contradiction(code=Contradictory.UNREADABLE, line=line, text=_fault(error)))
    except csv.Error as error:
        raise Unacceptable(Problem(code="log_broken", values={"message": str(error)})) from error
    return ReadLog(tuple(rows), tuple(unreadable))


def _text(content: bytes) -> str:
    if content.startswith(GZIPPED):
        try:
            with GzipFile(fileobj=BytesIO(content)) as packed:
                content = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Unacceptable(Problem(code="log_broken", values={"message": str(error)})) from error
    if len(content) > MAX_BYTES:
        raise Unacceptable(Problem(code="file_too_large", values={"limit": str(MAX_BYTES)}))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _check_columns(found: Sequence[str]) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        raise Unacceptable(Problem(code="log_columns_missing", values={"columns": ", ".join(missing)}))


def _row(written: Mapping[str, str], line: int, zone: str) -> LogRow:
    moments = {column: _moment(written[column], zone) for column in MOMENTS}
    doubts = {doubt for _, doubt in moments.values() if doubt is not None}
    rank = written["priority"].partition(" ")[0]
    if rank not in PRIORITIES:
        raise ValueError(f"priority: {written['priority']!r}")
    row = {
        "line": line,
        "number": written["number"],
        "state": written["incident_state"],
        "active": written["active"],
        "reopened": written["reopen_count"],
        "change": written["sys_mod_count"],
        "priority": PRIORITIES[rank],
        "category": _slug(written["category"]),
        "team": _slug(written["assignment_group"]),
        "made_sla": written["made_sla"],
        "doubts": tuple(Contradiction(code=doubt, line=line) for doubt in sorted(doubts)),
    } | {MOMENTS[column]: at for column, (at, _) in moments.items()}
    # As a text: all that such a file has is words.
    return LogRow.model_validate_json(to_json(row))


def _moment(written: str, zone: str) -> tuple[datetime | None, Contradictory | None]:
    """Of an hour that comes twice the first is meant; one that is skipped is the moment the clocks are put forward."""
    if written in UNKNOWN:
        return None, None
    found = MOMENT.fullmatch(written)
    if found is None:
        raise ValueError(f"time: {written!r}")
    day, month, year, hour, minute = map(int, found.groups())
    local = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}")
    try:
        return local_instant(local, zone), None
    except NoSuchLocalTime:
        return first_instant(local, zone), Contradictory.LOCAL_TIME_SKIPPED
    except AmbiguousLocalTime:
        return first_instant(local, zone), Contradictory.LOCAL_TIME_TWICE


def _slug(written: str) -> str | None:
    return None if written in UNKNOWN else re.sub(r"[^A-Za-z0-9._]+", "-", written).strip("-._").lower()[:64] or None


def _fault(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{'/'.join(map(str, fault['loc']))}: {fault['input']!r}" for fault in error.errors())
