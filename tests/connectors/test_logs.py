"""Every line has one form, whoever writes it, and none of them holds what somebody has sent."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NoReturn

import pytest
import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.logs import keep_logs

CANARY = "Anna Vogel <anna@vogel.example> imac_c4n4ry"


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    said, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    structlog.configure(**said)
    root.handlers = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ours() -> NoReturn:
    raise ValueError(f"{CANARY}\nsecond line")


def caused() -> NoReturn:
    try:
        ours()
    except ValueError as error:
        raise RuntimeError(CANARY) from error


def wrong_body() -> object:
    return TypeAdapter(int).validate_python(CANARY)


def statement() -> object:
    with create_engine("sqlite://").connect() as connection:
        return connection.execute(text(f"SELECT * FROM nowhere WHERE name = '{CANARY}'"))


FAILURES = {"ours": ours, "caused": caused, "a body": wrong_body, "a statement": statement}


@pytest.mark.parametrize("fails", FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize("layout", ["json", "text"])
def test_an_error_is_one_line_that_says_its_kind_and_place_and_nothing_of_its_text(
    fails: Callable[[], object], layout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_logs("info", "json" if layout == "json" else "text")
    library = logging.getLogger("some.library")

    try:
        fails()
    except (ValueError, RuntimeError, SQLAlchemyError, ValidationError) as error:
        library.exception("it went wrong for %s", CANARY)
        library.error(f"it went wrong\n{error}")  # as some libraries do
        structlog.get_logger().error("request fails", error=error, exc_info=True)
    said = capsys.readouterr().out

    assert len(said.splitlines()) == 3
    assert "c4n4ry" not in said
    assert "Anna" not in said
    assert "test_logs.py:" in said


def test_every_line_says_when_and_how_grave(capsys: pytest.CaptureFixture[str]) -> None:
    keep_logs("warning", "auto")
    log = structlog.get_logger()

    log.info("nobody hears it")
    log.warning("ours", order="O-1")
    logging.getLogger("uvicorn.error").info("nor this")
    logging.getLogger("uvicorn.error").error("theirs %d", 7)
    logging.getLogger("aiosqlite").debug("executing %s", CANARY)

    said = lines(capsys)
    assert [(line["level"], line["event"]) for line in said] == [("warning", "ours"), ("error", "theirs 7")]
    assert all(datetime.fromisoformat(str(line["time"])).tzinfo is not None for line in said)


def test_debug_is_ours_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Statements, headers and values are what libraries say then."""
    keep_logs("debug", "json")

    structlog.get_logger().debug("ours")
    for name in ("httpx2", "aiosqlite", "sqlalchemy.engine", "asyncio"):
        logging.getLogger(name).debug("theirs: %s", CANARY)

    assert [line["event"] for line in lines(capsys)] == ["ours"]


async def test_a_task_that_nobody_waits_for_tells_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    keep_logs("info", "json")
    loop = asyncio.get_running_loop()

    try:
        ours()
    except ValueError as error:
        loop.default_exception_handler({"message": "Task exception was never retrieved", "exception": error})

    (line,) = lines(capsys)
    assert line["event"] == "Task exception was never retrieved"
    assert str(line["error"]).startswith("ValueError at tests/connectors/test_logs.py:")
