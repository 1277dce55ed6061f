"""What a contract promises about incidents is checked before it is saved: every problem, by its cell."""

from datetime import timedelta

import pytest

from domain.clocks.ladders import DEFAULT_LADDER, LadderRow
from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import Threshold
from domain.contracts.contract import Contract
from domain.contracts.matrix import Way
from domain.contracts.paging import OnDuty, PagingPolicy, PagingStep
from domain.oncall.rota import Override
from domain.oncall.shifts import GapReason, Layer
from domain.people import Role
from domain.priorities import Priority
from domain.promises.checks import channel_problems, promise_problems
from domain.promises.matrix_checks import vendor_problems
from domain.promises.paging_checks import unattended
from tests.domain.contracts.promise_samples import (
    BY_DAY,
    BY_NIGHT,
    INCIDENTS,
    MATRIX,
    MONDAY,
    ORDERS_ONLY,
    ROTA,
    with_cell,
)

REACHABLE = ("p-koch", "p-lang", "p-sommer")
HOUR = timedelta(hours=1)


def row(clock: ClockKind, percent: int, level: int = 1, **changes: object) -> LadderRow:
    return LadderRow(clock=clock, at=Threshold(percent=percent), level=level, tell=(Role.SDM,)).but(**changes)


def ladder(*rows: LadderRow) -> Contract:
    return INCIDENTS.but(ladder=rows)


def paging(*steps: tuple[OnDuty | Role, int], **changes: object) -> Contract:
    written = tuple(PagingStep(to=to, after_minutes=minutes) for to, minutes in steps)
    return INCIDENTS.but(paging=PagingPolicy(rota="night", steps=written).but(**changes))


RESPONSE, RESOLUTION, UPDATE, PROMISED = (
    ClockKind.RESPONSE,
    ClockKind.RESOLUTION,
    ClockKind.UPDATE,
    ClockKind.PROMISED,
)
TWO_HOURS_BEFORE = Threshold(offset=-2 * HOUR)
NO_ROTA = INCIDENTS.but(paging=PagingPolicy())


