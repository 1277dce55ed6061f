"""Vendors: who repairs what others have made, and what each has promised us in its underpinning contracts."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from domain.clocks.calendars import Calendar
from domain.clocks.windows import ServiceHours, Windows
from domain.refusals import Problem
from domain.times import ZERO, Duration, Instant, zone
from domain.values import Line, Slug, Value
from domain.vendors.certificates import (
    MOST_CERTIFICATES,
    CertificateKind,
    ListedCertificate,
    VendorCertificate,
    certificate_problems,
)


class Certificate(Value):
    kind: Line
    valid_until: date


class VendorWork(StrEnum):
    """What a vendor is asked to do: work on something, carry it, or take it for good."""

    SERVICE = "service"
    TRANSPORT = "transport"
    DISPOSAL = "disposal"


class UnderpinningContract(Value):
    """What a vendor has promised us (UC). Targets are minutes in the vendor's own service hours.

    `account_no` is what we are called there, `work` what it is for.
    """

    id: Slug
    work: VendorWork = VendorWork.SERVICE
    account_no: Line | None = None
    calendar: Calendar
    response_minutes: int = Field(gt=0, le=525_600)
    resolution_minutes: int = Field(gt=0, le=525_600)
    valid_from: date
    valid_until: date | None = None
    certificates: tuple[Certificate, ...] = Field(default=(), max_length=20)

    @property
    def response(self) -> timedelta:
        return timedelta(minutes=self.response_minutes)

    @property
    def resolution(self) -> timedelta:
        return timedelta(minutes=self.resolution_minutes)

    def day(self, at: datetime) -> date:
        """The day that it is where the vendor works."""
        return at.astimezone(zone(self.calendar.zone)).date()

    def is_over(self, at: datetime) -> bool:
        return self.valid_until is not None and self.valid_until < self.day(at)

    def is_valid_at(self, at: datetime) -> bool:
        return self.valid_from <= self.day(at) and not self.is_over(at)

    def lapsed(self, at: datetime) -> tuple[Certificate, ...]:
        """Certificates that have expired."""
        return tuple(certificate for certificate in self.certificates if certificate.valid_until < self.day(at))


class Vendor(Value):
    """One version of a vendor; without `customer` it serves all of them. Its `people` are told of its jobs.

    Who does not answer a job within `answer_minutes`, counted round the clock, is passed over for the next one. Of
    several contracts in force for the same work the first counts; a vendor without any comes only when it is chosen by
    name. Its own `certificates` prove for what goods may be given to it; those of a contract are what it has promised
    us there.
    """

    id: Slug
    name: Line
    customer: Slug | None = None
    version: int = Field(default=1, ge=1)
    people: tuple[Slug, ...] = Field(min_length=1, max_length=20)
    phone: Line | None = None
    answer_minutes: int = Field(default=60, gt=0, le=10_080)
    contracts: tuple[UnderpinningContract, ...] = Field(default=(), max_length=20)
    certificates: tuple[VendorCertificate, ...] = Field(default=(), max_length=MOST_CERTIFICATES)

    def contract(self, contract_id: str) -> UnderpinningContract | None:
        return next((contract for contract in self.contracts if contract.id == contract_id), None)

    def contract_at(self, at: datetime, work: VendorWork = VendorWork.SERVICE) -> UnderpinningContract | None:
        fitting = (contract for contract in self.contracts if contract.work == work)
        return next((contract for contract in fitting if contract.is_valid_at(at)), None)

    def serves(self, customer: str | None) -> bool:
        return self.customer in (None, customer)

    def certified_for(self, kind: CertificateKind) -> tuple[VendorCertificate, ...]:
        """Whether the certificates still hold or not."""
        return tuple(one for one in self.certificates if one.kind == kind)


class VendorTerms(Value):
    """What a vendor is given a job under; pinned, later versions do not touch it.

    Without a contract in force it has promised nothing: there is neither `uc` nor `hours`. `lapsed` are certificates
    that have expired. People are ids: how they are reached is looked up when they are told.
    """

    vendor: Slug
    name: Line
    version: int
    people: tuple[Slug, ...]
    answer_minutes: int
    uc: UnderpinningContract | None = None
    hours: Windows | None = None
    lapsed: tuple[Certificate, ...] = ()


class UcVerdict(Value):
    """When a vendor must respond and be done at the latest, and by how much that is after the customer's deadline."""

    respond_by: Instant
    resolve_by: Instant
    deadline: Instant
    response_late: Duration
    resolution_late: Duration

    @property
    def is_met(self) -> bool:
        return not self.resolution_late


def uc_verdict(uc: UnderpinningContract, hours: ServiceHours, *, at: datetime, deadline: datetime) -> UcVerdict:
    """Whether a vendor that keeps its promise keeps ours. `hours` are the vendor's, `deadline` is the customer's."""
    respond_by, resolve_by = hours.add(at, uc.response), hours.add(at, uc.resolution)
    return UcVerdict(
        respond_by=respond_by,
        resolve_by=resolve_by,
        deadline=deadline,
        response_late=max(ZERO, respond_by - deadline),
        resolution_late=max(ZERO, resolve_by - deadline),
    )


def certificates_of(vendors: Iterable[Vendor]) -> list[ListedCertificate]:
    """What ends first, first."""
    found = [
        ListedCertificate(
            vendor=vendor.id, name=vendor.name, customer=vendor.customer, version=vendor.version, certificate=one
        )
        for vendor in vendors
        for one in vendor.certificates
    ]
    return sorted(found, key=lambda one: (one.certificate.valid_until, one.vendor, one.certificate.number))


def problems_of(vendor: Vendor, now: datetime, known: Collection[str]) -> list[Problem]:
    """What keeps a vendor from being saved, all of it; `known` are the people who may speak for it."""
    unknown_people = [
        Problem(code="person_unknown", at=f"/people/{n}", values={"person": person})
        for n, person in enumerate(vendor.people)
        if person not in known
    ]
    in_contracts = (problem for n in range(len(vendor.contracts)) for problem in _contract_problems(vendor, n, now))
    certified = certificate_problems(vendor.certificates)
    return [*unknown_people, *in_contracts, *_all_over(vendor, now), *certified]


def _all_over(vendor: Vendor, now: datetime) -> Iterator[Problem]:
    if vendor.contracts and all(contract.is_over(now) for contract in vendor.contracts):
        yield Problem(code="uc_expired", at="/contracts", values={"vendor": vendor.id})


def _contract_problems(vendor: Vendor, n: int, now: datetime) -> Iterator[Problem]:
    contract, at = vendor.contracts[n], f"/contracts/{n}"
    if vendor.contract(contract.id) is not contract:
        yield Problem(code="uc_twice", at=f"{at}/id", values={"contract": contract.id})
    if contract.valid_until is not None and contract.valid_until < contract.valid_from:
        yield Problem(code="validity_reversed", at=f"{at}/valid_until")
    if contract.response_minutes > contract.resolution_minutes:
        yield Problem(code="uc_targets_reversed", at=f"{at}/response_minutes", values={"contract": contract.id})
    # What was certified while a contract lasted is history once it is over.
    for place, certificate in enumerate(contract.certificates if not contract.is_over(now) else ()):
        if certificate in contract.lapsed(now):
            values = {"kind": certificate.kind, "until": certificate.valid_until.isoformat()}
            yield Problem(code="certificate_expired", at=f"{at}/certificates/{place}/valid_until", values=values)
