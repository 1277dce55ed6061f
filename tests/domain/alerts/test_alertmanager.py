"""Alertmanager's webhook, taken as it is."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from domain.alerts.alert import Alert, AlertStatus
from domain.alerts.alertmanager import AlertmanagerWebhook, from_alertmanager
from domain.refusals import Unacceptable

SENT: dict[str, Any] = {
    "receiver": "imacflow",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "instance": "files-1", "severity": "warning"},
            "annotations": {"summary": "Disk of files-1 is 95 % full", "description": "on /srv"},
            "startsAt": "2026-11-23T09:12:26.739266876+01:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example/graph?g0.expr=1",
            "fingerprint": "c3a1f0de55aa7b01",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "DiskFull", "instance": "files-2"},
            "annotations": {},
            "startsAt": "2026-11-23T07:00:00Z",
            "endsAt": "2026-11-23T08:11:00Z",
            "generatorURL": "",
            "fingerprint": "0000000000000002",
        },
    ],
    "groupLabels": {"alertname": "DiskFull"},
    "commonLabels": {"alertname": "DiskFull"},
    "commonAnnotations": {},
    "externalURL": "http://alertmanager.example",
    "version": "4",
    "groupKey": '{}:{alertname="DiskFull"}',
    "truncatedAlerts": 0,
}


def read(sent: dict[str, Any]) -> tuple[Alert, ...]:
    return from_alertmanager(
        AlertmanagerWebhook.model_validate_json(
            AlertmanagerWebhook.model_validate(sent).model_dump_json(by_alias=True)
        ),
        "am",
    )


def test_what_alertmanager_sends_becomes_alerts() -> None:
    firing, resolved = read(SENT)

    assert firing == Alert(
        source="am",
        key="c3a1f0de55aa7b01",
        status=AlertStatus.FIRING,
        severity="warning",
        title="Disk of files-1 is 95 % full",
        description="on /srv",
        labels={"alertname": "DiskFull", "instance": "files-1", "severity": "warning"},
        starts_at=datetime(2026, 11, 23, 8, 12, 26, 739266, tzinfo=UTC),
    )
    assert (resolved.status, resolved.title) == (AlertStatus.RESOLVED, "DiskFull")
    assert resolved.ends_at == datetime(2026, 11, 23, 8, 11, tzinfo=UTC)


def changed(**changes: object) -> dict[str, Any]:
    """The first alert, or where it says nothing of the name the whole message, with something else in it."""
    sent = deepcopy(SENT)
    for name, value in changes.items():
        (sent["alerts"][0] if name in sent["alerts"][0] else sent)[name] = value
    return sent


def test_what_a_newer_alertmanager_says_besides_does_no_harm() -> None:
    assert read(changed(severity="high", somethingNew={"a": [1]})) == read(SENT)


@pytest.mark.parametrize(
    ("labels", "annotations", "title"),
    [
        pytest.param({"alertname": "Down"}, {"summary": " two\nlines\x07 "}, "two lines", id="is made one line"),
        pytest.param({"alertname": "Down"}, {"summary": "x" * 300}, "x" * 200, id="is cut"),
        pytest.param({"alertname": "Down"}, {"summary": ""}, "Down", id="is else the alert's name"),
        pytest.param({}, {}, "c3a1f0de55aa7b01", id="is else the fingerprint"),
        pytest.param({"alertname": "\t"}, {}, "c3a1f0de55aa7b01", id="is never empty"),
        pytest.param({f"l{n}": "x" * 2000 for n in range(300)}, {"summary": "ä"}, "ä", id="labels in masses"),
    ],
)
def test_no_text_is_a_reason_to_lose_an_alert(labels: dict[str, str], annotations: dict[str, str], title: str) -> None:
    first, _ = read(changed(labels=labels, annotations=annotations))

    assert first.title == title
    assert Alert.model_validate_json(first.model_dump_json()) == first


def test_everything_wrong_with_the_shape_is_named() -> None:
    wrong = changed(version="5", startsAt="2026-11-23T09:12:26", status="burning", fingerprint="")

    with pytest.raises(ValidationError) as raised:
        AlertmanagerWebhook.model_validate(wrong)

    assert {(error["loc"], error["type"]) for error in raised.value.errors()} == {
        (("version",), "literal_error"),
        (("alerts", 0, "startsAt"), "timezone_aware"),
        (("alerts", 0, "status"), "enum"),
        (("alerts", 0, "fingerprint"), "string_too_short"),
    }


def test_instants_of_another_era_are_named() -> None:
    wrong = changed(startsAt="0001-01-01T00:00:00Z")
    wrong["alerts"][1]["endsAt"] = "2999-01-01T00:00:00Z"

    with pytest.raises(Unacceptable) as refused:
        read(wrong)

    assert [(problem.code, problem.at) for problem in refused.value.problems] == [
        ("out_of_era", "/alerts/0/startsAt"),
        ("out_of_era", "/alerts/1/endsAt"),
    ]
