"""What a caller says is what a case hears: no command has a field that the API looks up, strips or overwrites."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus

import pytest
from fastapi.openapi.models import Example
from fastapi.routing import iter_route_contexts
from pydantic import JsonValue, TypeAdapter

from api.app import create_app
from api.dependencies import _temporal
from api.examples import COMMANDS, INCIDENT_COMMANDS, PROJECT_COMMANDS, WAVE_COMMANDS
from db.moves.launches import store_workplaces
from db.papers import hand_in
from domain.cases.events import Event
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import HoursFound, LookedUp, PlanFound, RowsFound, WaitingRow
from domain.cases.move_commands import ProjectCommand, WaveCommand
from domain.cases.order_commands import CommandBase
from domain.cases.page_commands import PageCommand
from domain.kinds import OrderKind
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import Launch
from domain.orders.progress import begin
from domain.papers import KeptPaper
from domain.people import MACHINE, Role
from settings import Settings
from tests.api.house import INCIDENTS, ORDERS, House, write_incident, write_order
from tests.api.test_launches import planned
from tests.api.test_vendors import VENDORS, vendor
from tests.erasure_reports import Drive, blancco
from tests.rehearsal.sayings import kinds_of
from tests.stories.stage import MONDAY
from tests.world import DESK, OFFICE, incident, order, request, trouble

Sent = dict[str, JsonValue]
AT = "2026-12-01T10:00:00+01:00"
REPORT = blancco([Drive("SN100")])
DIGEST = sha256(REPORT).hexdigest()
LIST = b"Seriennummer\nSN900\n"
LISTED = sha256(LIST).hexdigest()
# What the examples leave out of a command: with this every field there is gets said.
FURTHER: dict[str, JsonValue] = {
    "step": "work",
    "reason": "so it was agreed",
    "ticket": "HW-1",
    "technician": "p-lang",
    "customer_asked": True,
    "minutes": 5,
    "started_at": AT,
    "parts": [{"part": "ram-16", "quantity": 2, "unit_price": "9.50"}],
    "outcome": "failed",
    "checklist": ["set up"],
    "tool_version": "1",
    "standard": "DIN 66399",
    "at": AT,
    "code": "waiting_customer",
    "category": "hardware",
    "impact": "low",
    "urgency": "low",
    "priority": "minor",
    "message": "soon",
    "kind": "person",
    "vendor": "dakota",
    "cause": "age",
    "parent": "",
    "order": "",
    "in_flight": "roll_back",
    "done": "roll_back",
    "rows": [1],
    "with_children": True,
    "instead_of": "p-koch",
    "price": "450.00",
    "at_most": True,
    "rest": "keep",
}


@dataclass
class Listening:
    """Stands where Temporal is: takes everything in and does nothing."""

    launch: Launch | None = None
    heard: list[Instruction] = field(default_factory=list)

    async def start_project(self, launch: Launch) -> None:
        self.launch = launch

    async def at_start(self, _workflow_id: str, _kind: type[Launch]) -> Launch | None:
        return self.launch

    async def command(self, case: str, instruction: Instruction) -> None:
        self.heard.append(instruction)


def _bodies() -> Iterator[tuple[type[CommandBase], ...]]:
    """The commands that each route takes."""
    for context in iter_route_contexts(create_app(Settings()).routes):
        body = getattr(getattr(context, "route", context), "body_field", None)
        kinds = kinds_of(body.field_info.annotation) if body is not None else ()
        if kinds and all(isinstance(kind, type) and issubclass(kind, CommandBase) for kind in kinds):
            yield kinds


def _said(examples: dict[str, Example], **names: JsonValue) -> Iterator[Sent]:
    """Each command once, with all of its fields."""
    for example in examples.values():
        sent: Sent = dict(example.get("value") or {})
        (kind,) = (kind for kind in kinds_of(AnyCommand) if kind.model_fields["type"].default == sent["type"])
        missing = {name: FURTHER[name] for name in kind.model_fields.keys() - sent.keys()}
        yield missing | sent | {name: value for name, value in names.items() if name in kind.model_fields}


def _heard(listening: Listening, sent: Sent) -> None:
    """Word for word what was sent."""
    heard = listening.heard[-1].command
    assert heard == TypeAdapter(AnyCommand).validate_python(sent)
    assert heard.model_fields_set == sent.keys() == type(heard).model_fields.keys()


def test_every_command_that_a_case_understands_can_be_sent() -> None:
    sent = {kind for kinds in _bodies() for kind in kinds}

    assert sent == {*kinds_of(AnyCommand)}
    assert {*kinds_of(ProjectCommand), *kinds_of(WaveCommand), *kinds_of(PageCommand)} <= sent


@pytest.fixture
def listening(cut_off: House) -> Listening:
    listening = Listening()
    cut_off.app.dependency_overrides[_temporal] = lambda: listening
    return listening


async def test_orders_hear_what_was_sent(cut_off: House, listening: Listening) -> None:
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), MONDAY)
    gone = order(request(OrderKind.DISPOSE, assets=["NB-900"]), MONDAY)
    await write_order(cut_off.database, placed)
    await write_order(cut_off.database, gone, steps=begin(gone, ()).settled("handover", MONDAY).steps)
    async with cut_off.database.writing() as session:
        for one, digest, content, kind in (
            (placed, DIGEST, REPORT, "application/xml"),
            (gone, LISTED, LIST, "text/csv"),
        ):
            paper = KeptPaper.model_validate({"digest": digest, "media_type": kind, "size": len(content)})
            await hand_in(session, paper, f"order/{one.no}", "p-lang", MONDAY)
    await cut_off.app.state.papers.put(DIGEST, REPORT)
    await cut_off.app.state.papers.put(LISTED, LIST)
    boss = await cut_off.caller(Role.ADMIN, "p-koch")

    for said in _said(COMMANDS, version=1, digest=DIGEST):
        # Only what has left is looked for on a recycler's list.
        has_left = said["type"] == "add_recycler_list"
        sent = said | {"digest": LISTED} if has_left else said
        answer = await boss.post(f"{ORDERS}/{(gone if has_left else placed).no}/commands", json=sent)
        assert answer.status_code == HTTPStatus.ACCEPTED, (sent, answer.text)
        _heard(listening, sent)


async def test_incidents_hear_what_was_sent(cut_off: House, listening: Listening) -> None:
    broken, whole = (incident(trouble(), MONDAY) for _ in range(2))
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), MONDAY)
    for one in (broken, whole):
        await write_incident(cut_off.database, one)
    await write_order(cut_off.database, placed)
    boss = await cut_off.caller(Role.ADMIN, "p-koch")
    await boss.put(f"{VENDORS}/dakota", json=vendor())

    for sent in _said(INCIDENT_COMMANDS, version=1, parent=whole.no, order=placed.no, into=whole.no):
        answer = await boss.post(f"{INCIDENTS}/{broken.no}/commands", json=sent)
        assert answer.status_code == HTTPStatus.ACCEPTED, (sent, answer.text)
        _heard(listening, sent)


async def test_projects_and_waves_hear_what_was_sent(cut_off: House, listening: Listening) -> None:
    url, _, approver = await planned(cut_off)
    await approver.post(f"{url}/plans/1/approval", json={})
    boss = await cut_off.caller(Role.ADMIN, "p-koch")
    await boss.post(f"{url}/launch")
    waiting = WorkplaceStanding(workplace="row-1", row=1, kind=OrderKind.MOVE, wave="w1", state=WorkplaceState.WAITING)
    async with cut_off.database.writing() as session:
        await store_workplaces(session, url.rpartition("/")[2], "adler", [waiting], MONDAY)

    for path, examples in (("commands", PROJECT_COMMANDS), ("waves/w1/commands", WAVE_COMMANDS)):
        for sent in _said(examples):
            said = sent | ({"plan": 1} if "plan" in sent else {}) | ({"rows": [1]} if "rows" in sent else {})
            answer = await boss.post(f"{url}/{path}", json=said)
            assert answer.status_code == HTTPStatus.ACCEPTED, (said, answer.text)
            _heard(listening, said)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        pytest.param(
            {"type": "migrate", "version": 2, "reason": "new", "calendar": OFFICE.model_dump(mode="json")},
            HoursFound(calendar=OFFICE),
            id="hours",
        ),
        pytest.param({"type": "migrate", "version": 2, "reason": "new", "calendar": None}, None, id="no hours"),
        pytest.param(
            {"type": "adopt", "plan": 2, "waves": [], "relisted": True}, PlanFound(waves=(), relisted=True), id="a plan"
        ),
        pytest.param({"type": "adopt", "plan": 2, "waves": None, "relisted": None}, None, id="no plan"),
        pytest.param(
            {
                "type": "withdraw_rows",
                "rows": [3],
                "reason": "stays",
                "waiting": [{"row": 3, "wave": "w1", "workplace": "a"}],
            },
            RowsFound(waiting=(WaitingRow(row=3, wave="w1", workplace="a"),)),
            id="rows",
        ),
    ],
)
def test_what_was_recorded_with_the_looked_up_inside_still_reads(command: Sent, found: LookedUp | None) -> None:
    recorded = {"command": command, "actor": MACHINE.model_dump(), "given_at": AT, "request_id": "r-1"}
    noted = {"seq": 1, "at": AT, "what": command["type"], "actor": MACHINE.model_dump(), "command": command}

    instruction = Instruction.model_validate(recorded)

    assert instruction.looked_up == found
    assert Instruction.model_validate_json(instruction.model_dump_json()) == instruction
    assert Event.model_validate(noted).command == instruction.command
