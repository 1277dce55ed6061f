"""What the answers of a Temporal server mean: away, unknown, or that we have asked for something that cannot be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import RPCError, RPCTimeoutOrCancelledError
from temporalio.service import RPCStatusCode

from activities.failures import Away

PATIENCE = timedelta(seconds=8)

# What a server says that was cut off, is starting, is full, or does not know us. UNKNOWN is a lost connection
# ("transport error") or its own mistake. What is left says that we have asked for something that cannot be.
_AWAY = {
    # A worker died over the order's last task and no other has taken it yet.
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.ABORTED,
    RPCStatusCode.DATA_LOSS,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
}


class TemporalAway(Away):
    """Temporal, or every worker, cannot be reached or is overloaded: ask again.

    Whether something has happened is not known when the connection was lost between question and answer. Asked again
    under the same id, it happens once.
    """

    retry_after = timedelta(seconds=5)


class StandsStill(TemporalAway):
    """The server answers and workers do, but the case's tasks fail: asking again soon is in vain."""

    retry_after = timedelta(minutes=5)

    def __init__(self, case: str, tries: int) -> None:
        super().__init__(case)
        self.case = case
        self.tries = tries


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    try:
        yield
    except RPCTimeoutOrCancelledError as error:
        raise TemporalAway from error
    except RuntimeError as error:
        # A lazy client that has never reached its server says it in this way only.
        if "Failed client connect" in str(error):
            raise TemporalAway from error
        raise
    except RPCError as error:
        if means_away(error):
            raise TemporalAway from error
        raise


def means_away(error: RPCError) -> bool:
    return error.status in _AWAY or _is_lost_namespace(error)


def _is_lost_namespace(error: RPCError) -> bool:
    # An overloaded server says so of a namespace that is there; it never means that an order does not exist.
    return error.status == RPCStatusCode.NOT_FOUND and error.message.lower().startswith("namespace")


def is_unknown(error: RPCError) -> bool:
    return error.status == RPCStatusCode.NOT_FOUND and not _is_lost_namespace(error)
