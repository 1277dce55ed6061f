"""What is proven erased of an order's assets: by which record, typed or from a tool's report."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from domain.assets.asset import Asset
from domain.cases.erasures import ErasedDrive
from domain.cases.instructions import Instruction
from domain.cases.lookups import ErasureReportFound
from domain.cases.order_commands import AddErasureReport, RecordErasure
from domain.contracts.chains import Erasure, ErasureMethod
from domain.names import look_of, same_tag
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.papers import Digest
from domain.people import Actor
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value


class ErasureOutcome(StrEnum):
    """Only `proven` counts. `unknown` are media of which the order has none, `unverified` those nobody looked at."""

    PROVEN = "proven"
    FAILED = "failed"
    UNVERIFIED = "unverified"
    TOO_WEAK = "too_weak"
    UNKNOWN = "unknown"


class ErasureRecord(Value):
    """One medium as somebody has recorded it: typed, or in the `report` of a tool, which is kept under its digest.

    `asset` is the tag of what it proves something of. `verification` is the tool's, or of whoever typed it;
    `validation` says how people have convinced themselves that the whole has worked (NIST SP 800-88 Rev. 2).
    """

    serial: Line | None
    machine: Line | None = None
    asset: Line | None = None
    outcome: ErasureOutcome
    standard: Line
    method: ErasureMethod | None
    tool: Line
    tool_version: Line | None
    result: Line | None = None
    verification: Line | None
    validation: Line | None
    operator: Slug
    verifier: Slug
    place: Line
    done_at: Instant
    step: Slug | None
    report: Digest | None = None
    actor: Actor
    at: Instant


def name_of(asset: Asset) -> str:
    """What stands on the list: the serial, or the tag of a thing without one."""
    return asset.serial or asset.tag


def to_erase(assets: Iterable[Asset]) -> frozenset[str]:
    """Serials that still need an erasure record; proof from an earlier order counts (DOMAIN.md 2)."""
    return frozenset(name_of(asset) for asset in assets if asset.data_bearing and asset.erased_by is None)


def erasure_records(order: Order, progress: Progress) -> tuple[ErasureRecord, ...]:
    """Oldest first; those of one report in the order in which it has them."""
    return tuple(record for given in progress.given for record in records_of(order, progress.assets, given))


def records_of(order: Order, assets: tuple[Asset, ...], given: Instruction) -> tuple[ErasureRecord, ...]:
    """What one instruction has recorded."""
    return tuple(_recorded(order, assets, given))


def proven(order: Order, assets: tuple[Asset, ...], told: Iterable[Instruction]) -> frozenset[str]:
    """The serials, or tags, of assets that what was told proves erased, oldest first.

    A machine is when all media are that reports name in it, each by the last report of it: one that failed is not
    forgotten because a later report leaves it out. Whoever types that it is erased answers for all of it.
    """
    clean = _clean(order, assets, told)
    return frozenset(name_of(asset) for asset in assets if asset.tag in clean)


def erasure_proofs(order: Order, progress: Progress) -> tuple[ErasureRecord, ...]:
    """The records that count: of each medium the last, and only of assets that are proven as a whole."""
    steps = [step.id for step in order.chain.steps if isinstance(step, Erasure)]
    told = [given for step in steps for given, _ in progress.told((RecordErasure, AddErasureReport), step)]
    clean = _clean(order, progress.assets, sorted(told, key=lambda given: given.given_at))
    return tuple(record for asset in progress.assets for record in clean.get(asset.tag, ()))


def _clean(
    order: Order, assets: tuple[Asset, ...], told: Iterable[Instruction]
) -> dict[str, tuple[ErasureRecord, ...]]:
    media: dict[str, dict[str, ErasureRecord]] = {}
    for given in told:
        for number, record in enumerate(_recorded(order, assets, given)):
            if record.asset is None:
                continue
            if record.report is not None:
                medium = same_tag(record.serial) if record.serial else f"{record.report} {number}"
                media.setdefault(record.asset, {})[medium] = record
            elif record.outcome == ErasureOutcome.PROVEN:
                media[record.asset] = {record.asset: record}
    return {
        tag: tuple(records.values())
        for tag, records in media.items()
        if {record.outcome for record in records.values()} == {ErasureOutcome.PROVEN}
    }


def report_problems(assets: Iterable[Asset], drives: Iterable[ErasedDrive]) -> Iterator[Problem]:
    """Serials that look like one of the order's and are none, and a report that is about something else."""
    names = {same_tag(name_of(asset)): name_of(asset) for asset in assets}
    looks = {look_of(name): name for name in names.values()}
    known = False
    for number, drive in enumerate(drives):
        said = {same_tag(one): one for one in (drive.serial, drive.machine) if one}
        known |= bool(said.keys() & names.keys())
        for one in (said[key] for key in said if key not in names):
            if (meant := looks.get(look_of(one))) is not None:
                yield Problem(code="serial_looks_alike", at=f"/drives/{number}", values={"serial": one, "meant": meant})
    if not known:
        yield Problem(code="report_of_others", at="/file")


