"""Which alerts a maintenance window covers, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.alert import Alert
from domain.alerts.maintenance import MaintenanceWindow, covered_until, problems_of

TEN = datetime(2026, 11, 23, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALERT = Alert(source="prom", key="1", title="Down", labels={"host": "sw-1"})


def window(**fields: object) -> MaintenanceWindow:
    base = {"id": "m", "customer": "adler", "why": "new switches", "start": TEN, "end": TEN + 2 * HOUR}
    return MaintenanceWindow.model_validate(base | fields)


@pytest.mark.parametrize(
    ("fields", "hours", "is_covered"),
    [
        pytest.param({}, 0, True, id="from its first instant"),
        pytest.param({}, 2, False, id="not at its end any more"),
        pytest.param({}, -1, False, id="not before"),
        pytest.param({"site": "adler-hq"}, 1, True, id="at its site"),
        pytest.param({"site": "adler-muc"}, 1, False, id="at another site"),
        pytest.param({"source": "nagios"}, 1, False, id="from another source"),
        pytest.param({"match": {"host": ["sw-*"]}}, 1, True, id="with a label that fits"),
        pytest.param({"match": {"host": ["sw-*"], "rack": ["7"]}}, 1, False, id="with a label that is missing"),
    ],
)
def test_a_window_covers(fields: dict[str, object], hours: int, *, is_covered: bool) -> None:
    assert window(**fields).covers(ALERT, "adler-hq", TEN + hours * HOUR) is is_covered


def test_the_last_window_that_covers_it_now_counts() -> None:
    windows = [window(), window(end=TEN + 3 * HOUR), window(start=TEN + 3 * HOUR, end=TEN + 9 * HOUR)]

    assert covered_until(ALERT, "adler-hq", TEN + HOUR, windows) == TEN + 3 * HOUR
    assert covered_until(ALERT, "adler-hq", TEN - HOUR, windows) is None


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({}, [], id="one that is right"),
        pytest.param({"end": TEN}, [("period_reversed", "/end")], id="that ends when it starts"),
        pytest.param({"start": TEN - 9 * HOUR, "end": TEN - 4 * HOUR}, [("in_the_past", "/end")], id="that is over"),
        pytest.param({"end": TEN + timedelta(days=93)}, [("period_too_long", "/end")], id="for longer than a quarter"),
        pytest.param(
            {"end": TEN - HOUR, "site": "mars"}, [("period_reversed", "/end"), ("site_unknown", "/site")], id="both"
        ),
    ],
)
def test_what_keeps_a_window_from_being_saved(fields: dict[str, object], found: list[tuple[str, str]]) -> None:
    problems = problems_of(window(**fields), ["adler-hq"], TEN - 3 * HOUR)

    assert [(problem.code, problem.at) for problem in problems] == found
