"""What vendors are certified for: goods leave our control only to somebody who can prove it."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from domain.refusals import Problem
from domain.times import Day, Instant, day_at
from domain.values import Line, Slug, Value

MOST_CERTIFICATES = 50


class CertificateKind(StrEnum):
    """What can be asked for. Which law or norm it is stands with its words."""

    # § 56 KrWG and the EfbV.
    WASTE_SPECIALIST = "waste_specialist"
    # § 21 ElektroG.
    WEEE_TREATMENT = "weee_treatment"
    # DIN 66399, ISO/IEC 21964.
    MEDIA_DESTRUCTION = "media_destruction"
    # ISO/IEC 27001.
    INFORMATION_SECURITY = "information_security"
    # ISO 14001.
    ENVIRONMENT = "environment"


class VendorCertificate(Value):
    """Valid on both days and between them, by the clock where goods leave. `scope` is what it says it is for."""

    kind: CertificateKind
    number: Line
    valid_from: Day
    valid_until: Day
    scope: Line


class DatedCertificate(Value):
    """A certificate, and the instants from and before which it is valid where the goods are."""

    certificate: VendorCertificate
    begins_at: Instant
    ends_at: Instant


class ListedCertificate(Value):
    """A certificate with the vendor who has it, in this version."""

    vendor: Slug
    name: Line
    customer: Slug | None = None
    version: int
    certificate: VendorCertificate


def dated(certificate: VendorCertificate, zone: str) -> DatedCertificate:
    begins_at, _ = day_at(certificate.valid_from, zone)
    _, ends_at = day_at(certificate.valid_until, zone)
    return DatedCertificate(certificate=certificate, begins_at=begins_at, ends_at=ends_at)


def certificate_problems(certificates: Sequence[VendorCertificate]) -> Iterator[Problem]:
    """A renewed certificate often keeps its number, but never holds twice at once under it."""
    for n, one in enumerate(certificates):
        at = f"/certificates/{n}"
        if one.valid_until < one.valid_from:
            yield Problem(code="certificate_reversed", at=f"{at}/valid_until")
        before = next((m for m, other in enumerate(certificates[:n]) if _overlap(one, other)), None)
        if before is not None:
            values = {"number": one.number, "row": f"{before + 1}"}
            yield Problem(code="certificate_twice", at=f"{at}/number", values=values)


def _overlap(one: VendorCertificate, other: VendorCertificate) -> bool:
    same = one.kind == other.kind and _bare(one.number) == _bare(other.number)
    return same and one.valid_from <= other.valid_until and other.valid_from <= one.valid_until


def _bare(number: str) -> str:
    """As people write it again: neither capitals nor spaces matter."""
    return "".join(number.lower().split())
