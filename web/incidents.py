"""Incidents: by priority and clock, who has them, and what comes next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.cases.standing import KNOWN_INCIDENTS, IncidentStanding
from api.dependencies import Context, InContext, Tables
from api.incidents.commands import command_incident, contacts_of, gives_back
from api.incidents.incident import IncidentQuery, show_charges, show_clocks, show_incidents, show_timeline
from api.policy import Operation, check_incident_telling
from db.contracts import site
from documents.wording import word
from domain.cases import incident_commands as commands
from domain.cases import order_commands as of_all
from domain.cases.events import Event
from domain.cases.incident_commands import HolderKind, IncidentCommand
from domain.incidents.progress import IncidentProgress, IncidentState
from domain.keys import CUSTOMERS_OWN
from domain.orders.ledger import LedgerEntry
from domain.people import Role
from domain.priorities import Priority
from domain.refusals import NotAllowed, Problem, Unknown
from web.forms import Control, FieldShape, PageForm, shapes_of
from web.order_forms import Choices
from web.order_sheets import contract_named, names_of
from web.rendering import Leaf, Values, page, renders_of
from web.session import Reader, Signed
from web.telling import ask, tell

router = APIRouter(include_in_schema=False)
INCIDENTS = "/incidents"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_INCIDENTS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_INCIDENTS))]
COMMANDS: Mapping[str, Any] = {
    kind.model_fields["type"].default: kind
    for kind in (
        commands.Respond,
        commands.Classify,
        commands.ChangePriority,
        commands.Inform,
        commands.Diagnose,
        commands.HandOver,
        commands.SendTechnician,
        of_all.Dispatch,
        of_all.ReportVendor,
        commands.Promise,
        commands.Link,
        commands.CustomerAnswer,
        commands.Merge,
        commands.Waive,
        commands.Resolve,
        commands.Confirm,
        commands.Reopen,
        of_all.LogWork,
        of_all.Hold,
        of_all.Resume,
        of_all.Migrate,
        of_all.Cancel,
    )
}
# What usually comes next in a state, and is answered on the incident's own page.
_NEXT = {
    IncidentState.REPORTED: ("respond", "classify"),
    IncidentState.CLASSIFIED: ("respond", "hand_over"),
    IncidentState.IN_PROGRESS: ("resolve",),
    IncidentState.ON_HOLD: ("resume",),
    IncidentState.RESOLVED: ("confirm",),
}
_STEERING = ("hand_over", "hold", "resume", "inform", "resolve", "reopen")
_NOUNS = {
    "impact": "grade",
    "urgency": "grade",
    "priority": "priority",
    "kind": "holder_kind",
    "code": "hold_reason",
    "status": "job_status",
}


@router.get(INCIDENTS, name="incidentsPage")
async def list_page(
    request: Request, query: Annotated[IncidentQuery, Query()], reader: Reading, database: Tables
) -> Response:
    async def values() -> Values:
        listed = await show_incidents(query, reader.key, database)
        people = {person for line in listed.items for person in (line.owner, line.reporter, line.holder) if person}
        return {
            "listed": listed,
            "query": query,
            "asked": [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"],
            "names": await names_of(people, reader, database),
            "now": reader.now,
            "live": "incident",
            "states": tuple(IncidentState),
            "team_roles": tuple(f"{role}" for role in Role),
            "priorities": tuple(Priority),
            "may_report": reader.may(Operation.REPORT_INCIDENTS),
        }

    return await renders_of(request).show(request, reader, Leaf("incidents.html"), values)


@dataclass(frozen=True)
class IncidentDesk:
    """One incident before somebody who is about to tell it something."""

    request: Request
    reader: Reader
    context: Context
    standing: IncidentStanding
    contacts: tuple[str | None, ...]
    kind: Any = IncidentCommand

    @property
    def no(self) -> str:
        return self.standing.incident.no

    @property
    def address(self) -> str:
        return f"{INCIDENTS}/{self.no}"

    @property
    def progress(self) -> IncidentProgress:
        return self.standing.progress

    @property
    def zone(self) -> str:
        return self.standing.incident.terms.calendar.zone

    def may(self, command: str) -> bool:
        if command == "hand_over" and gives_back(self.reader.key, self.standing):
            return True
        try:
            check_incident_telling(self.reader.key, command, self._speakers(command))
        except NotAllowed:
            return False
        return True

    async def form(self, command: str) -> PageForm:
        if command not in COMMANDS:
            raise Unknown(Problem(code="not_found"))
        if not self.may(command):
            check_incident_telling(self.reader.key, command, self._speakers(command))
        team = {person for people in self.standing.incident.terms.team.values() for person in people}
        names = await names_of(team, self.reader, self.context.database)
        return self.made(command, Choices(names, self.reader.look.language))

    def made(self, command: str, choices: Choices) -> PageForm:
        # The same for whoever sends it twice, another one as soon as anything has happened.
        key = sha256(f"{self.no}/{self.progress.seq}/{command}".encode()).hexdigest()[:32]
        shapes = tuple(self._fitted(command, choices))
        return PageForm(f"{self.address}/{command}", command, key, self.progress.seq, shapes)

    def _speakers(self, command: str) -> tuple[str | None, ...]:
        return self.contacts if command == "answer" else self.standing.speakers(command)

    def _fitted(self, command: str, choices: Choices) -> Iterator[FieldShape]:
        shapes = shapes_of(COMMANDS[command], leaving_out=("step", "instead_of", "rest"))
        for shape in sorted(shapes, key=lambda shape: shape.name == "reason"):
            noun = _NOUNS.get(shape.name)
            if shape.name == "kind" and self._is_theirs:
                yield shape.offering([(HolderKind.TEAM, word("holder_kind", HolderKind.TEAM, choices.language))])
            elif shape.name in ("to", "technician"):
                yield shape.offering(self._holders(choices))
            elif shape.name == "clock":
                yield shape.offering((clock.name, clock.name) for clock in self.progress.clocks)
            elif shape.control == Control.CHOICE and noun is not None:
                yield shape.offering((value, word(noun, value, choices.language)) for value, _ in shape.options)
            else:
                yield shape

    @property
    def _is_theirs(self) -> bool:
        return self.reader.key.role in CUSTOMERS_OWN

    def _holders(self, choices: Choices) -> list[tuple[str, str]]:
        """Our people first, then teams. The customer's own give back to the desk."""
        if self._is_theirs:
            return [(Role.SERVICE_DESK, word("role", Role.SERVICE_DESK, choices.language))]
        team = self.standing.incident.terms.team
        people = sorted({person for role in team for person in team[role]})
        teams = [(f"{role}", word("role", role, choices.language)) for role in team if team[role]]
        return [choices.person(person) for person in people] + teams

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {"type": command, **body}

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # an `IncidentCommand`
        await command_incident(self.no, said, self.reader.key, self.context, response, idempotency_key=key)

    async def events(self) -> Sequence[Event]:
        return await show_timeline(self.no, self.reader.key, self.context)

    async def page(self, form: PageForm, news: Sequence[Event], status: HTTPStatus) -> Response:
        values = {**await self.values([event.actor.person for event in news]), "form": form, "news": news}
        template = "incident_command.html"
        return page(self.request, template, self.reader.look, values, reader=self.reader, status=status)

    async def values(self, people: Sequence[str] = ()) -> dict[str, object]:
        """What every page about this incident shows at its head."""
        sheet = self.standing.sheet(self.reader.key, self.context.now)
        team = {person for named in self.standing.incident.terms.team.values() for person in named}
        stints = {stint.holder for stint in sheet.stints}
        involved = {*team, *people, *stints, *filter(None, (sheet.owner, sheet.request.reporter, sheet.answerable))}
        async with self.context.database.reading() as session:
            place = await site(session, sheet.site)
        named = await contract_named(sheet.contract, sheet.contract_version, self.reader, self.context.database)
        return {
            "sheet": sheet,
            "site": place,
            "contract_name": named,
            "zone": self.zone,
            "names": await names_of(involved, self.reader, self.context.database),
            "now": self.context.now,
        }

    async def whole(self) -> Values:
        timeline = await self.events()
        values = await self.values([event.actor.person for event in timeline])
        names, sheet = values["names"], self.standing.sheet(self.reader.key, self.context.now)
        assert isinstance(names, dict)
        choices = Choices(names, self.reader.look.language)
        # Nothing can go on that does not rest.
        idle = () if sheet.holds else ("resume",)
        may = [name for name in sheet.commands if name in COMMANDS and name not in idle and self.may(name)]
        following = [command for command in _NEXT.get(sheet.state, ()) if command in may][:1]
        rest = [command for command in may if command not in following]
        return {
            **values,
            "timeline": tuple(reversed(timeline)),
            "clocks": await show_clocks(self.no, self.reader.key, self.context),
            "charges": await self._charges(),
            "may_place": "link" in may and self.reader.may(Operation.PLACE_ORDERS),
            "forms_next": tuple(self.made(command, choices) for command in following),
            "steering": [command for command in _STEERING if command in rest],
            "others": [command for command in rest if command not in _STEERING],
            "live": f"incident/{self.no}",
        }

    async def _charges(self) -> Sequence[LedgerEntry]:
        if not self.reader.may(Operation.READ_CHARGES):
            return ()
        return await show_charges(self.no, self.reader.key, self.context)


