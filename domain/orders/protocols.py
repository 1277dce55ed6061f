"""What is put on paper of goods and of work: handing over, erasing, disposing; hours and acceptance.

The same facts, the same paper.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import get_args

from domain.assets.asset import Asset
from domain.assets.waste import Battery, WasteCode
from domain.cases.order_commands import AddEvidence, ConfirmCustody
from domain.contracts.catalogue import ItemWords
from domain.contracts.chains import DISPOSAL_PROOF, Custody, Erasure, ErasureMethod, Evidence, Step
from domain.ids import order_workflow_id
from domain.orders.erasures import ErasureRecord, erasure_proofs, name_of
from domain.orders.order import Order
from domain.orders.progress import Custodian, Progress, StepStatus
from domain.orders.waste import waste_of
from domain.orders.worked.acceptances import WorkAccepted, work_accepted
from domain.orders.worked.time_sheets import TimeSheet, time_sheet
from domain.papers import Digest
from domain.people import Language
from domain.places import Place
from domain.refusals import Problem, Unacceptable, conflict
from domain.times import Instant, ZoneName
from domain.values import Line, Slug, Value


class ProtocolKind(StrEnum):
    """An erasure certificate is for the whole lot, or for one serial."""

    HANDOVER_PROTOCOL = "handover_protocol"
    ERASURE_CERTIFICATE = "erasure_certificate"
    DISPOSAL_LIST = "disposal_list"
    TIME_SHEET = "time_sheet"
    ACCEPTANCE_PROTOCOL = "acceptance_protocol"


class Side(Value):
    """One side of a handover: what it is called, who confirmed for it, and when."""

    party: Line
    person: Slug
    at: Instant


class ProtocolLine(Value):
    """One asset, or one medium of it."""

    tag: Line | None = None
    serial: Line | None = None
    name: Line | None = None
    method: ErasureMethod | None = None
    standard: Line | None = None
    tool: Line | None = None
    verification: Line | None = None
    operator: Slug | None = None
    verifier: Slug | None = None
    at: Instant | None = None
    report: Digest | None = None
    document_no: Line | None = None
    code: WasteCode | None = None
    grams: int | None = None
    battery: Battery | None = None
    place: Place | None = None


class Protocol(Value):
    """One paper. `dated` is when the last fact on it came to be, `step` the step it is about; `steps` it calls by name.

    A time sheet has `times`, an acceptance protocol what was `accepted`.
    """

    kind: ProtocolKind
    order: Slug
    customer: Slug
    customer_name: Line | None = None
    site: Slug
    zone: ZoneName
    step: Slug
    reference: Line | None = None
    item_name: ItemWords = {}
    serial: Line | None = None
    giver: Side | None = None
    taker: Side | None = None
    custodian: Custodian | None = None
    validations: tuple[Line, ...] = ()
    lines: tuple[ProtocolLine, ...]
    dated: Instant
    steps: tuple[Step, ...] = ()
    times: TimeSheet | None = None
    accepted: WorkAccepted | None = None

    @property
    def people(self) -> frozenset[str]:
        """Whom it names."""
        sides = (side.person for side in (self.giver, self.taker) if side is not None)
        proven = (one for line in self.lines for one in (line.operator, line.verifier) if one)
        worked = (one for said in (self.times, self.accepted) if said is not None for one in said.people)
        return frozenset((*sides, *proven, *worked))


class ReadyProtocol(Value):
    """A paper that can be made of what the order has by now."""

    kind: ProtocolKind
    step: Slug
    dated: Instant


def protocol(order: Order, progress: Progress, kind: ProtocolKind, serial: str | None = None) -> Protocol:
    """Of what has been done; `serial` narrows an erasure certificate to one asset.

    Raises `Refused` while there is nothing yet to put on paper, `Unacceptable` for a serial that is not the order's.
    """
    if serial is not None and serial not in {name_of(asset) for asset in progress.assets}:
        raise Unacceptable(Problem(code="serial_not_listed", at="/query/serial", values={"serial": serial}))
    made = _made(order, progress, kind, serial)
    if made is None:
        raise conflict("nothing_to_certify", paper=kind)
    return made


def ready_protocols(order: Order, progress: Progress) -> tuple[ReadyProtocol, ...]:
    """For the others nothing has happened yet."""
    made = (_made(order, progress, kind, None) for kind in ProtocolKind)
    return tuple(ReadyProtocol(kind=one.kind, step=one.step, dated=one.dated) for one in made if one is not None)


def _made(order: Order, progress: Progress, kind: ProtocolKind, serial: str | None) -> Protocol | None:
    match kind:
        case ProtocolKind.HANDOVER_PROTOCOL:
            return _handover(order, progress)
        case ProtocolKind.ERASURE_CERTIFICATE:
            return _certificate(order, progress, serial)
        case ProtocolKind.DISPOSAL_LIST:
            return _disposal(order, progress)
        case ProtocolKind.TIME_SHEET:
            return _times(order, progress)
        case ProtocolKind.ACCEPTANCE_PROTOCOL:
            return _acceptance(order, progress)


def late_cases(no: str) -> dict[str, tuple[ProtocolKind, Language]]:
    """For what papers of an order are handed in that has ended: nobody can tell its run of them any more."""
    languages: tuple[Language, ...] = get_args(Language)
    return {
        f"{order_workflow_id(no)}/{kind}/{language}": (kind, language)
        for kind in ProtocolKind
        for language in languages
    }


def _about(order: Order, kind: ProtocolKind, step: str, lines: tuple[ProtocolLine, ...], dated: datetime) -> Protocol:
    return Protocol(
        kind=kind,
        order=order.no,
        customer=order.customer,
        site=order.request.site,
        zone=order.terms.access.zone,
        step=step,
        reference=order.request.reference,
        item_name=order.item.name if order.item else {},
        lines=lines,
        dated=dated,
    )


def _handover(order: Order, progress: Progress) -> Protocol | None:
    """Of the last handover that both sides have confirmed; where goods leave our control, of that."""
    custodies = [step for step in order.chain.steps if isinstance(step, Custody)]
    done = [step for step in custodies if progress.step(step.id).status == StepStatus.DONE]
    if not done:
        return None
    step = max(done, key=lambda step: (step.leaves_control, progress.step(step.id).closed_at or order.received_at))
    sides = {
        told.side: Side(party=getattr(step, told.side), person=given.actor.person, at=given.given_at)
        for given, told in progress.told(ConfirmCustody, step.id)
    }
    if sides.keys() != {"giver", "taker"}:
        return None
    taken = next((one for one in progress.custodians if one.step == step.id), None)
    taker = sides["taker"] if taken is None else sides["taker"].but(party=taken.name)
    proofs = {proof.asset: proof for proof in erasure_proofs(order, progress)}
    lines = tuple(
        _line(asset).but(method=proof.method, at=proof.done_at) if (proof := proofs.get(asset.tag)) else _line(asset)
        for asset in progress.assets
    )
    made = _about(order, ProtocolKind.HANDOVER_PROTOCOL, step.id, lines, max(side.at for side in sides.values()))
    return made.but(giver=sides["giver"], taker=taker, custodian=taken)


def _certificate(order: Order, progress: Progress, serial: str | None) -> Protocol | None:
    names = {asset.tag: asset for asset in progress.assets if serial in (None, name_of(asset))}
    proofs = [record for record in erasure_proofs(order, progress) if record.asset in names]
    steps = [step.id for step in order.chain.steps if isinstance(step, Erasure)]
    if not proofs or not steps:
        return None
    lines = tuple(_proven(record, names[record.asset]) for record in proofs if record.asset is not None)
    made = _about(order, ProtocolKind.ERASURE_CERTIFICATE, steps[-1], lines, max(record.at for record in proofs))
    said = dict.fromkeys(record.validation for record in proofs if record.validation)
    return made.but(serial=serial, validations=tuple(said))


def _disposal(order: Order, progress: Progress) -> Protocol | None:
    """All that some proof of the recycler proves disposed of."""
    proofs = (step for step in order.chain.steps if isinstance(step, Evidence) and step.document == DISPOSAL_PROOF)
    steps = [step.id for step in proofs]
    told = [found for step in steps for found in progress.told(AddEvidence, step)]
    documents = {serial: said.document_no for _, said in told for serial in said.serials}
    waste = {line.tag: line for line in waste_of(order, progress)}
    lines = tuple(
        _line(asset).but(
            document_no=documents[name_of(asset)],
            code=waste[asset.tag].code,
            grams=waste[asset.tag].grams,
            battery=waste[asset.tag].battery,
        )
        for asset in progress.assets
        if name_of(asset) in documents
    )
    if not lines:
        return None
    declared = [line.declared_at for line in waste.values() if line.declared_at is not None]
    dated = max([given.given_at for given, _ in told] + declared)
    return _about(order, ProtocolKind.DISPOSAL_LIST, steps[-1], lines, dated)


def _times(order: Order, progress: Progress) -> Protocol | None:
    times = time_sheet(order, progress)
    if times is None:
        return None
    made = _about(order, ProtocolKind.TIME_SHEET, times.step, (), times.dated)
    named = {one.step for one in times.stretches} | {one.step for one in times.own_people}
    return made.but(times=times, steps=_named(order, named))


def _acceptance(order: Order, progress: Progress) -> Protocol | None:
    accepted = work_accepted(order, progress)
    if accepted is None:
        return None
    target = order.request.target
    lines = tuple(_line(asset).but(place=target or asset.place) for asset in progress.assets)
    made = _about(order, ProtocolKind.ACCEPTANCE_PROTOCOL, accepted.step, lines, accepted.at)
    return made.but(accepted=accepted, steps=_named(order, {one.step for one in accepted.done}))


def _named(order: Order, ids: Collection[str]) -> tuple[Step, ...]:
    return tuple(step for step in order.chain.steps if step.id in ids)


def _line(asset: Asset) -> ProtocolLine:
    named = " ".join(part for part in (asset.manufacturer, asset.model) if part) or asset.category
    return ProtocolLine(tag=asset.tag, serial=asset.serial, name=named)


def _proven(record: ErasureRecord, asset: Asset) -> ProtocolLine:
    return _line(asset).but(
        serial=record.serial or asset.serial,
        method=record.method,
        standard=record.standard,
        tool=f"{record.tool} {record.tool_version or ''}".strip(),
        verification=record.verification,
        operator=record.operator,
        verifier=record.verifier,
        at=record.done_at,
        report=record.report,
    )
