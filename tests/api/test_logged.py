"""What the API logs of a request names it, and repeats nothing of what was sent."""

import json

import pytest
from sqlalchemy.exc import OperationalError

from connectors.logs import keep_logs
from tests.api.house import INCIDENTS, INSTALL, ORDERS, TROUBLE, House
from tests.api.test_problems import failing
from workflows.answers import TemporalAway

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CANARIES = ("c4n4ry", "Max Huber", "Drucker")


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("traceparent", "is_taken"),
    [
        pytest.param(f"00-{TRACE}-00f067aa0ba902b7-01", True, id="as W3C writes it"),
        pytest.param(f"cc-{TRACE}-00f067aa0ba902b7-01-later", True, id="of a later version"),
        pytest.param(f"ff-{TRACE}-00f067aa0ba902b7-01", False, id="a version that is none"),
        pytest.param(f"00-{'0' * 32}-00f067aa0ba902b7-01", False, id="no trace"),
        pytest.param(f"00-{TRACE.upper()}-00f067aa0ba902b7-01", False, id="capitals"),
        pytest.param(f"00-{TRACE}\t-00f067aa0ba902b7-01", False, id="hostile"),
        pytest.param("c4n4ry", False, id="something else"),
    ],
)
async def test_a_request_is_called_what_its_trace_is(
    cut_off: House, capsys: pytest.CaptureFixture[str], traceparent: str, is_taken: bool
) -> None:
    keep_logs("info", "json")
    desk = await cut_off.coordinator()

    answer = await desk.get(f"{ORDERS}/O-AAAAA-BBBBB", headers={"traceparent": traceparent})

    (line,) = [line for line in said(capsys) if line["event"] == "request"]
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["request"] == TRACE) is is_taken
    assert line["case"] == "O-AAAAA-BBBBB"
    assert "c4n4ry" not in f"{line}"


async def test_whatever_fails_while_it_is_answered_bears_the_same_name(
    cut_off: House, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_logs("info", "json")
    desk = await cut_off.coordinator()
    names = []

    for error in (RuntimeError("c4n4ry"), TemporalAway("c4n4ry"), OperationalError("c4n4ry", {}, OSError("c4n4ry"))):
        failing(cut_off.app, error)
        for path, sent in ((ORDERS, INSTALL), (INCIDENTS, TROUBLE)):
            names.append((await desk.post(path, json=sent)).headers["X-Request-Id"])
    await desk.get(f"{ORDERS}/Max Huber c4n4ry")

    lines = said(capsys)
    assert {str(line.get("request")) for line in lines} >= set(names)
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    assert {name: sum(line.get("request") == name for line in lines) for name in names} == dict.fromkeys(names, 2)
    assert [canary for canary in CANARIES if canary in json.dumps(lines, ensure_ascii=False)] == []
