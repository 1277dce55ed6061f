"""A changed rota goes on from the shift under way, whoever was taken in or out."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.shifts import Layer
from tests.domain.oncall.test_rota import at, names, rota, rotation

# A Wednesday in the ninth week: its shift runs from the 27th of April to the 4th of May.
NOW = at("2026-04-29T12:00+02:00")
WEEKS = timedelta(weeks=1)


def round_of(members: str, **changes: str | int) -> Rota:
    """People named by one letter each, taking turns as primary."""
    return rota(primary=rotation(*members, **changes), backup=rotation("x", "y"))  # type: ignore[arg-type]


def turns(found: Rota, weeks: int = 4) -> str:
    return "".join(name or "-" for name in names(found.shifts(NOW, NOW + weeks * WEEKS)))


@pytest.mark.parametrize(
    ("before", "after", "people"),
    [
        pytest.param("abcd", "bcd", "abcdb", id="whoever is on call is taken out"),
        pytest.param("abcd", "acd", "acdac", id="whoever is next is taken out"),
        pytest.param("abcd", "abd", "abdab", id="somebody later is taken out"),
        pytest.param("abcd", "xabcd", "abcdx", id="somebody is put in front"),
        pytest.param("abcd", "axbcd", "axbcd", id="somebody is put next"),
        pytest.param("abcd", "abcdx", "abcdx", id="somebody is put last"),
        pytest.param("abcd", "dcba", "adcba", id="turned round"),
        pytest.param("abcd", "xbcd", "abcdx", id="whoever is on call is replaced"),
        pytest.param("abcd", "xyz", "axyzx", id="everybody is replaced"),
        pytest.param("abcd", "cd", "acdcd", id="whoever is on call and whoever is next are taken out"),
        pytest.param("abac", "xabac", "abacx", id="somebody has two turns in a round"),
        pytest.param("acab", "xacab", "acabx", id="somebody has two turns in a round, followed by another"),
        pytest.param("abcd", "abcd", "abcda", id="nothing changes"),
    ],
)
def test_the_round_goes_on_from_the_shift_under_way(before: str, after: str, people: str) -> None:
    """The ninth week is the first member's where there are four."""
    kept = round_of(before)

    changed = continued(round_of(after), kept, NOW)

    assert turns(changed) == people
    assert names(changed.shifts(NOW, NOW + 5 * WEEKS), Layer.BACKUP) == names(
        kept.shifts(NOW, NOW + 5 * WEEKS), Layer.BACKUP
    )


@pytest.mark.parametrize(
    ("changes", "until", "next_until"),
    [
        pytest.param(
            {"hand_over": "17:00"}, "2026-05-04T17:00+02:00", "2026-05-11T17:00+02:00", id="handed over later"
        ),
        pytest.param(
            {"hand_over": "07:00"}, "2026-05-04T09:00+02:00", "2026-05-11T07:00+02:00", id="handed over earlier"
        ),
        pytest.param({"days": 1}, "2026-05-04T09:00+02:00", "2026-05-05T09:00+02:00", id="days instead of weeks"),
        pytest.param({"days": 14}, "2026-05-11T09:00+02:00", "2026-05-25T09:00+02:00", id="two weeks instead of one"),
        pytest.param(
            {"start": "2026-05-06"}, "2026-05-04T09:00+02:00", "2026-05-06T09:00+02:00", id="to begin later: a gap"
        ),
        pytest.param({"start": "2026-05-04"}, "2026-05-04T09:00+02:00", "2026-05-11T09:00+02:00", id="begun anew"),
        pytest.param({"start": "2025-12-29"}, "2026-05-04T09:00+02:00", "2026-05-11T09:00+02:00", id="begun earlier"),
    ],
)
def test_the_shift_under_way_is_never_shorter(changes: dict[str, str | int], until: str, next_until: str) -> None:
    changed = continued(round_of("abcd", **changes), round_of("abcd"), NOW)

    running, following = next(changed.stretches(Layer.PRIMARY, NOW, NOW + WEEKS)), None
    following = next(changed.stretches(Layer.PRIMARY, running.end, running.end + WEEKS))

    assert (running.person, running.handed_over, running.end) == ("a", at("2026-04-27T09:00+02:00"), at(until))
    assert following.end == at(next_until)


def test_a_rota_that_has_not_begun_is_as_it_is_written() -> None:
    ahead = round_of("abc", start="2026-06-01")

    assert continued(round_of("cab", start="2026-06-01"), ahead, NOW) == round_of("cab", start="2026-06-01")


@settings(max_examples=200, deadline=None)
@given(
    before=st.text("abcde", min_size=1, max_size=6),
    changes=st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=4),
    hours=st.lists(st.integers(1, 900), min_size=4, max_size=4),
)
def test_no_change_touches_whoever_is_on_call_and_saving_again_changes_nothing(
    before: str, changes: list[str], hours: list[int]
) -> None:
    kept, now = round_of(before), NOW
    for members, later in zip(changes, hours, strict=False):
        now += timedelta(hours=later)
        running = next(kept.stretches(Layer.PRIMARY, now, now + WEEKS))

        changed = continued(round_of(members), kept, now)

        assert next(changed.stretches(Layer.PRIMARY, now, now + WEEKS)) == running
        assert continued(round_of(members), changed, now + WEEKS / 2) == changed
        kept = changed