@pytest.mark.parametrize(
    ("contract", "found"),
    [
        pytest.param(INCIDENTS, [], id="nothing is wrong"),
        pytest.param(ORDERS_ONLY, [], id="no incidents, so nobody needs to be on call"),
        pytest.param(
            INCIDENTS.but(matrix=MATRIX.but(rows={Priority.BLOCKER: MATRIX.rows[Priority.BLOCKER]})),
            [(f"/matrix/rows/{name}", "priority_missing") for name in ("critical", "major", "minor")],
            id="three priorities are missing",
        ),
        pytest.param(
            with_cell(Priority.MAJOR, response_minutes=240),
            [("/matrix/rows/major/in_hours/response_minutes", "response_after_resolution")],
            id="a response due together with the resolution",
        ),
        pytest.param(
            with_cell(Priority.MAJOR, update_minutes=241),
            [("/matrix/rows/major/in_hours/update_minutes", "update_after_resolution")],
            id="an update after the resolution",
        ),
        pytest.param(
            with_cell(Priority.MINOR, report_by=(Way.MONITORING, Way.PORTAL)),
            [("/matrix/rows/minor/in_hours/report_by/1", "way_without_address")],
            id="a portal without an address",
        ),
        pytest.param(
            with_cell(Priority.MINOR, fallback=Role.SDM),
            [("/matrix/rows/minor/in_hours/fallback", "fallback_is_first")],
            id="a fallback who is the first",
        ),
        pytest.param(
            with_cell(Priority.BLOCKER, by_night=True, response_minutes=50),
            [("/matrix/rows/blocker/out_of_hours/response_minutes", "paging_too_slow")],
            id="the last step pages when the response is due",
        ),
        pytest.param(
            with_cell(Priority.MINOR, fallback="on_call", response_minutes=45),
            [("/matrix/rows/minor/in_hours/response_minutes", "paging_too_slow")],
            id="on call as the fallback pages too",
        ),
        pytest.param(
            paging((OnDuty.PRIMARY, 30), (OnDuty.BACKUP, 10), (OnDuty.PRIMARY, 10)),
            [("/paging/steps/1/after_minutes", "paging_step_too_early"), ("/paging/steps/2/to", "paging_step_twice")],
            id="steps in no order, and one twice",
        ),
        pytest.param(paging((OnDuty.PRIMARY, 0), (OnDuty.BACKUP, 0)), [], id="two people paged at once"),
        pytest.param(paging((Role.SDM, 0)), [("/paging/steps", "on_call_not_paged")], id="on call, and never paged"),
        pytest.param(
            NO_ROTA, [("/matrix/rows/blocker/out_of_hours/first", "rota_needed")], id="on call, and no rota named"
        ),
        pytest.param(
            ORDERS_ONLY.but(ladder=(row(ClockKind.FULFILMENT, 90, page=True),)),
            [("/ladder/0/page", "rota_needed_by_ladder")],
            id="a ladder that pages, and no rota named",
        ),
        pytest.param(ladder(*DEFAULT_LADDER[:6]), [], id="the usual rows"),
        pytest.param(
            ORDERS_ONLY.but(ladder=(row(RESPONSE, 50),)),
            [("/ladder/0/clock", "ladder_clock_never_runs")],
            id="a row for incidents, and no matrix",
        ),
        pytest.param(
            ladder(row(ClockKind.STEP, 50)),
            [("/ladder/0/clock", "ladder_clock_never_runs")],
            id="a row for steps, which remind by themselves",
        ),
        pytest.param(
            ladder(row(RESPONSE, 50), row(RESPONSE, 75), row(RESPONSE, 50)),
            [("/ladder/2", "ladder_row_twice")],
            id="a row twice",
        ),
        pytest.param(
            ladder(row(RESOLUTION, 90, level=2), row(RESOLUTION, 95, level=1), row(RESPONSE, 50, level=3)),
            [("/ladder/1/at", "ladder_levels_reversed")],
            id="a lower level after a higher one",
        ),
        pytest.param(
            ladder(row(RESOLUTION, 60, level=1), row(RESOLUTION, 100, level=2, at=TWO_HOURS_BEFORE)),
            [("/ladder/0/at", "ladder_levels_reversed")],
            id="a lower level after a higher one where the target is four hours",
        ),
        pytest.param(
            ladder(row(PROMISED, 60, level=1), row(PROMISED, 100, level=2, at=TWO_HOURS_BEFORE)),
            [],
            id="of a promise not made yet only what holds for every target",
        ),
        pytest.param(
            ladder(row(UPDATE, 110, level=1), row(UPDATE, 100, level=2, at=Threshold(offset=HOUR / 20))),
            [("/ladder/0/at", "ladder_levels_reversed")],
            id="a lower level after a higher one where updates are due each hour",
        ),
        pytest.param(
            ladder(row(PROMISED, 100, level=1), row(PROMISED, 90, level=2)),
            [("/ladder/0/at", "ladder_levels_reversed")],
            id="a lower level after a higher one whatever is promised",
        ),
        pytest.param(
            ladder(row(RESOLUTION, 50, tell=(Role.ASSIGNEE, Role.REQUESTER, Role.VENDOR, Role.TEAM_LEAD))),
            [("/ladder/0/tell/3", "role_vacant")],
            id="nobody is team lead; whose case it is will be known",
        ),
        pytest.param(
            with_cell(Priority.MINOR, first=Role.TEAM_LEAD),
            [("/matrix/rows/minor/in_hours/first", "role_vacant")],
            id="the first contact is nobody",
        ),
        pytest.param(
            paging((OnDuty.PRIMARY, 0), (Role.MANAGEMENT, 20), final_owner=Role.TEAM_LEAD),
            [("/paging/steps/1/to", "role_vacant"), ("/paging/final_owner", "role_vacant")],
            id="a page ends with nobody",
        ),
    ],
)
def test_what_keeps_a_promise_from_being_saved(contract: Contract, found: list[tuple[str, str]]) -> None:
    assert [(problem.at, problem.code) for problem in promise_problems(contract)] == found


