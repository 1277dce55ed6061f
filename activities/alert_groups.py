"""What a group's workflow asks of the tables: how the group stands, and what its incident is to be."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.failures import impossible
from connectors.holidays import with_holidays
from db.alerts.alert import restless, total_of
from db.alerts.groups import group_row, unmark, write_down
from db.alerts.maintenance import windows_at
from db.alerts.rules import rule_in_force
from db.assets.asset import assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.engine import Database
from db.incidents import incidents_over, solved_at
from domain.alerts.groups import GroupNote, GroupStanding, Member, counted, counting
from domain.alerts.incidents import Opening, request_for
from domain.alerts.maintenance import covered_until
from domain.alerts.rules import AlertRule
from domain.incidents.incident import Incident, ReportFacts, report
from domain.people import MACHINE
from domain.refusals import Problem, Refused, unknown
from domain.times import Instant
from domain.values import Slug, Value


class Look(Value):
    group: Slug
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
            row = await group_row(session, look.group)
            rule = await rule_in_force(session, row.rule) if row else None
            if row is None or rule is None:
                raise impossible(unknown("alert_group", look.group))
            total, changed_at = await total_of(session, look.group)
            done = row.as_done()
            return GroupStanding(
                group=look.group,
                quiet_seconds=rule.quiet_seconds,
                counts=counted(await _members(session, rule, look), total, changed_at, look.at),
                done=done,
                incident_is_over=bool(await incidents_over(session, [done.incident] if done.incident else [])),
                solved_at=await solved_at(session, done.incident) if done.incident else None,
                may_open=rule.enabled,
            )

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
    async def note_group(self, note: GroupNote) -> None:
        async with self._database.writing() as session:
            await write_down(session, note)


async def _members(session: AsyncSession, rule: AlertRule, look: Look) -> Sequence[Member]:
    windows = await windows_at(session, rule.customer, look.at) if rule.heeds_maintenance else ()
    members = []
    for record, named in await restless(session, look.group, look.at):
        site = named or rule.site
        covered = covered_until(record.alert, site, look.at, windows)
        members.append(Member(record, site, rule.priority_of(record.alert.severity), covered))
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
