"""What every rule of an order gets to see: besides the order itself, the step that is meant."""

from dataclasses import dataclass

from domain.cases.decisions import Asked
from domain.contracts.chains import Step
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import Role
from domain.refusals import NotAllowed, Problem


@dataclass(frozen=True)
class OrderAsked(Asked[Order, Progress]):
    step_id: str = ""

    @property
    def step(self) -> Step:
        return self.case.chain.step(self.step_id)

    def settle(self) -> Progress:
        return self.progress.settled(self.step_id, self.at)

    def must_act_as(self, role: Role) -> None:
        """Only the people the contract names for a role; a role with nobody named is held by whoever has it."""
        named = self.case.people(role)
        if self.actor.person not in named if named else self.actor.role != role:
            raise NotAllowed(Problem(code="role_needed", values={"role": role, "step": self.step_id}))
