"""What it means when a command comes back as failed: a refusal, nobody who has heard it, or a mistake of ours."""

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.refusals import Problem, Refused
from workflows.answers import TemporalAway
from workflows.client import meaning_of
from workflows.refusals import as_failure


@pytest.mark.parametrize(
    ("cause", "meaning"),
    [
        pytest.param(as_failure(Refused(Problem(code="order_is_over"))), Refused, id="the order says no"),
        pytest.param(
            ApplicationError("not processed by worker", type="UnprocessedUpdate", non_retryable=True),
            TemporalAway,
            id="a worker under load has let it fall: ask again",
        ),
        pytest.param(
            ApplicationError("division by zero", type="ZeroDivisionError"), type(None), id="code of ours fails"
        ),
    ],
)
def test_a_command_that_failed_means(cause: ApplicationError, meaning: type) -> None:
    assert type(meaning_of(WorkflowUpdateFailedError(cause))) is meaning
