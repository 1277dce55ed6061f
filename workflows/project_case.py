"""One launched move project: its gates, what it has heard of its waves, and what these are told."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from temporalio import workflow

from activities.moves import Expected, Outlook
from activities.records import ProjectEntry, Records
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.cases.move_commands import Close
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import SERVICE, SlaClock
from domain.ids import project_workflow_id
from domain.moves.launched.events import PROJECT_TELLS, MoveHappening
from domain.moves.launched.gates import may_open, percents_for
from domain.moves.launched.project_decisions import PASSED_ON, begun, decide, following, opened
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState, WaveStanding
from domain.moves.launched.wave_progress import ProjectWord, WaveNews, WaveState
from domain.moves.plans.launches import Launch, WaveLaunch
from domain.people import MACHINE, MachineReason, Role
from workflows.case import Case
from workflows.effects import act


class ProjectCase(Case[ProjectProgress]):
    tells = PROJECT_TELLS

    def __init__(self, launch: Launch) -> None:
        workflow_id = project_workflow_id(launch.project)
        super().__init__(workflow_id, launch.project, launch.contract, launch.received_at, begun(launch))
        self.launch = launch
        self.words: list[tuple[str, ProjectWord]] = []
        self._news_heard: set[tuple[str, str]] = set()

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return {SERVICE: self.launch.calendar, **self.progress.calendars}

    @property
    def deadline(self) -> datetime | None:
        """Until when somebody may still decide about what is left."""
        return self.progress.settle_until

    def ladder(self, clock: SlaClock) -> tuple[LadderRow, ...]:
        return ()

    def background(self) -> dict[str, str]:
        launch, numbers = self.launch, self._in_numbers()
        return {
            "project": launch.project,
            "name_of_project": launch.name,
            "site": launch.site,
            "zone": launch.zone,
            **numbers,
        }

    def people_as(self, role: Role) -> tuple[str, ...]:
        return (self.launch.launched_by,) if role == Role.REQUESTER else ()

    def decide(self, instruction: Instruction) -> ProjectProgress:
        return decide(self.launch, self.progress, instruction)

    def execute(self, instruction: Instruction) -> Instruction | None:
        given = super().execute(instruction)
        if given is not None:
            if isinstance(given.command, PASSED_ON):
                self._pass_on(given)
            self.follow()
        return given

    def advance(self, progress: ProjectProgress) -> None:
        self.progress = progress
        self.follow()

    def follow(self) -> None:
        """Gates turn by themselves where no person is named; whoever is named is asked once."""
        before = {wave.id: wave.gate for wave in self.progress.waves}
        self.progress = following(self.progress)
        self.ask_who_opens(before)

    def ask_who_opens(self, before: Mapping[str, GateState]) -> None:
        """Of the gates that have turned since."""
        for wave in self.progress.waves:
            if wave.gate == GateState.ASKED and before.get(wave.id) != GateState.ASKED:
                self._ask(wave)

    def open_due(self) -> None:
        """Open the gates whose time has come."""
        if not self.progress.holds:
            now = workflow.now()
            for wave in self.progress.waves:
                if may_open(wave, now):
                    self.progress = self.progress.with_wave(opened(wave, None, now))

    def wave_launch(self, wave: WaveStanding) -> WaveLaunch:
        shared = self.launch.model_dump(exclude={"waves", "grace_days", "plan"})
        briefs = [other.brief for other in self.progress.waves]
        return WaveLaunch(
            **shared,
            plan=self.progress.plan,
            wave=wave.brief,
            tells_at=percents_for(wave.id, briefs),
            withdrawn=self.progress.withdrawn,
        )

    @property
    def outlook(self) -> Outlook:
        """What is to be seen of waves that have not opened."""
        launch, progress = self.launch, self.progress
        return Outlook(
            project=launch.project,
            customer=launch.customer,
            plan=progress.plan,
            withdrawn=progress.withdrawn,
            called_off=progress.called_off and progress.called_off.reason,
        )

    def expect(self, expected: Expected) -> None:
        """What waves that have not opened will begin with."""
        for wave in self.progress.waves:
            counts = expected.waves.get(wave.id)
            if counts is not None and not wave.is_open and counts != wave.counts:
                self.progress = self.progress.with_wave(wave.but(counts=counts))
                self.write_whole()

    def hear(self, news: WaveNews) -> None:
        """News come one after another; the same piece twice is nothing."""
        wave = self.progress.wave(news.wave)
        if wave is None or (news.wave, news.event_id) in self._news_heard:
            return
        self._news_heard.add((news.wave, news.event_id))
        if news.plan is not None and news.plan < self.progress.plan and not news.state.is_final:
            # Said before it heard of this plan: it tells again when it knows its rows.
            return
        through_at = news.at if news.state == WaveState.THROUGH or news.state.is_final else None
        heard = wave.but(state=news.state, counts=news.counts, through_at=through_at)
        was_through = wave.is_through
        self.progress = self.progress.with_wave(heard)
        if heard.is_through and not was_through:
            values = {name: str(number) for name, number in news.counts.model_dump().items()}
            self.note(MoveHappening.WAVE_THROUGH, values={"wave": wave.id} | values)
        else:
            # What it has counted is to be seen, even though nothing else has come of it.
            self.write_whole()
        self.follow()

    def settle_until(self, until: datetime) -> None:
        self.progress = self.progress.but(settle_until=until)
        self.note(MoveHappening.SETTLING, values={"until": until.isoformat()} | self._in_numbers())

    def close(self) -> None:
        """Let the waves end; whoever has called it closed has told them already."""
        if not self.progress.closing:
            self.progress = self.progress.but(closing=True)
            command = Close(reason=MachineReason.NOTHING_GOES_ON)
            given = Instruction(command=command, actor=MACHINE, given_at=workflow.now(), request_id="close")
            self._pass_on(given)

    def end(self) -> None:
        progress = self.progress
        if progress.called_off is not None:
            state = ProjectState.CALLED_OFF
        else:
            state = ProjectState.DONE_WITH_EXCEPTIONS if progress.open_points else ProjectState.DONE
        self.progress = progress.but(state=state)
        self.note(MoveHappening(state), values=self._in_numbers() | {"state": state})

    async def write(self, events: tuple[Event, ...], *, whole: bool, summary: str) -> int:
        entry = ProjectEntry(
            launch=self.launch,
            progress=self.progress,
            events=events,
            deadline=self.deadline,
            at=workflow.now(),
            whole=whole,
        )
        return await act(Records.record_project, entry, summary=summary[:200])

    def _ask(self, wave: WaveStanding) -> None:
        by = wave.brief.gate.by
        assert by is not None
        values = {"wave": wave.id, "from": wave.brief.start.isoformat(), "to": wave.brief.end.isoformat()}
        values |= {"workplaces_of_wave": str(wave.brief.workplaces)}
        self.note(MoveHappening.GATE_ASKED, values={"wave": wave.id, "person": by})
        self.tell("project_gate_asked", people=(by,), values=values)

    def _pass_on(self, given: Instruction) -> None:
        # Whoever tells a wave something himself may name that request alike.
        digest = hashlib.sha256(given.request_id.encode()).hexdigest()[:24]
        word = ProjectWord(
            event_id=f"{digest}-{given.command.type}", instruction=given.but(request_id=f"project-{digest}")
        )
        self.words += [(wave.id, word) for wave in self.progress.waves if wave.is_open and not wave.is_over]

    def _in_numbers(self) -> dict[str, str]:
        waves = self.progress.waves
        names = ("workplaces", "ok", "failed", "exceptions", "open", "skipped", "rolled_back")
        return {name: str(sum(getattr(wave.counts, name) for wave in waves)) for name in names}
