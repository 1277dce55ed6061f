"""What a group's workflow asks of the tables: how the group stands, and what its incident is to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.failures import impossible
from connectors.holidays import with_holidays
from db.alerts.alert import restless, total_of
from db.alerts.groups import group_row, mark_groups_of, unmark, write_down
from db.alerts.maintenance import windows_at
from db.alerts.rules import rule_in_force
from db.alerts.silence import Heartbeat, heartbeat, note_silence
from db.assets.asset import assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.engine import Database
from db.incidents import goes_on_in, incidents_over, solved_at
from domain.alerts.counts import Member, counted, counting
from domain.alerts.groups import Done, GroupNote, GroupStanding
from domain.alerts.incidents import Opening, request_for
from domain.alerts.maintenance import covered_until
from domain.alerts.rules import AlertRule
from domain.alerts.signs_of_life import says_absent
from domain.ids import absence_id
from domain.incidents.incident import Incident, ReportFacts, report
from domain.people import MACHINE
from domain.refusals import Problem, Refused, unknown
from domain.times import Instant
from domain.values import Slug, Value


class Look(Value):
    group: Slug
    at: Instant


class Solved(Value):
    """An incident that people have solved, with what goes on in it."""

    incidents: tuple[Slug, ...]
    at: Instant


class AlertGroups:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def look_at_group(self, look: Look) -> GroupStanding:
        """How the group stands. Whatever comes after this is news again."""
        # The mark is taken off before anything is read: what comes meanwhile sets it again.
        async with self._database.writing() as session:
            await unmark(session, look.group)
        async with self._database.reading() as session:
            rule, standing, is_due = await _seen(session, look)
        if not is_due:
            return standing
        async with self._database.writing() as session:
            await note_silence(session, rule, look.group, look.at)
        async with self._database.reading() as session:
            _, standing, _ = await _seen(session, look)
        return standing

    @activity.defn
    async def incident_of_group(self, opening: Opening) -> Incident:
        """The incident that the group is to open. Raises `Impossible` as its contract refuses it."""
        async with self._database.reading() as session:
            row = await group_row(session, opening.group)
            rule = await rule_in_force(session, row.rule) if row else None
            try:
                if rule is None:
                    raise unknown("alert_group", opening.group)
                return await _reported(session, rule, opening)
            except Refused as refused:
                raise impossible(refused) from refused

    @activity.defn
    async def look_after_solution(self, solved: Solved) -> None:
        """Have the groups looked at whose incident it was: what goes on firing would not say so by itself."""
        async with self._database.writing() as session:
            await mark_groups_of(session, solved.incidents, solved.at)

    @activity.defn
    async def note_group(self, note: GroupNote) -> None:
        async with self._database.writing() as session:
            await write_down(session, note)


class _Seen(NamedTuple):
    """How a group stands under its rule, and whether something in it has fallen silent that is not noted yet."""

    rule: AlertRule
    standing: GroupStanding
    is_due: bool


async def _seen(session: AsyncSession, look: Look) -> _Seen:
    row = await group_row(session, look.group)
    rule = await rule_in_force(session, row.rule) if row else None
    if row is None or rule is None:
        raise impossible(unknown("alert_group", look.group))
    total, changed_at = await total_of(session, look.group)
    members = await _members(session, rule, look)
    counts = counted(members, total, changed_at, look.at, truncated=row.truncated)
    beating = await heartbeat(session, rule, look.group)
    if beating is not None:
        counts = counts.but(silent_at=beating.due_after(look.at))
    done = await _with_whoever_has_it(session, row.as_done())
    standing = GroupStanding(
        group=look.group,
        quiet_seconds=rule.quiet_seconds,
        counts=counts,
        done=done,
        incident_is_over=bool(await incidents_over(session, [done.incident] if done.incident else [])),
        solved_at=await solved_at(session, done.incident) if done.incident else None,
        may_open=rule.enabled,
        heal_seconds=None if rule.heal_minutes is None else rule.heal_minutes * 60,
    )
    return _Seen(rule, standing, _is_due(members, beating, look.at))


async def _with_whoever_has_it(session: AsyncSession, done: Done) -> Done:
    """What its incident was merged into goes on for it: nothing new is opened for the same trouble."""
    if done.incident is None:
        return done
    now = await goes_on_in(session, done.incident)
    return done if now == done.incident else done.but(incident=now, gone=False)


def _is_due(members: Sequence[Member], beating: Heartbeat | None, at: datetime) -> bool:
    if beating is not None:
        return beating.is_due_at(at)
    return any(member.has_fallen_silent_at(at) or says_absent(member.record) for member in members)


async def _members(session: AsyncSession, rule: AlertRule, look: Look) -> Sequence[Member]:
    """Of signs of life nothing comes but the alert that says that they are missing."""
    only = absence_id(rule.id) if rule.expects_signs_of_life else None
    windows = await windows_at(session, rule.customer, look.at) if rule.heeds_maintenance else ()
    members = []
    for record, named in await restless(session, look.group, look.at, only=only):
        site, allowed = named or rule.site, None if says_absent(record) else rule.allowed_silence
        covered = covered_until(record.alert, site, look.at, windows)
        silent_at = record.last_seen + allowed if allowed is not None and record.is_firing else None
        members.append(Member(record, site, rule.priority_of(record.alert.severity), covered, silent_at))
    return members


async def _reported(session: AsyncSession, rule: AlertRule, opening: Opening) -> Incident:
    found = await _members(session, rule, Look(group=opening.group, at=opening.at))
    members = counting(found, opening.at)
    if not members:
        raise Refused(Problem(code="nothing_fires"))
    contract = await contract_in_force(session, rule.contract)
    if contract is None:
        raise unknown("contract", rule.contract)
    tag = rule.asset_of(members[0].record.alert)
    assets = await assets_by_tag(session, contract.customer, [tag] if tag else [])
    request = request_for(rule, members, opening, [asset.tag for asset in assets])
    sites = await sites_by_id(session, [request.site])
    hours = with_holidays(contract.calendar, opening.at)
    return report(
        contract,
        request,
        ReportFacts(
            site=next((site for site in sites if site.customer == contract.customer), None),
            asset=assets[0] if assets else None,
            in_hours=hours.is_open(request.received_at or opening.at),
            incidents=frozenset([opening.follows] if opening.follows else []),
        ),
        no=opening.no,
        by=MACHINE.person,
        at=opening.at,
    )
