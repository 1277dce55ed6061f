"""Asset lists as people write them: columns, words and letters."""

import pytest

from connectors.files.parcels import unpacked
from connectors.spreadsheets import read_list
from domain.assets.asset import Asset, AssetStatus
from domain.assets.columns import AssetColumn, ListWords
from domain.assets.imports import ImportOutcome, ImportPlan, Register, plan
from domain.assets.lists import NO_WORDS, AssetList, read_assets
from domain.meanings import Meant
from domain.names import same_tag
from domain.refusals import Unacceptable
from tests.world import HQ

SITES = [HQ.but(name="Augsburg")]
KNOWN = Asset(tag="NB-1", customer="adler", serial="S1", status=AssetStatus.IN_STOCK)


def listed(*lines: str, words: ListWords = NO_WORDS) -> AssetList:
    return read_assets(unpacked(read_list("l.csv", "\n".join(lines).encode())), SITES, words)


def planned(*lines: str) -> ImportPlan:
    register = Register({"NB-1": KNOWN}, {"S1": "NB-1"}, {}, {same_tag("NB-1"): "NB-1"})
    return plan(listed(*lines), "adler", register, overrule=False)


def said_of(found: AssetList | ImportPlan) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in found.issues]


OTHERS = "Kostenstelle;Anschaffung;Lieferant;Rechnung;Garantie bis;MAC;IP;Hostname;Betriebssystem;Bemerkung"


def test_a_list_is_read_however_many_other_columns_it_has() -> None:
    found = listed(
        f"Inventarnummer;Seriennummer;Modell;Kategorie;Status;Standort;Raum;Nutzer;{OTHERS}",
        "Q03-1;SNQ031;OptiPlex;Desktop;im Einsatz;Augsburg;2.14;Erika Beispiel;4711;1.2.24;H;R1;1.2.27;00;10.0;p;W11;",
    )

    assert [row.stated.tag for row in found.rows] == ["Q03-1"]
    assert found.table.ignored == tuple(OTHERS.split(";"))


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_column_nobody_knows_is_asked_about_wherever_it_stands(at: int) -> None:
    rows = [["Inventarnummer", "Status"], ["X-1", "auf Lager"], ["X-2", "auf Lager"]]
    for row, text in zip(rows, ("Abholstatus", "ja", ""), strict=True):
        row.insert(at, text)
    lines = [";".join(row) for row in rows]

    asked = listed(*lines)
    told = listed(*lines, words=ListWords(customer="adler", columns={"Abholstatus": AssetColumn.IGNORED}))

    assert said_of(asked) == [(2, "Abholstatus", "column_unknown"), (3, "Abholstatus", "column_unknown")]
    assert (asked.rows, [one.heading for one in asked.unknown_columns]) == ((), ["Abholstatus"])
    assert [row.stated.tag for row in told.rows] == ["X-1", "X-2"]
    assert told.table.ignored == ()


def test_a_heading_may_be_mapped_for_the_customer() -> None:
    words = ListWords(customer="adler", columns={"Asset TAG ID": AssetColumn.TAG})

    (row,) = listed("ASSET TAG ID;Modell;Zustand", "X-1;OptiPlex;auf Lager", words=words).rows

    assert row.stated.tag == "X-1"


def test_a_list_without_tags_is_told_what_to_write_and_which_heading_may_be_meant() -> None:
    with pytest.raises(Unacceptable) as refused:
        listed("Asset TAG ID,DESCRIPTION,BRAND,MODEL,SERIAL NO.,CATEGORY,LOCATION", "A1,x,Dell,5450,S,Laptop,Augsburg")

    (problem,) = refused.value.problems
    assert (problem.code, problem.values["nearest"]) == ("column_missing", "Asset TAG ID")
    assert problem.values["found"] == "MODEL, SERIAL NO., CATEGORY, LOCATION"
    assert problem.values["unknown"] == "Asset TAG ID, DESCRIPTION, BRAND"


def test_tags_that_differ_in_case_alone_are_one() -> None:
    found = planned(
        "Inventarnummer;Seriennummer;Modell;Status",
        "A17-100;SN17A;OptiPlex;auf Lager",
        "a17-100;SN17C;OptiPlex;auf Lager",
        "A17-101;sn17a;OptiPlex;auf Lager",
        " A17-100 ;SN17E;OptiPlex;auf Lager",
        "nb-1;S9;OptiPlex;auf Lager",
    )

    assert said_of(found) == [
        (3, "Inventarnummer", "tag_in_other_letters"),
        (4, "Seriennummer", "serial_in_other_letters"),
        (5, "Inventarnummer", "tag_twice"),
        (6, "Inventarnummer", "tag_known_in_other_letters"),
    ]
    assert [row.outcome for row in found.rows].count(ImportOutcome.ADDED) == 1


