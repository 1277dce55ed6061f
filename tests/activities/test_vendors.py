"""Whom a job is given to, and under which terms."""

from datetime import UTC, date, datetime, timedelta

import pytest

from activities.calendars import Calendars
from activities.vendors import VendorAsked, Vendors
from db.contracts import save_customer
from db.engine import Database
from db.vendors.directories import save_directory
from db.vendors.vendor import save_vendor
from domain.contracts.customers import Customer
from domain.vendors.certificates import CertificateKind, VendorCertificate
from domain.vendors.directories import Directory, Responsibility
from domain.vendors.vendor import Certificate, VendorWork, uc_verdict
from tests.domain.vendors.test_vendor import LAPSED, UC, VENDOR
from tests.world import furnish

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = VendorAsked(customer="adler", manufacturer="Dell", product_class="Server", site="adler-hq", at=NOW)
AFTERWARDS = datetime(2026, 12, 24, tzinfo=UTC)
GOODS = ASKED.but(work=VendorWork.DISPOSAL, certificate=CertificateKind.WASTE_SPECIALIST, zone="Europe/Berlin")
HELD = VendorCertificate(
    kind=CertificateKind.WASTE_SPECIALIST,
    number="EfB-1",
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 23),
    scope="16 02",
)
PRINT = UC.but(id="uc-print", certificates=(LAPSED, Certificate(kind="DIN", valid_until=date(2031, 1, 1))))
TAKING = UC.but(work=VendorWork.DISPOSAL)
OVER = UC.but(valid_until=date(2026, 11, 20))


@pytest.fixture
async def vendors(database: Database) -> Vendors:
    """Two who repair what Dell has made, one only on request, and one who works for another customer."""
    await furnish(database)
    rows = (
        Responsibility(manufacturer="Dell", vendor="dakota", contract="uc-print"),
        Responsibility(vendor="house"),
        Responsibility(vendor="falkes"),
        Responsibility(vendor="lapsed"),
        Responsibility(vendor="certified"),
    )
    async with database.writing() as session:
        await save_customer(session, Customer(id="falke", name="Falke Logistik"))
        await session.flush()
        for vendor in (
            VENDOR.but(contracts=(UC, PRINT)),
            VENDOR.but(id="house"),
            VENDOR.but(id="request", contracts=(OVER,)),
            VENDOR.but(id="falkes", customer="falke"),
            VENDOR.but(id="lapsed", contracts=(TAKING,), certificates=(HELD.but(valid_until=date(2026, 11, 22)),)),
            VENDOR.but(id="certified", contracts=(TAKING,), certificates=(HELD,)),
        ):
            await save_vendor(session, vendor, by="p-sommer", at=NOW)
        await save_directory(session, Directory(rows=rows), by="p-sommer", at=NOW)
    return Vendors(database, Calendars())


@pytest.mark.parametrize(
    ("asked", "vendor", "contract"),
    [
        pytest.param({}, "dakota", "uc-print", id="the first choice, under the contract its row names"),
        pytest.param({"declined": ("dakota",)}, "house", "uc-1", id="the next one when it has declined"),
        pytest.param({"manufacturer": None}, "house", "uc-1", id="whoever does everything else"),
        pytest.param({"vendor": "house"}, "house", "uc-1", id="whoever somebody has chosen"),
        pytest.param({"vendor": "dakota", "declined": ("dakota",)}, "dakota", "uc-print", id="even once more"),
        pytest.param({"vendor": "dakota", "manufacturer": "HP"}, "dakota", "uc-1", id="even for something else"),
        pytest.param({"vendor": "request"}, "request", None, id="even without a contract"),
    ],
)
async def test_whom_a_job_is_given_to(
    vendors: Vendors, asked: dict[str, object], vendor: str, contract: str | None
) -> None:
    terms = await vendors.find_vendor(ASKED.but(**asked))

    assert terms is not None
    assert (terms.vendor, terms.uc.id if terms.uc else None) == (vendor, contract)
    assert (terms.hours is None) is (contract is None)


@pytest.mark.parametrize(
    ("asked", "vendor"),
    [
        pytest.param({}, "certified", id="of those that take goods only who has the certificate"),
        pytest.param({"vendor": "lapsed"}, None, id="whoever is named has to have it, too"),
        pytest.param({"declined": ("certified",)}, None, id="nobody else has it"),
        pytest.param({"certificate": None}, "lapsed", id="without one the directory goes by its order"),
        pytest.param({"work": VendorWork.SERVICE}, None, id="who repairs takes no goods"),
        pytest.param({"certificate": None, "work": VendorWork.SERVICE}, "dakota", id="who takes goods repairs none"),
        pytest.param({"at": AFTERWARDS}, None, id="it has ended by then"),
    ],
)
async def test_who_is_asked_to_take_goods(vendors: Vendors, asked: dict[str, object], vendor: str | None) -> None:
    terms = await vendors.find_vendor(GOODS.but(**asked))

    assert (terms.vendor if terms else None) == vendor


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"declined": ("dakota", "house")}, id="everybody has declined"),
        pytest.param({"vendor": "nobody"}, id="there is no such vendor"),
        pytest.param({"vendor": "falkes"}, id="the vendor works for another customer"),
    ],
)
async def test_there_may_be_nobody(vendors: Vendors, asked: dict[str, object]) -> None:
    assert await vendors.find_vendor(ASKED.but(**asked)) is None


async def test_the_terms_hold_what_a_workflow_needs_to_judge_the_promise(vendors: Vendors) -> None:
    terms = await vendors.find_vendor(ASKED)

    assert terms is not None
    assert terms.uc is not None
    assert terms.hours is not None
    assert (terms.name, terms.version, terms.people, terms.answer_minutes) == (VENDOR.name, 1, ("v-dakota",), 60)
    assert terms.lapsed == (LAPSED,)
    verdict = uc_verdict(terms.uc, terms.hours, at=NOW, deadline=NOW + timedelta(hours=10))
    assert (verdict.resolve_by, verdict.resolution_late) == (NOW + timedelta(hours=14), timedelta(hours=4))
