"""Masses of refusals become few entries, and none of them is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.door import MANY, MOST_SOURCES, AtDoor, DoorEntry, RefusalTally, household

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def refusal(address: str, at: datetime = NOON, **facts: str) -> DoorEntry:
    return DoorEntry(at=at, what=AtDoor.REFUSED, address=address, **facts)


def test_the_first_of_a_minute_is_due_at_once_and_the_rest_when_the_minute_is_over() -> None:
    tally = RefusalTally()
    for second in range(50):
        tally.add(refusal("192.0.2.1", NOON + timedelta(seconds=second)))

    at_once = tally.due(NOON + timedelta(seconds=50))
    later = tally.due(NOON + timedelta(seconds=59))
    over = tally.due(NOON + timedelta(minutes=1))

    assert [(entry.address, entry.count) for entry in at_once] == [("192.0.2.1", 1)]
    assert later == []
    assert [(entry.address, entry.count) for entry in over] == [("192.0.2.1", 49)]


def test_however_many_sources_a_minute_has_few_entries_that_count_all() -> None:
    tally, written = RefusalTally(), []
    for number in range(5_000):
        tally.add(refusal(f"192.0.{number // 250}.{number % 250}", key=f"k{number}"))
    tally.add(DoorEntry(at=NOON, what=AtDoor.FORBIDDEN, address="192.0.2.1", key="known"))

    written = [*tally.due(NOON), *tally.due(NOON + timedelta(minutes=1))]

    assert sum(entry.count for entry in written) == 5_001
    assert len(written) <= 2 * MOST_SOURCES + 3
    assert any(entry.address == MANY for entry in written)
    assert any(entry.what == AtDoor.FORBIDDEN and entry.key == "known" for entry in written)


def test_a_flood_fills_no_memory_either() -> None:
    tally = RefusalTally()
    for number in range(20_000):
        tally.add(refusal(f"2001:db8:{number % 65536:x}::{number % 7:x}", key=f"k{number}"))

    assert len(tally._first) <= MOST_SOURCES + 1


def test_what_is_asked_for_at_the_end_is_everything() -> None:
    tally = RefusalTally()
    for _ in range(3):
        tally.add(refusal("192.0.2.1"))

    assert sum(entry.count for entry in tally.due(NOON, all_of_it=True)) == 3
    assert tally.due(NOON + timedelta(hours=1), all_of_it=True) == []


@pytest.mark.parametrize(
    ("address", "source"),
    [
        pytest.param("192.0.2.1", "192.0.2.1", id="an address"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="a network of one's own"),
        pytest.param("::ffff:192.0.2.1", "192.0.2.1", id="an old address written new"),
        pytest.param("testclient", "testclient", id="no address"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_whom_refusals_are_counted_by(address: str, source: str) -> None:
    assert household(address) == source
