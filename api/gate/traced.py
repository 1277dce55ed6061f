"""Every request is a span; the trace it is part of is its name in the logs. Only loaded where traces are taken."""

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRACEPARENT = "traceparent"
# What the framework would read as well, and hand on.
_OF_TRACES = (b"traceparent", b"tracestate", b"baggage")
_OURS_TO_BLAME = 500


class Traced:
    """Outside of everything else. Of what the caller sends only the trace counts: no state, no baggage, no path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tracer = trace.get_tracer("imacflow")
        self._ids = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(TRACEPARENT)
        parent = self._ids.extract({TRACEPARENT: given}, Context()) if given else Context()
        with self._tracer.start_as_current_span(
            "request", parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _OURS_TO_BLAME:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            inside = self._named(scope)
            try:
                await self._app(inside, receive, noted)
            finally:
                span.set_attribute("http.request.method", str(scope["method"]))
                if (route := inside.get("route")) is not None:
                    span.update_name(route.operation_id or route.name)

    def _named(self, scope: Scope) -> Scope:
        """With our span as the caller's, so that logs name the request by the trace."""
        ours: dict[str, str] = {}
        self._ids.inject(ours)
        others = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_TRACES]
        return {**scope, "headers": [*others, (TRACEPARENT.encode(), ours[TRACEPARENT].encode())]}
