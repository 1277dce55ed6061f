"""Places and names in lists against those in the register, however both are written."""

import pytest

from domain.assets.asset import Asset, AssetStatus
from domain.meanings import Meanings, Meant
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.known_places import KnownPlaces
from domain.moves.lists.room_shapes import RoomShapes
from domain.moves.lists.written_places import written_place
from domain.places import Place
from tests.domain.moves.lists.example_lists import said_of, staged


def test_floors_as_people_write_them_are_true_and_what_differs_is_named_at_its_own_column() -> None:
    anna, max_, lena, katja = staged(
        "Anna Vogel;;A;2.OG;2.14;1;B;1.OG;1.01;1;11.03.2027;;",
        "Max Huber;;Haus A;2. OG;R 2.14;Platz 2;Haus B;1. OG;R 1.01;Platz 2;11.03.2027;;",
        "Lena Brandt;;A;02;2.15;01;B;01;1.02;01;11.03.2027;;",
        "Katja Simon;;A;OG2;2.15 ;AP2;B;EG;2.OG/214a;;11.03.2027;;",
    )

    assert [said_of(row) for row in (anna, max_, lena)] == [[], [], []]
    assert said_of(katja) == [
        ("nach Etage", "place_contradicts_itself"),
        ("nach Raum", "place_contradicts_itself"),
    ]
    assert max_.move
    assert (max_.move.target and max_.move.target.floor) == "1"


def test_one_desk_in_several_spellings_is_one_desk() -> None:
    rows = staged(
        "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;",
        "Max Huber;;A;2;2.14;2;Haus B;1. OG;1.01;1;11.03.2027;;",
        "Lena Brandt;;A;2;2.15;1;B;01;1.01;Platz 1;11.03.2027;;",
        "Katja Simon;;A;2;2.15;2;B;;1.01;1;11.03.2027;;",
        "Julia Jäger;;A;2;2.22;2;b;1;R1.01;1;11.03.2027;;",
        "Tobias Gruber;;A;2;2.21;1;A;2.OG;2.16;1;11.03.2027;;sitzt dort noch Herr Franke",
    )

    assert [said_of(row) for row in rows] == [[("nach Platz", "desk_shared")]] * 5 + [
        [("nach Platz", "target_occupied")]
    ]
    assert rows[0].conflicts[0].values["rows"] == "3, 4, 5, 6"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("Anna Vogel;;A;1. OG;2.14;1;B;1;1.01;1;;;", ("von Etage", "asset_not_at_from"), id="floor"),
        pytest.param("Anna Vogel;;Haus B;2;2.14;1;B;1;1.01;1;;;", ("von Gebäude", "asset_not_at_from"), id="building"),
        pytest.param("Anna Vogel;;A;2;R 2.15;1;B;1;1.01;1;;;", ("von Raum", "asset_not_at_from"), id="room"),
        pytest.param("Anna Vogel;NB-200;A;2;2.14;AP 2;B;1;1.01;1;;;", ("von Platz", "asset_not_at_from"), id="desk"),
        pytest.param("Anna Vogel;;;;A/1/2.14/1;;B;1;1.01;1;;;", ("von Raum", "asset_not_at_from"), id="in one cell"),
    ],
)
def test_what_the_register_knows_otherwise_is_said_where_it_stands(line: str, said: tuple[str, str]) -> None:
    (row,) = staged(line)

    assert said_of(row) == [said]
    assert {"part", "said", "known"} <= row.issues[0].values.keys()


@pytest.mark.parametrize(
    ("target", "said", "nearest"),
    [
        pytest.param("C;1;1.01;1", "nach Gebäude", "", id="a building nobody knows"),
        pytest.param("B;3;1.01;1", "nach Etage", "", id="a floor nobody knows"),
        pytest.param("A;2;2.61;1", "nach Raum", "2.21", id="a room nobody knows"),
        pytest.param("A;2.OG;2.24;1", "nach Raum", "2.23", id="a room beside those there are"),
        pytest.param(";;A/9/2.14/1;", "nach Raum", "", id="in one cell"),
    ],
)
def test_a_target_nobody_knows_is_a_conflict_and_what_may_be_meant_is_offered(
    target: str, said: str, nearest: str
) -> None:
    (row,) = staged(f"Anna Vogel;;A;2;2.14;1;{target};;;")

    assert said_of(row) == [(said, "target_unknown")]
    assert row.conflicts[0].values["nearest"] == nearest
    assert row.conflicts[0].values["known"]


def test_a_floor_that_is_known_as_a_whole_knows_each_of_its_rooms() -> None:
    (row,) = staged("Anna Vogel;;A;2;2.14;1;Haus B;1. OG;1.99;1;;;")

    assert said_of(row) == []


