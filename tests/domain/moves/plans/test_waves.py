"""A wave moves what it can, stops at what it cannot, and never leaves a workplace between two desks unseen."""

from datetime import timedelta

import pytest

from domain.cases.decisions import MOST_COMMANDS
from domain.cases.move_commands import Adopt, CallOff, Close, RetryRows, WhenDone, WhenInFlight, WithdrawRows
from domain.cases.order_commands import Hold, Resume
from domain.clocks.holds import HoldReason
from domain.kinds import Leg, OrderState
from domain.moves.launched.wave_decisions import following
from domain.moves.launched.wave_news import WaveLegs, refused, with_plan, without_lost
from domain.moves.launched.wave_progress import WaveState, WorkplaceState
from domain.refusals import Problem, Refused
from tests.domain.moves.launched.wave_samples import CHAIN, START, SWAP, Rehearsed, leg

OK, FAILED, EXCEPTION = WorkplaceState.OK, WorkplaceState.FAILED, WorkplaceState.EXCEPTION
SKIPPED, BACK = WorkplaceState.SKIPPED, WorkplaceState.ROLLED_BACK
HOLD = Hold(code=HoldReason.SITE_CLOSED, max_until=START + timedelta(days=3), reason="weekend")


def test_a_swap_goes_by_way_of_the_interim_place() -> None:
    wave = Rehearsed(SWAP)

    assert wave.begin() == ["anna.aside"]
    wave.ends("anna.aside")
    assert wave.begin() == ["bert.whole"]
    wave.ends("bert.whole")
    assert wave.begin() == ["anna.on"]
    wave.ends("anna.on")

    assert wave.states() == {"anna": OK, "bert": OK}
    assert wave.progress.state == WaveState.THROUGH


def test_no_more_orders_than_agreed_are_open_at_once_and_stuck_ones_do_not_count() -> None:
    wave = Rehearsed([leg(f"r{n}", n) for n in range(1, 6)], at_once=2)

    assert wave.begin() == ["r1.whole", "r2.whole"]
    assert wave.begin() == []
    wave.sticks("r1.whole")
    assert wave.begin() == ["r3.whole"]


def test_what_waits_for_a_desk_that_is_not_left_is_an_exception_until_that_row_is_tried_again() -> None:
    wave = Rehearsed(CHAIN)
    wave.begin()
    wave.ends("cora.whole", OrderState.FAILED)

    assert wave.states() == {"cora": FAILED, "dora": EXCEPTION}
    assert wave.progress.state == WaveState.THROUGH
    wave.tell(RetryRows())
    assert wave.begin() == ["cora.whole"]
    wave.ends("cora.whole")
    assert wave.begin() == ["dora.whole"]


def test_a_retry_leaves_alone_what_went_well() -> None:
    wave = Rehearsed([leg("a", 1), leg("b", 2)])
    wave.begin()
    wave.ends("a.whole")
    wave.ends("b.whole", OrderState.FAILED)

    with pytest.raises(Refused) as refused:
        wave.tell(RetryRows(rows=(1,)))
    assert [problem.code for problem in refused.value.problems] == ["row_not_open"]
    wave.tell(RetryRows())
    assert wave.begin() == ["b.whole"]


def test_somebody_in_the_interim_place_whose_desk_was_never_taken_can_go_back() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.ends("anna.aside")
    wave.begin()
    wave.ends("bert.whole", OrderState.FAILED)

    assert wave.states() == {"anna": EXCEPTION, "bert": FAILED}
    wave.tell(WithdrawRows(rows=(1, 2), reason="they stay"))
    assert wave.begin() == ["anna.back"]
    wave.ends("anna.back")
    assert wave.states() == {"anna": BACK, "bert": SKIPPED}


def test_nobody_goes_back_to_a_desk_that_somebody_else_has_taken() -> None:
    wave = Rehearsed(SWAP)
    for one in ("anna.aside", "bert.whole"):
        wave.begin()
        wave.ends(one)

    with pytest.raises(Refused) as refused:
        wave.tell(WithdrawRows(rows=(1,), reason="she stays"))
    assert [problem.code for problem in refused.value.problems] == ["row_cannot_go_back"]


def test_a_held_wave_begins_nothing_and_tells_what_is_in_flight() -> None:
    wave = Rehearsed(CHAIN)
    wave.begin()
    wave.tell(HOLD)
    assert wave.told("cora.whole") == ["hold"]
    wave.ends("cora.whole")

    assert wave.begin() == []
    assert wave.progress.state == WaveState.ON_HOLD
    wave.tell(Resume())
    assert wave.begin() == ["dora.whole"]


