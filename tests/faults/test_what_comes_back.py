"""Workers die while something comes back, goes on or turns out to be able to wait: each is said and called once."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import col, select
from temporalio.client import RPCError
from temporalio.testing import WorkflowEnvironment

from api.relay import OVERDUE
from db.alerts.groups import overdue, see_to
from db.alerts.intake import take_in
from db.alerts.rules import save_rule
from db.cases.journal import timeline
from db.cases.notices import notices_of
from db.contracts import save_contract
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from db.oncall.pages import PageRow, page_row
from domain.alerts.alert import Alert
from domain.cases.events import Happening
from domain.cases.incident_commands import ChangePriority, CustomerAnswer, Reopen, Resolve, Respond
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.notices import DeliveryOutcome
from domain.contracts.matrix import ON_CALL
from domain.contracts.paging import PagingPolicy, PagingStep
from domain.ids import incident_workflow_id, page_workflow_id
from domain.incidents.progress import IncidentProgress
from domain.oncall.page import PageState
from domain.people import Actor, Role
from domain.priorities import Priority
from tests.faults.dying_worker import SPARED
from tests.faults.undying import all_died_over, insist, letters, surroundings, undying
from tests.patience import until
from tests.stories.monitoring import RULE, alert
from tests.world import CONTRACT, DESK_AGENT, MATRIX, REQUESTER, SDM, TECHNICIAN, furnish, incident, trouble
from workflows.client import Temporal

_BLOCKER = MATRIX.rows[Priority.BLOCKER].in_hours.but(first=ON_CALL, monitoring=ON_CALL)
# A blocker calls the technician at any hour; nobody else is called while a test runs.
_ROWS = MATRIX.rows | {Priority.BLOCKER: MATRIX.rows[Priority.BLOCKER].but(in_hours=_BLOCKER, out_of_hours=None)}
CALLING = CONTRACT.but(
    matrix=MATRIX.but(rows=_ROWS),
    paging=PagingPolicy(steps=(PagingStep(to=Role.TECHNICIAN),), last_minutes=60),
)


@dataclass
class Mortal:
    """An incident whose workers die."""

    temporal: Temporal
    database: Database
    deaths: Path
    _said: "count[int]" = field(default_factory=count)

    async def say(self, case: str, actor: Actor, command: AnyCommand) -> None:
        request = f"said-{next(self._said)}"
        said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=request)
        await insist(self.temporal, case, said)

    def begin_to_die(self) -> None:
        (self.deaths / SPARED).unlink()

    async def progress(self, no: str) -> IncidentProgress | None:
        async with self.database.reading() as session:
            row = await incident_row(session, no)
        return row.as_progress() if row else None

    async def calls(self, case: str) -> list[str]:
        """By the keys of those that got through."""
        async with self.database.reading() as session:
            rows = await notices_of(session, case)
        return sorted({row.key for row in rows if row.outcome == DeliveryOutcome.SENT and row.key.startswith("page:")})

    async def called(self, case: str, times: int) -> bool:
        return len(await self.calls(case)) >= times

    async def hears(self, *alerts: Alert) -> None:
        for waking in (await take_in(self.database, alerts, None, datetime.now(UTC))).waking:
            await self.temporal.wake_group(waking)

    async def incidents(self, number: int) -> list[IncidentRow]:
        """As soon as there are so many. Groups are looked at as every API does, whoever has died over them."""
        now = datetime.now(UTC)
        async with self.database.writing() as session:
            found = await see_to(session, await overdue(session, now - OVERDUE, now), now - OVERDUE, now)
        for waking in found:
            await self.temporal.wake_group(waking)
        async with self.database.reading() as session:
            rows = (await session.execute(select(IncidentRow).order_by(col(IncidentRow.received_at)))).scalars().all()
        return list(rows) if len(rows) >= number else []

    async def page(self, no: str) -> PageRow | None:
        async with self.database.reading() as session:
            return await page_row(session, no, 1)

    async def journal(self, case: str) -> list[str]:
        async with self.database.reading() as session:
            return [row.what for row in await timeline(session, case)]


@pytest.fixture
async def mortal(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> AsyncIterator[Mortal]:
    await furnish(database)
    async with database.writing() as session:
        await save_contract(session, CALLING)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    (deaths / SPARED).touch()
    made = Mortal(Temporal(dev_server.client, "dying"), database, deaths)
    async with undying(environment, deaths):
        yield made
    async with database.reading() as session:
        rows = (await session.execute(select(IncidentRow))).scalars().all()
    for row in rows:
        cases = [page_workflow_id(row.workflow_id, page.no) for page in row.as_progress().pages if page.is_needed]
        for case in (row.workflow_id, *cases):
            with suppress(RPCError):
                await dev_server.client.get_workflow_handle(case).terminate()


async def test_an_answer_and_what_is_opened_again_for_it_are_told_and_called_once(mortal: Mortal) -> None:
    reported = incident(trouble(priority="blocker", category="network"), datetime.now(UTC), CALLING)
    case = incident_workflow_id(reported.no)
    await mortal.temporal.start_incident(reported)
    await until(lambda: mortal.called(case, 1))
    await mortal.say(case, TECHNICIAN, Respond())
    await mortal.say(case, TECHNICIAN, Resolve(solution="Switch neu gestartet"))
    await until(lambda: mortal.progress(reported.no), lambda seen: seen is not None and seen.reopen_until is not None)

    mortal.begin_to_die()
    await mortal.say(case, REQUESTER, CustomerAnswer(message="In Halle 3 noch nicht."))
    await until(lambda: letters(mortal.database, case), lambda told: told["incident_answered"])
    await mortal.say(case, DESK_AGENT, Reopen(reason="in Halle 3 noch nicht"))
    await until(lambda: mortal.called(case, 2))
    told = await until(lambda: letters(mortal.database, case), lambda told: told["incident_unsolved"])

    await all_died_over(mortal.deaths, "record_incident", "deliver", "record_page", "people_of_step", "call")
    progress = await mortal.progress(reported.no)
    assert progress is not None
    assert [(page.cause, page.state) for page in progress.pages] == [
        ("reported", PageState.STOPPED),
        ("reopened", PageState.CALLING),
    ]
    assert await mortal.calls(case) == [f"page:{reported.no}/{no}/1/0/p-lang/mail" for no in (1, 2)]
    assert [told[what] for what in ("incident_answered", "incident_reopened", "incident_unsolved")] == [1, 1, 1]
    journal = await mortal.journal(case)
    assert [journal.count(what) for what in ("answer", "reopen", Happening.PAGE_SENT)] == [1, 1, 2]


async def test_alerts_that_go_on_after_a_solution_have_one_following_incident_with_one_page(mortal: Mortal) -> None:
    async with mortal.database.writing() as session:
        rule = RULE.but(priority=Priority.BLOCKER, heal_minutes=1, quiet_seconds=1)
        await save_rule(session, rule, by="p-koch", at=datetime.now(UTC))
    await mortal.hears(alert("fw-1"))
    (first,) = await until(lambda: mortal.incidents(1))
    await until(lambda: mortal.called(first.workflow_id, 1))
    mortal.begin_to_die()
    await mortal.say(first.workflow_id, TECHNICIAN, Resolve(solution="Neustart"))

    _, second = await until(lambda: mortal.incidents(2))
    await until(lambda: mortal.called(second.workflow_id, 1))
    told = await until(lambda: letters(mortal.database, first.workflow_id), lambda told: told["incident_alerts_again"])

    await all_died_over(
        mortal.deaths, "look_at_group", "incident_of_group", "note_group", "deliver", "record_page", "call"
    )
    assert second.as_incident().request.follows == first.no
    assert [page.cause for page in second.as_progress().pages] == ["reported"]
    assert await mortal.calls(second.workflow_id) == [f"page:{second.no}/1/1/0/p-lang/mail"]
    assert told["incident_alerts_again"] == 1
    journal = await mortal.journal(first.workflow_id)
    assert journal.count(Happening.ALERTS_AGAIN) == 1
    # Not at all where nobody lived to look at the group between.
    assert told["incident_alerts_still"] <= 1
    assert journal.count(Happening.ALERTS_STILL) <= 1
    assert len(await mortal.incidents(2)) == 2


async def test_a_page_for_what_can_wait_is_called_off_once(mortal: Mortal) -> None:
    reported = incident(trouble(priority="blocker", category="network"), datetime.now(UTC), CALLING)
    case = incident_workflow_id(reported.no)
    await mortal.temporal.start_incident(reported)
    await until(lambda: mortal.called(case, 1))

    mortal.begin_to_die()
    await mortal.say(case, SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))
    page = await until(lambda: mortal.page(reported.no), lambda row: row is not None and row.state == PageState.STOPPED)
    told = await until(lambda: letters(mortal.database, case), lambda told: told["incident_priority_changed"])

    await all_died_over(mortal.deaths, "record_incident", "record_page", "deliver")
    assert page is not None
    assert page.as_progress().stopped == "priority_lowered"
    assert await mortal.calls(case) == [f"page:{reported.no}/1/1/0/p-lang/mail"]
    assert told["incident_priority_changed"] == 1
    journal = await mortal.journal(page_workflow_id(case, 1))
    assert journal.count("stopped") == 1