def test_channels_are_the_operators() -> None:
    contract = ladder(row(RESPONSE, 50, channels=("mail", "pager")))

    found = channel_problems(contract, {"mail", "sms"})

    assert [(problem.code, problem.at) for problem in found] == [("channel_unknown", "/ladder/0/channels/1")]


@pytest.mark.parametrize(
    ("response", "resolution", "codes"),
    [
        pytest.param(60, 180, [], id="in time, even when sent for at the last moment"),
        pytest.param(60, 181, ["vendor_resolution_too_long"], id="a minute too long"),
        pytest.param(180, 180, ["vendor_response_too_long"], id="who responds when it should be resolved"),
    ],
)
def test_a_vendors_promise_fits_into_ours(response: int, resolution: int, codes: list[str]) -> None:
    found = vendor_problems(MATRIX, "v-dell", response_minutes=response, resolution_minutes=resolution)

    assert [(problem.code, problem.at) for problem in found] == [
        (code, f"/matrix/rows/blocker/{hours}") for hours in ("in_hours", "out_of_hours") for code in codes
    ]


PAGES_BY_NIGHT = INCIDENTS
PAGES_BY_DAY = INCIDENTS.but(
    matrix=MATRIX.but(
        rows=MATRIX.rows | {Priority.BLOCKER: MATRIX.rows[Priority.BLOCKER].but(in_hours=BY_NIGHT, out_of_hours=BY_DAY)}
    )
)
PAGES_ALWAYS = with_cell(Priority.MINOR, first="on_call")
LADDER_PAGES = ORDERS_ONLY.but(ladder=(row(ClockKind.FULFILMENT, 90, page=True),))
# On Mondays service begins at eight and ends at five, an hour earlier in UTC.
AT_NOON, AT_DUSK, AT_NIGHT = MONDAY + 3 * HOUR, MONDAY + 7.5 * HOUR, MONDAY + 12 * HOUR


@pytest.mark.parametrize(
    ("contract", "noon", "dusk", "night"),
    [
        pytest.param(ORDERS_ONLY, False, False, False, id="nobody is ever paged"),
        pytest.param(PAGES_BY_DAY, True, True, False, id="paged in service hours"),
        pytest.param(PAGES_BY_NIGHT, False, True, True, id="paged outside service hours"),
        pytest.param(PAGES_ALWAYS, True, True, True, id="paged round the clock"),
        pytest.param(LADDER_PAGES, True, True, True, id="paged by the ladder"),
        pytest.param(PAGES_ALWAYS.but(valid_until=MONDAY.date() - timedelta(days=1)), False, False, False, id="over"),
    ],
)
def test_two_people_must_be_on_call_whenever_a_contract_pages(
    contract: Contract, *, noon: bool, dusk: bool, night: bool
) -> None:
    # Eva Koch is the primary, so there is nobody else while she is the backup as well.
    both = [
        Override(layer=Layer.BACKUP, person="p-koch", start=start, end=start + HOUR)
        for start in (AT_NOON, AT_DUSK, AT_NIGHT)
    ]
    # Its own coverage does not matter: it is what the contract asks for that counts.
    rota = ROTA.but(overrides=tuple(both), coverage=ORDERS_ONLY.calendar)

    found = unattended(contract, rota, MONDAY, REACHABLE)

    assert [gap.start for gap in found] == [
        start for start, missed in ((AT_NOON, noon), (AT_DUSK, dusk), (AT_NIGHT, night)) if missed
    ]
    assert {gap.why for gap in found} <= {GapReason.SAME_PERSON}
