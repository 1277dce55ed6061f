"""What lists of assets say, and what they may change in the register."""

import pytest

from domain.assets.asset import Asset, AssetStatus
from domain.assets.imports import ImportOutcome, ImportPlan, Register, plan
from domain.assets.lists import AssetList, read_assets
from domain.places import Place
from domain.refusals import Unacceptable
from tests.cells import text_file
from tests.world import HQ

SITES = (HQ.but(name="Werk Süd"),)
SNIPE_IT = "Company,Asset Tag,Category,Model,Model Number,Location,Checkout Type,Checked Out To: First Name"
SNIPE_IT += ",Checked Out To: Last Name,Checked Out To: Location"


def read(*lines: str) -> AssetList:
    return read_assets(text_file(*lines), SITES)


def planned(found: AssetList, *known: Asset, overrule: bool = False) -> ImportPlan:
    register = Register(
        {asset.tag: asset for asset in known}, {asset.serial: asset.tag for asset in known if asset.serial}, {}
    )
    return plan(found, "adler", register, overrule=overrule)


def asset(**fields: object) -> Asset:
    return Asset.model_validate({"tag": "NB-1", "customer": "adler", "model": "T14", "serial": "S1"} | fields)


@pytest.mark.parametrize(
    "headings",
    [
        pytest.param("Inventarnummer;Seriennummer;Modell;Status;Standort;Raum;Nutzer;Datenträger", id="German"),
        pytest.param("Asset Tag;Serial;Model;Status;Site;Room;Holder;Data bearing", id="English"),
        pytest.param(" INVENTAR-NR. ;Serial_Number;Modell*;Zustand;Location;Zimmer;User;data-bearing:", id="mixed"),
    ],
)
def test_headings_are_known_in_both_languages(headings: str) -> None:
    (row,) = read(headings, "NB-1;S1;T14;im Einsatz;werk süd;2.14;Anna Vogel;ja").rows

    assert row.stated.model_dump(exclude_none=True) == {
        "tag": "NB-1",
        "serial": "S1",
        "model": "T14",
        "status": AssetStatus.DEPLOYED,
        "place": {"site": "adler-hq", "room": "2.14"},
        "holder": "Anna Vogel",
        "data_bearing": True,
    }


def test_headings_may_stand_below_a_title_and_unknown_ones_are_named() -> None:
    found = read("Modell", "Stand: 1.11.2026", "", "Tag;Modell;Seriennummer;Farbe", "NB-1;T14;S1;")

    assert [row.stated.tag for row in found.rows] == ["NB-1"]
    assert found.table.ignored == ("Farbe",)


