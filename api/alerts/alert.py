"""Alerts of monitoring systems: taken in durably, and shown with what came of them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import Alarm, InContext, May, Tables, scope_of
from api.examples import ALERTS, WEBHOOKS
from api.gate.routes import BoundedRoute
from api.openapi import TOO_FAST
from api.policy import Operation
from api.problems import problem_response
from api.queries import QueryValue
from db.alerts.alert import AlertFilter, AlertRow, counts_of, list_alerts
from db.alerts.groups import GroupFilter, GroupRow, list_groups
from db.alerts.intake import take_in
from domain.alerts.alert import MOST_ALERTS, Alert, AlertReceipt, AlertSheet, AlertStatus, spell_problems
from domain.alerts.alertmanager import AlertmanagerWebhook, from_alertmanager
from domain.alerts.groups import GroupSheet, GroupState
from domain.keys import Key
from domain.refusals import Problem, refuse_if
from domain.times import Instant
from domain.values import Few, Slug

_AT: TypeAdapter[Instant] = TypeAdapter(Instant)
_BY_LAST_SEEN = "alerts -last_seen"

router = APIRouter(route_class=BoundedRoute, prefix="/alerts", tags=["alerts"])

Sending = Annotated[Key, Depends(May(Operation.SEND_ALERTS))]
Reading = Annotated[Key, Depends(May(Operation.READ_ALERTS))]
Source = Annotated[Slug, Query(description="Name of the Alertmanager; the same for all members of a cluster.")]
# A machine that writes one alert wrongly writes all of them so.
SeveralAlerts = Annotated[tuple[Alert, ...], Field(max_length=MOST_ALERTS, fail_fast=True)]


def _how_many(body: object) -> str:
    return "[many]" if isinstance(body, list | tuple) else "[one]"


OneOrMore = Annotated[
    Annotated[Alert, Tag("[one]")] | Annotated[SeveralAlerts, Tag("[many]")], Discriminator(_how_many)
]


@router.post(
    "/alertmanager",
    operation_id="postAlertmanagerWebhook",
    status_code=202,
    response_model=AlertReceipt,
    responses=TOO_FAST,
)
async def take_webhook(
    webhook: Annotated[AlertmanagerWebhook, Body(openapi_examples=WEBHOOKS)],
    caller: Sending,
    context: InContext,
    alarm: Alarm,
    request: Request,
    source: Source = "alertmanager",
) -> AlertReceipt | Response:
    """Receive a Prometheus Alertmanager webhook, version 4. Durable once accepted."""
    alerts = from_alertmanager(webhook, source)
    return await _taken(alerts, caller, context, alarm, request, truncated=webhook.truncated_alerts)


@router.post("", operation_id="postAlerts", status_code=202, response_model=AlertReceipt, responses=TOO_FAST)
async def take_alerts(
    alerts: Annotated[OneOrMore, Body(openapi_examples=ALERTS)],
    caller: Sending,
    context: InContext,
    alarm: Alarm,
    request: Request,
) -> AlertReceipt | Response:
    """Receive one or more alerts. Durable once accepted."""
    several = (alerts,) if isinstance(alerts, Alert) else alerts
    problems = []
    for place, alert in enumerate(several):
        before = "" if isinstance(alerts, Alert) else f"/{place}"
        problems += [problem.but(at=f"{before}{problem.at}") for problem in spell_problems(alert, context.now)]
    refuse_if(problems)
    return await _taken(several, caller, context, alarm, request)


async def _taken(
    alerts: Sequence[Alert], caller: Key, context: InContext, alarm: Alarm, request: Request, *, truncated: int = 0
) -> AlertReceipt | Response:
    taken = await take_in(context.database, alerts, caller.customer, context.now, truncated=truncated)
    alarm.relay.wake(taken.waking)
    # Only now: Alertmanager does not send again what was answered with 429, so it must not be lost.
    wait = alarm.pace.wait(caller.id, context.now)
    if not wait:
        return taken.receipt
    problem = Problem(code="alerts_too_fast", values={"accepted": str(taken.receipt.accepted)})
    return problem_response(request, 429, [problem], {"Retry-After": f"{max(1, round(wait))}"})


class AlertQuery(QueryValue):
    """What a list of alerts is narrowed to. `unmatched` are those that no rule makes anything of."""

    status: AlertStatus | None = None
    group: Slug | None = None
    source: Slug | None = None
    unmatched: bool = False
    customer: Slug | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


class GroupQuery(QueryValue):
    state: Few[GroupState] = ()
    rule: Slug | None = None
    customer: Slug | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


@router.get("", operation_id="listAlerts")
async def show_alerts(
    query: Annotated[AlertQuery, Query()], caller: Reading, database: Tables
) -> CursorPage[AlertSheet]:
    """List alerts, most recent first, page by page."""
    customers = scope_of(caller, query.customer)
    wanted = AlertFilter(customers, query.status, query.group, query.source, query.unmatched)
    async with database.reading() as session:
        found = await list_alerts(session, wanted, after=_after(query.cursor), limit=query.limit)
    rows, last = page(found, query.limit)
    return CursorPage(items=tuple(row.as_sheet() for row in rows), next=_next(last))


@router.get("/groups", operation_id="listAlertGroups")
async def show_groups(
    query: Annotated[GroupQuery, Query()], caller: Reading, database: Tables
) -> CursorPage[GroupSheet]:
    """List alert groups with their incidents, most recently active first, page by page."""
    wanted = GroupFilter(scope_of(caller, query.customer), query.state, query.rule)
    async with database.reading() as session:
        found = await list_groups(session, wanted, after=_after(query.cursor), limit=query.limit)
        rows, last = page(found, query.limit)
        counts = await counts_of(session, [row.id for row in rows])
    items = tuple(_sheet(row, *counts.get(row.id, (0, 0))) for row in rows)
    return CursorPage(items=items, next=_next(last))


def _sheet(row: GroupRow, firing: int, total: int) -> GroupSheet:
    return GroupSheet(
        id=row.id,
        rule=row.rule,
        customer=row.customer,
        labels=row.as_labels(),
        state=GroupState(row.state),
        incident=row.incident,
        episode=row.as_done().episode,
        firing=firing,
        total=total,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        look_at=row.look_at,
        waiting=row.dirty_at is not None,
        problem=row.as_problem(),
        truncated=row.truncated,
    )


def _after(cursor: str | None) -> tuple[Instant, str] | None:
    after = read_cursor(cursor, _BY_LAST_SEEN)
    try:
        return (_AT.validate_python(after[0]), after[1]) if after else None
    except ValidationError as error:
        raise cursor_wrong() from error


def _next(last: AlertRow | GroupRow | None) -> str | None:
    return str(Cursor(sort=_BY_LAST_SEEN, after=(last.last_seen.isoformat(), last.id))) if last else None
