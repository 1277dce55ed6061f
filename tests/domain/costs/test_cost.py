"""What cases would cost otherwise: by month and reason, and what decides the difference."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.cases.order_commands import PartUse
from domain.clocks.closures import Closure
from domain.contracts.contract import Contract
from domain.costs import rated
from domain.costs.cases import INCIDENT, Breach, CaseLog, ChargedCase
from domain.costs.cost import ContractCost
from domain.costs.terms import CostSpan, supposed_problems
from domain.kinds import OrderKind
from domain.people import Role
from domain.refusals import Unacceptable
from tests.domain.costs.cases import cost, supposed
from tests.domain.orders.paper import HOUR, MONDAY
from tests.world import CONTRACT

HALF_YEAR = CostSpan(date(2026, 1, 1), date(2026, 6, 30))
# An hour at 96.00 on the first Monday of March.
HOURLY = {"technician": "96.00"}


def worked(minutes: int = 60, at: datetime = MONDAY + HOUR, **more: Any) -> CaseLog:  # noqa: ANN401
    return CaseLog(more.pop("role", Role.TECHNICIAN), minutes, at, **more)


def case(*logs: CaseLog, no: str = "O-1", kind: str = "change", **more: Any) -> ChargedCase:  # noqa: ANN401
    at = logs[0].started_at if logs else MONDAY
    known: dict[str, Any] = {
        "accepted": at - timedelta(days=2),
        "ended": at + timedelta(hours=5),
        "is_completed": True,
    } | more
    return ChargedCase(no=no, version=1, kind=kind, logs=logs, **known)


def repriced(**prices: object) -> Contract:
    return CONTRACT.but(id="other", prices=CONTRACT.prices.but(**prices))


def rows(told: ContractCost) -> dict[str, tuple[str, str | None]]:
    return {row.reason: (f"{row.own}", f"{row.other}" if row.other is not None else None) for row in told.rows}


def codes(*cases: ChargedCase, **asked: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    with pytest.raises(Unacceptable) as refused:
        cost(*cases, **asked)
    return [(problem.code, problem.at) for problem in refused.value.problems]


def test_without_other_terms_it_is_said_what_they_cost_and_nothing_beside() -> None:
    told = cost(case(worked()))

    assert (told.own, told.other, told.decided, told.cases) == (Decimal("96.00"), None, (), ())
    assert rows(told) == {"time": ("96.00", None)}


def test_another_contracts_prices_stand_beside_its_own_and_the_largest_difference_first() -> None:
    visit = worked(is_visit=True, parts=(PartUse(part="ram-16"),))
    other = repriced(hourly={Role.TECHNICIAN: Decimal(60)}, parts={"ram-16": Decimal("70.00")}, travel=Decimal(35))

    told = cost(case(visit), like=other)

    assert rows(told) == {"time": ("96.00", "60.00"), "part": ("62.50", "70.00"), "travel": ("35.00", "35.00")}
    assert [row.reason for row in told.decided] == ["time", "part"]
    assert (told.own, told.other) == (Decimal("193.50"), Decimal("165.00"))
    assert [(one.kind, one.no, f"{one.own}", f"{one.other}") for one in told.cases] == [
        ("order", "O-1", "193.50", "165.00")
    ]


def test_a_flat_price_in_place_of_time_is_the_other_reason_of_a_case() -> None:
    told = cost(case(worked(180)), like=repriced(flat={OrderKind.CHANGE: Decimal("99.00")}))

    (one,) = told.cases
    assert (one.own_reasons, one.other_reasons) == (("time",), ("flat",))
    assert (f"{one.own}", f"{one.other}") == ("288.00", "99.00")


def test_each_thing_counts_in_the_month_in_which_it_was_done() -> None:
    march, april = datetime.fromisoformat("2026-03-31T15:00+02:00"), datetime.fromisoformat("2026-04-01T09:00+02:00")
    told = cost(case(worked(60, march), worked(30, april)), span=HALF_YEAR)

    assert [(f"{month.since}", f"{month.until}", f"{month.own}") for month in told.months][2:4] == [
        ("2026-03-01", "2026-03-31", "96.00"),
        ("2026-04-01", "2026-04-30", "48.00"),
    ]
    assert sum(month.own for month in told.months) == told.own


def test_of_a_case_that_reaches_over_the_time_asked_for_only_what_lies_within_is_counted() -> None:
    april = datetime.fromisoformat("2026-04-01T09:00+02:00")

    assert cost(case(worked(60), worked(30, april))).own == Decimal("96.00")


def test_work_over_the_last_midnight_counts_as_a_whole_with_the_day_on_which_it_began() -> None:
    night = datetime.fromisoformat("2026-03-31T23:30+02:00")

    told = cost(case(worked(60, night)), terms={"hourly": HOURLY, "factors": {"after_hours": "1.5"}})

    assert (f"{told.own}", f"{told.other}") == ("144.00", "144.00")


def test_a_quota_and_its_fee_are_compared_with_time_and_material() -> None:
    terms = {
        "fees": [{"id": "quota", "amount": "480.00"}],
        "hourly": HOURLY,
        "quota": {"minutes": 120, "overage": "payg"},
    }

    told = cost(case(worked(180)), terms=terms)

    assert rows(told) == {
        "fee": ("0", "480.00"),
        "time": ("288.00", "0"),
        "drawn": ("0", "0.00"),
        "overage": ("0", "96.00"),
    }
    assert (told.own, told.other) == (Decimal("288.00"), Decimal("576.00"))


def test_a_fee_counts_for_the_days_asked_for_and_for_no_others() -> None:
    half = CostSpan(date(2026, 3, 1), date(2026, 4, 15))
    quarterly = {"fees": [{"id": "care", "amount": "300.00"}]}

    assert cost(terms=quarterly, span=half).other == Decimal("450.00")


def test_terms_that_begin_later_count_from_the_first_day_that_is_asked_about() -> None:
    told = cost(case(worked()), terms={"from": "2030-01-01", "hourly": HOURLY})

    assert told.other == Decimal("96.00")


def test_an_item_is_priced_by_its_own_name_and_otherwise_by_its_kind() -> None:
    terms = {"flat": {"notebook": "50.00", "change": "70.00"}, "hourly": HOURLY}
    cases = case(worked(), no="O-1", item="notebook"), case(worked(), no="O-2", item="screen")

    assert rows(cost(*cases, terms=terms))["flat"] == ("0", "120.00")


def test_a_quoted_price_counts_under_others_too_unless_they_have_one_for_just_this() -> None:
    quoted = case(worked(), quote=Decimal("450.00"))

    assert cost(quoted, like=repriced()).other == Decimal("450.00")
    assert cost(quoted, like=repriced(flat={OrderKind.CHANGE: Decimal(80)})).other == Decimal("80.00")
    assert cost(quoted, terms={"hourly": HOURLY}).other == Decimal("450.00")
    assert cost(quoted, terms={"flat": {"change": "80.00"}}).other == Decimal("80.00")


def test_work_that_came_to_more_than_was_quoted_at_most_costs_no_more_and_draws_no_minutes() -> None:
    quoted = case(worked(300), quote=Decimal("100.00"), quote_at_most=True)

    told = cost(quoted, terms={"hourly": HOURLY, "quota": {"minutes": 60, "overage": "payg"}})

    assert rows(told) == {"flat": ("100.00", "100.00")}


def incident(*logs: CaseLog, no: str = "I-1", **more: Any) -> ChargedCase:  # noqa: ANN401
    return case(*logs, no=no, kind=INCIDENT, **more)


def test_work_on_incidents_costs_what_either_side_says_of_it() -> None:
    included = incident(worked(), is_charged=False)

    told = cost(included, like=repriced(incidents="charge"))

    assert (told.own, told.other) == (Decimal("0.00"), Decimal("96.00"))
    assert [one.kind for one in told.cases] == ["incident"]
    assert cost(included, terms={"hourly": HOURLY}).other == Decimal("96.00")
    assert cost(included, terms={"hourly": HOURLY, "flat": {"incident": "25.00"}}).other == Decimal("25.00")


def test_breaches_are_proposed_as_credits_and_in_no_sum() -> None:
    late = incident(worked(), is_charged=False, breaches=(Breach("resolution", MONDAY),))
    terms = {
        "fees": [{"id": "care", "amount": "300.00"}],
        "hourly": HOURLY,
        "sla": {"fee": "care", "resolution": {"percent_of_fee": "10"}},
    }

    told = cost(late, terms=terms)

    assert (told.other, told.other_credits, told.own_credits) == (Decimal("396.00"), Decimal("-30.00"), Decimal(0))
    assert "sla_credit" not in rows(told)


def test_a_late_cancellation_and_a_visit_for_nothing_are_told_to_others_as_they_were() -> None:
    lost = case(
        worked(0, wasted=True, is_visit=True),
        is_completed=False,
        cancelled_at=MONDAY + 2 * HOUR,
        appointment=MONDAY + 12 * HOUR,
    )
    terms = {"wasted_visit": "20.00", "late_cancellation": {"price": "30.00", "hours": "8"}}

    assert rows(cost(lost, terms=terms)) == {"wasted_visit": ("49.00", "20.00"), "late_cancellation": ("39.00", "0")}


def test_a_part_that_the_others_do_not_price_costs_what_was_charged_and_is_named() -> None:
    told = cost(case(worked(0, parts=(PartUse(part="ram-16", quantity=2),))), like=repriced(parts={}))

    assert (told.own, told.other, told.as_charged) == (Decimal("125.00"), Decimal("125.00"), ("ram-16",))


def test_a_role_without_a_price_is_named_once_with_a_case_of_its() -> None:
    cases = [case(worked(role=Role.COORDINATOR), no=f"O-{n}") for n in range(1, 4)]

    with pytest.raises(Unacceptable) as refused:
        cost(*cases, terms={"hourly": HOURLY})

    (problem,) = refused.value.problems
    assert (problem.code, problem.at, problem.values) == (
        "cost_role_unpriced",
        "/terms",
        {"role": "coordinator", "case": "O-1"},
    )


def test_more_facts_than_can_be_rated_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rated, "MOST_FACTS", 2)

    assert codes(*(case(worked(), no=f"O-{n}") for n in range(3))) == [("cost_too_much", "/from")]


def test_all_that_is_wrong_with_supposed_terms_is_named_with_its_place() -> None:
    wrong = supposed(
        [
            {"fees": [{"id": "care", "amount": "1.00"}, {"id": "care", "amount": "2.00"}]},
            {"from": "2026-07-01", "minimum": {"amount": "9.00", "counts": ["time"]}, "sla": {"fee": "none"}},
        ],
        currency="CHF",
    )

    assert [(problem.code, problem.at) for problem in supposed_problems(wrong)] == [
        ("fee_twice", "/terms/terms/0/fees"),
        ("sla_fee_unknown", "/terms/terms/1/sla/fee"),
        ("currency_differs", "/terms/currency"),
    ]


def test_days_that_are_closed_in_part_are_named_as_they_are_not_counted() -> None:
    early = Closure.model_validate({"date": "2026-03-02", "from": "08:00", "to": "12:00"})
    contract = CONTRACT.but(calendar=CONTRACT.calendar.model_copy(update={"closures": (early,)}))

    assert cost(case(worked()), contract=contract).closed_in_part == (date(2026, 3, 2),)


def test_a_day_without_service_is_after_hours() -> None:
    shut = Closure.model_validate({"date": "2026-03-02"})
    contract = CONTRACT.but(calendar=CONTRACT.calendar.model_copy(update={"closures": (shut,)}))

    assert cost(case(worked()), contract=contract).own == Decimal("144.00")


def test_in_which_order_cases_come_changes_nothing() -> None:
    cases = [case(worked(30 * n, MONDAY + n * HOUR), no=f"O-{n}") for n in range(1, 6)]
    terms = {"hourly": HOURLY, "quota": {"minutes": 100, "overage": "payg"}}

    assert cost(*cases, terms=terms) == cost(*reversed(cases), terms=terms)
