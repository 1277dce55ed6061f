"""Erasure records, custody and evidence: what must be proven serial by serial before a step is over."""

from domain.cases.lookups import ErasureReportFound, RecyclerListFound
from domain.cases.order_commands import (
    AddErasureReport,
    AddEvidence,
    AddPaper,
    AddRecyclerList,
    ConfirmCustody,
    DeclareWaste,
    RecordErasure,
)
from domain.contracts.chains import DISPOSAL_PROOF, Custody, Erasure, Evidence
from domain.ids import incident_no
from domain.orders.decisions.asked import OrderAsked
from domain.orders.decisions.custodians import check_unquestioned, custodian, custodian_problems
from domain.orders.departures import missing_now, newly_missing
from domain.orders.erasures import name_of, proven, report_problems, to_erase
from domain.orders.progress import Progress, StepStatus
from domain.orders.waste import declarers, waste_problems
from domain.papers import MOST_PAPERS
from domain.refusals import Problem, Unacceptable, conflict, refuse_if


def record_erasure(asked: OrderAsked, command: RecordErasure) -> Progress:
    step = asked.step
    assert isinstance(step, Erasure)
    wanted = to_erase(asked.progress.assets)
    problems = []
    if command.serial not in wanted:
        problems.append(Problem(code="serial_not_listed", at="/serial", values={"serial": command.serial}))
    if command.operator == command.verifier:
        problems.append(Problem(code="verifier_is_operator", at="/verifier"))
    if not command.method.covers(step.at_least):
        problems.append(Problem(code="method_too_weak", at="/method", values={"at_least": step.at_least}))
    if command.done_at > asked.at:
        problems.append(Problem(code="in_the_future", at="/done_at"))
    if problems:
        raise Unacceptable(*problems)
    return _settled_when_proven(asked)


def add_erasure_report(asked: OrderAsked, command: AddErasureReport) -> Progress:
    """What it says of media of the order counts, of each by itself; what is wrong with the whole refuses it."""
    assert isinstance(asked.step, Erasure)
    _check_room(asked, command.digest)
    found = asked.looked_up
    drives = found.report.drives if isinstance(found, ErasureReportFound) else ()
    problems = []
    if command.operator == command.verifier:
        problems.append(Problem(code="verifier_is_operator", at="/verifier"))
    problems += report_problems(asked.progress.assets, drives)
    problems += [
        Problem(code="drive_in_the_future", at=f"/drives/{number}", values={"serial": drive.serial or ""})
        for number, drive in enumerate(drives)
        if drive.done_at > asked.at
    ]
    if problems:
        raise Unacceptable(*problems)
    return _settled_when_proven(asked)


def _settled_when_proven(asked: OrderAsked) -> Progress:
    """What is told now counts with what the step was told before."""
    progress, step_id = asked.progress, asked.step_id
    told = [given for given, _ in progress.told((RecordErasure, AddErasureReport), step_id)]
    if to_erase(progress.assets) <= proven(asked.case, progress.assets, (*told, asked.instruction)):
        return asked.settle()
    return asked.progress.with_step(asked.step_id, status=StepStatus.STARTED)


def confirm_custody(asked: OrderAsked, command: ConfirmCustody) -> Progress:
    """The two sides are two people, and each names exactly what the order is about."""
    assert isinstance(asked.step, Custody)
    refuse_if([*_serial_problems(asked, command.serials, whole=True), *custodian_problems(asked, command)])
    told = asked.progress.told(ConfirmCustody, asked.step_id)
    said = {confirmed.side: given.actor.person for given, confirmed in told}
    if command.side in said:
        raise conflict("already_confirmed", side=command.side)
    if asked.actor.person in said.values():
        raise conflict("both_sides_same_person", side=command.side)
    if command.side == "taker" and asked.actor.person in declarers(asked.progress):
        raise conflict("taker_declares_waste")
    if not said:
        return asked.progress.with_step(asked.step_id, status=StepStatus.STARTED)
    handed = asked.settle()
    return handed.but(custodians=(*handed.custodians, *custodian(asked)))


