"""What is seen while a move project is followed: a bar per wave on a terminal, plain lines elsewhere."""

import asyncio
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import httpx2
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from cli.asking import Asking
from cli.errors import CliError, Exit
from cli.http import Api, path
from cli.moves.bars import bar, numbers, with_bars, worded
from cli.moves.events import FollowedEvent, line
from cli.moves.papers import zone_of
from cli.tables import filled, stacked
from domain.ids import project_workflow_id
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.project_sheets import ProjectSheet, WaveSheet
from domain.people import Language

LAST_EVENTS = 8


class ProjectBoard:
    """The sheet as it was read last, and what has happened since."""

    def __init__(self, sheet: ProjectSheet, zone: str, asking: Asking) -> None:
        self.sheet = sheet
        self.zone = zone
        self.language: Language = asking.language
        self.console: Console = asking.console
        self.is_json = asking.json
        self.is_live = self.console.is_terminal and not asking.json
        self.last: deque[FollowedEvent] = deque(maxlen=LAST_EVENTS)

    @contextmanager
    def shown(self) -> Iterator[None]:
        if self.is_live:
            with Live(console=self.console, get_renderable=self.picture, refresh_per_second=4):
                yield
            return
        if not self.is_json:
            self._print(self.picture())
        yield

    def hear(self, events: Sequence[FollowedEvent]) -> None:
        self.last.extend(events)
        for event in events:
            if self.is_json:
                sys.stdout.write(f"{event.model_dump_json(exclude_none=True)}\n")
                sys.stdout.flush()
            elif not self.is_live:
                self._print(Text(line(event, self.zone, self.language)))

    def see(self, sheet: ProjectSheet) -> None:
        before = {wave.id: (wave.state, wave.gate, wave.counts) for wave in self.sheet.waves}
        changed = [wave for wave in sheet.waves if before.get(wave.id) != (wave.state, wave.gate, wave.counts)]
        was, self.sheet = self.sheet.state, sheet
        if self.is_live or self.is_json:
            return
        for wave in changed:
            self._print(Text("  ").join(map(_text, wave_row(wave, self.language))))
        if sheet.state != was:
            self._print(head(sheet, self.language))

    def picture(self) -> RenderableType:
        made = with_bars(self.language, "wave", "state", "progress", "workplaces")
        filled(made, (wave_row(wave, self.language) for wave in self.sheet.waves))
        events = (Text(line(event, self.zone, self.language), "dim") for event in self.last)
        return stacked(head(self.sheet, self.language), made, Group(*events))

    def _print(self, what: RenderableType) -> None:
        self.console.print(what, soft_wrap=True)


def head(sheet: ProjectSheet, language: Language) -> Text:
    state = worded("project_state", sheet.state, language)
    return Text("  ").join(
        [Text(sheet.project, "bold"), state, bar(sheet.counts), Text(numbers(sheet.counts, language))]
    )


def wave_row(wave: WaveSheet, language: Language) -> tuple[str | Text, ...]:
    """A wave that has not begun stands as its gate does."""
    state = worded("gate_state", wave.gate, language)
    if wave.state is not None:
        state = worded("wave_state", wave.state, language)
    elif wave.gate_by is not None:
        state.append(f" ({wave.gate_by})")
    return wave.id, state, bar(wave.counts), numbers(wave.counts, language)


def _text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


async def follow(api: Api, project: str, source: httpx2.EventSource, asking: Asking) -> ProjectState:
    where = path("projects", project, "standing")
    board = ProjectBoard(await api.read(ProjectSheet, where), await zone_of(api, project), asking)
    news: asyncio.Queue[FollowedEvent | None] = asyncio.Queue()
    listening = asyncio.create_task(_listen(source, project_workflow_id(project), news))
    try:
        with board.shown():
            while not board.sheet.state.is_final:
                # Whatever has come in the meantime is read with one look at the sheet.
                told = [await news.get(), *(news.get_nowait() for _ in range(news.qsize()))]
                board.hear([event for event in told if event is not None])
                if None in told:
                    await listening
                board.see(await api.read(ProjectSheet, where))
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    return board.sheet.state


async def _listen(source: httpx2.EventSource, case: str, news: asyncio.Queue[FollowedEvent | None]) -> None:
    try:
        async for event in source:
            if case in event.data:
                happened = FollowedEvent.model_validate_json(event.data)
                if happened.case == case or happened.case.startswith(f"{case}/"):
                    news.put_nowait(happened)
        raise CliError("stream_ended", Exit.UNREACHABLE, case=case)
    finally:
        news.put_nowait(None)
