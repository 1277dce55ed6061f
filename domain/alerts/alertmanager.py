"""Prometheus Alertmanager's webhook, version 4, taken as it is: what we do not know of it does no harm."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from domain.alerts.alert import MOST_ALERTS, SEVERITY, Alert, AlertStatus
from domain.refusals import Problem, refuse_if
from domain.times import YEARS, utc
from domain.values import Exact, clean

Said = Annotated[str, Field(max_length=100_000)]
Texts = Annotated[dict[Said, Said], Field(max_length=1000)]
# What Alertmanager says in place of "not yet".
OPEN_END = datetime(1, 1, 1, tzinfo=UTC)
MOST_LABELS = 100
MOST_TRUNCATED = 1_000_000


class _Sent(Exact, BaseModel):
    """Newer Alertmanagers may say more; refusing that would lose alerts, for they do not send refused ones again."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class WebhookAlert(_Sent):
    status: AlertStatus
    labels: Texts
    annotations: Texts = {}
    starts_at: AwareDatetime
    ends_at: AwareDatetime = OPEN_END
    generator_url: Said = Field(default="", alias="generatorURL")
    fingerprint: str = Field(min_length=1, max_length=200)


class AlertmanagerWebhook(_Sent):
    """`truncatedAlerts` says how many more there are than `max_alerts` of the receiver lets it send."""

    version: Literal["4"]
    group_key: Said
    truncated_alerts: int = Field(default=0, ge=0, le=MOST_TRUNCATED)
    status: AlertStatus
    receiver: Said
    group_labels: Texts = {}
    common_labels: Texts = {}
    common_annotations: Texts = {}
    external_url: Said = Field(default="", alias="externalURL")
    # A machine that writes one alert wrongly writes all of them so.
    alerts: Annotated[tuple[WebhookAlert, ...], Field(max_length=MOST_ALERTS, fail_fast=True)]


def from_alertmanager(webhook: AlertmanagerWebhook, source: str) -> tuple[Alert, ...]:
    """Texts are cut and cleaned, never refused. Raises `Unacceptable` for instants no calendar of ours knows."""
    refuse_if(
        [
            Problem(
                code="out_of_era", at=f"/alerts/{place}/{name}", values={"from": f"{YEARS[0]}", "to": f"{YEARS[-1]}"}
            )
            for place, alert in enumerate(webhook.alerts)
            for name, at in (("startsAt", alert.starts_at), ("endsAt", _end(alert)))
            if at is not None and not _is_known(at)
        ]
    )
    return tuple(_alert(alert, source) for alert in webhook.alerts)


def _alert(sent: WebhookAlert, source: str) -> Alert:
    name = sent.labels.get("alertname", "")
    severity = clean(sent.labels.get(SEVERITY, ""), 200)
    labels = sorted(sent.labels.items())[:MOST_LABELS]
    return Alert(
        source=source,
        key=clean(sent.fingerprint, 200) or "-",
        status=sent.status,
        severity=severity or None,
        title=clean(sent.annotations.get("summary") or name, 200) or clean(sent.fingerprint, 200) or "-",
        description=clean(sent.annotations.get("description", ""), 4000),
        labels={clean(label, 128) or "-": clean(value, 1000) for label, value in labels},
        starts_at=utc(sent.starts_at),
        ends_at=_end(sent),
    )


def _end(sent: WebhookAlert) -> datetime | None:
    """Of an alert that fires it is no end but a guess of when Prometheus will have forgotten it."""
    return None if sent.status == AlertStatus.FIRING or sent.ends_at <= sent.starts_at else sent.ends_at


def _is_known(at: datetime) -> bool:
    # At the edges of the era the year in UTC may be another one.
    return YEARS[0] < at.year < YEARS[-1]