def test_a_name_may_be_the_holders_where_no_other_column_is() -> None:
    found = read("Inventarnummer;Name;Modell", "NB-1;Anna Vogel;T14")

    assert [(issue.column, issue.code) for issue in found.issues] == [("Name", "column_unknown")]
    for holder in ("Nutzer", "Checkout Type", "Checked Out To: Username"):
        assert read(f"Inventarnummer;Name;{holder}", "NB-1;PC-1;").issues == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param(["", ";;"], "file_empty", id="only empty cells"),
        pytest.param(["Farbe;Größe;Tag", "rot;12;NB-1"], "headings_not_found", id="headings of something else"),
        pytest.param(["Modell;Seriennummer", "T14;S1"], "column_missing", id="no tag"),
        pytest.param(["Tag;Inventarnummer;Modell", "1;2;T14"], "column_twice", id="two columns for one thing"),
    ],
)
def test_a_list_without_usable_headings_is_refused_whole(lines: list[str], code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read(*lines)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_snipe_it_export_says_by_its_checkout_columns_what_is_handed_out() -> None:
    found = read(
        SNIPE_IT,
        "Adler,A-1,Notebook,T14,20XX,Werk Süd,User,Anna,Vogel,",
        "Adler,A-2,Notebook,T14,20XX,elsewhere,Location,,,Werk Süd",
        "Adler,A-3,Notebook,T14,20XX,Werk Süd,,,,",
    )

    stated = [(row.stated.tag, row.stated.status, row.stated.holder) for row in found.rows]
    assert stated == [
        ("A-1", AssetStatus.DEPLOYED, "Anna Vogel"),
        ("A-2", AssetStatus.DEPLOYED, None),
        ("A-3", AssetStatus.IN_STOCK, None),
    ]
    assert {row.stated.place for row in found.rows} == {Place(site="adler-hq")}
    assert all(row.stated.serial is None for row in found.rows)


def test_all_problems_are_listed_at_once_and_good_rows_are_kept() -> None:
    found = read(
        "Tag;Seriennummer;Modell;Status;Standort;Raum;Datenträger",
        "NB-1;S1;T14;auf Lager;Werk Süd;;ja",
        "NB-2;3,27E+09;T14;kaputt;Mond;1;vielleicht",
        "",
        ";S4;T14;;;;",
        "NB-1;S5;T14;;;;",
        "NB-6;S1;T14;;;;",
        "NB-7;S7;T14;;;2.14;",
        "!;S8;" + "x" * 201 + ";;;;",
        "NB-9;=A1;T14;;;;",
    )

    assert [row.stated.tag for row in found.rows] == ["NB-1"]
    assert {(issue.row, issue.column, issue.code) for issue in found.issues} == {
        (3, "Seriennummer", "number_rounded"),
        (3, "Status", "status_unknown"),
        (3, "Standort", "site_unknown"),
        (3, "Datenträger", "yes_or_no_needed"),
        (5, "Tag", "cell_needed"),
        (6, "Tag", "tag_twice"),
        (7, "Seriennummer", "serial_twice"),
        (8, "Standort", "site_needed"),
        (9, "Tag", "tag_malformed"),
        (9, "Modell", "cell_too_long"),
        (10, "Seriennummer", "formula_without_value"),
    }
    assert next(issue for issue in found.issues if issue.code == "site_unknown").value == "Mond"


@pytest.mark.parametrize(
    ("written", "tag"),
    [("12345.0", "12345.0"), ("000012", "000012"), (" NB 1 ", "NB 1")],
)
def test_a_tag_is_what_stands_on_the_label(written: str, tag: str) -> None:
    (row,) = read("Tag;Modell", f"{written};T14").rows

    assert row.stated.tag == tag


@pytest.mark.parametrize(
    ("known", "line", "outcome", "changed"),
    [
        pytest.param(asset(), "NB-1;S1;T14;;;", ImportOutcome.UNCHANGED, (), id="the same again"),
        pytest.param(asset(), "NB-1;;;;;", ImportOutcome.UNCHANGED, (), id="empty cells say nothing"),
        pytest.param(asset(), "NB-1;S1;T16;;;", ImportOutcome.CHANGED, ("model",), id="another model"),
        pytest.param(
            asset(),
            "NB-1;S1;T14;deployed;;Eva",
            ImportOutcome.CHANGED,
            ("status", "holder"),
            id="handed out, by way of life",
        ),
        pytest.param(
            asset(status="deployed", place={"site": "adler-hq", "room": "2.14"}),
            "NB-1;;;;Werk Süd;",
            ImportOutcome.UNCHANGED,
            (),
            id="a list that knows less of the place",
        ),
        pytest.param(
            asset(status="deployed", holder="Eva", data_bearing=False),
            "NB-1;;;auf Lager;Werk Süd;",
            ImportOutcome.CHANGED,
            ("status", "place", "holder"),
            id="back in stock nobody holds it",
        ),
        pytest.param(
            asset(status="reserved", reserved_for="O-1"),
            "NB-1;S1;T14;reserviert;;",
            ImportOutcome.UNCHANGED,
            (),
            id="reserved as it is",
        ),
    ],
)
def test_a_row_changes_what_it_says_and_nothing_else(
    known: Asset, line: str, outcome: ImportOutcome, changed: tuple[str, ...]
) -> None:
    result = planned(read("Tag;Serial;Model;Status;Site;Holder", line), known)

    assert [(row.outcome, row.changed) for row in result.rows] == [(outcome, changed)]


@pytest.mark.parametrize(
    ("known", "line", "column", "code"),
    [
        pytest.param(asset(status="disposed"), "NB-1;;;deployed", "Status", "asset_status_forbids", id="back to life"),
        pytest.param(asset(status="deployed"), "NB-1;;;in stock", "Status", "erasure_missing", id="disk not erased"),
        pytest.param(asset(), "NB-1;;;reserved", "Status", "only_orders_reserve", id="reserved by a list"),
        pytest.param(
            asset(status="reserved", reserved_for="O-1"), "NB-1;;;deployed", "Tag", "asset_held_by_order", id="taken"
        ),
        pytest.param(
            asset(status="reserved", reserved_for="O-1"), "NB-1;;T16;", "Tag", "asset_held_by_order", id="altered"
        ),
        pytest.param(asset(tag="NB-9"), "NB-1;S1;T14;", "Serial", "serial_taken", id="a serial of another asset"),
    ],
)
def test_a_list_does_not_override_the_life_of_an_asset(known: Asset, line: str, column: str, code: str) -> None:
    result = planned(read("Tag;Serial;Model;Status", line), known)

    assert [(issue.row, issue.column, issue.code) for issue in result.issues] == [(2, column, code)]
    assert result.changes == ()
    assert result.count(ImportOutcome.PROBLEM) == 1


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("NEW-1;S1;;", "NB-1;;T16;"), id="its own row says no serial"),
        pytest.param(("NB-1;;T16;", "NEW-1;S1;;"), id="its own row comes first"),
        pytest.param(("NEW-1;S1;;", "NB-1;S9;;in stock"), id="its own row is refused"),
        pytest.param(("NEW-1;S1;;", "NB-1;S2;;", "NB-2;;T16;"), id="what it would get is not free"),
    ],
)
def test_no_list_gives_a_serial_to_a_second_asset(lines: tuple[str, ...]) -> None:
    known = (asset(status="deployed"), asset(tag="NB-2", serial="S2"))

    result = planned(read("Tag;Serial;Model;Status", *lines), *known)

    assert "NEW-1" not in {after.tag for _, after in result.changes}
    (issue,) = (issue for issue in result.issues if issue.row == 2 + [line[:3] for line in lines].index("NEW"))
    assert (issue.column, issue.code, issue.values) == ("Serial", "serial_taken", {"tag": "NB-1"})


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        pytest.param(("NB-1;S2", "NB-2;S1", "NB-3;S3"), {2: "NB-2", 3: "NB-1"}, id="two change places"),
        pytest.param(("NB-1;S2", "NB-2;S3", "NB-3;S1"), {2: "NB-2", 3: "NB-3", 4: "NB-1"}, id="a column sorted alone"),
        pytest.param(("NB-1;S9", "NB-2;S1", "NB-3;S2"), {2: "NB-2", 3: "NB-1", 4: "NB-2"}, id="a cell pushed in"),
        pytest.param(("NB-1;S9", "NEW-1;S1", "NB-3;S3"), {2: "NEW-1", 3: "NB-1"}, id="to one that is new"),
        pytest.param(("NB-1;S9", "NB-2;S2", "NB-3;S3"), {}, id="a serial nobody had"),
    ],
)
def test_serials_pass_from_one_asset_to_another_only_if_the_list_is_to_overrule(
    lines: tuple[str, ...], named: dict[int, str]
) -> None:
    known = (asset(), asset(tag="NB-2", serial="S2"), asset(tag="NB-3", serial="S3"))
    found = read("Tag;Serial", *lines)

    result, wanted = planned(found, *known), planned(found, *known, overrule=True)

    assert {issue.row: issue.values["tag"] for issue in result.issues} == named
    assert {issue.code for issue in result.issues} <= {"serial_passed_on"}
    assert not {row for row, _ in enumerate(lines, 2) if row in named and result.rows[row - 2].outcome != "problem"}
    assert (wanted.issues, wanted.count(ImportOutcome.PROBLEM)) == ((), 0)


@pytest.mark.parametrize("serial", ["0", "0000000", "000-000", "XXXX", "11111111", "123456789", "1234567890"])
def test_what_many_things_bear_is_no_serial(serial: str) -> None:
    found = read("Tag;Serial", f"NB-1;{serial}", "NB-2;S2")

    assert [(issue.row, issue.column, issue.code) for issue in found.issues] == [(2, "Serial", "serial_says_nothing")]
    assert [row.stated.tag for row in found.rows] == ["NB-2"]


@pytest.mark.parametrize("serial", ["0001", "1000", "5CG111", "MXL0000", "7", "222"])
def test_a_serial_may_have_many_zeros(serial: str) -> None:
    (row,) = read("Tag;Serial", f"NB-1;{serial}").rows

    assert row.stated.serial == serial