def declare_waste(asked: OrderAsked, command: DeclareWaste) -> Progress:
    """It says what the goods are and moves nothing. Whoever has waste says what it is, not who takes it."""
    assert isinstance(asked.step, Custody)
    if not asked.step.leaves_control:
        raise conflict("nothing_leaves", step=asked.step_id)
    confirmed = asked.progress.told(ConfirmCustody, asked.step_id)
    if any(said.side == "taker" and given.actor.person == asked.actor.person for given, said in confirmed):
        raise conflict("taker_declares_waste")
    refuse_if(list(waste_problems(asked.progress.assets, command)))
    return asked.progress


def add_recycler_list(asked: OrderAsked, command: AddRecyclerList) -> Progress:
    """It moves nothing. What no list has missed before is missing from now on, whatever later lists say."""
    assert isinstance(asked.step, Custody)
    if not asked.step.leaves_control:
        raise conflict("nothing_leaves", step=asked.step_id)
    _check_room(asked, command.digest)
    found, progress = asked.looked_up, asked.progress
    if not isinstance(found, RecyclerListFound):
        raise Unacceptable(Problem(code="paper_unknown", at="/digest"))
    incident = incident_no(f"missing/{asked.case.no}/{len(progress.missing)}")
    missing = newly_missing(progress, asked.step_id, found.said.received, incident)
    return progress.but(missing=(*progress.missing, missing)) if missing else progress


def add_late_list(asked: OrderAsked, command: AddRecyclerList) -> Progress:
    """The same after the end. Whoever brings it looks for what is missing, so its incident goes by what that is."""
    progress = add_recycler_list(asked, command)
    if len(progress.missing) == len(asked.progress.missing):
        return progress
    *before, goods = progress.missing
    if goods.incident is None:
        return progress
    number = incident_no(f"missing/{asked.case.no}/late/{'|'.join(sorted(goods.data_bearing))}")
    return progress.but(missing=(*before, goods.but(incident=number)))


def add_evidence(asked: OrderAsked, command: AddEvidence) -> Progress:
    step = asked.step
    assert isinstance(step, Evidence)
    if command.document != step.document:
        raise Unacceptable(Problem(code="document_wrong", at="/document", values={"document": step.document}))
    refuse_if(_serial_problems(asked, command.serials, whole=False))
    if step.document == DISPOSAL_PROOF:
        check_unquestioned(asked)
    away = missing_now(asked.progress) if step.document == DISPOSAL_PROOF else frozenset()
    refuse_if(
        [
            Problem(code="missing_at_recycler", at=f"/serials/{position}", values={"serial": serial})
            for position, serial in enumerate(command.serials)
            if serial in away
        ]
    )
    proven = {serial for _, told in asked.progress.told(AddEvidence, step.id) for serial in told.serials}
    if {name_of(asset) for asset in asked.progress.assets} <= proven | set(command.serials):
        return asked.settle()
    return asked.progress.with_step(step.id, status=StepStatus.STARTED)


def add_paper(asked: OrderAsked, command: AddPaper) -> Progress:
    """It says something about the order and moves nothing."""
    _check_room(asked, command.digest)
    return asked.progress


def _check_room(asked: OrderAsked, digest: str) -> None:
    adding = (AddPaper, AddErasureReport, AddRecyclerList)
    there = [given.command.digest for given in asked.progress.given if isinstance(given.command, adding)]
    if digest in there:
        raise conflict("paper_there")
    if len(there) >= MOST_PAPERS:
        raise conflict("too_many_papers", most=f"{MOST_PAPERS}")


def _serial_problems(asked: OrderAsked, serials: tuple[str, ...], *, whole: bool) -> list[Problem]:
    listed = [name_of(asset) for asset in asked.progress.assets]
    problems = [
        Problem(code="serial_not_listed", at=f"/serials/{position}", values={"serial": serial})
        for position, serial in enumerate(serials)
        if serial not in listed
    ]
    if len(set(serials)) < len(serials):
        problems.append(Problem(code="serial_twice", at="/serials"))
    missing = [name for name in listed if name not in serials]
    if whole and missing:
        problems.append(Problem(code="serials_missing", at="/serials", values={"serials": ", ".join(missing)}))
    return problems
