"""Which rule has an alert, which group it is in, and what its incident will be."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.alert import Alert, Flapping, heard
from domain.alerts.counts import Member
from domain.alerts.incidents import Opening, request_for
from domain.alerts.rules import AlertRule, in_order, problems_of, rule_for
from domain.ids import alert_group_id, alert_id
from domain.priorities import Priority
from tests.world import CONTRACT

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def rule(name: str, **fields: object) -> AlertRule:
    base = {"id": name, "customer": "adler", "name": name, "contract": "adler-2026", "site": "adler-hq"}
    return AlertRule.model_validate(base | fields)


def alert(labels: Mapping[str, str] = {}, **fields: object) -> Alert:
    return Alert.model_validate({"source": "prom", "key": "1", "title": "Down", "labels": labels} | fields)


RULES = in_order(
    [
        rule("rest"),
        rule("disks", match={"alertname": ("Disk*",)}),
        rule("files", match={"alertname": ("DiskFull",), "host": ("files-?", "nas")}, position=10),
        rule("nagios", source="nagios"),
        rule("off", match={"alertname": ("*",)}, position=1, enabled=False),
        rule("no-team", match={"team": ("",), "alertname": ("Cpu",)}),
        rule("grave", match={"severity": ("critical",)}, position=500),
    ]
)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        pytest.param(alert({"alertname": "DiskFull", "host": "files-1"}), "files", id="the lower position comes first"),
        pytest.param(alert({"alertname": "DiskFull", "host": "files-10"}), "disks", id="one sign is one sign"),
        pytest.param(alert({"alertname": "DiskSlow", "host": "nas"}), "disks", id="all labels must fit"),
        pytest.param(alert({"alertname": "Diskfull"}), "disks", id="a pattern"),
        pytest.param(alert({"alertname": "disk"}), "rest", id="large and small letters differ"),
        pytest.param(alert(source="nagios"), "nagios", id="by source"),
        pytest.param(alert({"alertname": "Cpu"}), "no-team", id="a label that is not there"),
        pytest.param(alert({"alertname": "Cpu", "team": "db"}), "rest", id="a label that should not be there"),
        pytest.param(alert(severity="critical"), "grave", id="the severity counts as a label"),
        pytest.param(
            alert({"severity": "low"}, severity="critical"), "rest", id="unless there is a label of this name"
        ),
        pytest.param(alert(), "rest", id="who asks for nothing has the rest, whatever its position"),
    ],
)
def test_the_first_rule_that_fits_has_the_alert(sent: Alert, found: str) -> None:
    assert getattr(rule_for(sent, RULES), "id", None) == found


def test_without_a_rule_for_the_rest_nobody_has_it() -> None:
    assert rule_for(alert(), RULES[:-1]) is None


@pytest.mark.parametrize(
    ("severity", "priority"),
    [
        pytest.param("page", Priority.CRITICAL, id="as the rule says"),
        pytest.param("blocker", Priority.BLOCKER, id="by the name of a priority"),
        pytest.param("warning", Priority.MINOR, id="any other"),
        pytest.param(None, Priority.MINOR, id="none"),
    ],
)
def test_the_severity_gives_the_priority(severity: str | None, priority: Priority) -> None:
    by_severity = rule("r", priority="minor", priorities={"page": "critical"})

    assert by_severity.priority_of(severity) == priority


def test_alerts_with_the_same_labels_of_the_rule_are_one_group() -> None:
    grouping = rule("r", group_by=("site", "alertname"))
    labels = [
        {"site": "a", "alertname": "Down", "host": "1"},
        {"site": "a", "alertname": "Down", "host": "2"},
        {"site": "b", "alertname": "Down"},
        {"alertname": "Down"},
    ]

    groups = [alert_group_id("r", grouping.group_labels(alert(some))) for some in labels]

    assert groups[0] == groups[1]
    assert len(set(groups)) == 3
    assert alert_group_id("other", grouping.group_labels(alert(labels[0]))) not in groups


def test_ids_of_different_things_differ() -> None:
    assert len({alert_id("", "a", "bc"), alert_id("", "ab", "c"), alert_id("a", "", "bc")}) == 3
    assert len(alert_group_id("r" * 64, {"a": "ä" * 500})) <= 64


def members(*alerts: tuple[Alert, Priority], site: str = "adler-hq") -> list[Member]:
    return [
        Member(heard(None, alert, NOW - timedelta(minutes=n), Flapping()).record, site, priority)
        for n, (alert, priority) in enumerate(alerts)
    ]


def test_the_incident_is_about_the_most_pressing_alert_and_names_the_others() -> None:
    most = alert({"host": "fw-1", "tag": "NB-200"}, title="Firewall down", description="no ping")
    found = members((most, Priority.CRITICAL), (alert(title="Phones down"), Priority.MINOR))
    opening = Opening(group="r-1", no="I-1", follows="I-0", at=NOW)

    asked = request_for(rule("r", asset_label="tag"), found, opening, ["NB-200"])

    assert (asked.title, asked.priority, asked.asset) == ("Firewall down (+1)", Priority.CRITICAL, "NB-200")
    assert asked.description == "no ping\nhost=fw-1, tag=NB-200\n- Firewall down\n- Phones down"
    assert (asked.follows, asked.reference, asked.category) == ("I-0", "r-1", "monitoring")
    assert asked.received_at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(("solved_ago", "received_ago"), [(None, 5), (3, 3), (7, 5)])
def test_promises_of_what_goes_on_after_a_solution_count_from_the_solution(
    solved_ago: int | None, received_ago: int
) -> None:
    """What was heard before it was promised of the incident that was solved, and missed or kept there."""
    fired = Member(
        heard(None, alert({"host": "fw-1"}), NOW - timedelta(hours=5), Flapping()).record, "adler-hq", Priority.MAJOR
    )
    solved_at = None if solved_ago is None else NOW - timedelta(hours=solved_ago)
    opening = Opening(group="r-1", no="I-1", follows="I-0", solved_at=solved_at, at=NOW)

    asked = request_for(rule("r"), [fired], opening, [])

    assert asked.received_at == NOW - timedelta(hours=received_ago)


def test_an_asset_nobody_knows_is_only_mentioned() -> None:
    found = members((alert({"tag": "??"}, title="x" * 200), Priority.MAJOR), (alert(), Priority.MAJOR))

    asked = request_for(rule("r", asset_label="tag"), found, Opening(group="r-1", no="I-1", at=NOW), [])

    assert asked.asset is None
    assert (asked.description or "").endswith("??")
    assert len(asked.title) == 200


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({}, [("incidents_not_offered", "/contract")], id="a contract that looks after no incidents"),
        pytest.param({"customer": "falke"}, [("contract_unknown", "/contract")], id="another customer's contract"),
        pytest.param(
            {"site": "falke-hq"}, [("incidents_not_offered", "/contract"), ("site_unknown", "/site")], id="site"
        ),
    ],
)
def test_what_keeps_a_rule_from_being_saved(fields: dict[str, str], found: list[tuple[str, str]]) -> None:
    problems = problems_of(rule("r", **fields), CONTRACT.but(matrix=None), ["adler-hq"])

    assert [(problem.code, problem.at) for problem in problems] == found


def test_a_site_nobody_knows_gives_way_to_the_rules_own() -> None:
    by_label = rule("r", site_label="site")

    sites = [by_label.site_of(alert({"site": named}), {"adler-hq", "adler-muc"}) for named in ("adler-muc", "mars", "")]

    assert sites == ["adler-muc", "adler-hq", "adler-hq"]


ALIVE = {"match": {"alertname": ("Watchdog",)}, "repeat_minutes": 5, "expect_every_minutes": 15}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({}, [], id="twelve hours, repeated every four"),
        pytest.param({"stale_after_minutes": None}, [], id="never silent"),
        pytest.param(
            {"stale_after_minutes": 240}, [("silent_before_repeat", "/stale_after_minutes")], id="as long as the repeat"
        ),
        pytest.param(
            {"repeat_minutes": 1000}, [("silent_before_repeat", "/stale_after_minutes")], id="repeated once in a while"
        ),
        pytest.param(ALIVE, [], id="signs of life"),
        pytest.param(
            ALIVE | {"repeat_minutes": 15},
            [("silent_before_repeat", "/expect_every_minutes")],
            id="signs of life that come too seldom",
        ),
        pytest.param(
            ALIVE | {"match": {}, "group_by": ("cluster",), "stale_after_minutes": 5},
            [
                ("silent_before_repeat", "/stale_after_minutes"),
                ("signs_of_life_of_everything", "/match"),
                ("signs_of_life_are_one_group", "/group_by"),
            ],
            id="everything at once",
        ),
    ],
)
def test_what_may_be_silent_is_held_against_how_often_it_is_repeated(
    fields: dict[str, object], found: list[tuple[str, str]]
) -> None:
    problems = problems_of(rule("r", **fields), CONTRACT, ["adler-hq"])

    assert [(problem.code, problem.at) for problem in problems] == found
