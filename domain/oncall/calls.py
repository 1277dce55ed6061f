"""When whom to call: steps, the methods of each person, the next round, and the end of the ladder."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.contracts.paging import PagingPolicy
from domain.oncall.page import Call, CallAttempt, Callee, Page, PageProgress, PageSheet, PageState
from domain.times import ZERO

# However short its rounds: what one workflow may ring is bounded, and so is what people can bear.
MOST_ROUNDS = 50
# A page that goes on for days would drag every call along; the journal has them all.
KEPT_ROUNDS = 5
# What a page's progress shows as it is.
_SHOWN = ("state", "round", "owner", "acknowledged_at", "final_owner", "declined", "stopped", "calls")


def delay(policy: PagingPolicy, step: int) -> timedelta:
    """From the beginning of a round to a step; to the end of waiting, after the last one."""
    minutes = max(known.after_minutes for known in policy.steps[: step + 1])
    return timedelta(minutes=minutes + (policy.last_minutes if step == len(policy.steps) else 0))


def step_due(page: Page, progress: PageProgress) -> datetime:
    """When the next step is due; after the last one, when the page turns red."""
    return progress.begun_at + delay(page.policy, progress.called)


def has_step(page: Page, progress: PageProgress) -> bool:
    return progress.called < len(page.policy.steps)


def wakes_at(page: Page, progress: PageProgress) -> datetime | None:
    """When something is to be done next without anybody saying anything."""
    if progress.state == PageState.CALLING:
        return min([step_due(page, progress), *(due for call in _open(progress) if (due := call.next_due))])
    minutes = page.policy.acknowledged_minutes
    if progress.state == PageState.ACKNOWLEDGED and progress.acknowledged_at and minutes:
        return progress.acknowledged_at + timedelta(minutes=minutes)
    return _repeat_due(page, progress) if progress.state == PageState.UNANSWERED else None


def _repeat_due(page: Page, progress: PageProgress) -> datetime | None:
    """When everybody is called once more about what nobody has taken; None when that has gone on for long enough."""
    if progress.round >= MOST_ROUNDS:
        return None
    due = step_due(page, progress) + timedelta(minutes=page.policy.repeat_minutes)
    return due if due <= page.started_at + timedelta(hours=page.policy.repeat_hours) else None


def called(page: Page, progress: PageProgress, people: Sequence[Callee], at: datetime) -> PageProgress:
    """The next step's people are being called. Nobody is called twice in a round, whatever steps name them."""
    before = {*progress.declined, *(call.person for call in progress.calls_now)}
    due = step_due(page, progress)
    calls = tuple(
        Call(**callee.model_dump(), round=progress.round, step=progress.called, due=due)
        for callee in people
        if callee.person not in before
    )
    return hurried(page, progress.but(calls=(*progress.calls, *calls), called=progress.called + 1), at)


def calls_due(progress: PageProgress, at: datetime) -> list[Call]:
    """Who is to be tried by their next method now."""
    if progress.state != PageState.CALLING:
        return []
    return [call for call in _open(progress) if call.next_due is not None and call.next_due <= at]


def trying(progress: PageProgress, call: Call, at: datetime) -> PageProgress:
    """The call's next method is being tried."""
    due = call.next_due
    assert due is not None
    attempt = CallAttempt(method=call.methods[len(call.attempts)], due=due, at=at)
    return _with_call(progress, call, call.but(attempts=(*call.attempts, attempt)))


def tried(page: Page, progress: PageProgress, attempted: Call, reached: bool, at: datetime) -> PageProgress:
    """The newest attempt of the call, as it was then, has ended; others may have begun since."""
    now = next(call for call in progress.calls if _is_same(call, attempted))
    ended = len(attempted.attempts) - 1
    attempts = tuple(
        attempt.but(ended_at=at, reached=reached) if number == ended else attempt
        for number, attempt in enumerate(now.attempts)
    )
    return hurried(page, _with_call(progress, now, now.but(attempts=attempts)), at)


def hurried(page: Page, progress: PageProgress, at: datetime) -> PageProgress:
    """With nobody left to wait for in the step called last, the next is due now; those after it keep their distance."""
    if progress.state != PageState.CALLING or not progress.called or not _is_spent(progress):
        return progress
    early = max(step_due(page, progress) - at, ZERO)
    return progress.but(begun_at=progress.begun_at - early)


def unheard(progress: PageProgress, lost: Call) -> bool:
    """With this call everybody in its step turns out to be out of reach: whoever keeps the rota must know."""
    beside = (call for call in progress.calls if (call.round, call.step) == (lost.round, lost.step))
    return all(call.is_lost for call in beside)


def red(progress: PageProgress, late: timedelta = ZERO) -> PageProgress:
    """The ladder is at its end, `late` by so much: the pause before the next round counts from now."""
    return progress.but(state=PageState.UNANSWERED, begun_at=progress.begun_at + late)


def again(page: Page, progress: PageProgress) -> PageProgress:
    """Whoever had acknowledged stayed silent, or nobody did: the next round, from the instant at which that was due."""
    due = wakes_at(page, progress)
    assert due is not None
    return progress.but(
        state=PageState.CALLING,
        calls=tuple(call for call in progress.calls if _is_recent(call, progress) or call.is_under_way),
        round=progress.round + 1,
        begun_at=due,
        called=0,
        declined=(),
        owner=None,
        acknowledged_at=None,
    )


def sheet(page: Page, progress: PageProgress) -> PageSheet:
    return PageSheet(
        incident=page.incident,
        no=page.no,
        customer=page.customer,
        contract=page.contract,
        cause=page.cause,
        title=page.values.get("title"),
        zone=page.background["zone"],
        started_at=page.started_at,
        final_role=page.policy.final_owner,
        due_at=wakes_at(page, progress),
        **{name: getattr(progress, name) for name in _SHOWN},
    )


def _is_recent(call: Call, progress: PageProgress) -> bool:
    return call.round > progress.round - KEPT_ROUNDS


def _open(progress: PageProgress) -> list[Call]:
    return [call for call in progress.calls_now if call.person not in progress.declined]


def _last(progress: PageProgress) -> list[Call]:
    return [call for call in progress.calls_now if call.step == progress.called - 1]


def _is_spent(progress: PageProgress) -> bool:
    return all(call.is_lost or call.person in progress.declined for call in _last(progress))


def _is_same(one: Call, other: Call) -> bool:
    return (one.round, one.person) == (other.round, other.person)


def _with_call(progress: PageProgress, old: Call, new: Call) -> PageProgress:
    return progress.but(calls=tuple(new if call is old or _is_same(call, old) else call for call in progress.calls))
