"""What is seen while the example move runs: a bar per wave on a terminal, plain lines elsewhere."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import RenderableType
from rich.live import Live
from rich.text import Text

from cli.demo.board import doing
from cli.demo.case import DemoCase
from cli.demo.stage import Stage
from cli.demo.words import said
from cli.moves.bars import with_bars
from cli.moves.board import head, wave_row
from cli.tables import filled, stacked
from documents.wording import sentence, word
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WorkplaceStanding

LINES = 8


class MoveBoard:
    """`holders` says who sits in which row."""

    def __init__(self, stage: Stage, holders: Mapping[int, str]) -> None:
        self.console = stage.console
        self.language = stage.language
        self.holders = holders
        self.sheet: ProjectSheet | None = None
        self.lines: deque[Text] = deque(maxlen=LINES)
        self._open: set[tuple[str, int]] = set()

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, get_renderable=self.picture, refresh_per_second=8):
            yield

    def show(self, sheet: ProjectSheet, rows: Sequence[WorkplaceStanding]) -> None:
        self.sheet = sheet
        now_open = {(row.workplace, row.legs[-1].attempt): row for row in rows if row.state.is_open}
        for key in sorted(now_open.keys() - self._open):
            self._tell_open(now_open[key])
        self._open = set(now_open)

    def tell(self, case: DemoCase) -> None:
        line = Text(f"{case.sheet.no}  {case.sheet.request.holder or ''}: {doing(case, self.language)}")
        self.lines.append(line)
        if case.is_over and not self.console.is_terminal:
            self.console.print(line)

    def tell_again(self, row: WorkplaceStanding, person: str, why: str) -> None:
        self._say("tried_again", row, person=person, why=why)

    def _tell_open(self, row: WorkplaceStanding) -> None:
        why = sentence(row.problem, self.language) if row.problem else ""
        self._say("row_open", row, state=word("workplace_state", row.state, self.language), why=why)

    def _say(self, what: str, row: WorkplaceStanding, **values: str) -> None:
        who = self.holders.get(row.row, "")
        self.console.print(said(what, self.language, wave=row.wave, row=row.row, who=who, **values))

    def picture(self) -> RenderableType:
        if self.sheet is None:
            return Text("")
        made = with_bars(self.language, "wave", "state", "progress", "workplaces")
        filled(made, (wave_row(wave, self.language) for wave in self.sheet.waves))
        return stacked(head(self.sheet, self.language), made, Text("\n").join(self.lines))
