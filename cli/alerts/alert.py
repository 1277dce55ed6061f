"""`imac alert`: what monitoring says, what came of it, and the rules by which it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx2
from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import RenderableType

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of, json_in, read
from cli.errors import CliError, Exit
from cli.http import Api, Query, parsed, path, version_seen
from cli.moments import clock_at
from cli.tables import filled, stacked, table
from cli.words import heading
from connectors.contract_files import read_alert_rules
from documents.wording import sentence, word
from domain.alerts.alert import SEVERITY, AlertReceipt, AlertSheet, AlertStatus
from domain.alerts.groups import GroupSheet, GroupState
from domain.alerts.rules import AlertRule
from domain.people import Language
from domain.times import MINUTE

Several = Parameter(consume_multiple=True, negative="")
LARGEST_PAGE = 200
ZONE = "UTC"


async def list_alerts(
    *,
    status: AlertStatus | None = None,
    group: str | None = None,
    unmatched: Annotated[bool, Parameter(negative="")] = False,
    customer: str | None = None,
    limit: int = 50,
    asking: Asking = ASKING,
) -> None:
    """List alerts, most recent first.

    Parameters
    ----------
    group
        Filter by group.
    unmatched
        Only alerts that no rule matches.
    """
    query: Query = {
        "status": status,
        "group": group,
        "unmatched": unmatched,
        "customer": customer,
        "limit": min(limit, LARGEST_PAGE),
    }
    async with asking.api() as api:
        answer = await api.get(path("alerts"), query)
    asking.show(answer, lambda: alerts_table(parsed(AnsweredPage[AlertSheet], answer).items, asking.language))


async def groups(
    *,
    state: Annotated[tuple[GroupState, ...], Several] = (),
    rule: str | None = None,
    customer: str | None = None,
    limit: int = 50,
    asking: Asking = ASKING,
) -> None:
    """List alert groups with their incidents, most recently active first."""
    query: Query = {"state": state, "rule": rule, "customer": customer, "limit": min(limit, LARGEST_PAGE)}
    async with asking.api() as api:
        answer = await api.get(path("alerts", "groups"), query)
    asking.show(answer, lambda: groups_table(parsed(AnsweredPage[GroupSheet], answer).items, asking.language))


async def rules(file: Path | None = None, /, *, asking: Asking = ASKING) -> None:
    """List active rules in the order of evaluation; with a file, save its rules first.

    A rule that names its version is refused if somebody has changed it since.

    Parameters
    ----------
    file
        YAML, as in examples/alerts/rules.yaml, or what `imac alert rules --json` prints.
    """
    brought = read(read_alert_rules, content_of(file), file.name, asking.language) if file else ()
    async with asking.api() as api:
        for rule in brought:
            await api.put(path("alert-rules", rule.id), rule, version=version_seen(rule))
        answer = await api.get(path("alert-rules"))
    asking.show(answer, lambda: rules_table(parsed(tuple[AlertRule, ...], answer), asking.language))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AlertOptions:
    source: str | None = None
    "Monitoring system."
    key: str | None = None
    "Alert key; same source and key mean the same alert."
    title: str | None = None
    "Title."
    severity: str | None = None
    "Severity, as used in the rules."
    label: Annotated[tuple[str, ...], Several] = ()
    "Label, as NAME=VALUE."
    resolved: Annotated[bool, Parameter(negative="")] = False
    "The alert is resolved."

    def as_alert(self) -> dict[str, JsonValue]:
        labels: dict[str, JsonValue] = {}
        for written in self.label:
            name, sign, value = written.partition("=")
            if not sign:
                raise CliError("label_without_value", Exit.USAGE, typed=written)
            labels[name] = value
        given: dict[str, JsonValue] = {
            "source": self.source,
            "key": self.key,
            "title": self.title,
            "severity": self.severity,
        }
        given["status"] = AlertStatus.RESOLVED if self.resolved else AlertStatus.FIRING
        given["labels"] = labels
        return {name: value for name, value in given.items() if value}


async def send(file: Path | None = None, /, *, said: AlertOptions = AlertOptions(), asking: Asking = ASKING) -> None:
    """Send an alert, or an Alertmanager payload.

    Parameters
    ----------
    file
        Alertmanager webhook payload, as JSON.
    """
    async with asking.api() as api:
        answer = await (sent_again(api, file, said) if file else api.post(path("alerts"), said.as_alert()))
    asking.show(answer, lambda: receipt_table(parsed(AlertReceipt, answer), asking.language))


async def sent_again(api: Api, file: Path, said: AlertOptions) -> httpx2.Response:
    webhook = json_in(file)
    if not isinstance(webhook, dict):
        raise CliError("file_holds_no_webhook", Exit.USAGE, file=file)
    asked = path("alerts", "alertmanager")
    return await api.post(f"{asked}?source={said.source}" if said.source else asked, webhook)


def alerts_table(found: Sequence[AlertSheet], language: Language) -> RenderableType:
    made = table(language, "id", "status", "last_seen", "source", "text", ">count", ">changed", "group")
    return filled(
        made,
        (
            (
                alert.id,
                status_of(alert, language),
                clock_at(alert.last_seen, ZONE),
                alert.alert.source,
                alert.alert.title,
                alert.count,
                alert.changes,
                alert.group or heading("no_rule", language),
            )
            for alert in found
        ),
    )


def status_of(alert: AlertSheet, language: Language) -> str:
    """What its sender says, as long as it says something."""
    return heading("gone_silent", language) if alert.silent else word("alert_status", alert.alert.status, language)


def groups_table(found: Sequence[GroupSheet], language: Language) -> RenderableType:
    made = table(language, "id", "state", ">firing", ">total", ">left_out", "last_seen", "incident", "details")
    return filled(
        made,
        (
            (
                group.id,
                word("alert_group_state", group.state, language),
                group.firing,
                group.total,
                group.truncated or "",
                clock_at(group.last_seen, ZONE),
                group.incident,
                sentence(group.problem, language)
                if group.problem
                else ", ".join(label(name, value, language) for name, value in group.labels.items()),
            )
            for group in found
        ),
    )


def rules_table(found: Sequence[AlertRule], language: Language) -> RenderableType:
    made = table(language, ">position", "id", "version", "name", "what", "contract", "site", "priority", "silence")
    rows = filled(
        made,
        (
            (
                rule.position,
                rule.id,
                rule.version,
                rule.name,
                asked_for(rule, language),
                rule.contract,
                rule.site,
                word("priority", rule.priority, language),
                silence_of(rule, language),
            )
            for rule in found
        ),
    )
    return stacked(rows)


def silence_of(rule: AlertRule, language: Language) -> str:
    """Signs of life at least so often, or how long an alert may not be named."""
    if rule.allowed_silence is None:
        return ""
    name = "expected_every" if rule.expect_every_minutes is not None else "silent_after"
    return f"{heading(name, language)} {rule.allowed_silence // MINUTE} min"


def asked_for(rule: AlertRule, language: Language) -> str:
    if not rule.enabled:
        return heading("switched_off", language)
    labels = [label(name, "|".join(values), language) for name, values in rule.match.items()]
    return ", ".join([*([rule.source] if rule.source else []), *labels]) or heading("the_rest", language)


def label(name: str, value: str, language: Language) -> str:
    """As monitoring writes it; how grave an alert is, people read in their own words."""
    if name != SEVERITY:
        return f"{name}={value}"
    grades = "|".join(word("severity", grade, language) for grade in value.split("|"))
    return f"{word('field', name, language)}: {grades}"


def receipt_table(receipt: AlertReceipt, language: Language) -> RenderableType:
    made = table(language, ">added", ">changed", ">repeated", ">no_rule", ">groups")
    row = (receipt.new, receipt.changed, receipt.repeated, receipt.unmatched, receipt.groups)
    return filled(made, [row])
