"""`imac demo incidents`: five incidents at the example customer, and those that monitoring brings.

One is solved, one waits, one is answered by the customer, one returns, and one escalates by itself. Of the alerts one
returns after it was solved, one worsens.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue
from rich.console import Console, RenderableType

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.demo.alerts import play_alerts
from cli.demo.stage import Stage, open_stage
from cli.http import Api, parsed, path
from cli.incidents.incident import lines_table
from cli.moments import now
from cli.orders.outcomes import messages_table
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from cli.tables import stacked
from domain.cases.notices import NoticeAttempt
from domain.contracts.contract import Contract
from domain.incidents.sheets import IncidentLine, IncidentSheet
from domain.people import Language, Role
from domain.places import Site

SITE, REPORTER = "adler-hq", "p-vogel"
# So long ago the third was reported by telephone: nobody has responded, and its clock has told everybody.
UNHEARD = timedelta(minutes=70)
DELIVERY = timedelta(days=3)
LOOK_AGAIN = 0.5


async def incidents(*, asking: Asking = ASKING) -> None:
    """Report five incidents: solved, waiting, answered by the customer, returned, and escalating by itself.

    Monitoring brings two more: one returns after it was solved, one worsens. That takes about a minute.

    What is there already stays: run again, it goes on where it stopped and reports nothing twice.
    """
    settings = read_settings(asking.data_dir)
    console = Console(quiet=True) if asking.json else asking.console
    async with open_stage(api_url(settings), settings.data_dir, console, asking.language) as stage:
        if not (await reported_before(stage.admin, stage.contract)).items:
            await stage.import_assets()
        scenes = [IncidentScene(stage, plot) for plot in PLOTS]
        playing = asyncio.gather(*(scene.play() for scene in scenes))
        alarmed, _ = await asyncio.gather(play_alerts(stage), playing)
        console.print(await outcome(stage.admin, stage.contract, scenes[-1].sheet, asking.language))
    sheets = [*(scene.sheet for scene in scenes), *alarmed]
    for sheet in sheets:
        console.print(f"imac incident show {sheet.no}", markup=False)
    if asking.json:
        sys.stdout.write(f"[{','.join(sheet.model_dump_json() for sheet in sheets)}]\n")


async def reported_before(admin: Api, contract: Contract, reference: str | None = None) -> AnsweredPage[IncidentLine]:
    query = {"contract": contract.id, "reference": reference}
    return await admin.read(AnsweredPage[IncidentLine], path("incidents"), query)


async def outcome(admin: Api, contract: Contract, late: IncidentSheet, language: Language) -> RenderableType:
    """All of them, and who was told of the last."""
    site = await admin.read(Site, path("sites", SITE))
    lines = (await reported_before(admin, contract)).items
    told = await admin.read(tuple[NoticeAttempt, ...], path("incidents", late.no, "notices"))
    return stacked(
        lines_table(lines, {site.id: site.access.zone}, language), messages_table(told, site.access.zone, language)
    )


class IncidentScene:
    """One incident, and those who deal with it."""

    sheet: IncidentSheet

    def __init__(self, stage: Stage, plot: "IncidentPlot") -> None:
        self.admin = stage.admin
        self.keys = stage.keys
        self.contract = stage.contract
        self.plot = plot

    async def play(self) -> None:
        reference = f"demo-{self.plot.name}"
        found = (await reported_before(self.admin, self.contract, reference)).items
        self.sheet = await self.look(found[0].no) if found else await self.report(reference)
        if not self.plot.is_over(self.sheet):
            await self.plot.goes_on(self)

    async def report(self, reference: str) -> IncidentSheet:
        body = self.plot.report | {"contract": self.contract.id, "site": SITE, "reference": reference}
        if self.plot.received_ago is not None:
            body["received_at"] = (now() - self.plot.received_ago).isoformat()
        api = await self.acting_as(self.plot.reported_by)
        return parsed(IncidentSheet, await api.post(path("incidents"), body, key=reference))

    async def say(self, role: Role, command: str, **fields: JsonValue) -> None:
        """Said twice, it is the same request."""
        api = await self.acting_as(role)
        key = f"demo-{self.sheet.no}-{command}"
        answer = await api.post(path("incidents", self.sheet.no, "commands"), {"type": command, **fields}, key=key)
        self.sheet = parsed(IncidentSheet, answer)

    async def look(self, no: str) -> IncidentSheet:
        return await self.admin.read(IncidentSheet, path("incidents", no))

    async def acting_as(self, role: Role) -> Api:
        person = REPORTER if role == Role.REQUESTER else self.contract.people(role)[0]
        return await self.keys.acting_as(person, role)

    def later(self, span: timedelta) -> datetime:
        return self.sheet.received_at + span


@dataclass(frozen=True)
class IncidentPlot:
    name: str
    report: dict[str, JsonValue]
    goes_on: Callable[[IncidentScene], Awaitable[None]]
    is_over: Callable[[IncidentSheet], bool]
    reported_by: Role = Role.REQUESTER
    received_ago: timedelta | None = None


async def is_solved(scene: IncidentScene) -> None:
    await scene.say(Role.SERVICE_DESK, "respond", message="Wir tauschen das Kabel.")
    await scene.say(Role.TECHNICIAN, "resolve", solution="Das Kabel war gequetscht; es ist ersetzt.", cause="cable")
    await scene.say(Role.REQUESTER, "confirm")


async def waits(scene: IncidentScene) -> None:
    technician = scene.contract.people(Role.TECHNICIAN)[0]
    await scene.say(Role.SERVICE_DESK, "respond", message="Wir sehen uns das Gerät an.")
    await scene.say(Role.SERVICE_DESK, "hand_over", to=technician)
    await scene.say(Role.TECHNICIAN, "diagnose", finding="Das Netzteil ist defekt, Ersatz ist bestellt.")
    until = scene.later(DELIVERY).isoformat()
    await scene.say(Role.TECHNICIAN, "hold", code="waiting_delivery", max_until=until, reason="Ersatzteil bestellt")


async def is_answered(scene: IncidentScene) -> None:
    """The technician asks and waits; the answer ends the wait."""
    await scene.say(Role.TECHNICIAN, "respond", message="Welcher der beiden Drucker ist es?")
    until = scene.later(DELIVERY).isoformat()
    await scene.say(Role.TECHNICIAN, "hold", code="waiting_customer", max_until=until, reason="welcher Drucker?")
    await scene.say(Role.REQUESTER, "answer", message="Der linke, am Fenster.")


async def returns(scene: IncidentScene) -> None:
    """What comes back is called like something new and is to be answered anew."""
    await scene.say(Role.TECHNICIAN, "resolve", solution="Der Dienst ist neu gestartet.")
    await scene.say(Role.REQUESTER, "reopen", reason="Nach einer Stunde wieder dasselbe.")


async def escalates(scene: IncidentScene) -> None:
    """Nobody does anything: its clock does."""
    while not scene.sheet.missed:
        await asyncio.sleep(LOOK_AGAIN)
        scene.sheet = await scene.look(scene.sheet.no)


PLOTS = (
    IncidentPlot(
        name="monitor",
        report={"title": "Der Monitor flackert", "category": "hardware", "priority": "minor"},
        goes_on=is_solved,
        is_over=lambda sheet: sheet.resolved_at is not None,
    ),
    IncidentPlot(
        name="notebook",
        report={
            "title": "Das Notebook startet nicht mehr",
            "asset": "NB-200",
            "category": "hardware",
            "impact": "low",
            "urgency": "high",
        },
        goes_on=waits,
        is_over=lambda sheet: bool(sheet.holds),
    ),
    IncidentPlot(
        name="printer",
        report={"title": "Der Drucker zieht kein Papier ein", "category": "printer", "priority": "minor"},
        goes_on=is_answered,
        is_over=lambda sheet: sheet.responded_at is not None and not sheet.holds,
    ),
    IncidentPlot(
        name="mail",
        report={"title": "Das Postfach synchronisiert nicht", "category": "application", "priority": "major"},
        goes_on=returns,
        is_over=lambda sheet: any(clock.name == "response-1" for clock in sheet.clocks),
    ),
    IncidentPlot(
        name="erp",
        report={
            "title": "Das ERP-System ist nicht erreichbar, der Versand steht",
            "category": "application",
            "priority": "blocker",
            "reporter": REPORTER,
        },
        goes_on=escalates,
        is_over=lambda sheet: sheet.missed,
        reported_by=Role.SERVICE_DESK,
        received_ago=UNHEARD,
    ),
)
