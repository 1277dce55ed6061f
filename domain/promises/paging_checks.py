"""What keeps a page from reaching somebody in time: the steps, the promise they serve, and the rota behind them."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import pairwise

from domain.clocks.calendars import Calendar
from domain.contracts.contract import Contract
from domain.contracts.matrix import ON_CALL, OfficeHours, PlacedCell
from domain.contracts.paging import OnDuty, PagingPolicy
from domain.oncall.rota import Rota, shown
from domain.oncall.rota_checks import AHEAD, gaps
from domain.oncall.shifts import Gap
from domain.refusals import Problem
from domain.times import ZERO

_ROUND_THE_CLOCK = Calendar(zone="UTC", always=True)


def paging_problems(contract: Contract) -> Iterator[Problem]:
    yield from _step_problems(contract.paging)
    if contract.paging.rota is None:
        yield from _rota_needed(contract)
    if paging_hours(contract) and OnDuty.PRIMARY not in [step.to for step in contract.paging.steps]:
        yield Problem(code="on_call_not_paged", at="/paging/steps")
    for place in _paging_places(contract):
        yield from _late_problems(place, contract.paging)


def paging_hours(contract: Contract) -> frozenset[OfficeHours]:
    """When this contract may page somebody; a ladder does so whenever a clock has come so far."""
    if any(row.page for row in contract.ladder):
        return frozenset(OfficeHours)
    if contract.matrix is None:
        return frozenset()
    cells = {
        hours: [contract.matrix.cell(priority, in_hours=hours == OfficeHours.IN) for priority in contract.matrix.rows]
        for hours in OfficeHours
    }
    return frozenset(hours for hours, column in cells.items() if any(cell.pages for cell in column))


def unattended(contract: Contract, rota: Rota, now: datetime, reachable: Collection[str]) -> list[Gap]:
    """Where in the next 14 days a page under this contract would not find two people.

    What the rota itself covers does not matter: the contract may page outside of it. Its calendar has its holidays.
    """
    until = now + AHEAD
    if not (contract.is_valid_on(now) or contract.is_valid_on(until)):
        return []
    hours = paging_hours(contract)
    found = gaps(rota.but(coverage=_ROUND_THE_CLOCK), now, until, reachable)
    return [gap for gap in found if _may_page_within(gap, hours, contract.calendar)]


def unattended_problem(contract: Contract, rota: Rota, gap: Gap, at: str) -> Problem:
    return Problem(
        code="paging_gap",
        at=at,
        values={
            "contract": contract.id,
            "start": shown(gap.start, rota),
            "end": shown(gap.end, rota),
            "layer": gap.layer,
            "person": gap.person or "–",
            "why": gap.why,
        },
    )


def _step_problems(policy: PagingPolicy) -> Iterator[Problem]:
    for n, (before, step) in enumerate(pairwise(policy.steps), start=1):
        if step.after_minutes < before.after_minutes:
            values = {"minutes": str(step.after_minutes), "before": str(before.after_minutes)}
            yield Problem(code="paging_step_too_early", at=f"/paging/steps/{n}/after_minutes", values=values)
        called = [earlier.to for earlier in policy.steps[:n]]
        if step.to in called:
            values = {"step": str(called.index(step.to) + 1)}
            yield Problem(code="paging_step_twice", at=f"/paging/steps/{n}/to", values=values)


def _rota_needed(contract: Contract) -> Iterator[Problem]:
    for place in _paging_places(contract):
        named = ("first", "fallback", "monitoring")
        field = next(name for name in named if getattr(place.cell, name) == ON_CALL)
        values = {"priority": place.priority, "hours": place.hours}
        yield Problem(code="rota_needed", at=f"{place.at}/{field}", values=values)
    for n, row in enumerate(contract.ladder):
        if row.page:
            yield Problem(code="rota_needed_by_ladder", at=f"/ladder/{n}/page", values={"clock": row.clock})


def _late_problems(place: PlacedCell, policy: PagingPolicy) -> Iterator[Problem]:
    """Steps count minutes of the wall clock. Service minutes never pass faster, so comparing is on the safe side."""
    last = max(policy.steps, key=lambda step: step.after_minutes)
    if last.after_minutes >= place.cell.response_minutes:
        values = {
            "priority": place.priority,
            "hours": place.hours,
            "response": str(place.cell.response_minutes),
            "minutes": str(last.after_minutes),
        }
        yield Problem(code="paging_too_slow", at=f"{place.at}/response_minutes", values=values)


def _paging_places(contract: Contract) -> list[PlacedCell]:
    return [place for place in contract.matrix.places() if place.cell.pages] if contract.matrix else []


def _may_page_within(gap: Gap, hours: Collection[OfficeHours], service: Calendar) -> bool:
    open_for = service.elapsed(gap.start, gap.end)
    closed_for = gap.end - gap.start - open_for
    return (OfficeHours.IN in hours and open_for > ZERO) or (OfficeHours.OUT in hours and closed_for > ZERO)
