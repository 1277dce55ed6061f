"""One case and all that may happen to it: people say anything at any time, workers die, and nothing answers at once."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from temporalio.exceptions import ApplicationError

from activities.records import CaseEntry
from domain.cases.case import CaseProgress
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.oncall.page import PageProgress
from rehearsal.engine import Engine
from rehearsal.executions import Gone
from rehearsal.stand_ins import Journal, ShelfRegister, World
from rehearsal.virtual_time import Task
from tests.rehearsal.births import Birth, some_birth
from tests.rehearsal.desks import AnyEntry, case_of
from tests.rehearsal.gossip import Gossip
from tests.rehearsal.moods import Moods, Street
from tests.world import ASSETS
from workflows.incident import IncidentWorkflow
from workflows.order import OrderWorkflow
from workflows.paging import PageWorkflow
from workflows.receipts import Receipt
from workflows.refusals import as_refusal

START = datetime(2027, 11, 22, 8, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
# However many retries of an activity that is away for days, for each round of a page that nobody takes: a case that
# sleeps costs next to nothing.
MOST_STEPS_A_MONTH = 200_000
ANSWERED_WITHIN = 90 * DAY


class CaseLife:
    """The same seed makes the same life. `log` is what was said and done, for whoever must find a fault."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.log: list[str] = []
        self.codes: Counter[str] = Counter()
        self.last: dict[str, CaseProgress] = {}
        self.events: dict[str, dict[int, Event]] = {}
        self._since: dict[str, datetime] = {}
        moods = Moods(self.dice, self.dice.choice((0, 0, 0.1, 0.3)))
        world = World(ShelfRegister(ASSETS), Journal(self._hear))
        acts = [moods.moody(act) for act in (*world.acts, *Street(self.dice).acts)]
        received = START + self.dice.randrange(400 * 24) * HOUR
        workflows = (OrderWorkflow, IncidentWorkflow, PageWorkflow)
        self.engine = Engine(received, workflows, acts, seed=seed, remembers=True)
        self.time = moods.time = self.engine.time
        self.moods = moods
        self.birth: Birth = some_birth(self.dice, received)
        self.gossip = Gossip(self.dice, self.birth)

    @property
    def case(self) -> str:
        return self.birth.case

    async def live(self) -> None:
        self.time.begin(self._count())
        self.engine.start(self.birth.workflow, self.birth.asked, self.case)
        self._since[self.case] = self.time.now
        if self.dice.random() < 0.5:
            self._rest(self.case, self.dice.choice((SECOND, HOUR, 3 * DAY, 40 * DAY)))
        for _ in range(self.dice.choice((0, 1, 2, 4))):
            self.say_something()
        for _ in range(self.dice.randrange(25)):
            await self.time.sleep(self._pause())
            if not self.engine.open_ids():
                break
            self._something()
        self.moods.calm_down()

    def _pause(self) -> timedelta:
        hours = self.dice.randrange(1, 24)
        until_next = (self.time.next or self.time.now) - self.time.now
        spans = (0 * HOUR, hours * SECOND, until_next, hours * HOUR, hours * DAY, 5 * hours * DAY, 50 * hours * DAY)
        return self.dice.choices(spans, (30, 10, 15, 20, 10, 3, 1))[0]

    def _something(self) -> None:
        case = self.dice.choice(self.engine.open_ids())
        match self.dice.choices(range(5), (70, 10, 7, 7, 6))[0]:
            case 0:
                self.say_something()
            case 1:
                self._signal(case)
            case 2:
                self.kill(case)
            case 3:
                self._note(f"kill {case} in its task")
                self.engine.kill_in_task(case)
            case _:
                self._rest(case, self.dice.choice((SECOND, HOUR, 3 * DAY)))

    def _rest(self, case: str, span: timedelta) -> None:
        self._note(f"nobody works on {case} for {span}")
        self._since[case] = max(self._since[case], self.time.now + span)
        self.engine.rest(case, self.time.now + span)

    def kill(self, case: str) -> None:
        self._note(f"kill {case}")
        self.engine.kill(case)

    def _signal(self, case: str) -> None:
        name, news = self.gossip.news(self.workflow_of(case), self.time.now)
        self._note(f"{name} to {case}: {news!r}")
        self.engine.signal_to(case, name, news)

    def workflow_of(self, case: str) -> type:
        return self.birth.workflow if case == self.case else PageWorkflow

    def say_something(self) -> None:
        case = self.dice.choice(self.engine.open_ids())
        self.say(case, self.gossip.instruction(case, self.last.get(case), self.time.now))

    def say(self, case: str, said: Instruction) -> Task[None]:
        self._note(f"{said.actor.person} as {said.actor.role} to {case}: {said.command!r}, {said.request_id}")
        before = self._shown(case)
        return self.time.begin(self._heard(case, said, before))

    async def _heard(self, case: str, said: Instruction, before: CaseProgress | None) -> None:
        asked_at = self.time.now
        answer = self.time.begin(self.engine.update(case, "command", said, Receipt))
        assert await self.time.ended(answer, ANSWERED_WITHIN), f"no answer to {said.request_id}"
        given = {known.request_id: known for known in self.last[case].given} if case in self.last else {}
        match answer.error:
            case None:
                self._note(f"{said.request_id}: {answer.result}")
                assert answer.result.seq <= self.last[case].seq
                assert given[said.request_id].actor == said.actor
            case Gone():
                self._note(f"{said.request_id}: nobody there any more")
                assert said.request_id not in given or given[said.request_id].given_at < asked_at
            case ApplicationError() as error if (refused := as_refusal(error)) is not None:
                self._note(f"{said.request_id}: {refused}")
                self.codes.update(problem.code for problem in refused.problems)
                self._same(case, said, before if asked_at == self.time.now else None)
            case error:
                raise error

    def _same(self, case: str, said: Instruction, before: CaseProgress | None) -> None:
        """Who is refused has changed nothing."""
        now = self._shown(case)
        if now is None or before is None or now.seq != before.seq:
            return
        # What machines do at the same instant may show elsewhere.
        for name in ("given", "holds", "calendars"):
            assert getattr(now, name) == getattr(before, name), f"{said.request_id} was refused, but has changed {name}"

    def _shown(self, case: str) -> CaseProgress | None:
        """A case that has not begun, or that nobody works on, cannot be asked."""
        if not self.engine.is_open(case) or self.time.now <= self._since.get(case, self.time.now):
            return None
        return self.engine.query(case, "progress", self.birth.progress if case == self.case else PageProgress)

    def progress(self) -> CaseProgress:
        return self._shown(self.case) or self.last[self.case]

    async def _count(self) -> None:
        while True:
            before = self.time.steps
            await self.time.sleep(30 * DAY)
            steps = self.time.steps - before
            assert steps < MOST_STEPS_A_MONTH, f"{steps} steps within a month"

    def _hear(self, entry: CaseEntry) -> None:
        assert isinstance(entry, AnyEntry)
        case = case_of(entry)
        self._since.setdefault(case, self.time.now)
        self.last[case] = entry.progress
        self.events.setdefault(case, {}).update({event.seq: event for event in entry.events})
        for clock in entry.progress.clocks:
            if clock.settled < timedelta(0):
                self._end_with(AssertionError(f"{clock} has used less than nothing"))

    def _end_with(self, fault: Exception) -> None:
        """What is raised in an activity would be taken for its failure."""

        def end() -> None:
            raise fault

        self.time.soon(end)

    def _note(self, what: str) -> None:
        self.log.append(f"{self.time.now:%Y-%m-%d %H:%M:%S.%f} {what}")
