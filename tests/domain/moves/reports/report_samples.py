"""A project with three waves of which the second has failed in part and the third was called off, and its records."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.move_commands import CallOff, Go, RefuseGo, WithdrawRows
from domain.cases.wave_briefs import Gate, WaveBrief
from domain.contracts.customers import Customer
from domain.ids import leg_order_no
from domain.kinds import Leg, OrderKind
from domain.lists import DataIssue
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState, WaveStanding
from domain.moves.launched.wave_progress import LegProgress, LegStatus, WaveState, WorkplaceStanding, WorkplaceState
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import RowState, StagedRow
from domain.moves.plans.launches import Launch, PlannedLeg
from domain.moves.plans.plan import Assignment, Basis, LeftOver, Plan, Technician
from domain.moves.plans.versions import NotPlanned, PlanRequest, ProjectPlan
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.reports.records import LedgerLine, OrderFacts, ProjectRecords, WaveFacts
from domain.people import Actor, Role
from domain.places import Place
from domain.refusals import Problem
from tests.world import CONTRACT, HQ, OFFICE

START = datetime.fromisoformat("2026-11-23T09:00:00+01:00")
HOUR = timedelta(hours=1)
ADLER = Customer(id="adler", name="Adler Maschinenbau")
BOSS = Actor(person="p-huber", role=Role.APPROVER)
COORDINATOR = Actor(person="p-koch", role=Role.COORDINATOR)
NAMES = {"p-huber": "Max Huber", "p-koch": "Eva Koch", "p-lang": "Tom Lang"}
WAVE_OF = {1: "w1", 2: "w1", 3: "w2", 4: "w2", 5: "w2", 6: "w3"}
UNTIMED, UNREADY = 7, 8
# Row 3 was tried twice.
ATTEMPTS = {3: 2}


def key(row: int) -> str:
    return f"row-{row}"


def begins(row: int) -> datetime:
    return START + int(WAVE_OF[row][1]) * 24 * HOUR + row * timedelta(minutes=30)


def desk(room: str, row: int) -> Place:
    return Place(site=HQ.id, building="B", room=room, desk=str(row))


def staged(row: int) -> StagedRow:
    said = {"person": f"Person {row}"}
    if row == UNREADY:
        issue = DataIssue(row=row, column="Mitarbeiter", value="?", code="person_unknown", values={"person": "X"})
        return StagedRow(row=row, key=key(row), said=said, cells=(), issues=(issue,), state=RowState.ISSUE)
    move = KitMove(holder=f"Person {row}", assets=(f"PC-{row}",), source=desk("1.01", row), target=desk("2.01", row))
    return StagedRow(row=row, key=key(row), said=said, cells=(), move=move)


def plan() -> ProjectPlan:
    workplaces = tuple(
        Workplace(key=key(row), row=row, source=desk("1.01", row), target=desk("2.01", row)) for row in range(1, 8)
    )
    assignments = tuple(
        Assignment(
            workplace=key(row),
            leg=Leg.WHOLE,
            wave=wave,
            technician="p-lang",
            start=begins(row),
            end=begins(row) + HOUR,
            source=desk("1.01", row),
            target=desk("2.01", row),
        )
        for row, wave in WAVE_OF.items()
    )
    waves = tuple(Wave(id=brief.id, start=brief.start, end=brief.end) for brief in briefs())
    frozen = Problem(code="wave_frozen", values={"wave": "w3", "why": "Inventur"})
    unready = Problem(code="person_unknown", values={"person": "X"})
    technicians = (Technician(id="p-lang", hours=OFFICE),)
    return ProjectPlan(
        project="haus-b",
        version=2,
        list_version=1,
        at=START,
        actor=COORDINATOR,
        rows=8,
        workplaces=7,
        planned=6,
        request=PlanRequest(),
        basis=Basis(workplaces=workplaces, waves=waves, technicians=technicians, sites=(HQ,)),
        plan=Plan(assignments=assignments, left_over=(LeftOver(workplace=key(UNTIMED), why=(frozen,)),)),
        not_planned=(NotPlanned(row=UNREADY, workplace=key(UNREADY), why=(unready,)),),
    )


def briefs() -> tuple[WaveBrief, ...]:
    rows = {wave: [row for row, its in WAVE_OF.items() if its == wave] for wave in ("w1", "w2", "w3")}
    return tuple(
        WaveBrief(
            id=wave,
            start=begins(inside[0]),
            end=begins(inside[-1]) + HOUR,
            gate=Gate(by="p-huber") if wave == "w1" else Gate(),
            workplaces=len(inside),
        )
        for wave, inside in rows.items()
    )


LAUNCH = Launch(
    project="haus-b",
    customer="adler",
    contract=CONTRACT.id,
    name="Umzug in Haus B",
    site=HQ.id,
    zone="Europe/Berlin",
    plan=2,
    received_at=START,
    launched_by="p-koch",
    approver="p-huber",
    calendar=OFFICE,
    waves=briefs(),
)


def said(command: AnyCommand, at: datetime, by: Actor = BOSS) -> Instruction:
    return Instruction(command=command, actor=by, given_at=at, request_id=f"{at:%H%M}-{command.type}")


def standing(row: int, state: WorkplaceState, status: LegStatus, **changes: object) -> WorkplaceStanding:
    attempt, planned = ATTEMPTS.get(row, 1), PlannedLeg(workplace=key(row), row=row, leg=Leg.WHOLE, start=begins(row))
    begun, ended = begins(row), begins(row) + timedelta(minutes=75)
    leg = LegProgress(
        planned=planned, status=status, attempt=attempt, order=order(row, attempt), started_at=begun, ended_at=ended
    )
    one = WorkplaceStanding(
        workplace=key(row),
        row=row,
        kind=OrderKind.MOVE,
        wave=WAVE_OF[row],
        state=state,
        started_at=begun,
        ended_at=ended,
        legs=(leg,),
    )
    return one.but(**changes)


def order(row: int, attempt: int = 1) -> str:
    return leg_order_no("haus-b", key(row), Leg.WHOLE, attempt)


def line(row: int, amount: str, attempt: int = 1) -> LedgerLine:
    return LedgerLine(
        order=order(row, attempt),
        at=begins(row) + 2 * HOUR,
        reason="time",
        text="set_up",
        quantity=Decimal(1),
        unit="hour",
        unit_price=Decimal(96),
        factor=Decimal(1),
        amount=Decimal(amount),
    )


def called_off() -> ProjectRecords:
    """It is over: two rows have moved, one is left as an exception, one was withdrawn, one has come back."""
    why = CallOff(reason="the floor is flooded")
    broken = Problem(code="work_failed", values={"reason": "=dock is stuck"})
    first, second, third = (WaveStanding(brief=brief, gate=GateState.OPEN) for brief in briefs())
    waves = (
        first.but(state=WaveState.DONE, opened_by="p-huber", opened_at=START + 25 * HOUR),
        second.but(state=WaveState.CALLED_OFF, opened_at=second.brief.start),
        third.but(gate=GateState.CALLED_OFF),
    )
    return ProjectRecords(
        launch=LAUNCH,
        progress=ProjectProgress(
            state=ProjectState.CALLED_OFF,
            plan=2,
            waves=waves,
            called_off=why,
            given=(
                said(RefuseGo(wave="w1", reason="the lift is broken"), START + 24 * HOUR),
                said(Go(wave="w1"), START + 25 * HOUR),
                said(why, START + 60 * HOUR, COORDINATOR),
            ),
        ),
        plan=plan(),
        rows=[staged(row) for row in range(1, 9)],
        standings=[
            standing(1, WorkplaceState.OK, LegStatus.DONE),
            standing(2, WorkplaceState.OK, LegStatus.DONE),
            standing(3, WorkplaceState.EXCEPTION, LegStatus.STUCK, problem=broken, owner="p-koch"),
            standing(4, WorkplaceState.SKIPPED, LegStatus.WITHDRAWN, started_at=None, ended_at=None, legs=()),
            standing(5, WorkplaceState.ROLLED_BACK, LegStatus.DONE),
        ],
        orders={
            order(1): OrderFacts(minutes=50, technician="p-lang"),
            order(2): OrderFacts(minutes=40, technician="p-lang", broken=(("fulfilment", begins(2) + HOUR),)),
            order(3): OrderFacts(minutes=10),
            order(3, 2): OrderFacts(minutes=25),
            order(5): OrderFacts(minutes=60),
        },
        entries=(line(1, "96.00"), line(2, "96.00"), line(3, "49.00"), line(5, "96.00"), line(5, "-96.00")),
        waves={
            "w1": WaveFacts(WaveState.DONE),
            "w2": WaveFacts(
                WaveState.CALLED_OFF, (said(WithdrawRows(rows=(4,), reason="stays at home"), START + 50 * HOUR),)
            ),
        },
    )


def under_way() -> ProjectRecords:
    """Only the first wave has opened: one row is done, the other one in flight."""
    records = called_off()
    first, second, third = records.progress.waves
    waves = (
        first.but(state=WaveState.RUNNING),
        *(wave.but(gate=GateState.SHUT, state=None, opened_at=None) for wave in (second, third)),
    )
    progress = records.progress.but(state=ProjectState.RUNNING, waves=waves, called_off=None)
    done, going = records.standings[:2]
    return replace(
        records,
        progress=progress,
        standings=[done, going.but(state=WorkplaceState.IN_FLIGHT, ended_at=None)],
        waves={"w1": WaveFacts(WaveState.RUNNING)},
    )
