"""Taking alerts in: each is kept once, counted every time, and wakes its group when there is news."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from db.alerts.alert import AlertFilter, counts_of, list_alerts
from db.alerts.groups import group_row, overdue, unmark, write_down
from db.alerts.intake import Taken, take_in
from db.alerts.rules import rule_in_force, save_rule
from db.alerts.spells import SpellRow, list_spells
from db.cases.case import NEVER
from db.engine import Database
from db.incidents import IncidentRow
from domain.alerts.alert import Alert, AlertSheet
from domain.alerts.groups import Done, GroupNote, GroupState
from domain.alerts.rules import AlertRule
from domain.alerts.spells import SpellEnd
from domain.ids import alert_group_id
from domain.incidents.progress import IncidentState
from domain.incidents.promises import begun
from tests.world import furnish, incident, trouble

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


async def in_an_incident(database: Database, group: str, state: IncidentState) -> None:
    """The group has opened an incident, which has come so far."""
    reported = incident(trouble(), NOW)
    progress = begun(reported)
    row = IncidentRow.made(reported, progress)
    row.follow(progress.but(state=state), {})
    note = GroupNote(group=group, state=GroupState.OPEN, done=Done(episode=1, incident=reported.no))
    async with database.writing() as session:
        session.add(row)
        await write_down(session, note)


@pytest.mark.parametrize(
    ("state", "stays"),
    [(IncidentState.CLASSIFIED, True), (IncidentState.RESOLVED, True), (IncidentState.CLOSED, False)],
)
@pytest.mark.parametrize("change", [{"enabled": False}, {"group_by": ()}], ids=["switched off", "grouped otherwise"])
async def test_an_alert_stays_with_a_group_that_has_an_incident_until_its_spell_ends(
    database: Database, change: dict[str, object], state: IncidentState, *, stays: bool
) -> None:
    await rules(database, RULE)
    await take(database, alert("a"))
    await in_an_incident(database, GROUP, state)
    async with database.writing() as session:
        await save_rule(session, RULE.but(**change), by="p-koch", at=NOW)
    elsewhere = None if "enabled" in change else alert_group_id("prom", {})

    groups = []
    for minutes, firing in ((1, True), (2, False), (9, True)):
        await take(database, alert("a", firing=firing), at=NOW + timedelta(minutes=minutes))
        (sheet,) = await kept(database)
        groups.append(sheet.group)

    assert groups == ([GROUP, GROUP, elsewhere] if stays else [elsewhere] * 3)


async def test_spells_that_are_over_are_kept_beside_the_row_with_what_was_said_then(database: Database) -> None:
    await rules(database, RULE)
    moments = [(0, True), (5, False), (6, False), (9, True), (9, True), (12, False)]

    for minutes, firing in moments:
        await take(database, alert("a", firing=firing), at=NOW + timedelta(minutes=minutes))
    (sheet,) = await kept(database)
    async with database.reading() as session:
        spells = [row.as_sheet() for row in await list_spells(session, sheet.id, None, before=None, limit=9)]
        theirs = await list_spells(session, sheet.id, ("falke",), before=None, limit=9)

    assert [((spell.start - NOW).seconds // 60, (spell.end or NOW) - NOW) for spell in spells] == [
        (9, timedelta(minutes=12)),
        (0, timedelta(minutes=5)),
    ]
    assert {(spell.key, spell.group, spell.customer) for spell in spells} == {("a", GROUP, "adler")}
    assert theirs == []


async def test_the_table_itself_refuses_a_spell_that_ends_before_it_begins(database: Database) -> None:
    row = SpellRow(alert="a", source="s", start_at=NOW, end_at=NOW - timedelta(1), ended=SpellEnd.RESOLVED, said="{}")

    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(row)
