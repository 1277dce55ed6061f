"""What every rule gets to see: the order, how far it has come, and who asks at which instant."""

from dataclasses import dataclass
from datetime import datetime

from domain.contracts.chains import Step
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import Actor, Role
from domain.refusals import NotAllowed, Problem, Refused


@dataclass(frozen=True)
class OrderAsked:
    order: Order
    progress: Progress
    actor: Actor
    at: datetime
    step_id: str

    @property
    def step(self) -> Step:
        return self.order.chain.step(self.step_id)

    def settle(self) -> Progress:
        return self.progress.settled(self.step_id, self.at)

    def must_act_as(self, role: Role) -> None:
        """Only the people the contract names for a role; a role with nobody named is held by whoever has it."""
        named = self.order.people(role)
        if self.actor.person not in named if named else self.actor.role != role:
            raise NotAllowed(Problem(code="role_needed", values={"role": role, "step": self.step_id}))


def conflict(code: str, /, **values: str) -> Refused:
    return Refused(Problem(code=code, values=values))
