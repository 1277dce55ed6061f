"""A wave of four workplaces: two that swap their desks, one that follows into a free one, one on its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.wave_briefs import WaveBrief
from domain.kinds import Leg, OrderState
from domain.moves.launched.wave_course import standings, startable
from domain.moves.launched.wave_decisions import decide, following
from domain.moves.launched.wave_news import WaveLegs, heard, placing, with_plan
from domain.moves.launched.wave_progress import WaveProgress, WorkplaceState, begin
from domain.moves.plans.launches import PlannedLeg, WaveLaunch
from domain.orders.news import OrderNews
from domain.people import Actor, Role
from domain.refusals import Problem
from tests.world import CONTRACT

START = datetime.fromisoformat("2026-11-23T08:00:00+01:00")
COORDINATOR = Actor(person="p-kern", role=Role.COORDINATOR)


def leg(name: str, row: int, kind: Leg = Leg.WHOLE, *after: str) -> PlannedLeg:
    return PlannedLeg(workplace=name, row=row, leg=kind, start=START + timedelta(minutes=row), after=after)


SWAP = (
    leg("anna", 1, Leg.ASIDE),
    leg("bert", 2, Leg.WHOLE, "anna.aside"),
    leg("anna", 1, Leg.ON, "anna.aside", "bert.whole"),
)
CHAIN = (leg("cora", 3), leg("dora", 4, Leg.WHOLE, "cora.whole"))


class Rehearsed:
    """A wave on paper: what begins is placed at once, and orders end as they are told to."""

    def __init__(self, legs: Sequence[PlannedLeg], at_once: int = 25) -> None:
        brief = WaveBrief(id="w1", start=START, end=START + timedelta(hours=8), workplaces=4)
        self.launch = WaveLaunch(
            project="p",
            customer="adler",
            contract="c",
            name="move",
            site="s",
            zone="Europe/Berlin",
            plan=1,
            received_at=START,
            launched_by="p-kern",
            approver="p-boss",
            calendar=CONTRACT.calendar,
            wave=brief,
            at_once=at_once,
        )
        self.at = START
        self.said = 0
        self.progress: WaveProgress = following(with_plan(begin(self.launch), WaveLegs(legs=tuple(legs))), START)

    def begin(self) -> list[str]:
        ready = startable(self.progress, self.launch.at_once)
        for one in ready:
            self.progress = self.progress.with_leg(placing(one, f"{one.id}-{one.attempt + 1}", 1, self.at))
        self.progress = following(self.progress, self.at)
        return [one.id for one in ready]

    def ends(self, leg_id: str, state: OrderState = OrderState.COMPLETED) -> None:
        problem = None if state == OrderState.COMPLETED else Problem(code="work_failed", values={"reason": "broken"})
        self.hear(leg_id, state, problem=problem)

    def sticks(self, leg_id: str) -> None:
        self.hear(leg_id, OrderState.IN_PROGRESS, stuck=True, problem=Problem(code="person_needed"))

    def hear(self, leg_id: str, state: OrderState, *, stuck: bool = False, problem: Problem | None = None) -> None:
        self.at += timedelta(minutes=10)
        found = self.progress.leg(leg_id)
        assert found is not None
        assert found.order is not None
        news = OrderNews(
            event_id="e", order=found.order, customer="adler", state=state, at=self.at, stuck=stuck, problem=problem
        )
        self.progress = following(heard(self.progress, news), self.at)

    def tell(self, command: AnyCommand) -> None:
        self.said += 1
        given = Instruction(command=command, actor=COORDINATOR, given_at=self.at, request_id=f"r{self.said}")
        self.progress = decide(self.launch, self.progress, given)

    def states(self) -> dict[str, WorkplaceState]:
        return {key: standing.state for key, standing in standings(self.launch, self.progress).items()}

    def told(self, leg_id: str) -> list[str]:
        """What its order has still to hear."""
        found = self.progress.leg(leg_id)
        return [one.command.type for one in found.untold] if found else []