@pytest.mark.parametrize(
    ("in_flight", "done", "states", "told"),
    [
        (WhenInFlight.FINISH, WhenDone.KEEP, {"a": OK, "b": OK, "c": SKIPPED}, []),
        (WhenInFlight.ROLL_BACK, WhenDone.KEEP, {"a": OK, "b": SKIPPED, "c": SKIPPED}, ["cancel"]),
        (WhenInFlight.FINISH, WhenDone.ROLL_BACK, {"a": BACK, "b": BACK, "c": SKIPPED}, []),
        (WhenInFlight.ROLL_BACK, WhenDone.ROLL_BACK, {"a": BACK, "b": SKIPPED, "c": SKIPPED}, ["cancel"]),
    ],
)
def test_calling_off_does_with_each_row_what_was_said(
    in_flight: WhenInFlight, done: WhenDone, states: dict[str, WorkplaceState], told: list[str]
) -> None:
    wave = Rehearsed([leg("a", 1), leg("b", 2), leg("c", 3)], at_once=2)
    wave.begin()
    wave.ends("a.whole")

    wave.tell(CallOff(in_flight=in_flight, done=done, reason="flooded"))
    assert wave.told("b.whole") == told
    wave.ends("b.whole", OrderState.CANCELLED if told else OrderState.COMPLETED)
    while ready := wave.begin():
        for one in ready:
            wave.ends(one)

    assert wave.states() == states
    assert wave.progress.state == WaveState.THROUGH


def test_desks_are_left_in_turn_when_a_chain_is_rolled_back() -> None:
    wave = Rehearsed(CHAIN)
    for one in ("cora.whole", "dora.whole"):
        wave.begin()
        wave.ends(one)
    wave.tell(CallOff(done=WhenDone.ROLL_BACK, reason="flooded"))

    assert wave.begin() == ["dora.back"]
    wave.ends("dora.back")
    assert wave.begin() == ["cora.back"]
    wave.ends("cora.back")
    assert wave.states() == {"cora": BACK, "dora": BACK}


def test_a_swap_that_is_done_stays_for_there_is_no_free_desk_to_begin_with() -> None:
    wave = Rehearsed(SWAP)
    for one in ("anna.aside", "bert.whole", "anna.on"):
        wave.begin()
        wave.ends(one)
    wave.tell(CallOff(done=WhenDone.ROLL_BACK, reason="flooded"))

    assert wave.begin() == []
    assert wave.states() == {"anna": OK, "bert": OK}


def test_a_half_done_swap_is_finished_or_undone_but_nobody_stays_in_between() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.ends("anna.aside")
    wave.tell(CallOff(in_flight=WhenInFlight.FINISH, reason="flooded"))

    assert wave.begin() == ["anna.back"]
    wave.ends("anna.back")
    assert wave.states() == {"anna": BACK, "bert": SKIPPED}


def test_a_new_plan_adds_and_withdraws_but_leaves_alone_what_has_begun() -> None:
    wave = Rehearsed([leg("a", 1), leg("b", 2), leg("c", 3)], at_once=1)
    wave.begin()
    found = WaveLegs(legs=(leg("b", 9), leg("d", 4)), elsewhere=())
    wave.progress = with_plan(wave.progress.but(plan=2), found)

    assert wave.states() == {
        "a": WorkplaceState.IN_FLIGHT,
        "b": WorkplaceState.WAITING,
        "c": SKIPPED,
        "d": WorkplaceState.WAITING,
    }
    elsewhere = with_plan(wave.progress, WaveLegs(legs=(leg("b", 9),), elsewhere=("d",)))
    assert "d.whole" not in {one.id for one in elsewhere.legs}
    assert [one.planned.leg for one in elsewhere.legs if one.id == "a.whole"] == [Leg.WHOLE]


def test_what_has_begun_gets_no_other_way_by_a_new_plan() -> None:
    wave = Rehearsed([leg("a", 1)])
    wave.begin()
    found = WaveLegs(legs=(leg("a", 1, Leg.ASIDE), leg("a", 1, Leg.ON, "a.aside")))

    assert [one.id for one in with_plan(wave.progress.but(plan=2), found).legs] == ["a.whole"]


def test_who_is_to_go_back_does_so_whatever_is_planned_anew() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.ends("anna.aside")
    wave.tell(WithdrawRows(rows=(1,), reason="she stays"))
    wave.tell(Adopt(plan=2))
    wave.progress = following(with_plan(wave.progress, WaveLegs(legs=(leg("bert", 2),))), START)

    assert "anna.back" in wave.begin()


