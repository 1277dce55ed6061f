"""The operating manual that a customer keeps: all that it has to know, in its language, however much that is."""

from decimal import Decimal
from importlib.resources import files

import pytest

import examples
from connectors.contract_files import read_customer_file
from documents.manuals import PrintedManual, manual_pdf, printed_manual
from documents.wording import LANGUAGES
from domain.contracts.catalogue import MOST_ITEMS, Item
from domain.contracts.contract import Contract
from domain.contracts.manuals import Manual, ManualVendor, holders, vendors_for
from domain.contracts.matrix_sheets import matrix_sheet
from domain.kinds import OrderKind
from domain.people import Language
from domain.vendors.directories import Directory, Responsibility
from domain.vendors.vendor import Vendor
from tests.domain.contracts.promise_samples import ORDERS_ONLY

ADLER = read_customer_file(files(examples).joinpath("adler.yaml").read_bytes())
assert ADLER.customer is not None
CUSTOMER = ADLER.customer
VENDORS = (ManualVendor(name="Lenovo Service", manufacturer="Lenovo", site="Augsburg"),)


def manual(contract: Contract = ADLER.contracts[0], vendors: tuple[ManualVendor, ...] = VENDORS) -> Manual:
    return Manual(
        contract=contract,
        customer=CUSTOMER.name,
        matrix=matrix_sheet(contract, CUSTOMER, ADLER.people) if contract.matrix else None,
        people=holders(contract, ADLER.people),
        names={person.id: person.name for person in ADLER.people},
        vendors=vendors,
    )


def texts(made: PrintedManual) -> str:
    return made.model_dump_json()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param(
            "de",
            [
                *("Betriebshandbuch", "Mo.–Fr. 08:00–17:00", "Ida Sommer", "ida.sommer@nordlicht-it.example"),
                *("Der Betrieb steht", "Rufbereitschaft", "Wer gerufen wird", "Schadsoftware entfernen", "79,00"),
                *("nach Angebot", "Lenovo Service", "Wenn Sie nicht zufrieden sind", "Jemand verlässt das Haus"),
            ],
            id="German",
        ),
        pytest.param(
            "en",
            [
                *("Operating manual", "Mon–Fri 08:00–17:00", "Ida Sommer", "ida.sommer@nordlicht-it.example"),
                *("Business has stopped", "On-call people", "Who is called", "Remove malware", "€79.00"),
                *("by quote", "Lenovo Service", "If you are not satisfied", "Someone is leaving"),
            ],
            id="English",
        ),
    ],
)
def test_it_says_hours_people_promises_what_can_be_ordered_and_how_to_complain(
    language: Language, said: list[str]
) -> None:
    written = texts(printed_manual(manual(), language))

    assert [words for words in said if words not in written] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_version_is_printed_to_the_same_bytes_each_time_for_archives_and_screen_readers(language: Language) -> None:
    once, again = (manual_pdf(manual(), language) for _ in range(2))

    assert once == again
    said = once.decode("utf-8", "ignore")
    for told in ("<pdfaid:part>2<", "<pdfuaid:part>1<", f"<rdf:li>{language}<"):
        assert told in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contract_without_matrix_catalogue_or_vendors_has_a_manual_as_well(language: Language) -> None:
    made = printed_manual(manual(ORDERS_ONLY, vendors=()), language)

    titles = [section.title for section in made.sections]
    assert len(titles) == len(printed_manual(manual(), language).sections) - 3
    assert manual_pdf(manual(ORDERS_ONLY, vendors=()), language).startswith(b"%PDF-")


def test_what_our_teams_and_vendors_promise_us_is_not_told() -> None:
    written = texts(printed_manual(manual(), "en"))

    assert "OLA" not in written
    assert "UC" not in written


def test_the_largest_contract_becomes_a_manual_that_says_what_it_leaves_out() -> None:
    endless = "W" * 4000
    item = Item(id="x", name={"de": "W" * 200, "en": "W" * 200}, description={"de": endless}, kind=OrderKind.ASSIST)
    contract = ADLER.contracts[0]
    people = tuple(f"p-{n:0>60}" for n in range(500))
    prices = contract.prices.but(parts={f"part-{n:0>50}": Decimal("1.00") for n in range(5_000)})
    largest = contract.but(
        catalogue=tuple(item.but(id=f"x-{n}") for n in range(MOST_ITEMS)),
        requesters=people,
        approvers=people,
        prices=prices,
        targets=contract.targets | {OrderKind.ASSIST: 60},
    )
    vendors = VENDORS * 2_000

    made = printed_manual(manual(largest, vendors), "de")
    content = manual_pdf(manual(largest, vendors), "de")

    assert sum(section.table is not None and bool(section.table.more) for section in made.sections) == 2
    assert len(texts(made)) < 400_000
    assert len(content) < 5_000_000


def test_a_vendor_is_named_for_what_it_does_and_only_to_those_it_works_for() -> None:
    ours, all_, theirs = (
        Vendor(id=name, name=name.title(), customer=customer, people=("p-x",))
        for name, customer in (("ours", "adler"), ("all", None), ("theirs", "falke"))
    )
    rows = (
        Responsibility(vendor="ours", manufacturer="Lenovo", site="adler-hq"),
        Responsibility(vendor="all", product_class="printer"),
        Responsibility(vendor="theirs"),
        Responsibility(vendor="ours", site="falke-hq"),
    )

    told = list(vendors_for("adler", [Directory(rows=rows)], [ours, all_, theirs], {"adler-hq": "Augsburg"}))

    assert told == [
        ManualVendor(name="Ours", manufacturer="Lenovo", site="Augsburg"),
        ManualVendor(name="All", product_class="printer"),
    ]
