"""The directory: who is responsible for what, and which rows lead nowhere."""

from datetime import UTC, datetime

import pytest

from domain.vendors.directories import Concern, Directory, Responsibility, problems_in_use, problems_of, responsible
from domain.vendors.vendor import Vendor, VendorWork
from tests.domain.vendors.test_vendor import NOW, TOMORROW, UC, VENDOR, YESTERDAY


def vendor(name: str, **changes: object) -> Vendor:
    return VENDOR.but(id=name, **changes)


def row(vendor: str, **says: str) -> Responsibility:
    return Responsibility.model_validate({"vendor": vendor, **says})


EVERYBODY = [vendor(name) for name in ("dell", "lenovo", "server-care", "print", "all", "house")]
FOR_ALL = Directory(
    rows=(
        row("all"),
        row("dell", manufacturer="Dell"),
        row("server-care", manufacturer="Dell", product_class="Server"),
        row("print", product_class="Drucker"),
        row("lenovo", manufacturer="Lenovo"),
        row("house", manufacturer="Lenovo"),
    )
)
OWN = Directory(customer="adler", rows=(row("house", site="adler-muc"), row("dell", product_class="Beamer")))


def asked(
    concern: Concern, *directories: Directory, vendors: list[Vendor] = EVERYBODY, at: datetime = NOW
) -> list[str]:
    return [choice.vendor.id for choice in responsible(directories or (OWN, FOR_ALL), vendors, concern, at)]


@pytest.mark.parametrize(
    ("concern", "vendors"),
    [
        pytest.param(Concern("Dell", "Server"), ["server-care", "dell", "all"], id="the row that says most goes first"),
        pytest.param(Concern("Dell", "Monitor"), ["dell", "all"], id="what a row does not say may be anything"),
        pytest.param(Concern("  dELL "), ["dell", "all"], id="neither capitals nor spaces matter"),
        pytest.param(Concern("Lenovo", "Notebook"), ["lenovo", "house", "all"], id="alike rows go by their order"),
        pytest.param(Concern("Lenovo", "Drucker"), ["print", "lenovo", "house", "all"], id="also of different columns"),
        pytest.param(
            Concern("Dell", "Server", "adler-muc"), ["house", "server-care", "dell", "all"], id="own rows first"
        ),
        pytest.param(Concern("Lenovo", None, "adler-muc"), ["house", "lenovo", "all"], id="each vendor once"),
        pytest.param(Concern("Dell", "Beamer", "adler-hq"), ["dell", "all"], id="another site's row does not count"),
        pytest.param(Concern(), ["all"], id="of what nobody knows"),
    ],
)
def test_who_is_responsible(concern: Concern, vendors: list[str]) -> None:
    assert asked(concern) == vendors


def test_a_vendor_is_asked_for_what_its_contract_is_for() -> None:
    takes, carries = (UC.but(id=work, work=work) for work in (VendorWork.DISPOSAL, VendorWork.TRANSPORT))
    vendors = [vendor("dell", contracts=(takes, UC)), vendor("house", contracts=(carries,)), vendor("all")]
    rows = Directory(rows=(row("dell", contract=takes.id), row("house"), row("all")))

    found = [asked(Concern(work=work), rows, vendors=vendors) for work in VendorWork]

    assert found == [["all"], ["house"], ["dell"]]


def test_a_vendor_without_a_contract_in_force_is_passed_over() -> None:
    over = vendor("dell", contracts=(UC.but(valid_until=YESTERDAY),))
    rows = Directory(rows=(row("dell"), row("soon"), row("all")))

    vendors = [over, vendor("soon", contracts=(UC.but(valid_from=TOMORROW),)), vendor("all")]

    assert asked(Concern(), rows, vendors=vendors) == ["all"]
    assert asked(Concern(), rows, vendors=vendors, at=datetime(2026, 11, 25, tzinfo=UTC)) == ["soon", "all"]


def test_a_row_names_the_contract_that_covers_it() -> None:
    printers = UC.but(id="uc-print", response_minutes=30)
    rows = Directory(rows=(row("dell", product_class="Drucker", contract="uc-print"), row("dell")))

    found = [
        responsible((rows,), [vendor("dell", contracts=(UC, printers))], Concern(None, category), NOW)[0].uc
        for category in ("Drucker", "Monitor")
    ]

    assert found == [printers, UC]


@pytest.mark.parametrize(
    ("directory", "found"),
    [
        pytest.param(OWN, [], id="nothing"),
        pytest.param(
            FOR_ALL.but(rows=(row("nobody"),)), [("vendor_unknown", "/rows/0/vendor")], id="an unknown vendor"
        ),
        pytest.param(
            FOR_ALL.but(rows=(row("falkes"),)), [("vendor_unknown", "/rows/0/vendor")], id="one of another customer's"
        ),
        pytest.param(
            FOR_ALL.but(rows=(row("dell", contract="uc-9"),)),
            [("uc_unknown", "/rows/0/contract")],
            id="no such contract",
        ),
        pytest.param(FOR_ALL.but(rows=(row("over"),)), [("uc_expired", "/rows/0/contract")], id="no contract any more"),
        pytest.param(FOR_ALL.but(rows=(row("request"),)), [("uc_expired", "/rows/0/contract")], id="no contract ever"),
        pytest.param(OWN.but(rows=(row("dell", site="mars"),)), [("site_unknown", "/rows/0/site")], id="no such site"),
        pytest.param(
            FOR_ALL.but(rows=(row("dell", site="adler-muc"),)),
            [("site_needs_customer", "/rows/0/site")],
            id="a customer's site for all",
        ),
        pytest.param(
            FOR_ALL.but(rows=(row("dell", manufacturer="Dell"), row("all"), row("dell", manufacturer=" dell"))),
            [("row_twice", "/rows/2")],
            id="a row twice",
        ),
        pytest.param(
            OWN.but(rows=(row("nobody", site="mars"), row("over", contract="uc-9"), row("nobody", site="mars"))),
            [
                ("row_twice", "/rows/2"),
                ("vendor_unknown", "/rows/0/vendor"),
                ("site_unknown", "/rows/0/site"),
                ("uc_unknown", "/rows/1/contract"),
                ("vendor_unknown", "/rows/2/vendor"),
                ("site_unknown", "/rows/2/site"),
            ],
            id="everything at once",
        ),
    ],
)
def test_what_is_wrong_with_a_directory(directory: Directory, found: list[tuple[str, str]]) -> None:
    over = vendor("over", contracts=(UC.but(valid_until=YESTERDAY),))
    vendors = [*EVERYBODY, over, vendor("request", contracts=()), vendor("falkes", customer="falke")]

    problems = problems_of(directory, vendors, {"adler-muc"}, NOW)

    assert [(problem.code, problem.at) for problem in problems] == found


def test_a_contract_that_rows_name_cannot_be_taken_away() -> None:
    rows = Directory(rows=(row("dell", contract="uc-1"), row("dell", contract="uc-0"), row("all", contract="uc-9")))

    problems = problems_in_use(vendor("dell"), [rows, rows])

    assert [(problem.code, problem.values) for problem in problems] == [("uc_in_directory", {"contract": "uc-0"})]
