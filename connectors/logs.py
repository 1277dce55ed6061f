"""One format for all that is logged, ours and that of every library: JSON on a pipe, readable on a terminal.

A line never breaks what it tells of: on a full disk the answer still goes out. And it says of an error what kind it is
and where it came from, never its text: that holds what somebody has sent.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import get_args

import structlog

from settings import LogFormat, LogLevel

HOUSE = Path(__file__).parent.parent
LONGEST = 300
# As deep as it goes from what failed to what that came from.
CAUSES = 3
# These say with values what is of the house; everybody else's may hold what somebody has sent.
_SPEAK_FREELY = ("uvicorn", "alembic")
# What the SDK appends to its sentences.
_APPENDED = " ({"
_LEVELS = {level: getattr(logging, level.upper()) for level in get_args(LogLevel)}


class Forgiving:
    """Standard output as it is at the moment; what cannot be written is lost."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            return sys.stdout.write(text)
        return 0

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()


def keep_logs(level: LogLevel = "info", layout: LogFormat = "auto") -> None:
    """From here on all of this process's logging goes one way. May be said again."""
    in_json = layout == "json" or (layout == "auto" and not sys.stdout.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True, key="time"),
            _on_one_line,
            structlog.processors.JSONRenderer() if in_json else _readable(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(file=Forgiving()),  # type: ignore[arg-type]  # all it asks of a file
    )
    root = logging.getLogger()
    root.handlers = [*(other for other in root.handlers if not isinstance(other, Foreign)), Foreign()]
    # What libraries say below this holds statements, headers and values.
    root.setLevel(max(_LEVELS[level], logging.INFO))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], name != "uvicorn.access"


class Foreign(logging.Handler):
    """Whatever uses Python's own logging: servers, drivers, Temporal's SDK."""

    def emit(self, record: logging.LogRecord) -> None:
        beside: dict[str, str] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            beside["error"] = told(record.exc_info[1])
        if case := _case_of(record):
            beside["case"] = case
        structlog.get_logger().log(record.levelno, _sentence(record), **beside)


def told(error: BaseException) -> str:
    """The kind of an error and of its causes, and where each was raised."""
    return " < ".join(f"{_kind(one)} at {_place(one.__traceback__)}" for one in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _kind(error: BaseException) -> str:
    """With the code by which an operating system or a database names what went wrong."""
    code = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    code = code or (error.errno if isinstance(error, OSError) else None)
    code = code or getattr(getattr(error, "status", None), "name", None)
    return f"{type(error).__name__}({code})" if code else type(error).__name__


def _place(trace: TracebackType | None) -> str:
    """The last line of ours, and the last of all where that is somebody else's."""
    frames = extract_tb(trace)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(HOUSE) and ".venv" not in frame.filename]
    last = dict.fromkeys(f"{_name(frame.filename)}:{frame.lineno}" for frame in (*ours[-1:], *frames[-1:]))
    return ", ".join(last) or "?"


def _name(filename: str) -> str:
    path = Path(filename)
    return f"{path.relative_to(HOUSE)}" if path.is_relative_to(HOUSE) and ".venv" not in path.parts else path.name


def _sentence(record: logging.LogRecord) -> str:
    if record.name.startswith(_SPEAK_FREELY):
        return record.getMessage()
    return str(record.msg).partition("\n")[0].partition(_APPENDED)[0]


def _case_of(record: logging.LogRecord) -> str | None:
    """The workflow that the SDK speaks of."""
    for name in ("temporal_activity", "temporal_workflow"):
        about = getattr(record, name, None)
        if isinstance(about, dict) and isinstance(about.get("workflow_id"), str):
            return str(about["workflow_id"])
    fields = getattr(getattr(record, "temporal_log", None), "fields", {})
    found = fields.get("workflow_id") if isinstance(fields, dict) else None
    return str(found) if found else None


def _on_one_line(_: object, __: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """Errors become what kind they are; no text has a second line or no end."""
    for name, value in event.items():
        if isinstance(value, BaseException):
            event[name] = told(value)
        elif isinstance(value, str):
            event[name] = value.partition("\n")[0][:LONGEST]
    event.pop("exc_info", None)
    return event


def _readable() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(timestamp_key="time", colors=sys.stdout.isatty())
