from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.clocks.calendars import Calendar
from domain.clocks.windows import BeyondHorizon, Windows
from domain.times import ZERO
from tests.domain.clocks.calendar_samples import AUGSBURG, at, calendars, hours, instants


@settings(deadline=None)
@given(calendars, instants, st.timedeltas(ZERO, timedelta(days=90)), st.timedeltas(ZERO, timedelta(days=90)))
def test_windows_answer_as_their_calendar_does(
    calendar: Calendar, start: datetime, offset: timedelta, length: timedelta
) -> None:
    windows = Windows.model_validate_json(calendar.windows(start, start + timedelta(days=200)).model_dump_json())
    a, b = start + offset, start + offset + length
    elapsed = calendar.elapsed(a, b)

    assert windows.elapsed(a, b) == elapsed
    assert windows.add(a, elapsed) == calendar.add(a, elapsed)


def test_windows_say_what_they_were_made_from() -> None:
    windows = AUGSBURG.windows(at("2026-08-01T00:00Z"), at("2026-08-31T00:00Z"), tzdata="2026.6")

    assert (windows.calendar_version, windows.region, windows.holidays_version, windows.tzdata) == (
        "7",
        "DE-BY-Augsburg",
        "0.109",
        "2026.6",
    )


@pytest.mark.parametrize(
    ("start", "span"),
    [
        pytest.param("2026-08-03T08:00Z", 500, id="the end is not among these windows"),
        pytest.param("2026-07-31T08:00Z", 1, id="they begin later"),
        pytest.param("2026-09-01T08:00Z", 1, id="they ended before"),
    ],
)
def test_windows_never_guess_beyond_their_horizon(start: str, span: int) -> None:
    windows = AUGSBURG.windows(at("2026-08-01T00:00Z"), at("2026-08-31T00:00Z"))

    with pytest.raises(BeyondHorizon):
        windows.add(at(start), hours(span))


def test_windows_of_a_year_are_small_enough_for_a_history() -> None:
    windows = AUGSBURG.windows(at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z"))

    assert len(windows.model_dump_json()) < 7_000


@pytest.mark.parametrize(
    "opens",
    [
        pytest.param(
            [["2026-01-02T09:00Z", "2026-01-02T10:00Z"], ["2026-01-02T08:00Z", "2026-01-02T09:00Z"]],
            id="unsorted",
        ),
        pytest.param([["2026-01-02T09:00Z", "2026-01-02T09:00Z"]], id="empty"),
        pytest.param([["2026-01-02T09:00Z", "2026-01-04T09:00Z"]], id="past the horizon"),
    ],
)
def test_windows_out_of_order_are_refused(opens: list[list[str]]) -> None:
    with pytest.raises(ValidationError, match="sorted, disjoint and within the horizon"):
        Windows.model_validate({"start": "2026-01-01T00:00Z", "end": "2026-01-03T00:00Z", "opens": opens})
