"""What has left our control: frozen when both sides have confirmed it, whatever is said of it later."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.assets.asset import Asset
from domain.cases.lookups import CustodianFound, RecyclerListFound
from domain.cases.order_commands import AddRecyclerList, ConfirmCustody
from domain.cases.recycler_lists import SwappedItem
from domain.contracts.chains import DISPOSAL_PROOF, Custody, Evidence, is_offered
from domain.orders.erasures import name_of
from domain.orders.order import Order
from domain.orders.progress import LIVE, SETTLED, Custodian, MissingGoods, Progress, StepStatus
from domain.papers import Digest
from domain.people import Actor
from domain.times import Instant
from domain.values import Line, Slug, Value
from domain.vendors.certificates import CertificateKind, DatedCertificate, VendorCertificate, dated
from domain.vendors.vendor import Vendor


class MissingItem(Value):
    """It has left us and is not on the list; `incident` looks for it."""

    tag: Line
    serial: Line | None
    data_bearing: bool
    incident: Slug | None = None


class RecyclerComparison(Value):
    """One list of the recycler, held against what has left. `left` and `received` count; the last list counts."""

    digest: Digest
    step: Slug
    actor: Actor
    at: Instant
    left: int
    received: int
    missing: tuple[MissingItem, ...]
    extra: tuple[Line, ...]
    swapped: tuple[SwappedItem, ...]


class Giving(NamedTuple):
    """A step at which goods are given away, and who of the directory takes them."""

    step: Slug
    vendor: Slug


class _Heard(NamedTuple):
    said: AddRecyclerList
    found: RecyclerListFound
    actor: Actor
    at: Instant


def leaving_step(order: Order, progress: Progress) -> str | None:
    """The handover by which the goods have left, if they have."""
    done = (
        step.id
        for step in order.chain.steps
        if isinstance(step, Custody) and step.leaves_control and progress.step(step.id).status == StepStatus.DONE
    )
    return next(done, None)


def departed(progress: Progress, step: str) -> tuple[Asset, ...]:
    """As both sides have confirmed it at this handover."""
    names = {serial for _, told in progress.told(ConfirmCustody, step) for serial in told.serials}
    return tuple(asset for asset in progress.assets if name_of(asset) in names)


def custodian_of(order: Order, progress: Progress, step_id: str | None, named: str | None) -> Giving | None:
    """To whom goods are given: as it is said now, was said by the other side, was accepted, or stands in the chain.

    None where nobody of the directory is named.
    """
    steps = [step for step in order.chain.steps if isinstance(step, Custody) and step_id in (None, step.id)]
    if step_id is None:
        steps = [step for step in steps if progress.step(step.id).status in (StepStatus.OPEN, StepStatus.STARTED)]
    for step in steps:
        told = (given.looked_up for given, _ in progress.told(ConfirmCustody, step.id))
        said = next((found.vendor for found in told if isinstance(found, CustodianFound)), None)
        job = progress.job_at(step.id)
        taken = job.vendor if job is not None and job.is_taken else None
        vendor = named or said or taken or step.vendor
        if vendor is not None:
            return Giving(step.id, vendor)
    return None


def asked_by_name(order: Order, progress: Progress, step_id: str | None, named: str | None) -> Giving | None:
    """At which step who is asked; None where it is left to the directory, or no vendor can be asked at all."""
    offered = [step.id for step in order.chain.steps if is_offered(step) and step_id in (None, step.id)]
    waiting = [one for one in offered if progress.step(one).status in LIVE]
    return Giving(waiting[0], named) if waiting and named is not None else None


def custodian_in_question(progress: Progress, step_id: str | None) -> Giving | None:
    """Of whose certificates is to be looked up how they stand now."""
    asked = [one for one in progress.in_question if step_id in (None, one.step)]
    return Giving(asked[-1].step, asked[-1].custodian.vendor) if asked else None


def custodian_found(vendor: Vendor, kind: CertificateKind | None, zone: str) -> CustodianFound:
    """What the directory says of whoever takes goods in this zone."""
    certificates = vendor.certified_for(kind) if kind is not None else ()
    return CustodianFound(
        vendor=vendor.id,
        name=vendor.name,
        version=vendor.version,
        people=vendor.people,
        certificates=tuple(dated(one, zone) for one in certificates),
    )


def certificate_at(found: CustodianFound, at: datetime) -> DatedCertificate | None:
    """The one that holds then; of several the one that does so longest."""
    holding = [one for one in found.certificates if one.begins_at <= at < one.ends_at]
    return max(holding, key=lambda one: one.ends_at, default=None)


class CertifiedTaker(NamedTuple):
    """A vendor to whom such goods can be given now, and what proves it."""

    vendor: Slug
    name: Line
    certificate: VendorCertificate


def takers(vendors: Iterable[Vendor], kind: CertificateKind, zone: str, at: datetime) -> Iterator[CertifiedTaker]:
    for vendor in vendors:
        held = certificate_at(custodian_found(vendor, kind, zone), at)
        if held is not None:
            yield CertifiedTaker(vendor.id, vendor.name, held.certificate)


def still_to_name(order: Order, progress: Progress) -> tuple[Custody, ...]:
    """Handovers of which the giver has yet to say to which certified vendor they are."""
    waiting = (StepStatus.WAITING, StepStatus.OPEN)
    return tuple(
        step
        for step in order.chain.steps
        if isinstance(step, Custody) and not step.offered and step.certificate is not None and step.vendor is None
        if progress.step(step.id).status in waiting
    )


def held_now(progress: Progress, step_id: str) -> DatedCertificate | None:
    """The certificate under which goods are away, as it was last found."""
    custodian = progress.custodian(step_id)
    return custodian.certificate if custodian else None


class GoodsAway(NamedTuple):
    """Goods that are away under a certificate that can still end."""

    step: Slug
    custodian: Custodian
    ends_at: datetime


def goes_under_certificate(order: Order) -> bool:
    return any(isinstance(step, Custody) and step.certificate is not None for step in order.chain.steps)


def under_way(order: Order, progress: Progress) -> GoodsAway | None:
    """Whose certificate ends next while it has not proven yet what became of the goods.

    One that has ended already was said to have; who settles that may find another.
    """
    if not progress.custodians or progress.ending is not None or progress.is_chain_done:
        return None
    away = [
        GoodsAway(step.id, custodian, custodian.certificate.ends_at)
        for step in order.chain.steps
        if isinstance(step, Custody) and step.leaves_control and not _is_proven(order, progress, step.id)
        if (custodian := progress.custodian(step.id)) is not None and custodian.certificate is not None
        if not any(one.custodian == custodian and one.reason is None for one in progress.exceptions)
    ]
    return min(away, key=lambda one: one.ends_at, default=None)


def _is_proven(order: Order, progress: Progress, step_id: str) -> bool:
    """Where no proof is asked for, what was handed over is away until the order ends."""
    proofs = [
        step.id
        for step in order.chain.steps
        if isinstance(step, Evidence) and step.document == DISPOSAL_PROOF and step_id in order.chain.before(step.id)
    ]
    return bool(proofs) and all(progress.step(proof).status in SETTLED for proof in proofs)


def certified(taken: Sequence[Custodian]) -> dict[str, str]:
    """What is noted of whoever has taken goods."""
    for one in taken:
        noted = {"vendor": one.name, "version": f"{one.version}"}
        held = one.certificate.certificate if one.certificate else None
        return noted | ({"certificate": held.kind, "number": held.number} if held else {})
    return {}


def comparisons(progress: Progress) -> tuple[RecyclerComparison, ...]:
    """Oldest first."""
    incidents = {serial: goods.incident for goods in progress.missing for serial in goods.data_bearing}
    return tuple(_compared(progress, heard, incidents) for heard in _heard(progress))


def missing_now(progress: Progress) -> frozenset[str]:
    """What the last list says that the recycler does not have."""
    last = next(reversed(comparisons(progress)), None)
    return frozenset(item.serial or item.tag for item in last.missing) if last else frozenset()


def newly_missing(progress: Progress, step: str, received: tuple[str, ...], no: str) -> MissingGoods | None:
    """What no list has missed before; `no` is the incident for what may bear data."""
    known = {serial for goods in progress.missing for serial in goods.serials}
    away = [asset for asset in departed(progress, step) if name_of(asset) not in {*received, *known}]
    bearing = tuple(name_of(asset) for asset in away if asset.data_bearing)
    serials = tuple(map(name_of, away))
    return MissingGoods(serials=serials, data_bearing=bearing, incident=no if bearing else None) if away else None


def _heard(progress: Progress) -> Iterator[_Heard]:
    for given in progress.given:
        if isinstance(given.command, AddRecyclerList) and isinstance(given.looked_up, RecyclerListFound):
            yield _Heard(given.command, given.looked_up, given.actor, given.given_at)


def _compared(progress: Progress, heard: _Heard, incidents: dict[str, str | None]) -> RecyclerComparison:
    step, said = heard.said.step or "", heard.found.said
    left = departed(progress, step)
    received = set(said.received)
    missing = tuple(
        MissingItem(
            tag=asset.tag,
            serial=asset.serial,
            data_bearing=asset.data_bearing,
            incident=incidents.get(name_of(asset)),
        )
        for asset in left
        if name_of(asset) not in received
    )
    return RecyclerComparison(
        digest=heard.said.digest,
        step=step,
        actor=heard.actor,
        at=heard.at,
        left=len(left),
        received=len(left) - len(missing),
        missing=missing,
        extra=said.extra,
        swapped=said.swapped,
    )
