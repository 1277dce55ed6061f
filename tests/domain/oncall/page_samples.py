"""A page, and short ways to let its people be called and answer."""

from datetime import UTC, datetime, timedelta

from domain.cases.instructions import Instruction
from domain.cases.page_commands import Acknowledge, Decline, PageCommand
from domain.oncall.answers import decide
from domain.oncall.calls import again, called, calls_due, has_step, red, step_due, tried, trying, wakes_at
from domain.oncall.page import Callee, Method, Page, PageState, begin
from domain.people import Actor, Role

START = datetime(2027, 11, 22, 20, tzinfo=UTC)
PAGE = Page(
    no=1,
    case="incident/I-1",
    customer="adler",
    contract="adler-2026",
    cause="reported",
    started_at=START,
)
PHONE = (Method(channel="chat"), Method(channel="sms", after_minutes=2), Method(channel="voice", after_minutes=5))
# Who is named for each of the default steps: primary, backup, SDM, BRM.
NAMED = ("p-lang", "p-koch", "p-sommer", "p-reuter")


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def answer(person: str, command: PageCommand, at: datetime, request_id: str = "") -> Instruction:
    actor = Actor(person=person, role=Role.TECHNICIAN)
    request = request_id or f"{person}-{command.type}-{at:%d-%H-%M}"
    return Instruction(command=command, actor=actor, given_at=at, request_id=request)


class Ladder:
    """Lets a page run by itself as its workflow would: whoever is due is called, whoever `fails` is never reached."""

    def __init__(self, *named: tuple[str, ...], fails: frozenset[str] = frozenset(), page: Page = PAGE) -> None:
        self.page = page
        self.named = named or tuple((person,) for person in NAMED)
        self.fails = fails
        self.progress = begin(page)
        self.said: list[tuple[float, str, str]] = []
        self.red_at: float | None = None
        self.reds: list[float] = []

    def at(self, number: float) -> "Ladder":
        """What is due at this minute is done, with everything that follows from it at once."""
        now = minute(number)
        due = wakes_at(self.page, self.progress)
        if self.progress.state != PageState.CALLING and due is not None and due <= now:
            self.progress = again(self.page, self.progress)
        while self.progress.state == PageState.CALLING and step_due(self.page, self.progress) <= now:
            if not has_step(self.page, self.progress):
                self.progress, self.red_at = red(self.progress), number
                self.reds.append(number)
                break
            people = tuple(
                Callee(person=person, name=person, methods=PHONE) for person in self.named[self.progress.called]
            )
            self.progress = called(self.page, self.progress, people, now)
            self._try(number, now)
        self._try(number, now)
        return self

    def run(self, until: int, start: int = 0) -> "Ladder":
        for number in range(start, until + 1):
            self.at(number)
        return self

    def acknowledge(self, person: str, number: float) -> "Ladder":
        return self._answer(person, Acknowledge(), number)

    def decline(self, person: str, number: float) -> "Ladder":
        return self._answer(person, Decline(), number)

    def first_calls(self) -> dict[str, float]:
        """The minute in which each person was called first."""
        firsts: dict[str, float] = {}
        for number, person, _ in self.said:
            firsts.setdefault(person, number)
        return firsts

    def _answer(self, person: str, command: PageCommand, number: float) -> "Ladder":
        self.progress = decide(self.page, self.progress, answer(person, command, minute(number)))
        return self.at(number)

    def _try(self, number: float, now: datetime) -> None:
        while due := calls_due(self.progress, now):
            call = due[0]
            self.progress = trying(self.progress, call, now)
            trial = next(known for known in self.progress.calls_now if known.person == call.person)
            method = trial.attempts[-1].method.name
            self.said.append((number, call.person, method))
            reached = call.person not in self.fails and f"{call.person}/{method}" not in self.fails
            self.progress = tried(self.page, self.progress, trial, reached, now)
