"""What a month comes to, each value worked out by hand; and beside a walk minute by minute."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.levels.needs import Need, course, down_by, names_in
from domain.levels.simulations import LevelCase, measured
from tests.domain.levels.documents import (
    ALWAYS,
    FIVE_BY_NINE,
    Document,
    answer,
    document,
    maintained,
    outage,
    told,
)

TWO = {"all": ["h1", "h2"]}
EITHER = {"any": ["h1", "h2"]}
TWO_OF_THREE = {"at_least": 2, "of": ["h1", "h2", "h3"]}
NIGHT = {
    "zone": "Europe/Berlin",
    "weekly": {day: [["01:00", "03:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
BOTH_HOSTS = [outage("10 10:00", "10 11:00", "h1"), outage("10 10:30", "10 11:30", "h2")]
FIVE_HOURS = outage("10 21:00", "11 02:00")

# What is told, and what must come of it: promised, excluded, down, availability, kept, left, longest, number.
BY_HAND: dict[str, tuple[Document, tuple[object, ...]]] = {
    "nothing happened": ({}, (43200, 0, 0, "100.000", True, 216, 0, 0)),
    "216 may be lost, and are": (
        {"outages": [outage("10 10:00", "10 13:36")]},
        (43200, 0, 216, "99.500", True, 0, 216, 1),
    ),
    "one second of a month is seen": (
        {"outages": [{"of": "s", "from": "2026-09-10T10:00:00Z", "until": "2026-09-10T10:00:01Z"}]},
        # 1/60 minute; 100 × (1 − 1/2,592,000) = 99.99996
        (43200, 0, 0.016, "99.999", True, 215.983, 0.016, 1),
    ),
    "announced 71 of 72 hours before": (
        {
            "outages": [FIVE_HOURS],
            "maintenance": [maintained("10 21:00", "10 23:00", "07 22:00", of="s")],
            "notice_minutes": 72 * 60,
        },
        # 300 of 43,200 = 99.3055
        (43200, 0, 300, "99.305", False, -84, 300, 1),
    ),
    "announced 72 of 72 hours before": (
        {
            "outages": [FIVE_HOURS],
            "maintenance": [maintained("10 21:00", "10 23:00", "07 21:00", of="s")],
            "notice_minutes": 72 * 60,
        },
        (43080, 120, 180, "99.582", True, 35.4, 180, 1),
    ),
    "never announced": (
        {"outages": [FIVE_HOURS], "maintenance": [maintained("10 21:00", "10 23:00", None)]},
        (43200, 0, 300, "99.305", False, -84, 300, 1),
    ),
    "silenced, but not agreed": (
        {"outages": [FIVE_HOURS], "maintenance": [maintained("10 21:00", "10 23:00", "01 00:00", agreed=False)]},
        (43200, 0, 300, "99.305", False, -84, 300, 1),
    ),
    "maintenance that the contract does not take out": (
        {
            "outages": [FIVE_HOURS],
            "maintenance": [maintained("10 21:00", "10 23:00", "01 00:00")],
            "maintenance_is": "in",
        },
        (43200, 0, 300, "99.305", False, -84, 300, 1),
    ),
    "an outage that lies in maintenance is none": (
        {
            "outages": [outage("10 21:00", "10 22:00")],
            "maintenance": [maintained("10 20:00", "10 23:00", "01 00:00")],
        },
        (43020, 180, 0, "100.000", True, 215.1, 0, 0),
    ),
    "maintenance in the midst of an outage leaves one": (
        {
            "outages": [FIVE_HOURS],
            "maintenance": [maintained("10 22:00", "10 23:00", "01 00:00")],
        },
        # 43,140 promised; 0.5 % = 215.7
        (43140, 60, 240, "99.443", False, -24.3, 240, 1),
    ),
    "windows of maintenance that overlap count once": (
        {
            "maintenance": [
                maintained("10 21:00", "10 23:00", "01 00:00"),
                maintained("10 22:00", "11 00:00", "01 00:00"),
            ],
        },
        (43020, 180, 0, "100.000", True, 215.1, 0, 0),
    ),
    "maintenance of one of two that are needed": (
        {"needs": TWO, "maintenance": [maintained("10 21:00", "10 23:00", "01 00:00", of="h1")]},
        (43080, 120, 0, "100.000", True, 215.4, 0, 0),
    ),
    "maintenance of one where one is enough takes nothing out": (
        {"needs": EITHER, "maintenance": [maintained("10 21:00", "10 23:00", "01 00:00", of="h1")]},
        (43200, 0, 0, "100.000", True, 216, 0, 0),
    ),
    "an exclusion is out of promise and outage": (
        {"outages": [FIVE_HOURS], "exclusions": [maintained("10 21:00", "10 23:00", None, reason="power of the city")]},
        (43080, 120, 180, "99.582", True, 35.4, 180, 1),
    ),
    "both hosts needed": (
        {"needs": TWO, "outages": BOTH_HOSTS},
        (43200, 0, 90, "99.791", True, 126, 90, 1),
    ),
    "one host enough": (
        {"needs": EITHER, "outages": BOTH_HOSTS},
        (43200, 0, 30, "99.930", True, 186, 30, 1),
    ),
    "two of three, one away": (
        {"needs": TWO_OF_THREE, "outages": [outage("10 10:00", "10 12:00", "h1")]},
        (43200, 0, 0, "100.000", True, 216, 0, 0),
    ),
    "two of three, two away for half an hour": (
        {"needs": TWO_OF_THREE, "outages": BOTH_HOSTS},
        (43200, 0, 30, "99.930", True, 186, 30, 1),
    ),
    "the same host told of twice": (
        {"outages": [outage("10 10:00", "10 11:00"), outage("10 10:30", "10 11:30")]},
        (43200, 0, 90, "99.791", True, 126, 90, 1),
    ),
    "outages that touch are one": (
        {"outages": [outage("10 10:00", "10 11:00"), outage("10 11:00", "10 11:30")]},
        (43200, 0, 90, "99.791", True, 126, 90, 1),
    ),
    "outages with a minute between are two": (
        {"outages": [outage("10 10:00", "10 11:00"), outage("10 11:01", "10 11:31")]},
        (43200, 0, 90, "99.791", True, 126, 60, 2),
    ),
    "half degraded for four hours": (
        {"outages": [outage("10 10:00", "10 14:00", factor="0.5")]},
        (43200, 0, 120, "99.722", True, 96, 240, 1),
    ),
    "half degraded for four hours, one of them down": (
        {"outages": [outage("10 10:00", "10 14:00", factor="0.5"), outage("10 11:00", "10 12:00")]},
        (43200, 0, 150, "99.652", True, 66, 240, 1),
    ),
    "half degraded, where another works as well": (
        {"needs": EITHER, "outages": [outage("10 10:00", "10 14:00", "h1", factor="0.5")]},
        (43200, 0, 0, "100.000", True, 216, 0, 0),
    ),
    "half of one and all of the other, where one is enough": (
        {
            "needs": EITHER,
            "outages": [outage("10 10:00", "10 14:00", "h1", factor="0.5"), outage("10 10:00", "10 14:00", "h2")],
        },
        (43200, 0, 120, "99.722", True, 96, 240, 1),
    ),
    "a third of an hour's level": (
        {"outages": [outage("10 10:00", "10 11:00", factor="0.333333")]},
        # 19.99998 minutes, cut
        (43200, 0, 19.999, "99.953", True, 196, 60, 1),
    ),
    "it began in August: minutes here, the outage there": (
        {"outages": [outage("2026-08-31 20:00", "01 00:00")]},
        # September begins at 22:00Z: 120 of them
        (43200, 0, 120, "99.722", True, 96, 0, 0),
    ),
    "it ends in October: uncut among the longest": (
        {"outages": [outage("30 21:00", "2026-10-01 01:00")]},
        # until 22:00Z 60 minutes of September, 240 in all
        (43200, 0, 60, "99.861", True, 156, 240, 1),
    ),
    "it begins with the month": (
        {"outages": [outage("2026-08-31 22:00", "2026-08-31 23:00")]},
        (43200, 0, 60, "99.861", True, 156, 60, 1),
    ),
    "it begins with the next month": (
        {"outages": [outage("30 22:00", "30 23:00")]},
        (43200, 0, 0, "100.000", True, 216, 0, 0),
    ),
    "it goes on": (
        {"outages": [outage("10 10:00", None)], "now": "2026-09-10T11:00Z"},
        (43200, 0, 60, "99.861", True, 156, 60, 1),
    ),
    "it is said to end later than now": (
        {"outages": [outage("10 10:00", "10 15:00")], "now": "2026-09-10T11:00Z"},
        (43200, 0, 60, "99.861", True, 156, 60, 1),
    ),
    "the service ended on the 15th": (
        {"service": {"until": "2026-09-15T22:00Z"}, "outages": [outage("15 21:00", "16 21:00")]},
        (21600, 0, 60, "99.722", True, 48, 60, 1),
    ),
    "the service lives in another month": (
        {"service": {"since": "2026-10-15T22:00Z"}, "outages": [outage("15 21:00", "16 21:00")]},
        (0, 0, 0, None, True, 0, 0, 0),
    ),
    "all of it is maintained": (
        {"maintenance": [maintained("2026-08-31 00:00", "2026-10-02 00:00", "2026-08-01 00:00")]},
        (0, 43200, 0, None, True, 0, 0, 0),
    ),
    "down all month": (
        {"outages": [outage("2026-08-01 00:00", None)]},
        (43200, 0, 43200, "0.000", False, -42984, 0, 0),
    ),
    "by night, where it is promised by day": (
        {"window": FIVE_BY_NINE, "outages": [outage("10 15:00", "11 06:00")]},
        (11880, 0, 0, "100.000", True, 59.4, 0, 0),
    ),
    "over a weekend, one outage": (
        {"window": FIVE_BY_NINE, "outages": [outage("11 14:00", "14 07:00")]},
        # Friday 16:00 to 17:00 and Monday 08:00 to 09:00
        (11880, 0, 120, "98.989", False, -60.6, 120, 1),
    ),
    "a holiday is not promised": (
        {
            "window": {**FIVE_BY_NINE, "holidays": [{"date": "2026-09-10", "name": "works outing"}]},
            "outages": [outage("10 14:00", "11 07:00")],
        },
        (11340, 0, 60, "99.470", False, -3.3, 60, 1),
    ),
    "October has an hour more": (
        {"period": {"month": "2026-10", "zone": "Europe/Berlin"}},
        (44700, 0, 0, "100.000", True, 223.5, 0, 0),
    ),
    "March has an hour less": (
        {"period": {"month": "2026-03", "zone": "Europe/Berlin"}},
        (44580, 0, 0, "100.000", True, 222.9, 0, 0),
    ),
    "from 01:00 to 03:00 is three hours on one day of October": (
        {"window": NIGHT, "period": {"month": "2026-10", "zone": "Europe/Berlin"}},
        (31 * 120 + 60, 0, 0, "100.000", True, 18.9, 0, 0),
    ),
    "and one hour on one day of March": (
        {"window": NIGHT, "period": {"month": "2026-03", "zone": "Europe/Berlin"}},
        (31 * 120 - 60, 0, 0, "100.000", True, 18.3, 0, 0),
    ),
    "a month of another zone": (
        {"period": {"month": "2026-09", "zone": "UTC"}, "outages": [outage("30 22:00", "30 23:00")]},
        (43200, 0, 60, "99.861", True, 156, 60, 1),
    ),
    "a quarter is measured as a whole": (
        {
            "period": {"quarter": "2026-Q3", "zone": "Europe/Berlin"},
            "outages": [outage("10 10:00", "10 15:00")],
        },
        # 92 days: 132,480; September alone would be broken
        (132480, 0, 300, "99.773", True, 362.4, 300, 1),
    ),
    "a year": (
        {"period": {"year": "2028", "zone": "Europe/Berlin"}, "now": "2029-12-31T00:00Z"},
        (366 * 1440, 0, 0, "100.000", True, 2635.2, 0, 0),
    ),
    "all that was promised": (
        {"target": "100", "outages": [outage("10 10:00", "10 10:01")]},
        (43200, 0, 1, "99.997", False, -1, 1, 1),
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_it_comes_to_what_was_worked_out_by_hand(name: str) -> None:
    said, right = BY_HAND[name]

    assert tuple(told(answer(**said)).values()) == right


def test_a_quarter_is_not_the_mean_of_its_months() -> None:
    down = [outage("10 10:00", "10 15:00")]
    months = [answer(period={"month": f"2026-0{month}", "zone": "Europe/Berlin"}, outages=down) for month in (7, 8, 9)]

    quarter = answer(period={"quarter": "2026-Q3", "zone": "Europe/Berlin"}, outages=down)

    assert [month.kept for month in months] == [True, True, False]
    assert quarter.kept
    # The mean of 100.000, 100.000 and 99.305 would read 99.768.
    assert quarter.availability == "99.773"


MINUTE = timedelta(minutes=1)
FIRST = datetime(2026, 10, 24, 20, tzinfo=UTC)
NAMES = ("h1", "h2", "h3")
needs = st.recursive(
    st.sampled_from(NAMES),
    lambda parts: st.lists(parts, min_size=1, max_size=3).flatmap(
        lambda several: st.one_of(
            st.just({"all": several}),
            st.just({"any": several}),
            st.integers(1, len(several)).map(lambda least: {"at_least": least, "of": several}),
        )
    ),
    max_leaves=5,
)
spans = st.tuples(st.integers(-200, 2_400), st.integers(1, 400))


@st.composite
def told_of(draw: st.DrawFn) -> Document:
    """A day and a half around the change of clocks, in which the month is cut short by the service's life."""
    wanted = draw(needs)
    names = sorted(set(names_in(LevelCase.model_validate(document(needs=wanted)).needs)))

    def stretch(span: tuple[int, int], **more: object) -> Document:
        start = FIRST + span[0] * MINUTE
        return {"from": start.isoformat(), "until": (start + span[1] * MINUTE).isoformat(), **more}

    factors = st.sampled_from(("1", "0.5", "0.25"))
    outages = [
        stretch(span, of=draw(st.sampled_from(names)), factor=draw(factors))
        for span in draw(st.lists(spans, max_size=6))
    ]
    works = [
        stretch(span, of=draw(st.sampled_from((*names, None))), announced="2026-10-01T00:00Z")
        for span in draw(st.lists(spans, max_size=3))
    ]
    return document(
        needs=wanted,
        period={"month": "2026-10", "zone": "Europe/Berlin"},
        window=draw(st.sampled_from((ALWAYS, FIVE_BY_NINE, NIGHT))),
        service={"since": FIRST.isoformat(), "until": (FIRST + 2_200 * MINUTE).isoformat()},
        outages=outages,
        maintenance=works,
    )


