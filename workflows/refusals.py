"""Refusals on their way through Temporal: a failure with a type and the problems as its detail."""

from temporalio.exceptions import ApplicationError

from domain.refusals import REFUSALS, Problem, Refused
from domain.values import Value

REFUSED = "Refused"


class Refusal(Value):
    status: int
    problems: tuple[Problem, ...]


def as_failure(refused: Refused) -> ApplicationError:
    """The message holds codes only: failure messages are stored in clear text."""
    refusal = Refusal(status=refused.status, problems=refused.problems)
    return ApplicationError(str(refused), refusal, type=REFUSED, non_retryable=True)


def as_refusal(failure: ApplicationError) -> Refused | None:
    """The refusal that a workflow has sent, if it is one."""
    if failure.type != REFUSED:
        return None
    refusal = Refusal.model_validate(failure.details[0])
    return REFUSALS[refusal.status](*refusal.problems)
