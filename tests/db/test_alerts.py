"""Taking alerts in: each is kept once, counted every time, and wakes its group when there is news."""

from datetime import UTC, datetime, timedelta

import pytest

from db.alerts.alert import AlertFilter, counts_of, list_alerts
from db.alerts.groups import group_row, overdue, unmark
from db.alerts.intake import Taken, take_in
from db.alerts.rules import rule_in_force, save_rule
from db.cases.case import NEVER
from db.engine import Database
from domain.alerts.alert import Alert, AlertSheet
from domain.alerts.rules import AlertRule
from domain.ids import alert_group_id
from tests.world import furnish

ALL = AlertFilter()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
RULE = AlertRule(
    id="prom", customer="adler", name="Prometheus", contract="adler-2026", site="adler-hq", group_by=("job",)
).but(source="prom")


def alert(key: str, *, firing: bool = True, source: str = "prom", job: str = "web") -> Alert:
    status = "firing" if firing else "resolved"
    return Alert.model_validate({"source": source, "key": key, "title": key, "status": status, "labels": {"job": job}})


async def take(database: Database, *alerts: Alert, scope: str | None = None, at: datetime = NOW) -> Taken:
    return await take_in(database, alerts, scope, at)


async def rules(database: Database, *kept: AlertRule) -> None:
    await furnish(database)
    async with database.writing() as session:
        for rule in kept:
            await save_rule(session, rule, by="p-koch", at=NOW)


async def looked_at(database: Database, group: str) -> None:
    async with database.writing() as session:
        await unmark(session, group)


async def kept(database: Database, wanted: AlertFilter = ALL) -> list[AlertSheet]:
    async with database.reading() as session:
        return [row.as_sheet() for row in await list_alerts(session, wanted, after=None, limit=50)]


GROUP = alert_group_id("prom", {"job": "web"})


async def test_a_delivery_that_comes_again_changes_only_counters(database: Database) -> None:
    await rules(database, RULE)
    sent = [alert("a"), alert("b"), alert("a", job="db"), alert("z", source="nagios")]

    first = await take(database, *sent)
    groups = [waking.group for waking in first.waking]
    for group in groups:
        await looked_at(database, group)
    again = await take(database, *sent, at=NOW + timedelta(minutes=1))

    assert first.receipt.model_dump() == {
        "accepted": 4,
        "new": 3,
        "changed": 0,
        "repeated": 1,
        "unmatched": 1,
        "groups": 2,
    }
    assert (again.receipt.new, again.receipt.changed, again.receipt.repeated) == (0, 0, 4)
    assert set(groups) == {alert_group_id("prom", {"job": job}) for job in ("db", "web")}
    assert again.waking == []
    assert {sheet.alert.key: (sheet.count, sheet.changes) for sheet in await kept(database)} == {
        "a": (4, 1),
        "b": (2, 1),
        "z": (2, 1),
    }


async def test_a_group_is_woken_once_until_somebody_has_looked(database: Database) -> None:
    await rules(database, RULE)

    woken = [len((await take(database, alert(f"{n}"))).waking) for n in range(3)]
    await looked_at(database, GROUP)
    after = await take(database, alert("0", firing=False))
    forgotten = await take(database, alert("1", firing=False), at=NOW + timedelta(minutes=5))

    assert woken == [1, 0, 0]
    assert [waking.group for waking in (*after.waking, *forgotten.waking)] == [GROUP, GROUP]
    async with database.reading() as session:
        assert await overdue(session, NEVER, NEVER) == [GROUP]
        assert await counts_of(session, [GROUP]) == {GROUP: (1, 3)}


async def test_what_no_rule_has_is_kept_and_found_when_one_comes(database: Database) -> None:
    await rules(database)

    before = await take(database, alert("a"))
    unmatched = await kept(database, AlertFilter(unmatched=True))
    async with database.writing() as session:
        await save_rule(session, RULE, by="p-koch", at=NOW)
    after = await take(database, alert("a"))

    assert (before.receipt.unmatched, before.waking) == (1, [])
    assert [sheet.alert.key for sheet in unmatched] == ["a"]
    assert [waking.group for waking in after.waking] == [GROUP]
    assert [(sheet.group, sheet.site, sheet.count) for sheet in await kept(database)] == [(GROUP, "adler-hq", 2)]


async def test_an_alert_that_changes_groups_is_news_for_both(database: Database) -> None:
    await rules(database, RULE)
    await take(database, alert("a"))
    await looked_at(database, GROUP)
    async with database.writing() as session:
        await save_rule(session, RULE.but(group_by=()), by="p-koch", at=NOW)

    moved = await take(database, alert("a"))

    assert {waking.group for waking in moved.waking} == {GROUP, alert_group_id("prom", {})}


async def test_a_customers_sender_reaches_only_that_customers_rules_and_alerts(database: Database) -> None:
    await rules(database, RULE)

    ours = await take(database, alert("a"))
    theirs = await take(database, alert("a", firing=False), scope="falke")

    assert (ours.receipt.unmatched, theirs.receipt.unmatched) == (0, 1)
    assert theirs.receipt.new == 1
    assert {sheet.customer: sheet.is_firing for sheet in await kept(database)} == {"falke": False, "adler": True}
    assert [sheet.customer for sheet in await kept(database, AlertFilter(customers=("falke",)))] == ["falke"]


async def test_a_thousand_alerts_are_one_transaction(database: Database) -> None:
    await rules(database, RULE)

    taken = await take(database, *(alert(f"{n}", job=f"{n % 7}") for n in range(1000)))
    again = await take(database, *(alert(f"{n}", job=f"{n % 7}", firing=n % 2 == 0) for n in range(1000)))

    assert (taken.receipt.new, taken.receipt.groups, len(taken.waking)) == (1000, 7, 7)
    assert (again.receipt.changed, again.receipt.repeated) == (500, 500)
    async with database.reading() as session:
        row = await group_row(session, alert_group_id("prom", {"job": "0"}))
    assert row is not None
    assert row.as_labels() == {"job": "0"}


@pytest.mark.parametrize(("changes", "version"), [({}, 1), ({"quiet_seconds": 60}, 2)], ids=["unchanged", "changed"])
async def test_a_rule_gets_a_version_only_when_it_changes(
    database: Database, changes: dict[str, int], version: int
) -> None:
    await rules(database, RULE, RULE.but(**changes))

    async with database.reading() as session:
        assert await rule_in_force(session, "prom") == RULE.but(version=version, **changes)
