"""Certificates of vendors: what is wrong with them, and for how long they hold where goods leave."""

from datetime import UTC, date, datetime

import pytest

from domain.vendors.certificates import CertificateKind, VendorCertificate, certificate_problems, dated

HELD = VendorCertificate(
    kind=CertificateKind.WASTE_SPECIALIST,
    number="EfB 2026-117",
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    scope="collecting and treating of 16 02 13*, 16 02 14",
)


@pytest.mark.parametrize(
    ("others", "problems"),
    [
        pytest.param((), [], id="one"),
        pytest.param(
            (HELD.but(valid_from=date(2027, 1, 1), valid_until=date(2027, 12, 31)),), [], id="renewed under its number"
        ),
        pytest.param((HELD.but(kind=CertificateKind.ENVIRONMENT),), [], id="another kind under the same number"),
        pytest.param(
            (HELD.but(number="efb2026-117", valid_from=date(2026, 12, 31), valid_until=date(2027, 12, 31)),),
            [("certificate_twice", "/certificates/1/number")],
            id="twice on one day",
        ),
        pytest.param(
            (HELD.but(number="A", valid_from=date(2027, 1, 2), valid_until=date(2027, 1, 1)), HELD, HELD),
            [
                ("certificate_reversed", "/certificates/1/valid_until"),
                ("certificate_twice", "/certificates/2/number"),
                ("certificate_twice", "/certificates/3/number"),
            ],
            id="all that can be wrong",
        ),
    ],
)
def test_what_is_wrong_with_certificates(
    others: tuple[VendorCertificate, ...], problems: list[tuple[str, str]]
) -> None:
    assert [(one.code, one.at) for one in certificate_problems((HELD, *others))] == problems


def test_a_certificate_holds_on_its_last_day_to_the_end_where_goods_leave() -> None:
    held = dated(HELD, "Europe/Berlin")

    assert held.begins_at == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert held.ends_at == datetime(2026, 12, 31, 23, tzinfo=UTC)
