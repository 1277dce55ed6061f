"""What holds for every contract and all facts, whatever they are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.billing.invoices import Rated
from domain.billing.money import allocated
from tests.domain.billing.documents import OFFICE, Written, lines, order, rated

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CENT = Decimal("0.01")
BAND = {
    "mode": "graduated",
    "steps": [{"up_to": 3, "price": "69.00"}, {"up_to": 6, "price": "59.00"}, {"price": "9.00"}],
}


def at(minute: int) -> str:
    return (YEAR + timedelta(minutes=minute)).isoformat()


# February to April: no day of it lies before the contract begins or after all that is billed.
minutes_of = st.integers(60 * 24 * 31, 60 * 24 * 110)
works = st.lists(st.tuples(minutes_of, st.integers(0, 1440), st.booleans()), max_size=8).map(
    lambda found: [
        {
            "type": "work",
            "id": f"W{n}",
            "role": "technician",
            "start": at(start),
            "minutes": minutes,
            "approved": agreed,
        }
        for n, (start, minutes, agreed) in enumerate(found)
    ]
)
others = st.lists(st.tuples(minutes_of, st.integers(-900, 900)), max_size=4).map(
    lambda found: [
        {"type": "adjust", "id": f"A{n}", "amount": f"{cents / 10}", "at": at(minute)}
        for n, (minute, cents) in enumerate(found)
    ]
)
blocks = st.lists(st.tuples(st.integers(1, 100), st.integers(0, 200), st.integers(1, 2000)), max_size=3).map(
    lambda found: [
        {
            "type": "purchase",
            "id": f"B{n}",
            "minutes": minutes,
            "price": "100.00",
            "on": at(first * 1440)[:10],
            "expires": at((first + length) * 1440)[:10],
        }
        for n, (first, length, minutes) in enumerate(found)
    ]
)
quotas = st.none() | st.fixed_dictionaries(
    {"minutes": st.integers(0, 900), "overage": st.sampled_from(["payg", "block", "negative", "next"])},
    optional={
        "weighted": st.booleans(),
        "limit": st.integers(0, 500),
        "rollover": st.fixed_dictionaries({"periods": st.integers(1, 3)}, optional={"cap": st.integers(0, 300)}),
    },
)
ROUNDINGS = st.fixed_dictionaries({"step": st.sampled_from([1, 15, 30]), "per": st.sampled_from(["entry", "day"])})
terms_of = st.fixed_dictionaries(
    {
        "hourly": st.sampled_from([{"technician": "96.00"}, {"technician": "99.37"}]),
        "fees": st.sampled_from([[], [{"id": "f", "amount": "310.01", "split": {"A": "1", "B": "2"}}]]),
        "rounding": ROUNDINGS,
        "factors": st.sampled_from([{}, {"after_hours": "1.5"}]),
    },
    optional={
        "quota": quotas.filter(bool),
        "discount": st.just({"percent": "3.3"}),
        "minimum": st.just({"amount": "500.00", "counts": ["time", "overage"]}),
        "cap": st.just({"amount": "700.00", "counts": ["time", "overage"]}),
    },
)
FREEZES: dict[str, object] = {"2": "2026-04-03T18:00:00+02:00"}


def of(terms: Written, facts: Sequence[Written]) -> Rated:
    return rated(terms, *facts, bill=(1, 2, 3), hours=OFFICE, freezes=FREEZES)


@settings(max_examples=150, deadline=None)
@given(terms_of, works, others, blocks)
def test_lines_add_up_to_net_and_net_and_tax_to_gross(
    terms: Written, worked: list[Written], adjusted: list[Written], bought: list[Written]
) -> None:
    came = of(terms, [*worked, *adjusted, *bought])

    for one in came.invoices:
        off = sum((allowance.amount for allowance in one.allowances), Decimal(0))
        assert sum((line.amount for line in one.lines), Decimal(0)) - off == one.net
        assert one.net + sum((tax.amount for tax in one.vat), Decimal(0)) == one.gross
        assert one.net >= 0
        if one.quota is not None:
            assert one.quota.granted == one.quota.drawn + one.quota.carried + one.quota.lapsed


@settings(max_examples=100, deadline=None)
@given(terms_of, works, others, blocks, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_come_to_the_same_bytes(
    terms: Written,
    worked: list[Written],
    adjusted: list[Written],
    bought: list[Written],
    chance: Random,
) -> None:
    facts = [*worked, *adjusted, *bought]
    shuffled = [*facts, *(one for one in facts if chance.random() < 0.5)]
    chance.shuffle(shuffled)

    assert of(terms, shuffled).model_dump_json() == of(terms, facts).model_dump_json()


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 1440), st.integers(0, 60 * 24 * 20), st.floats(0.01, 0.99), st.booleans())
def test_a_cut_costs_no_more_than_a_cent_and_with_rounding_no_fewer_minutes(
    minutes: int, start: int, where: float, is_rounded: bool
) -> None:
    terms: dict[str, object] = {"hourly": {"technician": "99.37"}, "factors": {"after_hours": "1.5"}}
    if is_rounded:
        terms["rounding"] = {"step": 15}
    begin = 60 * 24 * 60 + start
    first = max(1, min(minutes - 1, int(minutes * where)))
    whole = rated(terms, entry("W", begin, minutes), hours=OFFICE, bill=(2,)).invoices[0]
    halves = (entry("A", begin, first), entry("B", begin + first, minutes - first))

    cut = rated(terms, *halves, hours=OFFICE, bill=(2,)).invoices[0]

    charged, as_whole = (sum(line.minutes or 0 for line in one.lines) for one in (cut, whole))
    if is_rounded:
        assert charged >= as_whole
    else:
        assert charged == as_whole
        assert abs(cut.net - whole.net) <= CENT


def entry(name: str, minute: int, minutes: int) -> Written:
    return {"type": "work", "id": name, "role": "technician", "start": at(minute), "minutes": minutes}


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 100_000), st.sets(st.integers(2, 31), max_size=6))
def test_a_fee_in_versions_of_one_price_costs_the_whole(cents: int, days: set[int]) -> None:
    # Each version names another cost centre: that cuts the fee, and leaves its price.
    versions = [
        {"from": f"2026-03-{day:02}", "fees": [{"id": "f", "amount": f"{cents / 100:.2f}", "split": {f"C{day}": "1"}}]}
        for day in sorted({1, *days})
    ]

    (invoice,) = rated([{"from": "2026-01-01"}, *versions]).invoices

    assert invoice.net == Decimal(cents) / 100


@given(st.integers(-1_000_000, 1_000_000), st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=9).filter(any))
def test_shares_add_up_to_the_whole_and_none_is_a_unit_off(cents: int, weights: list[Decimal]) -> None:
    amount = (Decimal(cents) * CENT).quantize(CENT)

    shares = allocated(amount, weights, CENT)

    assert sum(shares) == amount
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(abs(share - due) < CENT for share, due in zip(shares, exact, strict=True))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 12))
def test_more_work_never_makes_a_graduated_invoice_cheaper(number: int) -> None:
    terms = {"flat": {"move": "69.00"}, "bands": {"move": BAND}}
    orders = [order(f"O{n:02}", "03-10 12:00") for n in range(number + 1)]

    fewer, more = (rated(terms, *some).invoices[0] for some in (orders[:-1], orders))

    assert more.net > fewer.net


def test_with_volume_bands_more_work_may_be_cheaper() -> None:
    terms = {"bands": {"move": {**BAND, "mode": "volume"}}}

    assert lines(terms, *(order(f"O{n}", "03-10 12:00") for n in range(6)))[0][0] == "flat O0 59.00"
    assert lines(terms, *(order(f"O{n}", "03-10 12:00") for n in range(7)))[0][0] == "flat O0 9.00"
