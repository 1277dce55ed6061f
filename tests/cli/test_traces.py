"""A trace goes from a request to the SQL of what it has caused, and says nothing that anybody has sent."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from temporalio.testing import WorkflowEnvironment

from db.access.keys import add_key
from db.engine import Database
from domain.keys import Grant
from domain.kinds import OrderKind
from domain.people import Role
from tests.cli.test_stack import IMAC, free_port, outside_environment
from tests.http_sink import HttpSink
from tests.patience import PATIENCE, until
from tests.world import DESK, PEOPLE, furnish, request

CANARY = "c4n4ry"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ASKED = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder=f"Max {CANARY}", requester="p-vogel").but(
    note=f"Bitte {CANARY} anrufen", reference=f"{CANARY}-0815"
)


@pytest.fixture
async def sink() -> AsyncIterator[HttpSink]:
    sink = HttpSink(body=b"", headers={"Content-Type": "application/x-protobuf"})
    async with sink.open():
        yield sink


@contextmanager
def running(environment: Mapping[str, str], log: Path, *programs: str) -> Iterator[None]:
    with log.open("wb") as said:
        processes = [
            subprocess.Popen([IMAC, program], env=environment, stdout=said, stderr=said) for program in programs
        ]
        try:
            yield
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(PATIENCE)


def spans_in(sink: HttpSink) -> list[Span]:
    found = []
    for received in sink.received:
        said = ExportTraceServiceRequest.FromString(received.body)
        found += [span for resource in said.resource_spans for scope in resource.scope_spans for span in scope.spans]
    return found


def way_down(spans: list[Span], *names: str) -> list[str]:
    """From the caller to the last of these, each below the one before; as far as it goes."""
    above, came = {CALLER}, []
    for name in names:
        above = {span.span_id.hex() for span in below(spans, above) if span.name.startswith(name)}
        if not above:
            break
        came.append(name)
    return came


def below(spans: list[Span], above: set[str]) -> list[Span]:
    """Children and theirs: the framework may have put spans of its own between."""
    children = [span for span in spans if span.parent_span_id.hex() in above]
    return [*children, *below(spans, {span.span_id.hex() for span in children})] if children else []


async def test_a_trace_goes_from_the_request_to_its_sql_and_holds_nothing_that_was_sent(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, sink: HttpSink, tmp_path: Path
) -> None:
    await furnish(database)
    async with database.writing() as session:
        key = (await add_key(session, Grant(role=Role.COORDINATOR, person="p-koch"), datetime.now(UTC))).key
    port, log = free_port(), tmp_path / "log"
    environment = outside_environment() | {
        "IMAC_DATABASE_URL": database_url,
        "IMAC_DATA_DIR": f"{tmp_path / 'var'}",
        "IMAC_LINK_SECRET": CANARY,
        "IMAC_API_PORT": f"{port}",
        # Nobody there: what is raised names who was written to.
        "IMAC_SMTP_HOST": "127.0.0.1",
        "IMAC_SMTP_PORT": "1",
        "IMAC_SMTP_PASSWORD": CANARY,
        "TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": dev_server.client.namespace,
        "OTEL_EXPORTER_OTLP_ENDPOINT": sink.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "LANG": "C.UTF-8",
    }
    said = {
        "traceparent": f"00-{TRACE}-{CALLER}-01",
        "tracestate": f"house={CANARY}",
        "baggage": f"who={CANARY}",
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": f"{CANARY}-1",
    }
    steps = (
        *("placeOrder", "StartWorkflow:OrderWorkflow", "StartActivity:record", "RunActivity:record"),
        "INSERT journal",
    )
    told = ("commandOrder", "StartWorkflowUpdate:command")

    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, headers=said, timeout=PATIENCE
    ) as caller:
        with running(environment, log, "api", "worker"):

            async def answers() -> bool:
                try:
                    return (await caller.get("/health/live")).is_success
                except httpx2.TransportError:
                    return False

            await until(answers)
            placed = await caller.post("/api/v1/orders", json=ASKED.model_dump(mode="json", exclude_defaults=True))
            assert placed.status_code == HTTPStatus.ACCEPTED, placed.text
            no = placed.json()["no"]
            for path in (f"/api/v1/orders/{CANARY}", f"/p/{CANARY}", f"/api/v1/orders?reference={CANARY}"):
                await caller.get(path)
            says = {"type": "cancel", "reason": f"{CANARY} hat abgesagt"}
            cancelled = await caller.post(
                f"/api/v1/orders/{no}/commands", json=says, headers={"Idempotency-Key": f"{CANARY}-2"}
            )

            async def seen() -> tuple[list[str], list[str]]:
                spans = spans_in(sink)
                return way_down(spans, *steps), way_down(spans, *told)

            await until(seen, lambda found: found == (list(steps), list(told)))

    assert cancelled.is_success, cancelled.text
    # Beside what it does, and without length: it is over when the request's trace is long forgotten.
    assert way_down(spans_in(sink), *steps[:2], "RunWorkflow") == [*steps[:2], "RunWorkflow"]
    spans = spans_in(sink)
    assert {span.trace_id.hex() for span in spans if span.name in ("placeOrder", "commandOrder")} == {TRACE}
    assert placed.headers["X-Request-Id"] == TRACE
    assert any(span.name == "RunActivity:deliver" and span.status.code for span in spans)
    everything = b"\n".join(received.body for received in sink.received)
    secrets = (CANARY, key, key.partition("_")[2], *(person.name for person in PEOPLE), *(p.email for p in PEOPLE))
    assert [secret for secret in secrets if secret.encode() in everything] == [], everything[
        everything.find(CANARY.encode()) - 150 :
    ][:300]


@pytest.mark.parametrize(
    ("given", "loaded"),
    [
        pytest.param({}, "[]", id="nobody asks for traces"),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "['opentelemetry.sdk']", id="they are asked for"
        ),
    ],
)
def test_nothing_is_loaded_for_traces_unless_they_are_asked_for(given: dict[str, str], loaded: str) -> None:
    program = (
        "import sys; from cli.stack.arrival import begin_traces; import api.app, worker;"
        "begin_traces('test'); from workflows.telemetry import tracers; tracers();"
        "print([name for name in ('opentelemetry.sdk',) if name in sys.modules])"
    )

    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**outside_environment(), **given},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.strip() == loaded
