"""Whatever people tell a wave and however its orders fare, nobody is left between two desks with nothing to be done."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases.instructions import AnyCommand
from domain.cases.move_commands import CallOff, RetryRows, WhenDone, WhenInFlight, WithdrawRows
from domain.cases.order_commands import Hold, Resume
from domain.clocks.holds import HoldReason
from domain.kinds import Leg, OrderState
from domain.moves.launched.wave_course import standings
from domain.moves.launched.wave_decisions import following
from domain.moves.launched.wave_news import refused
from domain.moves.launched.wave_progress import LegProgress, LegStatus, WaveState, WorkplaceStanding
from domain.refusals import Problem, Refused
from tests.domain.moves.launched.wave_samples import CHAIN, START, SWAP, Rehearsed, leg

TARGETS = {
    "anna.aside": "interim",
    "bert.whole": "anna",
    "anna.on": "bert",
    "cora.whole": "free",
    "dora.whole": "cora",
    "emil.whole": "dora",
}
LEGS = (*SWAP, *CHAIN, leg("emil", 5, Leg.WHOLE, "dora.whole"))
ROWS = (1, 2, 3, 4, 5)
ENDINGS = (OrderState.COMPLETED, OrderState.COMPLETED, OrderState.FAILED, OrderState.CANCELLED)


class Walk(Rehearsed):
    """With everybody at a desk: an order that is completed has brought somebody to another, which must be free."""

    def __init__(self) -> None:
        super().__init__(LEGS, at_once=3)
        self.sits = {name: name for name in ("anna", "bert", "cora", "dora", "emil")}

    def ends(self, leg_id: str, state: OrderState = OrderState.COMPLETED) -> None:
        super().ends(leg_id, state)
        if state == OrderState.COMPLETED:
            name = leg_id.partition(".")[0]
            target = TARGETS.get(leg_id, name)
            assert target not in {desk for other, desk in self.sits.items() if other != name}, leg_id
            self.sits[name] = target

    def under_way(self) -> list[LegProgress]:
        return [one for one in self.progress.legs if one.has_order]

    def hears(self, one: LegProgress, *, obeys: bool) -> None:
        """The order is told what it has not heard yet: a cancelled one may be past stopping."""
        told = [said.command.type for said in one.untold]
        self.progress = self.progress.with_leg(one.but(untold=()))
        if "cancel" in told and obeys:
            self.ends(one.id, OrderState.CANCELLED)
        elif "retry" in told and obeys:
            self.hear(one.id, OrderState.IN_PROGRESS)

    def refused(self, leg_id: str) -> None:
        found = self.progress.leg(leg_id)
        assert found is not None
        assert found.order is not None
        self.progress = following(refused(self.progress, found.order, Problem(code="target_occupied")), self.at)

    def come_to_rest(self) -> None:
        """Nothing is held, every order is told everything and does what it can."""
        if self.progress.holds:
            self.tell(Resume())
        while self.begin() or any(one.untold or one.status == LegStatus.PLACED for one in self.progress.legs):
            for one in self.under_way():
                now = self.progress.leg(one.id)
                if now is not None and now.untold:
                    self.hears(now, obeys=True)
            for one in self.under_way():
                if one.status == LegStatus.PLACED:
                    self.ends(one.id)

    def open(self) -> list[WorkplaceStanding]:
        return [one for one in standings(self.launch, self.progress).values() if one.state.is_open]


@st.composite
def steps(draw: st.DrawFn) -> Callable[[Walk], None]:
    at = draw(st.integers(0, 9))
    rows = tuple(sorted(draw(st.sets(st.sampled_from(ROWS), min_size=1, max_size=2))))
    what = draw(st.sampled_from(("begin", "begin", "end", "end", "end", "stick", "hear", "refuse", "tell", "tell")))
    ending = draw(st.sampled_from(ENDINGS))
    obeys = draw(st.booleans())
    commands: tuple[AnyCommand, ...] = (
        RetryRows(rows=rows),
        RetryRows(),
        WithdrawRows(rows=rows, reason="they stay"),
        Hold(code=HoldReason.SITE_CLOSED, max_until=START.replace(year=2027), reason="weekend"),
        Resume(),
        *(CallOff(in_flight=one, done=other, reason="flooded") for one in WhenInFlight for other in WhenDone),
    )
    command = draw(st.sampled_from(commands))

    def step(walk: Walk) -> None:
        under_way = walk.under_way()
        one = under_way[at % len(under_way)] if under_way else None
        if what == "begin":
            walk.begin()
        elif what == "tell":
            try:
                walk.tell(command)
            except Refused:
                return
        elif one is not None and what == "end":
            walk.ends(one.id, ending)
        elif one is not None and what == "stick":
            walk.sticks(one.id)
        elif one is not None and what == "hear":
            walk.hears(one, obeys=obeys)
        elif one is not None and what == "refuse":
            walk.refused(one.id)

    step.__name__ = f"{what} {at} {ending} {obeys} {command}"
    return step


@settings(max_examples=500, deadline=None)
@given(st.lists(steps(), max_size=25))
def test_every_row_is_settled_or_somebody_can_do_something_about_it(walk_of: list[Callable[[Walk], None]]) -> None:
    walk = Walk()
    for step in walk_of:
        step(walk)
    walk.come_to_rest()

    assert walk.progress.state == WaveState.THROUGH
    while again := [standing for standing in walk.open() if standing.retryable]:
        before = walk.progress.legs
        walk.tell(RetryRows(rows=(again[0].row,)))
        assert walk.progress.legs != before
        walk.come_to_rest()
    # Who waits for the desk of somebody who stays, stays.
    left = [standing.row for standing in walk.open()]
    if left:
        walk.tell(WithdrawRows(rows=tuple(left), reason="nobody leaves"))
        walk.come_to_rest()
    assert not walk.open()
