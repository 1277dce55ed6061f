"""Telling a launched project and its waves something, as orders are told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.cases.audiences import seen_by
from api.dependencies import Context, InContext
from api.moves.launched import WavePath, command_project, command_wave, preview_call_off
from api.policy import Operation, check_project_telling
from api.queries import QueryValue
from db.cases.journal import timeline
from db.moves.launches import wave_row, workplaces_of
from db.moves.projects import newest_list
from domain.cases import move_commands as told
from domain.cases.case import CaseProgress
from domain.cases.events import Event
from domain.ids import project_workflow_id, wave_workflow_id
from domain.moves.launched.call_offs import Fate
from domain.moves.launched.wave_progress import WaveProgress, WorkplaceStanding
from domain.refusals import Problem, Unknown, unknown
from domain.values import Few, Slug
from web.boards import names_by_row
from web.forms import PageForm
from web.move_forms import (
    GRAVE,
    PROJECT_COMMANDS,
    PROJECTS,
    WAVE_COMMANDS,
    MoveChoices,
    gates_of,
    meant_by,
    move_form,
    to_adopt,
)
from web.order_sheets import names_of
from web.project_standing import ProjectSeen, project_seen
from web.rendering import page
from web.session import Reader, Signed
from web.telling import ask, tell

router = APIRouter(include_in_schema=False)
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_PROJECTS))]


class CommandQuery(QueryValue):
    """What a form begins with."""

    wave: Slug | None = None
    row: Few[int] = ()
    in_flight: told.WhenInFlight = told.WhenInFlight.FINISH
    done: told.WhenDone = told.WhenDone.KEEP


_NUMBERED = frozenset({"rows", "plan"})
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)


def _numbered(said: JsonValue) -> JsonValue:
    if isinstance(said, list):
        return [_numbered(one) for one in said]
    return int(said) if isinstance(said, str) and _NUMBER.fullmatch(said) else said


@dataclass(frozen=True)
class ProjectDesk:
    """A launched project before somebody who is about to tell it something."""

    request: Request
    reader: Reader
    context: Context
    seen: ProjectSeen
    query: CommandQuery
    kind: Any
    wave: str = ""

    @property
    def address(self) -> str:
        return f"{PROJECTS}/{self.seen.project.id}"

    @property
    def zone(self) -> str:
        return self.seen.zone

    @property
    def progress(self) -> CaseProgress:
        assert self.seen.standing is not None
        return self.seen.standing.progress

    @property
    def cases(self) -> str:
        return project_workflow_id(self.seen.project.id)

    async def form(self, command: str) -> PageForm:
        if command not in PROJECT_COMMANDS:
            raise Unknown(Problem(code="not_found"))
        check_project_telling(self.reader.key, command)
        assert self.seen.standing is not None
        progress, launch = self.seen.standing.progress, self.seen.standing.launch
        gates = [wave.id for wave in gates_of(progress, self.reader.key)]
        plans = to_adopt(progress, self.seen.plans)
        makers = {plan.actor.person for plan in plans}
        choices = MoveChoices(
            await names_of({*makers, launch.launched_by}, self.reader, self.context.database),
            self.reader.look.language,
            waves=tuple(wave for wave in gates if self.query.wave in (None, wave)),
            plans=plans,
            starts={"in_flight": self.query.in_flight, "done": self.query.done},
        )
        return move_form(f"{self.address}/{command}", command, progress.seq, choices)

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        # Rows are ticked and plans chosen by their numbers.
        return {"type": command, **body, **{name: _numbered(body[name]) for name in _NUMBERED & body.keys()}}

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # a `ProjectCommand`
        await command_project(self.seen.project.id, said, self.reader.key, self.context, response, idempotency_key=key)

    async def events(self) -> Sequence[Event]:
        async with self.context.database.reading() as session:
            rows = await timeline(session, self.cases)
        return seen_by(self.reader.key, self.cases, (row.as_event() for row in rows))

    async def page(self, form: PageForm, news: Sequence[Event], status: HTTPStatus) -> Response:
        assert self.seen.standing is not None
        people = {event.actor.person for event in news}
        values = {
            "project": self.seen.project,
            "sheet": self.seen.standing.sheet,
            "zone": self.seen.zone,
            "now": self.context.now,
            "names": await names_of(people, self.reader, self.context.database),
            "form": form,
            "news": news,
            "wave": self.wave,
            "grave": GRAVE,
            "fates": await self._fates() if form.command == "call_off" else (),
            "query": self.query,
        }
        template = "move_command.html"
        return page(self.request, template, self.reader.look, values, reader=self.reader, status=status)

    async def _fates(self) -> Sequence[tuple[Fate, str]]:
        """What would become of which rows."""
        asked = told.CallOff(in_flight=self.query.in_flight, done=self.query.done, reason="?")
        rows: dict[Fate, list[int]] = {}
        for one in await preview_call_off(self.seen.project.id, asked, self.reader.key, self.context):
            rows.setdefault(one.fate, []).append(one.row)
        return [(fate, _in_spans(numbers)) for fate, numbers in rows.items()]


def _in_spans(numbers: Sequence[int]) -> str:
    """`2-9, 12`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}–{last}" if last > first else f"{first}" for first, last in spans)