async def _desk(request: Request, no: str, reader: Reader, context: Context) -> IncidentDesk:
    standing = await KNOWN_INCIDENTS.seen(no, reader.key, context)
    contacts = await contacts_of(standing, context) if reader.key.role in CUSTOMERS_OWN else ()
    return IncidentDesk(request, reader, context, standing, contacts)


@router.get(f"{INCIDENTS}/{{no}}", name="incidentPage")
async def incident_page(request: Request, no: str, reader: Reading, context: InContext) -> Response:
    async def look() -> Leaf:
        desk = await _desk(request, no, reader, context)
        version = (desk.progress.seq, tuple(desk.standing.deadlines.items()), desk.standing.faults)
        return Leaf("incident.html", version, personal=reader.key.role in CUSTOMERS_OWN)

    async def values() -> Values:
        return await (await _desk(request, no, reader, context)).whole()

    return await renders_of(request).show(request, reader, look, values)


@router.get(f"{INCIDENTS}/{{no}}/{{command}}", name="incidentCommandPage")
async def command_page(request: Request, no: str, command: str, reader: Commanding, context: InContext) -> Response:
    return await ask(await _desk(request, no, reader, context), command)


@router.post(f"{INCIDENTS}/{{no}}/{{command}}", name="commandIncidentPage")
async def tell_incident(
    request: Request, no: str, command: str, reader: Commanding, context: InContext, response: Response
) -> Response:
    return await tell(await _desk(request, no, reader, context), command, response)
