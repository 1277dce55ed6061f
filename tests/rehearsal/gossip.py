"""Who says what to a case: mostly what fits, by whom it fits; and what machines tell it."""

from datetime import datetime, timedelta
from itertools import count
from random import Random

from domain.cases.case import CaseProgress
from domain.cases.instructions import Instruction
from domain.cases.lookups import HoursFound
from domain.cases.order_commands import Approve, Cancel, CommandBase, Migrate, Reject
from domain.incidents import decisions as incidents
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.oncall.page import PageProgress
from domain.orders.decisions import decide
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import MACHINE, Actor, Role
from domain.refusals import Refused
from rehearsal.instances import definition_of
from tests.rehearsal.births import Birth
from tests.rehearsal.sayings import CALENDARS, PEOPLES_IDS, TO_INCIDENTS, TO_ORDERS, TO_PAGES, Speaker, Words
from tests.world import APPROVER, COORDINATOR, DESK_AGENT, RECYCLER, REQUESTER, SDM, TECHNICIAN

ACTORS = (REQUESTER, APPROVER, COORDINATOR, TECHNICIAN, DESK_AGENT, SDM, RECYCLER, MACHINE)
LAGS = (0, 0, 0, 0, 0, 0, 0, 0, 1, 3600, 9000, -300)


class Gossip:
    def __init__(self, dice: Random, birth: Birth) -> None:
        self._dice = dice
        self._birth = birth
        self._said: dict[str, list[Instruction]] = {}
        self._numbers = count(1)
        self._words = _words_about(birth)

    def instruction(self, case: str, progress: CaseProgress | None, now: datetime) -> Instruction:
        said = self._said.setdefault(case, [])
        if said and self._dice.random() < 0.06:
            return self._dice.choice(said)
        said.append(self._drawn(case, progress, now))
        for _ in range(self._dice.choice((0, 2, 8))):
            if self._is_granted(progress, said[-1]):
                break
            said[-1] = self._drawn(case, progress, now)
        return said[-1]

    def _drawn(self, case: str, progress: CaseProgress | None, now: datetime) -> Instruction:
        kind = self._kind(case, progress)
        command = Speaker(self._dice, now, self._words).command(kind)
        return self.by(self._actor(kind), command, now - self._dice.choice(LAGS) * timedelta(seconds=1))

    def _is_granted(self, progress: CaseProgress | None, said: Instruction) -> bool:
        """As far as one can know without asking; whoever says something else has not looked."""
        try:
            match self._birth.asked, progress:
                case Order() as order, Progress():
                    decide.decide(order, progress, said)
                case Incident() as incident, IncidentProgress():
                    incidents.decide(incident, progress, said)
        except Refused:
            return False
        return True

    def by(self, actor: Actor, command: CommandBase, at: datetime) -> Instruction:
        said = Instruction(command=command, actor=actor, given_at=at, request_id=f"said-{next(self._numbers)}")
        if isinstance(command, Migrate) and self._dice.random() < 0.5:
            return said.but(looked_up=HoursFound(calendar=self._dice.choice(CALENDARS)))
        return said

    def news(self, workflow: type, now: datetime) -> tuple[str, object]:
        """Any signal that it understands."""
        name, signal = self._dice.choice(sorted(definition_of(workflow).signals.items()))
        assert name is not None
        assert signal.arg_types is not None
        return name, Speaker(self._dice, now, self._words).value("event_id", signal.arg_types[0])

    def _kind(self, case: str, progress: CaseProgress | None) -> type[CommandBase]:
        if case != self._birth.case or isinstance(progress, PageProgress):
            return self._dice.choice(TO_PAGES)
        every = TO_ORDERS if isinstance(self._birth.asked, Order) else TO_INCIDENTS
        fitting = self._fitting(progress) if self._dice.random() < 0.8 else []
        kind = self._dice.choice(fitting or every)
        # Most cases are to live on for a while.
        return self._dice.choice(every) if kind in (Cancel, Reject) and self._dice.random() < 0.7 else kind

    def _fitting(self, progress: CaseProgress | None) -> list[type[CommandBase]]:
        """What the rules would let pass, were it said by the right person with the right values."""
        match self._birth.asked, progress:
            case Order() as order, Progress():
                steps = [(order.chain.step(now.id), now.status) for now in progress.steps]
                at_steps = [
                    kind
                    for kind, rule in decide.RULES.items()
                    if any(rule.aims(step) and status in rule.status for step, status in steps)
                ]
                general = [kind for kind, rule in decide.RULES.items() if not rule.aims_at]
                return self._dice.choice((at_steps, at_steps, general))
            case _, IncidentProgress():
                return [kind for kind, rule in incidents.RULES.items() if progress.state in rule.states]
            case _:
                return []

    def _actor(self, kind: type[CommandBase]) -> Actor:
        if kind in (Approve, Reject) and self._dice.random() < 0.8:
            return self._dice.choice((APPROVER, APPROVER, SDM))
        if kind in TO_PAGES:
            return Actor(person=self._dice.choice(PEOPLES_IDS), role=Role.TECHNICIAN)
        return self._dice.choice(ACTORS)


def _words_about(birth: Birth) -> Words:
    asked = birth.asked
    is_order = isinstance(asked, Order)
    assets = asked.assets if isinstance(asked, Order) else ()
    serials = tuple(asset.serial or asset.tag for asset in assets)
    return {
        "step": tuple(step.id for step in asked.chain.steps) if isinstance(asked, Order) else (),
        "serials": serials,
        "serial": serials,
        "tag": tuple(asset.tag for asset in assets),
        "document": ("disposal_proof", "photo"),
        "part": ("ram-16",),
        "vendor": ("v-druck", "v-netz"),
        "parent": ("I-OTHER",),
        "order": ("O-OTHER",),
        "customer": (asked.customer,),
        "event_id": tuple(f"news-{number}" for number in range(9)),
        "technician": PEOPLES_IDS,
        "to": PEOPLES_IDS if not is_order else (),
        "operator": PEOPLES_IDS,
        "verifier": PEOPLES_IDS,
        "owner": PEOPLES_IDS,
        "person": PEOPLES_IDS,
    }