@dataclass(frozen=True)
class WaveDesk(ProjectDesk):
    """One of its waves; what has not opened is told by way of its project."""

    own: WaveProgress | None = None
    rows: Sequence[WorkplaceStanding] = ()

    @property
    def progress(self) -> CaseProgress:
        return self.own or super().progress

    @property
    def cases(self) -> str:
        return wave_workflow_id(self.seen.project.id, self.wave) if self.own else super().cases

    async def form(self, command: str) -> PageForm:
        if command not in WAVE_COMMANDS:
            raise Unknown(Problem(code="not_found"))
        check_project_telling(self.reader.key, command)
        assert self.seen.standing is not None
        launch = self.seen.standing.launch
        team = sorted({person for people in launch.team.values() for person in people} | {launch.launched_by})
        meant = meant_by(command, self.rows) if "rows" in WAVE_COMMANDS[command].model_fields else ()
        async with self.context.database.reading() as session:
            listed = await newest_list(session, self.seen.project.id)
        called = await names_by_row(meant, listed, self.context)
        choices = MoveChoices(
            await names_of(team, self.reader, self.context.database),
            self.reader.look.language,
            team=tuple(team),
            rows=tuple((row.row, called.get(row.row, "")) for row in meant),
            ticked=frozenset(f"{row}" for row in self.query.row),
        )
        address = f"{self.address}/waves/{self.wave}/{command}"
        return move_form(address, command, self.progress.seq, choices)

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # a `WaveCommand`
        project, reader, context = self.seen.project.id, self.reader.key, self.context
        if isinstance(said, told.RetryRows):
            said = told.RetryRows(rows=said.rows, reason=said.reason)
        if self.own is None:
            await command_project(project, said, reader, context, response, idempotency_key=key)
        else:
            path = WavePath(project, self.wave)
            await command_wave(path, said, reader, context, response, idempotency_key=key)


async def _launched(project_id: str, reader: Reader, context: Context) -> ProjectSeen:
    seen = await project_seen(project_id, reader.key, context)
    if seen.standing is None:
        raise unknown("launch", project_id)
    return seen


async def _project_desk(
    request: Request,
    project_id: str,
    command: str,
    query: Annotated[CommandQuery, Query()],
    reader: Commanding,
    context: InContext,
) -> ProjectDesk:
    seen = await _launched(project_id, reader, context)
    return ProjectDesk(request, reader, context, seen, query, PROJECT_COMMANDS.get(command))


AtProject = Annotated[ProjectDesk, Depends(_project_desk)]


async def _wave_desk(at: AtProject, wave_id: str, command: str) -> WaveDesk:
    assert at.seen.standing is not None
    if at.seen.standing.progress.wave(wave_id) is None:
        raise unknown("wave", wave_id)
    async with at.context.database.reading() as session:
        found = await wave_row(session, at.seen.project.id, wave_id)
        rows = await workplaces_of(session, at.seen.project.id, wave=wave_id)
    own, kind = found.as_progress() if found else None, WAVE_COMMANDS.get(command)
    return WaveDesk(at.request, at.reader, at.context, at.seen, at.query, kind, wave_id, own, rows)


AtWave = Annotated[WaveDesk, Depends(_wave_desk)]


@router.get(f"{PROJECTS}/{{project_id}}/waves/{{wave_id}}/{{command}}", name="waveCommandPage")
async def wave_command_page(command: str, desk: AtWave) -> Response:
    return await ask(desk, command)


@router.post(f"{PROJECTS}/{{project_id}}/waves/{{wave_id}}/{{command}}", name="commandWavePage")
async def tell_wave(command: str, desk: AtWave, response: Response) -> Response:
    return await tell(desk, command, response)


@router.get(f"{PROJECTS}/{{project_id}}/{{command}}", name="projectCommandPage")
async def project_command_page(command: str, desk: AtProject) -> Response:
    return await ask(desk, command)


@router.post(f"{PROJECTS}/{{project_id}}/{{command}}", name="commandProjectPage")
async def tell_project(command: str, desk: AtProject, response: Response) -> Response:
    return await tell(desk, command, response)