def test_nothing_begins_by_a_plan_that_is_followed_no_longer() -> None:
    wave = Rehearsed([leg("a", 1)])
    wave.tell(Adopt(plan=2))

    assert wave.begin() == []
    wave.progress = with_plan(wave.progress, WaveLegs(legs=(leg("a", 1),)))
    assert wave.begin() == ["a.whole"]


def test_a_wave_called_off_before_it_knows_its_rows_skips_them() -> None:
    wave = Rehearsed([])
    wave.tell(CallOff(reason="flooded"))
    wave.progress = with_plan(wave.progress, WaveLegs(legs=CHAIN))

    assert wave.states() == {"cora": SKIPPED, "dora": SKIPPED}


def test_nobody_looks_after_an_order_that_was_withdrawn_before_it_was_refused() -> None:
    wave = Rehearsed([leg("a", 1), leg("b", 2)])
    wave.begin()
    wave.tell(WithdrawRows(rows=(1,), reason="she stays"))
    for one in ("a.whole-1", "b.whole-1"):
        wave.progress = refused(wave.progress, one, Problem(code="target_occupied"))

    assert wave.states() == {"a": SKIPPED, "b": EXCEPTION}


def test_an_order_taken_for_lost_may_still_say_how_it_ended() -> None:
    wave = Rehearsed(CHAIN)
    wave.begin()
    wave.progress = following(without_lost(wave.progress, ["cora.whole-1"], START), START)
    assert wave.states() == {"cora": EXCEPTION, "dora": EXCEPTION}
    wave.ends("cora.whole")

    assert wave.states()["cora"] == OK
    assert wave.begin() == ["dora.whole"]


def test_a_wave_that_was_told_too_much_can_still_be_called_off_and_closed() -> None:
    wave = Rehearsed([leg("a", 1)])
    wave.tell(HOLD)
    wave.progress = wave.progress.but(given=wave.progress.given * MOST_COMMANDS)

    with pytest.raises(Refused):
        wave.tell(Resume())
    wave.tell(Adopt(plan=2))
    wave.tell(CallOff(reason="flooded"))
    wave.tell(Close(reason="nobody comes any more"))
    assert wave.progress.closing


def test_ways_back_come_in_planned_order_on_every_machine() -> None:
    names = [f"r{n}" for n in range(1, 21)]
    wave = Rehearsed([leg(name, n) for n, name in enumerate(names, 1)])
    for name in wave.begin():
        wave.ends(name)

    wave.tell(CallOff(done=WhenDone.ROLL_BACK, reason="the new floor is flooded"))

    assert [one.planned.workplace for one in wave.progress.legs if one.planned.leg == Leg.BACK] == names


def test_who_goes_back_already_may_be_withdrawn_again() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.ends("anna.aside")
    wave.tell(WithdrawRows(rows=(1,), reason="she stays"))
    wave.tell(WithdrawRows(rows=(1,), reason="she really does"))

    assert wave.begin() == ["anna.back"]


def test_who_was_about_to_step_aside_simply_stays_when_all_is_called_off() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.tell(CallOff(in_flight=WhenInFlight.ROLL_BACK, reason="flooded"))
    wave.ends("anna.aside", OrderState.CANCELLED)

    assert wave.states() == {"anna": SKIPPED, "bert": SKIPPED}
    assert wave.progress.state == WaveState.THROUGH


def test_nobody_takes_the_desk_of_somebody_who_could_not_be_stopped_and_goes_back() -> None:
    wave = Rehearsed(SWAP)
    wave.begin()
    wave.tell(WithdrawRows(rows=(1,), reason="she stays"))
    # Her order was past being cancelled.
    wave.ends("anna.aside")

    assert wave.begin() == ["anna.back"]
    wave.ends("anna.back")
    assert wave.begin() == []
    assert wave.states() == {"anna": BACK, "bert": EXCEPTION}


def test_whoever_waits_behind_somebody_stuck_is_an_exception_when_the_wave_is_closed() -> None:
    wave = Rehearsed(CHAIN)
    wave.begin()
    wave.sticks("cora.whole")

    assert wave.states() == {"cora": EXCEPTION, "dora": WorkplaceState.WAITING}
    wave.tell(Close(reason="nobody comes any more"))
    assert wave.states() == {"cora": EXCEPTION, "dora": EXCEPTION}


def test_nobody_steps_aside_for_a_desk_that_will_not_be_left() -> None:
    wave = Rehearsed(SWAP)

    wave.tell(WithdrawRows(rows=(2,), reason="stays"))

    assert wave.begin() == []
    assert wave.states() == {"anna": EXCEPTION, "bert": SKIPPED}
    assert wave.progress.state == WaveState.THROUGH
