"""Alerts over HTTP: taken in whole or refused with everything that is wrong, even with Temporal away."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from db.alerts.rules import save_rule
from domain.alerts.rules import AlertRule
from domain.people import Role
from tests.api.house import House, body, opened
from tests.domain.alerts.test_alertmanager import SENT, changed

ALERTS = "/api/v1/alerts"
WEBHOOK = f"{ALERTS}/alertmanager"
RULES = "/api/v1/alert-rules"
WINDOWS = "/api/v1/maintenance"
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
RULE = AlertRule(id="prom", customer="adler", name="Prometheus", contract="adler-2026", site="adler-hq")
ONE = {"source": "probe", "key": "fw-1", "title": "fw-1 is down"}


async def sender(house: House, customer: str | None = None) -> httpx2.AsyncClient:
    """A monitoring system, and a rule that makes something of what it says."""
    async with house.database.writing() as session:
        await save_rule(session, RULE, by="p-koch", at=NOW)
    return await house.caller(Role.SYSTEM, "prometheus", customer)


def faults(answer: httpx2.Response) -> set[tuple[str, str]]:
    return {(error["code"], error["at"]) for error in body(answer)["errors"]}


def window(**fields: object) -> dict[str, Any]:
    times = {"start": (NOW - HOUR).isoformat(), "end": (NOW + HOUR).isoformat()}
    return {"id": "m1", "customer": "adler", "why": "new switches"} | times | fields


async def test_a_webhook_is_counted_and_its_alerts_and_groups_are_shown(cut_off: House) -> None:
    prometheus = await sender(cut_off)

    taken = [await prometheus.post(WEBHOOK, json=sent) for sent in (SENT, SENT, changed(status="resolved"))]
    alerts = body(await prometheus.get(ALERTS, params={"status": "resolved"}))
    (group,) = body(await prometheus.get(f"{ALERTS}/groups"))["items"]

    assert [answer.status_code for answer in taken] == [202, 202, 202]
    assert [(body(answer)["new"], body(answer)["changed"], body(answer)["repeated"]) for answer in taken] == [
        (2, 0, 0),
        (0, 0, 2),
        (0, 1, 1),
    ]
    assert {(alert["alert"]["source"], alert["group"], alert["count"]) for alert in alerts["items"]} == {
        ("alertmanager", group["id"], 3)
    }
    assert (group["state"], group["firing"], group["total"], group["waiting"]) == ("collecting", 0, 2, True)


async def test_one_alert_or_a_list_of_them(cut_off: House) -> None:
    probe = await sender(cut_off)

    one = await probe.post(ALERTS, json=ONE)
    several = await probe.post(ALERTS, json=[ONE, ONE | {"key": "fw-2"}])
    pages = [body(await probe.get(ALERTS, params={"limit": 1}))]
    pages.append(body(await probe.get(ALERTS, params={"limit": 1, "cursor": pages[0]["next"]})))

    assert (body(one)["accepted"], body(several)["new"], body(several)["repeated"]) == (1, 1, 1)
    assert {page["items"][0]["alert"]["key"] for page in pages} == {"fw-1", "fw-2"}
    assert pages[1]["next"] is None


@pytest.mark.parametrize(
    ("path", "sent", "found"),
    [
        pytest.param(
            WEBHOOK,
            changed(version="3", startsAt="2026-11-23T09:12:26", status="burning"),
            {("literal_error", "/version"), ("timezone_aware", "/alerts/0/startsAt"), ("enum", "/alerts/0/status")},
            id="a webhook of another version, with a naive time and a status nobody knows",
        ),
        pytest.param(WEBHOOK, [SENT], {("model_attributes_type", "")}, id="a list of webhooks"),
        pytest.param(ALERTS, ONE | {"starts_at": "2026-11-23T09:00"}, {("timezone_aware", "/starts_at")}, id="naive"),
        pytest.param(
            ALERTS,
            [ONE, ONE | {"key": "", "x": 1}],
            {("string_too_short", "/1/key"), ("extra_forbidden", "/1/x")},
            id="list",
        ),
        pytest.param(
            ALERTS,
            [ONE | {"starts_at": NOW.isoformat(), "ends_at": (NOW - HOUR).isoformat()}],
            {("period_reversed", "/0/ends_at")},
            id="over before it began",
        ),
        pytest.param(ALERTS, [ONE] * 5001, {("too_long", "")}, id="more than anybody takes at once"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    cut_off: House, path: str, sent: object, found: set[tuple[str, str]]
) -> None:
    probe = await sender(cut_off)

    answer = await probe.post(path, json=sent)

    assert (answer.status_code, faults(answer)) == (422, found)
    assert body(await probe.get(ALERTS))["items"] == []


async def test_who_sends_too_fast_is_told_so_after_the_alerts_were_kept(cut_off: House) -> None:
    async with opened(cut_off.settings.model_copy(update={"alert_rate": 1.0}), cut_off.database) as slow:
        probe, other = await sender(slow), await sender(slow)

        answers = [await probe.post(ALERTS, json=ONE | {"key": f"{n}"}) for n in range(3)]
        free = await other.post(ALERTS, json=ONE)

    german = body(answers[2])
    assert [answer.status_code for answer in answers] == [202, 429, 429]
    assert (german["errors"][0]["code"], answers[2].headers["Retry-After"]) == ("alerts_too_fast", "2")
    assert "(1)" in german["detail"]
    assert free.status_code == 202
    reader = await cut_off.caller(Role.SERVICE_DESK)
    assert len(body(await reader.get(ALERTS))["items"]) == 4


@pytest.mark.parametrize(
    ("role", "sends", "reads", "rules", "plans"),
    [
        pytest.param(Role.SYSTEM, True, True, False, True, id="system"),
        pytest.param(Role.SERVICE_DESK, True, True, False, True, id="service desk"),
        pytest.param(Role.SDM, False, True, True, True, id="SDM"),
        pytest.param(Role.TECHNICIAN, False, True, False, False, id="technician"),
        pytest.param(Role.REQUESTER, False, False, False, False, id="requester"),
    ],
)
async def test_what_a_role_may_do_with_alerts(
    cut_off: House, role: Role, *, sends: bool, reads: bool, rules: bool, plans: bool
) -> None:
    caller = await cut_off.caller(role, "p-vogel", "adler")

    answers = [
        await caller.post(ALERTS, json=ONE),
        await caller.get(f"{ALERTS}/groups"),
        await caller.put(f"{RULES}/other", json={}),
        await caller.put(f"{WINDOWS}/other", json={}),
    ]

    assert [answer.status_code != 403 for answer in answers] == [sends, reads, rules, plans]


async def test_a_customers_sender_sees_and_changes_only_its_own(cut_off: House) -> None:
    await cut_off.second_customer()
    ours, theirs = await sender(cut_off), await cut_off.caller(Role.ADMIN, customer="falke")
    await ours.post(ALERTS, json=ONE)
    await (await cut_off.caller(Role.SDM)).put(f"{WINDOWS}/m1", json=window())

    sent = await theirs.post(ALERTS, json=ONE | {"status": "resolved"})
    seen = [body(await theirs.get(path)) for path in (ALERTS, f"{ALERTS}/groups", RULES, WINDOWS)]
    hidden = [
        await theirs.get(f"{RULES}/prom"),
        await theirs.put(f"{RULES}/prom", json=RULE.model_dump(mode="json")),
        await theirs.put(f"{RULES}/prom", json=RULE.model_dump(mode="json") | {"customer": "falke"}),
        await theirs.get(f"{WINDOWS}/m1"),
        await theirs.put(f"{WINDOWS}/m1", json=window(customer="falke")),
        await theirs.delete(f"{WINDOWS}/m1"),
        await theirs.get(f"{ALERTS}?customer=adler"),
    ]

    assert (body(sent)["unmatched"], body(sent)["new"]) == (1, 1)
    assert [alert["customer"] for alert in seen[0]["items"]] == ["falke"]
    assert (seen[1]["items"], seen[2], seen[3]) == ([], [], [])
    assert [answer.status_code for answer in hidden] == [404, 404, 409, 404, 409, 404, 404]
    (still,) = body(await ours.get(ALERTS, params={"customer": "adler"}))["items"]
    assert still["alert"]["status"] == "firing"


async def test_a_rule_is_saved_by_version_or_refused_with_all_that_is_wrong(cut_off: House) -> None:
    sdm = await cut_off.caller(Role.SDM, "p-sommer")
    rule = RULE.model_dump(mode="json", exclude={"version"})

    saved = [
        body(await sdm.put(f"{RULES}/prom", json=rule | change))["version"]
        for change in ({}, {}, {"quiet_seconds": 60})
    ]
    wrong = await sdm.put(f"{RULES}/prom", json=rule | {"contract": "none", "site": "mars"})
    elsewhere = await sdm.put(f"{RULES}/other", json=rule)
    shapeless = await sdm.put(f"{RULES}/prom", json=rule | {"match": {"job": []}, "quiet_seconds": -1})

    assert saved == [1, 1, 2]
    assert faults(wrong) == {("contract_unknown", "/contract"), ("site_unknown", "/site")}
    assert faults(elsewhere) == {("id_differs", "/id")}
    assert faults(shapeless) == {("too_short", "/match/job"), ("greater_than_equal", "/quiet_seconds")}
    assert [kept["version"] for kept in body(await sdm.get(RULES))] == [2]


async def test_a_window_is_planned_changed_and_called_off(cut_off: House) -> None:
    desk = await cut_off.caller(Role.SERVICE_DESK, "p-koch")

    planned = await desk.put(f"{WINDOWS}/m1", json=window(site="adler-hq"))
    longer = await desk.put(f"{WINDOWS}/m1", json=window(end=(NOW + 2 * HOUR).isoformat()))
    listed = body(await desk.get(WINDOWS))
    unseen = await desk.delete(f"{WINDOWS}/m1", headers={"If-Match": '"1"'})
    off = await desk.delete(f"{WINDOWS}/m1", headers={"If-Match": longer.headers["ETag"]})
    wrong = await desk.put(f"{WINDOWS}/m1", json=window(id="m1", site="mars", end=(NOW - 2 * HOUR).isoformat()))

    assert (planned.status_code, longer.status_code, off.status_code) == (200, 200, 204)
    assert [(kept["id"], kept["version"]) for kept in listed] == [("m1", 2)]
    assert (unseen.status_code, longer.headers["ETag"]) == (412, '"2"')
    assert (body(planned)["site"], listed[0]["site"]) == ("adler-hq", None)
    assert (await desk.get(f"{WINDOWS}/m1")).status_code == 404
    assert faults(wrong) == {("period_reversed", "/end"), ("site_unknown", "/site")}


async def test_every_spell_of_an_alert_is_shown_page_by_page_to_whom_it_concerns(cut_off: House) -> None:
    probe = await sender(cut_off)
    for begins, ends in ((50, 40), (30, 20)):
        times = {"starts_at": ago(begins), "ends_at": ago(ends)}
        await probe.post(ALERTS, json=ONE | {"status": "resolved"} | times)
    await probe.post(ALERTS, json=ONE | {"starts_at": ago(10)})
    (alert,) = body(await probe.get(ALERTS))["items"]
    asked = f"{ALERTS}/{alert['id']}/spells"

    first = body(await probe.get(asked, params={"limit": 1}))
    second = body(await probe.get(asked, params={"limit": 1, "cursor": first["next"]}))
    others = await cut_off.caller(Role.SYSTEM, "prometheus", "falke")
    hidden, unknown = await others.get(asked), await probe.get(f"{ALERTS}/none/spells")
    garbled = await probe.get(asked, params={"cursor": "x"})

    assert [(spell["ended"], spell["start"] == ago(10)) for spell in first["items"]] == [
        (None, True),
        ("resolved", False),
    ]
    assert [spell["ended"] for spell in second["items"]] == ["resolved"]
    assert second["next"] is None
    assert (hidden.status_code, unknown.status_code, garbled.status_code) == (404, 404, 422)


@pytest.mark.parametrize(
    ("times", "found"),
    [
        pytest.param({"starts_at": -60}, {("in_the_future", "/starts_at")}, id="begins in an hour"),
        pytest.param(
            {"status": "resolved", "starts_at": -60, "ends_at": -90},
            {("in_the_future", "/starts_at"), ("in_the_future", "/ends_at")},
            id="in the future",
        ),
        pytest.param(
            {"status": "resolved", "starts_at": -90, "ends_at": -60},
            {("period_reversed", "/ends_at"), ("in_the_future", "/starts_at"), ("in_the_future", "/ends_at")},
            id="reversed and in the future",
        ),
        pytest.param({"starts_at": -1}, set(), id="a clock that goes a little ahead"),
        pytest.param({"starts_at": 60, "ends_at": -60}, set(), id="fires, and is expected to end"),
    ],
)
async def test_a_spell_that_cannot_be_is_refused_and_nothing_is_kept(
    cut_off: House, times: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    probe = await sender(cut_off)
    said = {name: value if name == "status" else ago(value) for name, value in times.items()}

    answer = await probe.post(ALERTS, json=ONE | said)

    assert (faults(answer) if answer.status_code == 422 else set()) == found
    assert len(body(await probe.get(ALERTS))["items"]) == (0 if found else 1)


def ago(minutes: int) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


async def test_a_rule_that_expects_signs_of_life_has_its_group_at_once(cut_off: House) -> None:
    desk = await cut_off.caller(Role.SDM)
    alive = {"match": {"alertname": ["Watchdog"]}, "repeat_minutes": 5, "expect_every_minutes": 15}
    rule = RULE.model_dump(mode="json") | alive

    refused = await desk.put(f"{RULES}/prom", json=rule | {"repeat_minutes": 20})
    saved = await desk.put(f"{RULES}/prom", json=rule)
    (group,) = body(await desk.get(f"{ALERTS}/groups"))["items"]

    assert faults(refused) == {("silent_before_repeat", "/expect_every_minutes")}
    assert (saved.status_code, group["rule"], group["waiting"]) == (200, "prom", True)


async def test_what_alertmanager_left_out_is_shown_with_the_group(cut_off: House) -> None:
    prometheus = await sender(cut_off)

    await prometheus.post(WEBHOOK, json=SENT | {"truncatedAlerts": 12})
    (group,) = body(await prometheus.get(f"{ALERTS}/groups"))["items"]
    wrong = await prometheus.post(WEBHOOK, json=SENT | {"truncatedAlerts": -1})

    assert group["truncated"] == 12
    assert faults(wrong) == {("greater_than_equal", "/truncatedAlerts")}
