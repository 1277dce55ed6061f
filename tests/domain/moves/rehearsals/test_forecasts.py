"""What many runs say together."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.moves.rehearsals.forecasts import critical_path, forecast, quantile
from domain.moves.rehearsals.rehearsal import LegRun, Missed, RehearsedLoad, RowTrouble, RunOutcome
from tests.rehearsal.packs import CALM, packed, small

NINE = datetime(2026, 4, 13, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([7], 0.9, 7, id="one run is all there is"),
        pytest.param([1, 2, 3, 4], 0.5, 2, id="half of four"),
        pytest.param([5, 1, 4, 2, 3], 0.5, 3, id="in the middle of five"),
        pytest.param(range(1, 11), 0.9, 9, id="one of ten is worse"),
        pytest.param(range(1, 10), 0.9, 9, id="of nine none is left out"),
    ],
)
def test_quantiles(values: list[int], share: float, expected: int) -> None:
    assert quantile(values, share) == expected


def leg(row: int, ended: datetime | None = NINE, bound_by: int | None = None, *troubles: RowTrouble) -> LegRun:
    return LegRun(
        leg=f"w{row}",
        workplace=f"w{row}",
        row=row,
        wave="one",
        technician="t0",
        planned_start=NINE - HOUR,
        planned_end=NINE,
        ended=ended,
        bound_by=None if bound_by is None else f"w{bound_by}",
        troubles=frozenset(troubles),
    )


@pytest.mark.parametrize(
    ("legs", "rows"),
    [
        pytest.param([leg(1), leg(2, NINE + HOUR)], (2,), id="the last one began as planned"),
        pytest.param([leg(1), leg(2, NINE + HOUR, 1), leg(3)], (1, 2), id="it had to wait"),
        pytest.param([leg(1, NINE + HOUR), leg(2, None, 1)], (1,), id="what never ended decides nothing"),
        pytest.param([leg(1, NINE, 2), leg(2, NINE + HOUR, 1)], (1, 2), id="a ring is gone round once"),
        pytest.param([leg(1, None)], (), id="nothing has ended"),
    ],
)
def test_critical_path(legs: list[LegRun], rows: tuple[int, ...]) -> None:
    assert critical_path(legs) == rows


def run(seed: int, *legs: LegRun, late: timedelta = HOUR * 0, **fields: object) -> RunOutcome:
    base: dict[str, object] = {
        "seed": seed,
        "finished": True,
        "ended": NINE + late,
        "waves": {"one": NINE + late},
        "legs": legs,
        "missed": (),
        "loads": (),
        "exceptions": 0,
        "messages": 3,
        "minutes": 60,
        "amount": Decimal("96.00"),
    }
    return RunOutcome.model_validate(base | fields)


def test_a_forecast_of_four_runs() -> None:
    day = date(2026, 4, 13)
    runs = [
        run(0, leg(1), leg(2), loads=[RehearsedLoad(technician="t0", day=day, minutes=400)]),
        run(
            1,
            leg(1),
            leg(2, NINE + 2 * HOUR, 1),
            late=2 * HOUR,
            loads=[RehearsedLoad(technician="t0", day=day, minutes=620)],
        ),
        run(2, leg(1, NINE, None, RowTrouble.FAILED), leg(2, NINE + 3 * HOUR, 1), late=3 * HOUR, exceptions=1),
        run(3, leg(1, None), leg(2), waves={}, finished=False, missed=[Missed(row=1, clock="order")]),
    ]

    told = forecast(packed(small(2), CALM), seed=0, runs=runs)

    (wave, never) = told.waves
    assert (wave.p50, wave.p90, wave.ended) == (NINE + 2 * HOUR, NINE + 3 * HOUR, 3)
    assert (never.p50, never.ended) == (None, 0)
    assert (told.finished, told.exceptions_p90) == (3, 1)
    assert [(row.row, row.troubles) for row in told.rows] == [
        (1, {RowTrouble.FAILED: 1, RowTrouble.WAITED_FOR: 2}),
        (2, {RowTrouble.LATE: 2}),
    ]
    assert [(missed.row, missed.clock, missed.runs) for missed in told.missed] == [(1, "order", 1)]
    # In two runs the technician did not work that day.
    assert [(load.p50, load.p90, load.over) for load in told.loads] == [(0, 620, 1)]
    assert [(path.rows, path.runs) for path in told.paths] == [((1, 2), 2), ((2,), 2)]