def _recorded(order: Order, assets: tuple[Asset, ...], given: Instruction) -> Iterator[ErasureRecord]:
    match given.command:
        case RecordErasure() as typed:
            yield _typed(given, typed, assets)
        case AddErasureReport() as report if isinstance(given.looked_up, ErasureReportFound):
            yield from _reported(order, given, report, given.looked_up, assets)


def _typed(given: Instruction, typed: RecordErasure, assets: tuple[Asset, ...]) -> ErasureRecord:
    """Those that were too weak, or of something else, were refused."""
    return ErasureRecord(
        serial=typed.serial,
        asset=next((asset.tag for asset in assets if name_of(asset) == typed.serial), None),
        outcome=ErasureOutcome.PROVEN if typed.passed else ErasureOutcome.FAILED,
        standard=typed.standard,
        method=typed.method,
        tool=typed.tool,
        tool_version=typed.tool_version,
        verification=typed.verification,
        validation=typed.validation,
        operator=typed.operator,
        verifier=typed.verifier,
        place=typed.place,
        done_at=typed.done_at,
        step=typed.step,
        actor=given.actor,
        at=given.given_at,
    )


def _reported(
    order: Order, given: Instruction, said: AddErasureReport, found: ErasureReportFound, assets: tuple[Asset, ...]
) -> Iterator[ErasureRecord]:
    step = order.chain.step(said.step) if said.step else None
    at_least = step.at_least if isinstance(step, Erasure) else ErasureMethod.CLEAR
    by_name = {same_tag(name_of(asset)): asset for asset in assets if asset.data_bearing}
    for drive in found.report.drives:
        names = (same_tag(one) for one in (drive.serial, drive.machine) if one)
        asset = next((by_name[name] for name in names if name in by_name), None)
        yield ErasureRecord(
            serial=drive.serial,
            machine=drive.machine,
            asset=asset.tag if asset else None,
            outcome=_outcome(drive, at_least) if asset else ErasureOutcome.UNKNOWN,
            standard=drive.standard,
            method=drive.method,
            tool=found.report.tool,
            tool_version=found.report.tool_version,
            result=drive.result,
            verification=drive.verification,
            validation=said.validation,
            operator=said.operator,
            verifier=said.verifier,
            place=said.place,
            done_at=drive.done_at,
            step=said.step,
            report=said.digest,
            actor=given.actor,
            at=given.given_at,
        )


def _outcome(drive: ErasedDrive, at_least: ErasureMethod) -> ErasureOutcome:
    if not drive.passed:
        return ErasureOutcome.FAILED
    if drive.verification is None:
        return ErasureOutcome.UNVERIFIED
    if drive.method is None or not drive.method.covers(at_least):
        return ErasureOutcome.TOO_WEAK
    return ErasureOutcome.PROVEN
