"""What Temporal's SDK tells of itself: logged where everything else is, and counted for whoever asks."""

import asyncio
import logging
import socket
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from importlib import import_module

from temporalio.client import Interceptor
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from settings import traces_are_taken

ANSWER_WITHIN = 5.0
# Workflow code that raises what is no refusal, or does not do what it did before.
TASK_FAILURES = "temporal_workflow_task_execution_failed"


class Figures:
    """The SDK's own, in Prometheus' text format. They are kept at a port that this machine alone reaches."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/metrics"
        # A proxy set for the outside world must not be asked for this machine.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    async def text(self) -> str:
        return await asyncio.to_thread(self._read)

    async def task_failures(self) -> float:
        lines = (await self.text()).splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(TASK_FAILURES))

    def _read(self) -> str:
        with self._open(self._url, timeout=ANSWER_WITHIN) as answer:
            read: bytes = answer.read()
        return read.decode()


@cache
def one_runtime() -> Figures:
    """For a program at its start, before it connects: the SDK has one runtime for a process, and so have we."""
    # What stands in its fields holds the texts of errors.
    forwarded = LogForwardingConfig(
        logging.getLogger("temporal"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    told = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarded)
    port = _free_port()
    counted = PrometheusConfig(
        f"127.0.0.1:{port}", counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=told, metrics=counted)))
    return Figures(port)


def tracers() -> Sequence[Interceptor]:
    """For a client and the workers that use it: what is started, updated and done, in the trace of its request.

    Spans are made once, never in a replay. Nothing is loaded where nobody takes traces.
    """
    if not traces_are_taken():
        return ()
    made: Interceptor = import_module("temporalio.contrib.opentelemetry").TracingInterceptor()
    return (made,)


async def known_figures() -> str:
    """Nothing where no program has begun, as in a test."""
    return await one_runtime().text() if one_runtime.cache_info().currsize else ""


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    return port
