"""Why a workplace is left over: for each wave that could take it, the first constraint that stands in the way."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from domain.moves.plans.boards import Board, able, crew_of
from domain.moves.plans.desk_sequence import Job, swaps_of, waits_of
from domain.moves.plans.plan import LeftOver
from domain.moves.plans.waves import Wave, Workplace, hours
from domain.refusals import Problem
from domain.times import DAY

SUNDAY = 6
Check = Callable[[Board, Job, Wave], Problem | None]


def left_over(board: Board) -> tuple[LeftOver, ...]:
    swaps = swaps_of(board.basis.workplaces, waits_of(board.basis.workplaces)).values()
    rings = {row.key: swap for swap in swaps for row in swap}
    return tuple(
        LeftOver(workplace=job.workplace.key, why=tuple(_why(board, job, rings.get(job.workplace.key, ()))))
        for job in _left(board)
    )


def _left(board: Board) -> list[Job]:
    """One job for each workplace left over: the one that has failed, be it the second leg."""
    found: dict[str, Job] = {}
    for job in board.jobs:
        if job.number not in board.booked and (job.workplace.key not in found or not board.candidates[job.number]):
            found[job.workplace.key] = job
    return list(found.values())


def shortfalls(board: Board) -> tuple[Problem, ...]:
    """What each wave lacks on which days, summed up over all that found no hours there."""
    found: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in _left(board):
        waves = [wave for wave, _ in board.candidates[job.number] if _conflict(board, job, wave) is None]
        if waves:
            found[waves[0].id, _days(board, job, waves[0])].append(job)
    return tuple(_shortfall(board, wave, days, jobs) for (wave, days), jobs in found.items())


def _shortfall(board: Board, wave: str, days: str, jobs: list[Job]) -> Problem:
    values = {
        "wave": wave,
        "days": days,
        "hours": hours(sum(job.workplace.minutes for job in jobs)),
        "workplaces": ", ".join(job.workplace.key for job in jobs),
    }
    return Problem(code="wave_lacks_hours", at=f"/waves/{list(board.waves).index(wave)}", values=values)


def _at(board: Board, job: Job) -> str:
    return f"/workplaces/{board.rows[job.workplace.key]}"


def _why(board: Board, job: Job, swap: Sequence[Workplace]) -> list[Problem]:
    row = job.workplace
    members = {"workplaces": ", ".join(other.key for other in swap)}
    if job.stuck:
        return [Problem(code="interim_needed", at=_at(board, job), values=members)]
    if swap and not _are_together(board, swap):
        return [Problem(code="swap_apart", at=_at(board, job), values=members)]
    waves = [wave for wave in board.basis.waves if wave.takes(row)]
    if waves:
        return [_conflict(board, job, wave) or _hours_taken(board, job, wave) for wave in waves]
    if row.wave is not None:
        return [Problem(code="wave_unknown", at=_at(board, job), values={"wave": row.wave})]
    return [Problem(code="no_wave_takes", at=_at(board, job), values={"place": str(row.target)})]


def _are_together(board: Board, swap: Sequence[Workplace]) -> bool:
    days = {row.day for row in swap if row.day is not None}
    return len(days) <= 1 and any(all(wave.takes(row) for row in swap) for wave in board.basis.waves)


def _conflict(board: Board, job: Job, wave: Wave) -> Problem | None:
    """What stands in the way besides other workplaces that take the hours."""
    return next((problem for check in CHECKS if (problem := check(board, job, wave)) is not None), None)


def _hours_taken(board: Board, job: Job, wave: Wave) -> Problem:
    values = {"wave": wave.id, "days": _days(board, job, wave), "hours": hours(job.minutes)}
    return Problem(code="hours_taken", at=_at(board, job), values=values)


def _days(board: Board, job: Job, wave: Wave) -> str:
    """The first and last day on which the wave can work on this job."""
    spans = board.hours.open_for(job, wave)
    site = job.target.site
    first, last = (board.hours.local_day(site, edge) for edge in (spans[0][0], spans[-1][1] - 1))
    return _from_to(first, last)


def _from_to(first: date, last: date) -> str:
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"


def _unskilled(board: Board, job: Job, wave: Wave) -> Problem | None:
    if able(job, crew_of(wave, board.basis.technicians)):
        return None
    skills = ", ".join(job.workplace.skills)
    return Problem(code="skills_missing", at=_at(board, job), values={"wave": wave.id, "skills": skills or "–"})


def _closed(board: Board, job: Job, wave: Wave) -> Problem | None:
    if board.hours.without_freezes(job, wave):
        return None
    day = job.workplace.day
    start, end = board.hours.windows[wave.id]
    window = (board.hours.local_day(job.target.site, start), board.hours.local_day(job.target.site, end - 1))
    if day is not None and not window[0] <= day <= window[1]:
        values = {"wave": wave.id, "day": day.isoformat(), "days": _from_to(*window)}
        return Problem(code="day_outside_wave", at=_at(board, job), values=values)
    first, last = window if day is None else (day, day)
    holiday = _holiday(board, job, first, last) if wave.reason is None else None
    if holiday is not None:
        return Problem(
            code="holiday_without_reason",
            at=_at(board, job),
            values={"wave": wave.id, "day": holiday.isoformat()},
        )
    sites = " / ".join(sorted({job.source.site, job.target.site}))
    return Problem(code="sites_closed", at=_at(board, job), values={"wave": wave.id, "sites": sites})


def _holiday(board: Board, job: Job, first: date, last: date) -> date | None:
    holidays = {
        holiday.day
        for site in board.basis.sites
        if site.id in (job.source.site, job.target.site)
        for holiday in site.access.holidays
    }
    days = (first + n * DAY for n in range((last - first).days + 1))
    return next((day for day in days if day.weekday() == SUNDAY or day in holidays), None)


def _frozen(board: Board, job: Job, wave: Wave) -> Problem | None:
    if board.hours.open_for(job, wave):
        return None
    why = ", ".join(freeze.why for freeze in board.hours.frozen(wave, job))
    return Problem(code="wave_frozen", at=_at(board, job), values={"wave": wave.id, "why": why})


def _nobody_there(board: Board, job: Job, wave: Wave) -> Problem | None:
    crew = able(job, crew_of(wave, board.basis.technicians))
    pieces = [piece for one in crew for piece in board.hours.pieces_for(job, wave, one.id)]
    if not pieces:
        return Problem(
            code="nobody_on_duty", at=_at(board, job), values={"wave": wave.id, "days": _days(board, job, wave)}
        )
    if any(wave.id == other.id for other, _ in board.candidates[job.number]):
        return None
    longest = min(max(piece.end - piece.start for piece in pieces), max(map(board.limit, crew)), wave.daily_minutes)
    values = {"wave": wave.id, "hours": hours(job.minutes), "longest": hours(longest)}
    return Problem(code="job_too_long", at=_at(board, job), values=values)


def _waiting(board: Board, job: Job, wave: Wave) -> Problem | None:
    left = [board.jobs[number].workplace.key for number in job.after if number not in board.booked]
    if not left or left == [job.workplace.key]:
        return None
    values = {"wave": wave.id, "workplaces": ", ".join(key for key in left if key != job.workplace.key)}
    return Problem(code="desk_not_left", at=_at(board, job), values=values)


def _out_of_turn(board: Board, job: Job, wave: Wave) -> Problem | None:
    if any(number not in board.booked for number in job.after):
        return None
    earliest, latest = board.bounds(job, wave)
    spans = board.hours.open_for(job, wave)
    if any(min(end, latest) - max(start, earliest) >= job.minutes for start, end in spans):
        return None
    others = [board.jobs[number].workplace.key for number in (*job.after, *board.followers[job.number])]
    values = {"wave": wave.id, "after": ", ".join((*wave.after, *others)) or "–"}
    return Problem(code="order_too_tight", at=_at(board, job), values=values)


def _full(board: Board, job: Job, wave: Wave) -> Problem | None:
    if wave.capacity is None or board.taken[wave.id] < wave.capacity:
        return None
    return Problem(code="wave_full", at=_at(board, job), values={"wave": wave.id, "capacity": str(wave.capacity)})


def _carrier(board: Board, job: Job, wave: Wave) -> Problem | None:
    vendor = job.workplace.vendor
    if vendor is None:
        return None
    if vendor not in board.pieces_per_day:
        return Problem(code="carrier_unknown", at=_at(board, job), values={"vendor": vendor})
    alone = replace(job, workplace=job.workplace.but(vendor=None))
    if board.slot(alone, wave=wave.id) is None:
        return None
    values = {
        "vendor": vendor,
        "wave": wave.id,
        "days": _days(board, job, wave),
        "pieces": str(job.workplace.kit),
        "limit": str(board.pieces_per_day[vendor]),
    }
    return Problem(code="carrier_full", at=_at(board, job), values=values)


CHECKS: tuple[Check, ...] = (
    _unskilled,
    _closed,
    _frozen,
    _nobody_there,
    _waiting,
    _out_of_turn,
    _full,
    _carrier,
)
