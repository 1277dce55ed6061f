"""What is seen while the demonstration runs: one row per order on a terminal, plain lines elsewhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from cli.demo.case import DemoCase
from cli.tables import MARKS, filled, state, table
from documents.wording import name_of_step, ordered, word
from domain.people import Language


class DemoBoard:
    def __init__(self, cases: Sequence[DemoCase], console: Console, language: Language) -> None:
        self.cases = cases
        self.console = console
        self.language = language

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, get_renderable=self.picture, refresh_per_second=8):
            yield

    def tell(self, case: DemoCase) -> None:
        if not self.console.is_terminal:
            what = ordered(case.sheet.item_name, case.sheet.kind, self.language)
            self.console.print(f"{case.sheet.no}  {what:<12} {doing(case, self.language)}", markup=False)

    def picture(self) -> RenderableType:
        made = table(self.language, "order", "item", "state", "steps", "what")
        for case in self.cases:
            sheet = case.sheet
            what = ordered(sheet.item_name, sheet.kind, self.language)
            now = doing(case, self.language) if case.saying else ""
            filled(made, [(sheet.no, what, state(sheet.state, self.language), self.marks(case), now)])
        return made

    def marks(self, case: DemoCase) -> Text:
        line = Text()
        for step in case.sheet.steps:
            sign, style = MARKS[step.status]
            line.append(f"{sign}\N{NO-BREAK SPACE}{name_of_step(case.chain.step(step.id), self.language)}  ", style)
        return line


def doing(case: DemoCase, language: Language) -> str:
    """Who is saying what, or how the order stands."""
    if case.saying is None:
        return word("order_state", case.sheet.state, language)
    command = word("command", case.saying.command.type, language)
    role = word("role", case.saying.role, language)
    step = case.saying.command.step
    what = f"{command}, {name_of_step(case.chain.step(step), language)}" if step else command
    return f"{case.saying.person} ({role}): {what}"
