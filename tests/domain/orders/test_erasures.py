"""What is proven erased, drive by drive: by hand, or by the report of a tool."""

from collections.abc import Sequence

from domain.assets.asset import AssetStatus
from domain.cases.erasures import ErasedDrive, ErasureReport
from domain.cases.instructions import Instruction
from domain.cases.lookups import ErasureReportFound
from domain.cases.order_commands import AddErasureReport
from domain.contracts.chains import AssetUpdate, ErasureMethod
from domain.kinds import OrderKind
from domain.orders.decisions.decide import decide
from domain.orders.erasures import ErasureOutcome, erasure_records
from domain.orders.order import Order
from domain.orders.papers import papers_of
from domain.orders.progress import StepStatus
from domain.orders.register_changes import asset_changes
from domain.papers import KeptKind, KeptPaper
from domain.refusals import Unacceptable
from tests.domain.orders.paper import HOUR, MONDAY, Paper, erased, placed
from tests.world import COORDINATOR, TECHNICIAN

DIGEST = "a" * 64


def of_notebooks(count: int) -> Order:
    order = placed(OrderKind.DISPOSE)
    (first,) = order.assets
    return order.but(assets=tuple(first.but(tag=f"NB-{n}", serial=f"SN{n}") for n in range(count)))


def drive(serial: str | None, **changes: object) -> ErasedDrive:
    return ErasedDrive(
        serial=serial,
        standard="NIST 800-88 Purge",
        method=ErasureMethod.PURGE,
        passed=True,
        result="Successful",
        verification="Successful",
        done_at=MONDAY,
    ).but(**changes)


def told(paper: Paper, drives: Sequence[ErasedDrive], digest: str, changes: dict[str, object]) -> Instruction:
    command = AddErasureReport(
        digest=digest,
        validation="five read back",
        operator=TECHNICIAN.person,
        verifier=COORDINATOR.person,
        place="Werkstatt",
    )
    found = ErasureReportFound(
        paper=KeptPaper(digest=digest, media_type="application/xml", size=9),
        report=ErasureReport(tool="Blancco", drives=tuple(drives)),
    )
    return Instruction(
        command=command.but(**changes), actor=TECHNICIAN, given_at=paper.now, request_id=digest[:8], looked_up=found
    )


def say(paper: Paper, drives: Sequence[ErasedDrive], *, digest: str = DIGEST, **changes: object) -> None:
    paper.progress = decide(paper.order, paper.progress, told(paper, drives, digest, changes))
    paper.go_on()


def refused(paper: Paper, drives: Sequence[ErasedDrive], **changes: object) -> list[str]:
    try:
        decide(paper.order, paper.progress, told(paper, drives, DIGEST, changes))
    except Unacceptable as why:
        return [problem.code for problem in why.problems]
    raise AssertionError("it was taken")


def outcomes(paper: Paper) -> list[ErasureOutcome]:
    return [record.outcome for record in erasure_records(paper.order, paper.progress)]


def test_a_hundred_drives_of_which_three_failed_and_two_are_unknown_prove_exactly_ninety_five() -> None:
    paper = Paper(of_notebooks(98)).until("erasure")
    drives = [drive(f"SN{n}", passed=n >= 3) for n in range(98)]

    say(paper, [*drives, drive("SN-X"), drive(None)])

    assert outcomes(paper).count(ErasureOutcome.PROVEN) == 95
    assert outcomes(paper).count(ErasureOutcome.FAILED) == 3
    assert outcomes(paper).count(ErasureOutcome.UNKNOWN) == 2
    assert paper.status("erasure") == StepStatus.STARTED
    for n in range(3):
        paper.say(TECHNICIAN, erased(f"SN{n}", paper.now, method=ErasureMethod.DESTROY, tool="shredder"))
    assert paper.status("handover") == StepStatus.OPEN
    step = paper.order.chain.step("asset_update")
    assert isinstance(step, AssetUpdate)
    changes = asset_changes(paper.order, paper.progress, step)
    assert {change.erased_by for change in changes} == {paper.order.no}


