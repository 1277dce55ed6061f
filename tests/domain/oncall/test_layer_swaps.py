"""Primary and backup exchange their places, wherever there are two of them."""

import pytest

from domain.clocks.calendars import Calendar
from domain.oncall.layer_swaps import LayerSwap
from domain.oncall.shifts import Layer
from domain.refusals import Unacceptable
from tests.domain.oncall.test_rota import at, override, rota, rotation

DAYS = ("sat", "sun")
WEEKEND = Calendar.model_validate({"zone": "Europe/Berlin", "weekly": {day: [["00:00", "24:00"]] for day in DAYS}})
WEEKENDS = rota(primary=rotation("anna", "ben").but(hours=WEEKEND), backup=rotation("cora"), coverage=WEEKEND)
NOW = at("2026-03-03T12:00Z")


def test_where_nobody_is_primary_nobody_becomes_it() -> None:
    swapped = LayerSwap(primary="cora", start=at("2026-03-07T12:00Z"), end=at("2026-03-14T12:00Z")).made(WEEKENDS, NOW)

    seen = [swapped.on_call_at(at(f"2026-03-{day}T13:00Z")) for day in ("07", "09", "14", "15")]
    assert [(found.primary, found.backup) for found in seen] == [
        ("cora", "anna"),
        (None, "cora"),
        ("ben", "cora"),
        ("ben", "cora"),
    ]


def test_there_must_be_somebody_to_swap_with() -> None:
    with pytest.raises(Unacceptable) as refused:
        LayerSwap(primary="cora", start=at("2026-03-09T12:00Z"), end=at("2026-03-14T12:00Z")).made(WEEKENDS, NOW)

    assert [(problem.code, problem.at) for problem in refused.value.problems] == [("no_primary_to_swap", "/start")]


def test_stand_ins_are_exchanged_too_and_each_is_one_stretch() -> None:
    """Over the night on which the clocks are put forward: sixteen hours on the wall are fifteen."""
    kept = rota(overrides=(override("dora", "2026-03-28T20:00Z", "2026-03-29T00:00Z"),))
    start, end = at("2026-03-28T19:00Z"), at("2026-03-29T10:00Z")
    before = kept.on_call_at(start)

    swapped = LayerSwap(primary=before.backup or "", start=start, end=end).made(kept, NOW)

    stands_in = [(one.layer, one.person, one.start, one.end) for one in swapped.overrides]
    assert stands_in == [
        (Layer.PRIMARY, before.backup, start, end),
        (Layer.BACKUP, before.primary, start, at("2026-03-28T20:00Z")),
        (Layer.BACKUP, "dora", at("2026-03-28T20:00Z"), at("2026-03-29T00:00Z")),
        (Layer.BACKUP, before.primary, at("2026-03-29T00:00Z"), end),
    ]


def test_swapped_twice_everything_is_as_before() -> None:
    start, end = at("2026-03-07T12:00Z"), at("2026-03-14T12:00Z")
    plain = rota()

    once = LayerSwap(primary=plain.on_call_at(start).backup or "", start=start, end=end).made(plain, NOW)
    twice = LayerSwap(primary=once.on_call_at(start).backup or "", start=start, end=end).made(once, NOW)

    hours = [at(f"2026-03-{day:02}T{hour:02}:30Z") for day in range(6, 16) for hour in range(0, 24, 3)]
    assert [(twice.on_call_at(hour).primary, twice.on_call_at(hour).backup) for hour in hours] == [
        (plain.on_call_at(hour).primary, plain.on_call_at(hour).backup) for hour in hours
    ]
    assert all(once.on_call_at(hour).primary != once.on_call_at(hour).backup for hour in hours)
