"""Traces, when OpenTelemetry's own variables say where to: what leaves stands on a list, and nothing else leaves.

Nothing of it is loaded where nobody asks for traces (`cli/stack/arrival.py`).
"""

import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanContext, SpanKind, Status
from sqlalchemy import Connection, Engine, event

# Ids, codes and names of ours. Whatever a library may add beside them stays here: it may hold what somebody has sent.
LET_OUT = frozenset(
    {
        *("temporalWorkflowID", "temporalRunID", "temporalActivityID"),
        *("http.request.method", "http.response.status_code"),
        *("db.system.name", "db.operation.name", "db.collection.name"),
    }
)
# In milliseconds: nobody waits longer for an API that leaves.
HAND_OVER_WITHIN = 2_000
KIND_OF_ERROR = "exception.type"
_UNDER_WAY = "imacflow_spans"
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT|ROLLBACK)\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_]+)\b", re.IGNORECASE)


class Discreet(SpanExporter):
    """Hands on spans without texts of errors, baggage and unknown attributes."""

    def __init__(self, sink: SpanExporter) -> None:
        self._sink = sink

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._sink.export([without_texts(span) for span in spans])

    def shutdown(self) -> None:
        self._sink.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._sink.force_flush(timeout_millis)


def without_texts(span: ReadableSpan) -> ReadableSpan:
    kept = {name: value for name, value in (span.attributes or {}).items() if name in LET_OUT}
    return ReadableSpan(
        name=span.name,
        context=_without_state(span.context),
        parent=_without_state(span.parent),
        resource=span.resource,
        attributes=kept,
        events=[_without_texts(event) for event in span.events],
        links=[Link(context) for link in span.links if (context := _without_state(link.context))],
        kind=span.kind,
        # A description is an error's text.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_state(context: SpanContext | None) -> SpanContext | None:
    """The state of a trace is whatever a caller says it is."""
    if context is None:
        return None
    return SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


def _without_texts(event: Event) -> Event:
    kind = (event.attributes or {}).get(KIND_OF_ERROR)
    return Event(event.name, {KIND_OF_ERROR: kind} if kind else {}, event.timestamp)


def begin(program: str) -> None:
    """For a process at its start: from here on its spans go where OTEL_EXPORTER_OTLP_ENDPOINT says."""
    named = Resource.create({"service.name": program, "service.version": version("imacflow")})
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(Discreet(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    event.listen(Engine, "before_cursor_execute", _statement_begins)
    event.listen(Engine, "after_cursor_execute", _statement_ends)
    event.listen(Engine, "handle_error", lambda context: _end(context.connection))


def hand_over() -> None:
    """What is still here, before a process that is told to stop goes by a signal."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush(HAND_OVER_WITHIN)


def _statement_begins(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401  # SQLAlchemy's
    """A statement of nobody's request and no activity is none of a trace."""
    if not trace.get_current_span().is_recording():
        return
    verb, table = _STATEMENT.match(statement), _TABLE.search(statement)
    named = {"db.system.name": connection.dialect.name, "db.operation.name": verb[1].upper() if verb else "OTHER"}
    named |= {"db.collection.name": table[1]} if table else {}
    name = " ".join(named[part] for part in ("db.operation.name", "db.collection.name") if part in named)
    span = trace.get_tracer("imacflow").start_span(name, kind=SpanKind.CLIENT, attributes=named)
    connection.info.setdefault(_UNDER_WAY, []).append(span)


def _statement_ends(connection: Connection, *_: Any) -> None:  # noqa: ANN401  # SQLAlchemy's
    _end(connection)


def _end(connection: Connection | None) -> None:
    under_way = connection.info.get(_UNDER_WAY) if connection is not None else None
    if under_way:
        under_way.pop().end()