def test_a_drive_that_failed_is_not_forgotten_because_a_later_report_leaves_it_out() -> None:
    paper = Paper(of_notebooks(1)).until("erasure")
    say(paper, [drive("D1", machine="SN0"), drive("D2", machine="SN0", passed=False)])

    say(paper, [drive("D1", machine="SN0")], digest="b" * 64)
    left_out = paper.status("erasure")
    say(paper, [drive("d2", machine="SN0")], digest="c" * 64)

    assert left_out == StepStatus.STARTED
    assert paper.status("handover") == StepStatus.OPEN


def test_a_drive_that_fails_in_a_later_report_is_proven_no_longer() -> None:
    paper = Paper(of_notebooks(2)).until("erasure")
    say(paper, [drive("SN0")])

    say(paper, [drive("SN0", passed=False), drive("SN1")], digest="b" * 64)

    assert paper.status("erasure") == StepStatus.STARTED


def test_whoever_types_that_a_machine_is_destroyed_answers_for_all_its_drives() -> None:
    paper = Paper(of_notebooks(1)).until("erasure")
    say(paper, [drive("D1", machine="SN0"), drive(None, machine="SN0", passed=False)])

    paper.say(TECHNICIAN, erased("SN0", paper.now, method=ErasureMethod.DESTROY, tool="shredder"))

    assert paper.status("handover") == StepStatus.OPEN


def test_each_drive_is_held_to_what_the_step_asks_for() -> None:
    paper = Paper(of_notebooks(4)).until("erasure")

    say(
        paper,
        [
            drive("SN0"),
            drive("SN1", method=ErasureMethod.CLEAR),
            drive("SN2", method=None, standard="of our own"),
            drive("SN3", verification=None),
        ],
    )

    assert outcomes(paper) == [
        ErasureOutcome.PROVEN,
        ErasureOutcome.TOO_WEAK,
        ErasureOutcome.TOO_WEAK,
        ErasureOutcome.UNVERIFIED,
    ]


def test_a_machine_is_erased_when_all_its_drives_are() -> None:
    paper = Paper(of_notebooks(2)).until("erasure")

    say(paper, [drive("D1", machine="SN0"), drive("D2", machine="SN0", passed=False), drive("D3", machine="SN1")])
    assert paper.status("erasure") == StepStatus.STARTED
    say(paper, [drive("D1", machine="SN0"), drive("D2", machine="SN0")], digest="b" * 64)

    assert paper.status("erasure") == StepStatus.DONE


def test_several_reports_and_what_is_typed_prove_it_together() -> None:
    paper = Paper(of_notebooks(3)).until("erasure")

    say(paper, [drive("SN0")])
    paper.say(TECHNICIAN, erased("SN1", paper.now))
    say(paper, [drive("sn2")], digest="b" * 64)

    assert paper.status("erasure") == StepStatus.DONE
    assert [record.report for record in erasure_records(paper.order, paper.progress)] == [DIGEST, None, "b" * 64]
    assert [paper.kind for paper in papers_of(paper.progress)] == [KeptKind.ERASURE_REPORT] * 2


def test_all_that_is_wrong_with_a_report_is_said_at_once() -> None:
    paper = Paper(of_notebooks(20)).until("erasure")
    drives = [drive("SN1O"), drive("SN2", done_at=paper.now + HOUR)]

    assert refused(paper, drives, verifier=TECHNICIAN.person) == [
        "verifier_is_operator",
        "serial_looks_alike",
        "drive_in_the_future",
    ]
    assert refused(paper, [drive("SN-X"), drive(None)]) == ["report_of_others"]
    assert outcomes(paper) == []


def test_what_holds_no_data_is_not_proven_erased() -> None:
    order = of_notebooks(2)
    screen = order.assets[1].but(data_bearing=False, status=AssetStatus.RETIRED)
    paper = Paper(order.but(assets=(order.assets[0], screen))).until("erasure")

    say(paper, [drive("SN0"), drive("SN1")])

    assert outcomes(paper) == [ErasureOutcome.PROVEN, ErasureOutcome.UNKNOWN]
