"""What workflows and the world hand each other: packed as it is in production, with failures as Core makes them."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, TypeVar, get_type_hints

from temporalio.api.common.v1 import ActivityType, Payload
from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import (
    ActivityFailureInfo,
    ApplicationFailureInfo,
    CanceledFailureInfo,
    Failure,
    TimeoutFailureInfo,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    ActivitySerializationContext,
    DefaultFailureConverter,
    PayloadConverter,
    SerializationContext,
    WithSerializationContext,
)

T = TypeVar("T")
PACKER = pydantic_data_converter.payload_converter
FAILURES = DefaultFailureConverter()


def pack(*values: object) -> Sequence[Payload]:
    return PACKER.to_payloads(values)


def unpack(payload: Payload, kind: type[T]) -> T:
    (value,) = PACKER.from_payloads([payload], [kind])
    return value  # type: ignore[no-any-return]  # it was decoded as a T


def input_of(act: Callable[..., Any]) -> type[Any]:
    """What an activity is handed; all of ours are handed one thing."""
    (kind,) = (hint for name, hint in get_type_hints(act).items() if name != "return")
    return kind  # type: ignore[no-any-return]


def failure_of(error: BaseException) -> Failure:
    failure = Failure()
    FAILURES.to_failure(error, PACKER, failure)
    return failure


def error_of(failure: Failure) -> Exception:
    error = FAILURES.from_failure(failure, PACKER)
    assert isinstance(error, Exception)
    return error


def timed_out() -> Failure:
    late = TimeoutFailureInfo(timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)
    return Failure(message="activity StartToClose timeout", timeout_failure_info=late)


def cancelled() -> Failure:
    return Failure(message="Activity cancelled", canceled_failure_info=CanceledFailureInfo())


def unheard(why: str) -> Failure:
    """What Core tells a workflow whose signal did not arrive."""
    message = f"Unable to signal external workflow because {why}"
    return Failure(message=message, application_failure_info=ApplicationFailureInfo())


def of_activity(name: str, activity_id: str, cause: Failure) -> Failure:
    """A durable activity's failure comes inside of another; a local one's comes bare."""
    info = ActivityFailureInfo(
        activity_type=ActivityType(name=name),
        activity_id=activity_id,
        retry_state=RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE,
    )
    return Failure(message="activity error", activity_failure_info=info, cause=cause)


class ByHand(PayloadConverter, WithSerializationContext):
    """Packs everything as production does, but what activities are asked: that is handed over as it is.

    All of it is frozen, so a stand-in sees what a worker would have unpacked; packing it would cost a fifth of a run.
    """

    def __init__(self) -> None:
        self._handing = _Handing()

    def with_context(self, context: SerializationContext) -> PayloadConverter:  # type: ignore[override]
        return self._handing if isinstance(context, ActivitySerializationContext) else PACKER

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        return PACKER.to_payloads(values)

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        return PACKER.from_payloads(payloads, type_hints)

    def take(self, payload: Payload) -> object:
        return self._handing.take(payload)


class _Handing(PayloadConverter):
    def __init__(self) -> None:
        self._held: dict[bytes, object] = {}
        self._numbers = count()

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        (value,) = values
        key = b"%d" % next(self._numbers)
        self._held[key] = value
        return [Payload(data=key)]

    def to_payload(self, value: Any) -> Payload:  # noqa: ANN401  # as the SDK has it
        """Only summaries for pages are packed one by one; nobody reads them here."""
        return Payload()

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        return PACKER.from_payloads(payloads, type_hints)

    def take(self, payload: Payload) -> object:
        return self._held.pop(payload.data)
