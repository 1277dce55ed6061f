"""Which workflows this version runs, and how: one factory for worker, replayer and tests."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.alert_group import AlertGroupWorkflow
from workflows.incident import IncidentWorkflow
from workflows.move_project import MoveProjectWorkflow
from workflows.order import OrderWorkflow
from workflows.paging import PageWorkflow
from workflows.recurring.schedules import RECURRING
from workflows.wave import WaveWorkflow

WORKFLOWS: tuple[type, ...] = (
    OrderWorkflow,
    IncidentWorkflow,
    PageWorkflow,
    AlertGroupWorkflow,
    MoveProjectWorkflow,
    WaveWorkflow,
)
REGISTERED = (*WORKFLOWS, *(recurring.workflow for recurring in RECURRING))

# Only the files that define workflows are loaded anew for each run; loading SQLModel for each would cost 0.35 s.
PASSED_THROUGH = (
    "activities",
    "connectors",
    "db",
    "documents",
    "domain",
    "settings",
    "workflows.case",
    "workflows.case_workflow",
    "workflows.effects",
    "workflows.hours",
    "workflows.incident_case",
    "workflows.order_case",
    "workflows.page_case",
    "workflows.page_desk",
    "workflows.project_case",
    "workflows.receipts",
    "workflows.refusals",
    "workflows.sla_watch",
    "workflows.starting",
    "workflows.steps",
    "workflows.vendor_desk",
    "workflows.wave_case",
    "aiosmtplib",
    "alembic",
    "apprise",
    "babel",
    "holidays",
    "httpx2",
    "jinja2",
    "opentelemetry",
    "requests",
    "sqlalchemy",
    "sqlmodel",
    "standardwebhooks",
    "structlog",
    "tzdata",
    "yaml",
)


def workflow_runner() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
