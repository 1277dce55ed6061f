"""From waves, desks and people to a plan: first greedily, then by taking days apart and putting them together again."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from graphlib import TopologicalSorter

from domain.kinds import Leg
from domain.moves.plans.boards import Board, Booking
from domain.moves.plans.desk_sequence import Job
from domain.moves.plans.explanations import left_over, shortfalls
from domain.moves.plans.hours import instant
from domain.moves.plans.plan import Assignment, Basis, Plan, problems_of
from domain.refusals import refuse_if

STEPS = 4000
# Whoever has gained nothing for so long will hardly gain any more.
PATIENCE = 600
_DIARIES = 3
_FIRST = 1000


def plan(basis: Basis, seed: int = 0, steps: int = STEPS, keep: Sequence[Assignment] = ()) -> Plan:
    """The same basis, seed and steps give the same plan, in which what is to be kept stays as it is.

    Raises `Unacceptable` if the basis contradicts itself, or does not know what is to be kept.
    """
    refuse_if(problems_of(basis, keep))
    board = Board(basis, keep)
    queue = Queue(board.jobs)
    _fill(board, queue)
    _improve(board, queue, random.Random(seed), steps)
    bookings = sorted(board.booked.values(), key=lambda booking: (booking.start, booking.job))
    return Plan(
        assignments=tuple(_assignment(booking, board.jobs[booking.job]) for booking in bookings),
        left_over=left_over(board),
        shortfalls=shortfalls(board),
    )


def _assignment(booking: Booking, job: Job) -> Assignment:
    # Made of what has been checked already; validating it again would cost more than planning it.
    return Assignment.model_construct(
        workplace=job.workplace.key,
        leg=job.leg,
        wave=booking.wave,
        technician=booking.technician,
        start=instant(booking.start),
        end=instant(booking.end),
        source=job.source,
        target=job.target,
    )


class Queue:
    """In which order jobs look for a place: those that wait for each other one right after the other."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        after = {job.number: job.after for job in jobs}
        self._turn = {number: turn for turn, number in enumerate(TopologicalSorter(after).static_order())}
        self._chain = {job.number: job.number for job in jobs}
        for number in self._turn:
            for earlier in after[number]:
                self._join(number, earlier)
        self.length = Counter(self._chain.values())

    def _join(self, number: int, earlier: int) -> None:
        kept, given_up = self._chain[earlier], self._chain[number]
        if kept != given_up:
            self._chain |= {member: kept for member, chain in self._chain.items() if chain == given_up}

    def sorted(self, jobs: Iterable[Job], weigh: Callable[[Job], float]) -> list[Job]:
        """Chains by the weight of their heaviest job, heaviest first."""
        weights: dict[int, float] = {}
        waiting = list(jobs)
        for job in waiting:
            chain = self._chain[job.number]
            weights[chain] = max(weights.get(chain, 0), weigh(job) * self.length[chain])
        return sorted(waiting, key=lambda job: (-weights[self._chain[job.number]], *self._place(job)))

    def _place(self, job: Job) -> tuple[int, int]:
        return self._chain[job.number], self._turn[job.number]


def _fill(board: Board, queue: Queue) -> None:
    """First spread, then packed if that leaves something over; wave by wave.

    Jobs with no other wave come before those with a choice, then the large before the small.
    """
    order = queue.sorted(board.jobs, lambda job: job.minutes * (1 if len(board.candidates[job.number]) > 1 else _FIRST))
    for board.is_packed in (False, True):
        board.release(list(board.booked))
        for wave in board.order:
            _book(board, order, wave)
        _book(board, order)
        _withdraw_halves(board)
        if len(board.booked) == len(board.jobs):
            return


def _book(board: Board, jobs: Iterable[Job], wave: str | None = None, dice: random.Random | None = None) -> None:
    for job in jobs:
        if job.number not in board.booked and (booking := board.slot(job, dice, wave)) is not None:
            board.book(booking)


def _withdraw_halves(board: Board) -> None:
    """Nobody is moved aside who cannot move on."""
    board.release(
        job.number for job in board.jobs if job.leg is Leg.ASIDE and not {job.number, job.twin} <= board.booked.keys()
    )


def _improve(board: Board, queue: Queue, dice: random.Random, steps: int) -> None:
    """Each step opens some days of those who could do what is left over; a step that loses something is taken back."""
    hopeless = _hopeless(board)
    gained_at = 0
    for step in range(steps):
        waiting = [job for job in board.jobs if job.number not in board.booked.keys() | hopeless]
        if not waiting or step - gained_at > PATIENCE:
            return
        best, kept = _worth(board), dict(board.booked)
        opened = _open_days(board, dice.choice(waiting), dice)
        affected = [*waiting, *(board.jobs[booking.job] for booking in opened)]
        eager = dice.random()
        _book(board, queue.sorted(affected, lambda job: job.minutes * (eager + dice.random())), dice=dice)  # noqa: B023
        _withdraw_halves(board)
        if _worth(board) < best:
            board.release([number for number, booking in board.booked.items() if kept.get(number) != booking])
            for number in kept.keys() - board.booked.keys():
                board.book(kept[number])
        elif _worth(board) > best:
            gained_at = step


def _worth(board: Board) -> tuple[int, int]:
    return len(board.booked), sum(booking.end - booking.start for booking in board.booked.values())


def _hopeless(board: Board) -> set[int]:
    """Jobs that no wave can ever take, and all that wait for them."""
    found: set[int] = set()
    waiting = [job.number for job in board.jobs if not board.candidates[job.number] and job.number not in board.kept]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += board.followers[number]
            # A swap is made by all of its members or by none.
            waiting += [twin for twin in (board.jobs[number].twin,) if twin is not None]
    return found


def _open_days(board: Board, job: Job, dice: random.Random) -> list[Booking]:
    """Clear one day of some people who could do the job, and whatever it waits for."""
    _, offers = dice.choice(board.candidates[job.number])
    first = dice.choice(offers)
    day = dice.choice(first.pieces).day
    people = [first, *dice.sample(offers, min(len(offers), dice.randrange(_DIARIES)))]
    numbers = [booking.job for one in people for booking in board.diary[one.technician.id, day]]
    return board.release([*numbers, *job.after])
