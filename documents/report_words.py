"""How the report of a move project says things, be it on paper, in a workbook or on the screen."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from babel.dates import format_datetime
from babel.numbers import format_currency

from documents.notices import LOCALES
from documents.wording import sentence, service, word, wording
from domain.kinds import OrderKind
from domain.moves.plans.waves import hours
from domain.moves.reports.report import GateWord, ProjectReport, ReportedCharge, ReportedWave
from domain.people import Language
from domain.places import Place
from domain.refusals import Problem
from domain.times import zone

_TIME: dict[Language, str] = {"de": "dd.MM.y HH:mm", "en": "d MMM y HH:mm"}
_SHORT: dict[Language, str] = {"de": "dd.MM. HH:mm", "en": "d MMM HH:mm"}


class ReportWords:
    """The words of one report in one language; times are those of its site."""

    def __init__(self, made: ProjectReport, language: Language) -> None:
        self.language = language
        self.labels = wording(language).words["report_label"]
        self._names = made.names
        self._zone = zone(made.zone)
        places = (of for row in made.rows for of in (row.source, row.target) if of is not None)
        self._in_one_place = len({of.site for of in places}) == 1

    @property
    def zone(self) -> str:
        return self._zone.key

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def time(self, at: datetime | None) -> str:
        return self._written(at, _TIME)

    def short(self, at: datetime | None) -> str:
        """Without the year, which everybody knows."""
        return self._written(at, _SHORT)

    def money(self, amount: Decimal | None) -> str:
        return "" if amount is None else format_currency(amount, "EUR", locale=LOCALES[self.language])

    def person(self, who: str | None) -> str:
        return self._names.get(who, who) if who is not None else ""

    def people(self, who: Sequence[str]) -> str:
        return ", ".join(map(self.person, who))

    def place(self, of: Place | None) -> str:
        """Where there is only one site, nobody needs its name in every row."""
        if of is None:
            return ""
        inside = str(of).partition(" / ")[2]
        return inside if self._in_one_place and inside else str(of)

    def why(self, problems: Sequence[Problem]) -> str:
        return " ".join(sentence(problem, self.language) for problem in problems)

    def kind(self, of: OrderKind | None) -> str:
        return self.word("order_kind", of) if of is not None else ""

    def gate(self, said: GateWord) -> str:
        return self.word("move_happening", said.what)

    def sayer(self, said: GateWord) -> str:
        return self.labels["by_itself"] if said.by is None else self.person(said.by)

    def wave_state(self, wave: ReportedWave) -> str:
        return self.word("gate_state", wave.gate) if wave.state is None else self.word("wave_state", wave.state)

    def delay(self, minutes: int | None) -> str:
        if minutes is None:
            return ""
        if minutes == 0:
            return self.labels["on_time"]
        return f"{hours(abs(minutes))} {self.labels['late' if minutes > 0 else 'early']}"

    def service(self, charge: ReportedCharge) -> str:
        return service(charge.reason, charge.text, self.language)

    def word(self, noun: str, value: str) -> str:
        return word(noun, value, self.language)

    def _written(self, at: datetime | None, pattern: dict[Language, str]) -> str:
        if at is None:
            return ""
        return format_datetime(self.local(at), pattern[self.language], locale=LOCALES[self.language])