@given(told_of())
def test_it_is_what_a_walk_minute_by_minute_finds(said: Document) -> None:
    asked = LevelCase.model_validate(said)
    found = measured(asked)

    promised, excluded, down = walked(asked)

    assert (found.promised, found.excluded, found.down) == (60 * promised, 60 * excluded, 60 * down)


def walked(asked: LevelCase) -> tuple[int, int, Fraction]:
    promised = excluded = 0
    down = Fraction(0)
    for minute in range(2_200):
        at = FIRST + minute * MINUTE
        local = at.astimezone(ZoneInfo("Europe/Berlin"))
        if (local.year, local.month) != (2026, 10) or not asked.window.is_open(at):
            continue
        works: dict[str, Fraction] = {}
        is_out = False
        for one in asked.maintenance:
            if one.since <= at < one.until:
                is_out |= one.of is None
                works |= {one.of: Fraction(1)} if one.of else {}
        if is_out or down_by(asked.needs, works) == 1:
            excluded += 1
            continue
        promised += 1
        down += down_by(asked.needs, levels_at(asked, at))
    return promised, excluded, down


def levels_at(asked: LevelCase, at: datetime) -> dict[str, Fraction]:
    levels: dict[str, Fraction] = {}
    for one in asked.outages:
        if one.until is not None and one.since <= at < one.until:
            levels[one.of] = max(levels.get(one.of, Fraction(0)), Fraction(one.factor))
    return levels


@given(needs, st.dictionaries(st.sampled_from(NAMES), st.sampled_from((Fraction(1, 2), Fraction(1)))))
def test_what_is_worse_for_a_part_is_never_better_for_the_service(wanted: Any, levels: dict[str, Fraction]) -> None:  # noqa: ANN401  # JSON
    need: Need = LevelCase.model_validate(document(needs=wanted)).needs
    before = down_by(need, levels)

    for name in NAMES:
        assert down_by(need, levels | {name: Fraction(1)}) >= before


def test_nothing_that_happened_is_no_course() -> None:
    assert course("s", ()) == []
