"""The namespace that imacflow needs on a Temporal server: made where we may, looked at where others make it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.starting import SEARCHABLE

T = TypeVar("T")

SEARCH_ATTRIBUTES = {key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for key in SEARCHABLE}
ANSWER_WITHIN = timedelta(seconds=10)
# A namespace that was just made reaches every part of the server only after some seconds.
KNOWN_WITHIN = timedelta(seconds=45)
_LOOK_AGAIN = timedelta(milliseconds=500)
# Where others run the server, as in Temporal Cloud, this is theirs to do; a look says what is missing.
_NOT_OURS = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED)


class Namespace(NamedTuple):
    """As it is found; without a retention it is not there. An attribute of another type is missing, too."""

    retention: timedelta | None
    missing: tuple[str, ...]


async def look(client: Client) -> Namespace:
    """Raises `RPCError` when the server does not answer."""
    retention = await _retention(client)
    if retention is None:
        return Namespace(None, tuple(SEARCH_ATTRIBUTES))
    return Namespace(retention, await _when_known(partial(_missing, client)))


async def prepare(client: Client, retention: timedelta) -> Namespace:
    """Make what is missing, any number at once. What is kept longer, or is not ours to set, is left alone."""
    with _left_alone(RPCStatusCode.ALREADY_EXISTS, *_NOT_OURS):
        await _register(client, retention)
    with _left_alone(*_NOT_OURS):
        await _when_known(partial(_lengthen, client, retention))
    # One at a time: of several names in one call some servers add only the first.
    for name in (await look(client)).missing:
        with _left_alone(RPCStatusCode.ALREADY_EXISTS, *_NOT_OURS):
            await _when_known(partial(_add, client, name))
    return await look(client)


async def _register(client: Client, retention: timedelta) -> None:
    if await _retention(client) is None:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(
                namespace=client.namespace, workflow_execution_retention_period=_duration(retention)
            ),
            timeout=ANSWER_WITHIN,
        )


async def _lengthen(client: Client, retention: timedelta) -> None:
    kept = await _retention(client)
    if kept is not None and kept < retention:
        config = NamespaceConfig(workflow_execution_retention_ttl=_duration(retention))
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, config=config), timeout=ANSWER_WITHIN
        )


async def _add(client: Client, name: str) -> None:
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes={name: SEARCH_ATTRIBUTES[name]}),
        timeout=ANSWER_WITHIN,
    )


async def _retention(client: Client) -> timedelta | None:
    """None where there is no such namespace."""
    try:
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=ANSWER_WITHIN
        )
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def _missing(client: Client) -> tuple[str, ...]:
    try:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace), timeout=ANSWER_WITHIN
        )
    except RPCError as error:
        if error.status not in _NOT_OURS:
            raise
        return tuple([name for name in SEARCH_ATTRIBUTES if not await _can_be_asked_for(client, name)])
    return tuple(name for name, kind in SEARCH_ATTRIBUTES.items() if known.custom_attributes.get(name) != kind)


async def _can_be_asked_for(client: Client, name: str) -> bool:
    """The way to find out where only cases may be looked at."""
    question = CountWorkflowExecutionsRequest(namespace=client.namespace, query=f"{name} = 'none'")
    try:
        await client.workflow_service.count_workflow_executions(question, timeout=ANSWER_WITHIN)
    except RPCError as error:
        if error.status == RPCStatusCode.INVALID_ARGUMENT:
            return False
        raise
    return True


async def _when_known(ask: Callable[[], Awaitable[T]]) -> T:
    until = time.monotonic() + KNOWN_WITHIN.total_seconds()
    while True:
        try:
            return await ask()
        except RPCError as error:
            # It is also what a server says that was asked to do the same twice at once.
            is_new = error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.UNAVAILABLE, RPCStatusCode.INTERNAL)
            if not is_new or time.monotonic() > until:
                raise
        await asyncio.sleep(_LOOK_AGAIN.total_seconds())


@contextmanager
def _left_alone(*statuses: RPCStatusCode) -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status not in statuses:
            raise


def _duration(span: timedelta) -> Duration:
    return Duration(seconds=int(span.total_seconds()))