def test_names_are_found_however_they_are_written() -> None:
    lines = [f"{name};;A;2;2.22;2;B;1;1.01;1;;;" for name in ("Jäger, Julia", "JULIA JA\u0308GER", "Frau Julia Jäger")]

    assert [said_of(*staged(line)) for line in lines] == [[], [], []]
    (unknown,) = staged("Julia Jaeger;;A;2;2.22;2;B;1;1.01;1;;;")
    assert unknown.issues[0].values["nearest"] == "Julia Jäger"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Anna Vogel;;A;2;2.14;1;;;1.77;1;;;", [("nach Gebäude", "building_left_out")]),
        ("Anna Vogel;;A;2;2.14;1;;1;1.77;1;;;", [("nach Gebäude", "building_left_out")]),
        ("Anna Vogel;;A;2;2.14;1;;;2.16;7;;;", []),
        ("Anna Vogel;;A;2;2.14;1;B;;1.77;1;;;", []),
    ],
)
def test_a_building_that_a_row_leaves_out_is_asked_about_unless_its_room_says_it(
    line: str, said: list[tuple[str, str]]
) -> None:
    (row,) = staged(line)

    assert said_of(row) == said


def test_a_list_without_a_column_for_buildings_is_not_asked_for_them() -> None:
    (row,) = staged("Anna Vogel;2.14;1.77", headings="Mitarbeiter;von Raum;nach Raum")

    assert said_of(row) == []


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("NB200", "NB-200"), ("NB 200", "NB-200"), ("NB-2OO", "NB-200"), ("PF3K071", "NB-200"), ("S/N PF3K071", "NB-200")],
)
def test_a_tag_that_is_almost_known_or_a_serial_is_named_with_the_tag_that_may_be_meant(
    written: str, nearest: str
) -> None:
    (row,) = staged(f"Anna Vogel;{written};A;2;2.14;1;B;1;1.01;1;;;")

    assert said_of(row) == [("Inventarnr.", "asset_almost_known")]
    assert row.issues[0].values["nearest"] == nearest


def test_a_room_stands_before_the_desk_that_is_named_as_one() -> None:
    (row,) = staged("Anna Vogel;;A;2;2.14 / AP 1;;B;1;1.01 / Platz 2;;;;")

    assert said_of(row) == []
    assert row.move is not None
    assert row.move.target is not None
    assert (row.move.target.room, row.move.target.desk) == ("1.01", "Platz 2")


def test_tags_are_found_in_small_letters() -> None:
    (row,) = staged("Anna Vogel;nb-200, MO\u2013300;A;2;2.14;1;B;1;1.01;1;;;")

    assert row.move
    assert row.move.assets == ("NB-200", "MO-300")


@pytest.mark.parametrize(
    ("room", "parts"),
    [
        ("2.14/1", {"room": "2.14", "desk": "1"}),
        ("Haus A / 2. OG / R 2.14 / AP 1", {"building": "Haus A", "floor": "2. OG", "room": "R 2.14", "desk": "AP 1"}),
        ("1. OG, 1.01, Platz 3", {"floor": "1. OG", "room": "1.01", "desk": "Platz 3"}),
        ("Haus B, 1.01", {"building": "Haus B", "room": "1.01"}),
        ("Labor, hinten", {"room": "Labor, hinten"}),
        ("EG/Empfang", {"floor": "EG", "room": "Empfang"}),
    ],
)
def test_a_cell_may_hold_several_parts(room: str, parts: dict[str, str]) -> None:
    assert written_place({"room": room}).parts == parts


ON_A_FLOOR_KNOWN_AS_A_WHOLE = "Anna Vogel;;A;2;2.14;1;B;1;{};1;11.03.2027;;"


@pytest.mark.parametrize(
    ("room", "nearest"),
    [
        pytest.param("1.01/1.02", "", id="one of two"),
        pytest.param("(1.01)", "", id="in brackets"),
        pytest.param("1.01*", "", id="with a star"),
        pytest.param("Raum", "", id="the word itself"),
        pytest.param("am Fenster", "", id="words"),
        pytest.param("1.O1", "1.01", id="a letter for a digit"),
        pytest.param("l.01", "1.01", id="a letter for the floor"),
        pytest.param("101", "", id="another way to count"),
        pytest.param("1.01 links", "", id="more than a room"),
        pytest.param("1.01.2027x", "", id="half a day"),
    ],
)
def test_what_does_not_read_like_a_room_is_asked_though_nobody_knows_the_rooms_of_the_floor(
    room: str, nearest: str
) -> None:
    (row,) = staged(ON_A_FLOOR_KNOWN_AS_A_WHOLE.format(room))

    assert (row.state, said_of(row)) == ("conflict", [("nach Raum", "room_unlike_others")])
    assert row.conflicts[0].values["nearest"] == nearest
    assert "2.14" in row.conflicts[0].values["like"]


