"""Errors that no repetition mends: they become a visible task for a person. And what only waiting mends."""

from temporalio.exceptions import ApplicationError

from domain.refusals import Refused

IMPOSSIBLE = "Impossible"


class Away(Exception):
    """What was asked of Temporal gets no answer now."""


def impossible(refused: Refused) -> ApplicationError:
    """Carries the first problem as detail, so that the order can show it."""
    return ApplicationError(str(refused), refused.problems[0], type=IMPOSSIBLE, non_retryable=True)