@pytest.mark.parametrize("written", ["A17-\u00ad100", "A17-100\u200b", "\ufeffA17-100", "\u200eA17-100\u200e"])
def test_what_takes_no_room_is_no_part_of_a_text(written: str) -> None:
    found = listed("Inventarnummer;Seriennummer;Modell", f"{written};{written};{written}")

    (row,) = found.rows
    assert (row.stated.tag, row.stated.serial, row.stated.model) == ("A17-100",) * 3


@pytest.mark.parametrize("tag", ["A17–100", "А17-100", "A17-100\u202e"])
def test_tags_with_foreign_signs_are_named(tag: str) -> None:
    assert said_of(listed("Inventarnummer;Modell;Status", f"{tag};OptiPlex;auf Lager"))[0][:2] == (2, "Inventarnummer")


def test_what_somebody_holds_is_in_use() -> None:
    found = planned("Inventarnummer;Standort;Nutzer", "X-1;Augsburg;Ada", "X-2;Augsburg;", "NB-1;Augsburg;Ada")

    assert [after.status for _, after in found.changes] == ["deployed", "in_stock", "deployed"]
    assert (found.rows[2].old["status"], found.rows[2].new["status"]) == ("in_stock", "deployed")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("X-1;offen;Ada", "Standort"),
        ("X-1;Augsburg;?x?", "Nutzer"),
        ("X-1;Augsburg;evtl. Ada", "Nutzer"),
        ("X-1;Augsburg;Ada oder Bo", "Nutzer"),
        ("X-1;Augsburg;Ada → Bo", "Nutzer"),
        ("X-1;Augsburg;Theodor", ""),
        ("X-1;Augsburg;N.N.", "Nutzer"),
        ("X-1;Augsburg;dito", "Nutzer"),
        ("X-1;Augsburg;ja", "Nutzer"),
        ("X-1;Augsburg;nan", "Nutzer"),
        ("X-1;Augsburg;J?rgen Gro?mann", "Nutzer"),
        ("X-1;Augsburg;#VALEUR!", "Nutzer"),
        ("fehlt;Augsburg;Ada", "Inventarnummer"),
        ("X-1;Homeoffice;Ada", "Standort"),
    ],
)
def test_words_that_are_no_values_are_named(line: str, said: str) -> None:
    found = listed("Inventarnummer;Standort;Nutzer", line)

    assert [column for _, column, _ in said_of(found)][:1] == ([said] if said else [])


def test_footers_are_no_assets() -> None:
    found = listed("Inventarnummer;Modell;Status", "X-1;OptiPlex;auf Lager", "Summe;1;", "Stand: 1.1.2027;;")

    assert ([row.stated.tag for row in found.rows], said_of(found)) == (["X-1"], [])


def test_words_of_a_customer_count_in_asset_lists() -> None:
    words = ListWords(
        customer="adler", values={Meant.STATUS: {"beim Kunden": "deployed"}, Meant.ROOM: {"Büro Chef": "2.14"}}
    )

    (row,) = listed("Tag;Status;Standort;Raum", "X-1;Beim Kunden;Augsburg;büro chef", words=words).rows

    assert row.stated.place
    assert (row.stated.status, row.stated.place.room) == ("deployed", "2.14")


@pytest.mark.parametrize(
    ("tag", "is_alike"),
    [
        ("NB-l", True),
        ("NB_1", True),
        ("NB 1", True),
        ("NB.-1", True),
        ("NB1", False),
        ("NB-11", False),
        ("NB-01", False),
    ],
)
def test_a_new_tag_that_may_be_a_known_one_mistyped_is_named(tag: str, is_alike: bool) -> None:
    known = KNOWN.but(tag="NB-1")
    register = Register({"NB-1": known}, {}, {}, {same_tag("NB-1"): "NB-1"})
    found = listed("Inventarnummer;Modell", f"{tag};OptiPlex", "A17-100;OptiPlex", "A17-10O;OptiPlex")

    result, wanted = (plan(found, "adler", register, overrule=overrule) for overrule in (False, True))

    alike = [(2, "Inventarnummer", "tag_looks_like")] if is_alike else []
    assert said_of(result) == [*alike, (4, "Inventarnummer", "tag_looks_like")]
    assert said_of(wanted) == []


def test_an_export_of_snipe_its_table_is_read_though_its_type_is_another_one() -> None:
    found = listed("Asset Tag,Serial,Model,Category,Status,Type,URL", "A-1,S1,T14,Laptop,Deployed,,http://x")

    assert [(row.stated.tag, row.stated.category) for row in found.rows] == [("A-1", "Laptop")]


@pytest.mark.parametrize("heading", ["Serien-\nnummer", "Serien-\r\nnummer", "Seriennummer:"])
def test_a_heading_may_be_broken_over_two_lines(heading: str) -> None:
    (row,) = listed(f'Inventarnummer;"{heading}"', "A-1;S1").rows

    assert row.stated.serial == "S1"