@pytest.mark.parametrize("room", ["1.01", "R 1.01", "Raum 1,99", "12.140", "Zi. 1.01"])
def test_a_room_that_is_written_as_those_are_that_are_known_is_no_question(room: str) -> None:
    (row,) = staged(ON_A_FLOOR_KNOWN_AS_A_WHOLE.format(room))

    assert said_of(row) == []


@pytest.mark.parametrize(("room", "is_asked"), [("1.1", True), ("1.2", True), ("1.10", False), ("1.100", False)])
def test_a_room_with_fewer_digits_than_all_others_may_have_lost_one(room: str, is_asked: bool) -> None:
    (row,) = staged(ON_A_FLOOR_KNOWN_AS_A_WHOLE.format(room))

    assert said_of(row) == ([("nach Raum", "room_unlike_others")] if is_asked else [])


def test_several_rooms_of_a_list_may_be_numbered_in_a_way_of_their_own() -> None:
    people = ("Anna Vogel;;A;2;2.14;1", "Max Huber;;A;2;2.14;2", "Lena Brandt;;A;2;2.15;1", "Katja Simon;;A;2;2.15;2")
    rooms = ("K01", "K02", "K03", "Keller")

    rows = staged(*(f"{who};B;1;{room};1;11.03.2027;;" for who, room in zip(people, rooms, strict=True)))

    assert [said_of(row) for row in rows] == [[], [], [], [("nach Raum", "room_unlike_others")]]


def test_letters_for_digits_are_asked_about_however_often_they_stand() -> None:
    people = ("Anna Vogel;;A;2;2.14;1", "Max Huber;;A;2;2.14;2", "Lena Brandt;;A;2;2.15;1")

    rows = staged(*(f"{who};B;1;1.O{number};1;11.03.2027;;" for number, who in enumerate(people, 1)))

    assert [row.conflicts[0].values["nearest"] for row in rows] == ["1.01", "1.02", "1.03"]


def test_a_word_that_the_customer_has_explained_is_a_room() -> None:
    line = ON_A_FLOOR_KNOWN_AS_A_WHOLE.format("Kantine")
    meanings = Meanings(values={Meant.ROOM: {"Kantine": "Kantine"}})

    (asked,), (told,) = staged(line), staged(line, meanings=meanings)

    assert (said_of(asked), said_of(told)) == ([("nach Raum", "room_unlike_others")], [])


@pytest.mark.parametrize(
    ("rooms", "asked"),
    [
        (["101"], []),
        (["101", "Labor"], ["101", "Labor"]),
        (["101", "102", "Labor"], ["Labor"]),
        (["101", "102", "1.03", "1.04"], ["1.03", "1.04", "101", "102"]),
        (["101*", "102*", "103*", "104*"], ["101*", "102*", "103*", "104*"]),
        (["101", "102", "103", "1O4"], ["1O4"]),
    ],
)
def test_where_nothing_is_known_of_a_site_most_rooms_of_the_list_say_how_they_are_numbered(
    rooms: list[str], asked: list[str]
) -> None:
    targets = [Place(site="new", room=room) for room in rooms]
    shapes = RoomShapes(KnownPlaces((), ()), targets)

    assert sorted(place.room or "" for place in targets if shapes.unlike(place)) == asked


@pytest.mark.parametrize(
    ("headings", "target", "said"),
    [
        pytest.param(
            "Name;neuer Platz", "2.14/2", [("neuer Platz", "target_occupied")], id="room and desk in one cell"
        ),
        pytest.param("Name;neuer Platz", "A/2/2.14/2", [("neuer Platz", "target_occupied")], id="all in one cell"),
        pytest.param("Name;neuer Platz", "1.01/1", [], id="a desk that is free"),
        pytest.param("Name;neuer Platz", "17", [("neuer Platz", "desk_without_room")], id="a desk alone"),
        pytest.param("Name;neuer Platz", "A-2.14-2", [("neuer Platz", "desk_without_room")], id="a code of its own"),
    ],
)
def test_a_column_for_desks_alone_says_the_room_as_well(
    headings: str, target: str, said: list[tuple[str, str]]
) -> None:
    (row,) = staged(f"Anna Vogel;{target}", headings=headings)

    assert said_of(row) == said


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        *((text, "Anna Vogel") for text in ("Vogel Anna", "A. Vogel", "Vogel", "Fr. Vogel", "Vogel, Anna (Teilzeit)")),
        ("Anna", ""),
    ],
)
def test_a_name_by_its_parts_is_offered_where_one_person_bears_it(written: str, nearest: str) -> None:
    known = PeopleAndAssets(
        (), [Asset(tag=f"T-{n}", customer="adler", status=AssetStatus.DEPLOYED, holder=name) for n, name in enumerate(
            ("Anna Vogel", "Anna Huber", "Bo Müller", "Cy Müller")
        )]
    )  # fmt: skip

    assert known.nearest_name(written) == nearest
