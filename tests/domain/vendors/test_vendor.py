"""Vendors: which contract holds, what is wrong with one, and whether its promise fits the customer's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.clocks.calendars import Calendar
from domain.times import zone
from domain.vendors.vendor import Certificate, UnderpinningContract, Vendor, problems_of, uc_verdict

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
# Nine to five in Chicago is 16:00 to midnight in Augsburg; an hour earlier while only Chicago has summer time.
CHICAGO = Calendar.model_validate(
    {"zone": "America/Chicago", "weekly": {day: [["09:00", "17:00"]] for day in WEEKDAYS}}
)
UC = UnderpinningContract(
    id="uc-1", calendar=CHICAGO, response_minutes=60, resolution_minutes=480, valid_from=date(2026, 1, 1)
)
VENDOR = Vendor(id="dakota", name="Dakota Server Care", people=("v-dakota",), contracts=(UC,))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
YESTERDAY, TOMORROW = date(2026, 11, 22), date(2026, 11, 24)
LAPSED = Certificate(kind="ISO/IEC 27001", valid_until=YESTERDAY)


def problems(vendor: Vendor) -> list[tuple[str, str]]:
    return [(problem.code, problem.at) for problem in problems_of(vendor, NOW, {"v-dakota"})]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


@pytest.mark.parametrize(
    ("given", "deadline", "promised", "late_hours"),
    [
        pytest.param("11-23T10:00+01:00", "11-24T12:00+01:00", ("11-23 17:00", "11-24 00:00"), (0, 0), id="in time"),
        pytest.param("11-23T10:00+01:00", "11-24T00:00+01:00", ("11-23 17:00", "11-24 00:00"), (0, 0), id="just so"),
        pytest.param("11-23T10:00+01:00", "11-23T18:00+01:00", ("11-23 17:00", "11-24 00:00"), (0, 6), id="done late"),
        pytest.param("11-23T10:00+01:00", "11-23T12:00+01:00", ("11-23 17:00", "11-24 00:00"), (5, 12), id="not begun"),
        pytest.param(
            "11-20T23:00+01:00", "11-23T12:00+01:00", ("11-21 00:00", "11-23 23:00"), (0, 11), id="over their weekend"
        ),
        pytest.param(
            "03-16T10:00+01:00",
            "03-16T23:00+01:00",
            ("03-16 16:00", "03-16 23:00"),
            (0, 0),
            id="their summer, our winter",
        ),
    ],
)
def test_whether_a_vendor_in_another_zone_can_keep_our_promise(
    given: str, deadline: str, promised: tuple[str, str], late_hours: tuple[int, int]
) -> None:
    verdict = uc_verdict(UC, CHICAGO, at=at(f"2026-{given}"), deadline=at(f"2026-{deadline}"))

    ours = (
        f"{when.astimezone(zone('Europe/Berlin')):%m-%d %H:%M}" for when in (verdict.respond_by, verdict.resolve_by)
    )
    assert tuple(ours) == promised
    assert (verdict.response_late, verdict.resolution_late) == tuple(timedelta(hours=late) for late in late_hours)
    assert verdict.is_met is (late_hours[1] == 0)


def test_windows_made_for_a_workflow_say_the_same_as_the_calendar() -> None:
    deadline = at("2026-11-24T12:00+01:00")
    windows = CHICAGO.windows(NOW, NOW + timedelta(days=30))

    assert uc_verdict(UC, windows, at=NOW, deadline=deadline) == uc_verdict(UC, CHICAGO, at=NOW, deadline=deadline)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"contracts": ()}, [], id="nothing in one that works on request"),
        pytest.param({"people": ("v-dakota", "v-gone")}, [("person_unknown", "/people/1")], id="a stranger"),
        pytest.param({"contracts": (UC, UC.but(account_no="7"))}, [("uc_twice", "/contracts/1/id")], id="a doubled id"),
        pytest.param(
            {"contracts": (UC.but(response_minutes=481),)},
            [("uc_targets_reversed", "/contracts/0/response_minutes")],
            id="slower to respond than to be done",
        ),
        pytest.param(
            {"contracts": (UC.but(valid_until=YESTERDAY), UC.but(id="uc-2", valid_until=YESTERDAY))},
            [("uc_expired", "/contracts")],
            id="all over",
        ),
        pytest.param(
            {"contracts": (UC.but(valid_until=YESTERDAY), UC.but(id="uc-2", valid_from=TOMORROW))},
            [],
            id="the next one signed already",
        ),
        pytest.param(
            {"contracts": (UC.but(valid_until=date(2025, 12, 31)), UC.but(id="uc-2"))},
            [("validity_reversed", "/contracts/0/valid_until")],
            id="over before it began",
        ),
        pytest.param(
            {"contracts": (UC.but(certificates=(LAPSED, LAPSED.but(valid_until=NOW.date()))),)},
            [("certificate_expired", "/contracts/0/certificates/0/valid_until")],
            id="a certificate that has lapsed",
        ),
        pytest.param(
            {"contracts": (UC.but(valid_until=YESTERDAY, certificates=(LAPSED,)), UC.but(id="uc-2"))},
            [],
            id="a certificate of a contract that is history",
        ),
        pytest.param(
            {"people": ("v-gone",), "contracts": (UC.but(response_minutes=500, valid_until=YESTERDAY),)},
            [
                ("person_unknown", "/people/0"),
                ("uc_targets_reversed", "/contracts/0/response_minutes"),
                ("uc_expired", "/contracts"),
            ],
            id="everything at once",
        ),
    ],
)
def test_what_is_wrong_with_a_vendor(changes: dict[str, object], found: list[tuple[str, str]]) -> None:
    assert problems(VENDOR.but(**changes)) == found


def test_a_contract_lasts_until_its_last_day_is_over_where_the_vendor_works() -> None:
    """Midnight in Chicago is six in the morning in London."""
    ending = UC.but(valid_until=date(2026, 11, 22))

    assert ending.is_valid_at(at("2026-11-23T05:59+00:00"))
    assert not ending.is_valid_at(at("2026-11-23T06:00+00:00"))


def test_of_several_contracts_in_force_the_first_counts() -> None:
    over, next_one = UC.but(id="uc-0", valid_until=YESTERDAY), UC.but(id="uc-2")

    assert VENDOR.but(contracts=(over, UC, next_one)).contract_at(NOW) == UC
    assert VENDOR.but(contracts=(over,)).contract_at(NOW) is None
