"""Two spellings of one place are one place, and two places stay two."""

import pytest

from domain.names import same_name, same_tag
from domain.place_names import agrees, differs, same
from domain.places import Place


@pytest.mark.parametrize(
    ("part", "spellings"),
    [
        ("building", ["B", "b", "Haus B", "haus b", "Geb. B", "Geb.B", "Gebäude B", "building B", "Bldg. B", " B "]),
        ("building", ["7", "07", "Bau 7", "Haus 007"]),
        ("floor", ["1", "01", "1. OG", "1.OG", "1 OG", "OG1", "OG 1", "1. Stock", "1. Etage", "Etage 1", "1st floor"]),
        ("floor", ["2", "2.0", "2. Obergeschoss", "Level 2", "Ebene 2", "E2", "II. OG", "zweiter Stock", "2. Geschoß"]),
        ("floor", ["0", "EG", "eg", "Erdgeschoss", "Erdgeschoß", "Parterre", "ground floor", "GF"]),
        ("floor", ["-1", "UG", "1. UG", "UG1", "Keller", "basement", "U1"]),
        ("floor", ["-2", "2. UG", "UG 2", "U2"]),
        ("floor", ["DG", "Dachgeschoss"]),
        ("room", ["2.14", "R 2.14", "R2.14", "R. 2.14", "Raum 2.14", "Zimmer 2.14", "02.14", " 2.14 ", "2,14"]),
        ("room", ["2.14a", "2.14 A", "R 2.14 a"]),
        ("room", ["Labor", "labor", "LABOR ", "Raum Labor"]),
        ("desk", ["2", "02", "AP2", "AP 2", "AP-02", "Platz 2", "Platz 02", "Tisch 2", "Arbeitsplatz 2", "P2", "#2"]),
        ("desk", ["2", "2 (Fenster)", "APL 2", "APL2", "Platz 2 (links)"]),
    ],
)
def test_spellings_of_one_place(part: str, spellings: list[str]) -> None:
    assert {same(part, text) for text in spellings} == {same(part, spellings[0])}


@pytest.mark.parametrize(
    ("part", "one", "other"),
    [
        ("building", "A", "B"),
        ("building", "Haus", "Hausmeisterei"),
        ("floor", "1", "2"),
        ("floor", "1", "-1"),
        ("floor", "EG", "UG"),
        ("floor", "1", "11"),
        ("floor", "OG", "EG"),
        ("room", "1.01", "1.1"),
        ("room", "1.1", "1.10"),
        ("room", "0.03", "3"),
        ("room", "2.14", "2.14a"),
        ("room", "Rechenzentrum", "echenzentrum"),
        ("room", "R", ""),
        ("desk", "1", "10"),
        ("desk", "1 (2)", "1"),
        ("desk", "A1", "1"),
    ],
)
def test_places_that_are_not_the_same(part: str, one: str, other: str) -> None:
    assert same(part, one) != same(part, other)


def test_what_differs_is_named_part_by_part() -> None:
    known = Place(site="hq", building="A", floor="2", room="2.14", desk="1")

    assert agrees(Place(site="hq", building="Haus A", floor="2. OG", desk="AP 01"), known)
    assert differs(Place(site="hq", floor="1. OG", room="R 2.14", desk="2"), known) == ("floor", "desk")


@pytest.mark.parametrize(
    "spellings",
    [
        ["Ute Zander", "Zander, Ute", "ute zander", "ZANDER,UTE", "Frau Ute Zander", "Dr. Ute Zander", "Ute  Zander"],
        ["Jürgen Groß", "Ju\u0308rgen Groß", "JÜRGEN GROSS", "Groß, Jürgen", "Herr Jürgen Gross"],
        ["Hans-Peter Maier", "Hans Peter Maier", "Maier, Hans\u2011Peter"],
    ],
)
def test_spellings_of_one_name(spellings: list[str]) -> None:
    assert {same_name(name) for name in spellings} == {same_name(spellings[0])}


def test_names_that_are_not_the_same() -> None:
    names = ["Martin Peter", "Peter Martin", "Ing", "Frau", "Mueller", "Müller"]

    assert len({same_name(name) for name in names}) == len(names)


def test_tags_are_the_same_in_capital_letters() -> None:
    assert same_tag("A17-100") == same_tag(" a17\u2013100 ") == same_tag("A17-\u00ad100")
