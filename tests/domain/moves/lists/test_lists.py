"""Move lists: columns as people head them, everything wrong at once, and what stands against right rows."""

from datetime import UTC, date, datetime, time

import pytest

from connectors.holidays import with_holidays
from domain.assets.asset import Asset, AssetStatus
from domain.moves.lists.cells import day_and_time, kit_of, time_of_day
from domain.moves.lists.columns import Column, ColumnMapping
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.staging import AcceptedConflict, Before, Ground, Staged, StagedRow, stage
from domain.moves.project import Project
from domain.people import Person
from domain.places import Place
from domain.refusals import Refused, Unacceptable
from tests.cells import text_file
from tests.world import COORDINATOR, HQ, OFFICE

NOW = datetime(2026, 11, 21, tzinfo=UTC)
# Rooms that nothing stands in yet are there all the same.
NEW_HOUSE = Place(site="hq", building="B")
SITES = [
    HQ.but(id=site, name=name, access=with_holidays(OFFICE, NOW)) for site, name in (("hq", "Augsburg"), ("muc", "Ost"))
]
PROJECT = Project(id="p", customer="adler", contract="adler-2026", name="Umzug", sites=("hq",))
HEADINGS = "Mitarbeiter;Inventarnr.;Raum alt;Platz alt;Raum neu;Platz neu;Umzugsdatum"
PEOPLE = [
    Person(id=f"p-{n}", name=name, email=f"p{n}@adler.example", customer="adler")
    for n, name in enumerate(("Dora Dorn", "Eva Ernst", "Eva Ernst"))
]


def desk(n: int) -> Place:
    return Place(site="hq", building="A", floor="1", room="1.01", desk=str(n))


def held(tag: str, n: int, holder: str | None, **more: object) -> Asset:
    asset = Asset(tag=tag, customer="adler", status=AssetStatus.DEPLOYED, place=desk(n), holder=holder)
    return asset.but(**more)


ASSETS = [
    *(held(f"{kind}-{n}", n, name) for n, name in enumerate(("Ada", "Ben", "Cem", "Dora Dorn"), 1) for kind in "NM"),
    held("X-1", 9, None),
    held("X-2", 1, None, status=AssetStatus.IN_STOCK),
    held("H-1", 5, "Hin Und Her"),
    held("H-2", 6, "Hin Und Her", reserved_for="O-1"),
    *(held(f"L-{n}", 1, None, place=Place(site="hq", building="A", floor="3", room="Labor")) for n in range(201)),
]


def staged(*lines: str, project: Project = PROJECT, mapping: dict[str, Column] | None = None) -> Staged:
    known = PeopleAndAssets(PEOPLE, ASSETS, [NEW_HOUSE])
    ground = Ground(project, SITES, known, ColumnMapping(columns=mapping or {}), NOW.date())
    return stage(text_file(*lines), ground)


def rows(*lines: str, project: Project = PROJECT) -> tuple[StagedRow, ...]:
    return staged(HEADINGS, *lines, project=project).rows


def codes(row: StagedRow) -> list[tuple[str, str]]:
    return [(one.column, one.code) for one in (*row.issues, *row.conflicts)]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["Mitarbeiter;Raum alt;Platz alt;Raum neu;Platz neu", "Ada;1.01;1;2.02;7"], id="German"),
        pytest.param(["Employee;Old room;Current desk;To room;Target desk", "Ada;1.01;1;2.02;7"], id="English"),
        pytest.param(["neuer Platz;Zielraum;von Raum;Platz (alt);Name", "7;2.02;1.01;1;Ada"], id="another order"),
        pytest.param(["Name;Raum;Platz;Raum;Platz", "Ada;1.01;1;2.02;7"], id="headings that stand twice"),
        pytest.param(["Name;Von;;Nach;", ";Raum;Platz;Raum;Platz", "Ada;1.01;1;2.02;7"], id="two lines of headings"),
        pytest.param(["Umzug;;;;", "", "Name;Raum;Raum neu;Platz neu;", "Ada;1.01/1;2.02;7;"], id="one says which"),
        pytest.param(["Name;Von;Nach;Telefon", "Ada;A/1/1.01/1;2.02/7;089"], id="whole places in one cell"),
        pytest.param(["Vorname;Nachname;Raum neu;Platz neu", "Ada;;2.02;7"], id="only where to"),
    ],
)
def test_headings_are_understood_as_people_write_them(lines: list[str]) -> None:
    (row,) = staged(*lines).rows

    assert codes(row) == []
    assert row.move is not None
    assert row.move.assets == ("N-1", "M-1")
    assert (row.move.source, row.move.target) == (desk(1), Place(site="hq", room="2.02", desk="7"))


def test_titles_totals_blank_rows_and_headings_of_the_next_page_are_no_moves() -> None:
    found = staged("Umzugsliste", "", HEADINGS, "Ada;;;;2.02;1;", "", HEADINGS, "Ben;;;;2.02;2;", "Summe: 2;;;;;;")

    assert [(row.row, codes(row)) for row in found.rows] == [(4, []), (7, [])]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        pytest.param("Mitarbeiter;Welle;Raum", "target_column_missing", id="nowhere to go"),
        pytest.param("Raum neu;Platz neu;Welle", "subject_column_missing", id="nobody"),
        pytest.param("Raum neu;Zielraum;Name", "column_twice", id="two columns for one thing"),
        pytest.param("Farbe;Größe;Preis", "headings_not_found", id="another list"),
    ],
)
def test_a_list_whose_columns_cannot_be_told_is_refused(heading: str, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(heading, "a;b;c")

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_mapping_says_what_cannot_be_guessed_and_may_shut_a_column_out() -> None:
    mapping = {"Sitz 27": Column.TO_DESK, "Raum": Column.TO_ROOM, "Mitarbeiter": Column.IGNORED}

    (row,) = staged("Mitarbeiter;Name;Raum;Sitz 27", "falsch;Ada;2.02;7", mapping=mapping).rows

    assert row.said == {"person": "Ada", "to_room": "2.02", "to_desk": "7"}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        pytest.param("Ada;;1.01;1;2.02;1;11.03.2027", [], id="right"),
        pytest.param("Nemo;;;;2.02;1;", [("Mitarbeiter", "person_unknown")], id="nobody knows them"),
        pytest.param("Eva Ernst;;;;2.02;1;", [("Mitarbeiter", "person_ambiguous")], id="two of that name"),
        pytest.param("Dorn, Dora;;;;2.02;1;", [], id="the name turned round"),
        pytest.param("p-0;;;;2.02;1;", [], id="an id"),
        pytest.param(";;;;2.02;1;", [("Mitarbeiter", "subject_needed")], id="nobody and nothing"),
        pytest.param(";N-77;;;2.02;1;", [("Inventarnr.", "asset_unknown")], id="no such asset"),
        pytest.param(";X-2;;;2.02;1;", [("Inventarnr.", "asset_not_ready")], id="an asset in stock"),
        pytest.param(
            ";1,2E+10;;;2.02;1;", [("Inventarnr.", "number_rounded")], id="a number that a spreadsheet has rounded"
        ),
        pytest.param("Ada;N-1;1.01;2;2.02;1;", [("Platz alt", "asset_not_at_from")], id="not at from"),
        pytest.param("Ada;;1.01;2;2.02;1;", [("Platz alt", "asset_not_at_from")], id="nothing of theirs at from"),
        pytest.param(";;7.77;1;2.02;1;", [("Raum alt", "nothing_there")], id="nothing stands there"),
        pytest.param(";;Labor;;2.02;1;", [("Raum alt", "too_many_assets")], id="more than one order takes"),
        pytest.param("Hin Und Her;;;;2.02;1;", [("Mitarbeiter", "source_needed")], id="has two desks"),
        pytest.param("p-1;;;;2.02;1;", [("Mitarbeiter", "nothing_to_move")], id="has nothing"),
        pytest.param("Ada;;;;;;", [("Raum neu", "target_needed")], id="nowhere to go"),
        pytest.param("Ada;;;;1.01;1;", [("Raum neu", "same_place")], id="stays where they are"),
        pytest.param("Ada;;;;2.02;1;bald", [("Umzugsdatum", "date_unreadable")], id="no date"),
        pytest.param("Ada;;;;2.02;1;1.1.2026", [("Umzugsdatum", "move_in_the_past")], id="long ago"),
        pytest.param("Ada;=A1;;;2.02;1;", [("Inventarnr.", "formula_without_value")], id="a formula"),
        pytest.param("Ada;;;;" + "x" * 201 + ";1;", [("Raum neu", "cell_too_long")], id="too long"),
        pytest.param(
            "Nemo;N-77;;;;;bald",
            [("Raum neu", "target_needed"), ("Umzugsdatum", "date_unreadable"), ("Mitarbeiter", "person_unknown")],
            id="all at once",
        ),
    ],
)
def test_everything_wrong_with_a_row_is_named_at_once(line: str, wrong: list[tuple[str, str]]) -> None:
    right, row = rows("Ben;;;;2.02;9;", line)

    assert codes(right) == []
    assert codes(row) == wrong
    assert (row.move is None) == bool(wrong)


KINDS = "Art;Mitarbeiter;Inventarnr.;Raum alt;Platz alt;Raum neu;Platz neu"


@pytest.mark.parametrize(
    ("line", "kind", "assets", "goes", "wrong"),
    [
        pytest.param("Umzug;Ada;;;;2.02;1", "move", ("N-1", "M-1"), True, [], id="a move"),
        pytest.param(";Ada;;;;2.02;1", "move", ("N-1", "M-1"), True, [], id="a move is meant where nothing is said"),
        pytest.param("Neu;Dora Dorn;X-2;;;2.02;1", "install", ("X-2",), True, [], id="an install from stock"),
        pytest.param("Setup;;;;;2.02;1", None, (), False, [("Inventarnr.", "assets_needed")], id="an install of what?"),
        pytest.param("Install;;X-2;;;;", None, (), False, [("Raum neu", "target_needed")], id="an install where?"),
        pytest.param(
            "Neu;;N-1;;;2.02;1", None, (), False, [("Inventarnr.", "asset_not_ready")], id="an install of what is used"
        ),
        pytest.param("Abbau;Ada;;;;;", "remove", ("N-1", "M-1"), False, [], id="all of theirs is taken down"),
        pytest.param("remove;;N-1;;;;", "remove", ("N-1",), False, [], id="one thing is taken down"),
        pytest.param(
            "Abbau;Ada;;;;2.02;1", None, (), False, [("Raum neu", "target_needless")], id="taken down to a desk"
        ),
        pytest.param("Entsorgung;;X-2;;;;", "dispose", ("X-2",), False, [], id="disposed of"),
        pytest.param(
            "Disposal;Ada;;;;;", None, (), False, [("Inventarnr.", "assets_needed")], id="all of theirs disposed of"
        ),
        pytest.param("Verkauf;Ada;;;;2.02;1", None, (), False, [("Art", "kind_unreadable")], id="another word"),
    ],
)
def test_a_row_may_be_of_another_kind(
    line: str, kind: str | None, assets: tuple[str, ...], goes: bool, wrong: list[tuple[str, str]]
) -> None:
    (row,) = staged(KINDS, line).rows

    assert codes(row) == wrong
    moved = (row.move.kind, row.move.assets, row.move.target is not None) if row.move else (None, (), False)
    assert moved == (kind, assets, goes)


def test_a_desk_is_free_for_others_once_its_things_are_taken_down() -> None:
    ben, ada = staged(KINDS, "Umzug;Ben;;;;1.01;1", "Abbau;Ada;;;;;").rows

    assert (codes(ben), ben.after, ada.turn) == ([], (ada.row,), 1)


def test_the_second_row_with_the_same_move_or_the_same_asset_is_wrong() -> None:
    first, same, again = rows("Ada;;;;2.02;1;", "ada;;;;2.02;1;12.03.2027", ";N-1;;;2.02;3;")

    assert [[(one.code, one.values["row"]) for one in row.issues] for row in (first, same, again)] == [
        [("asset_in_two_rows", "4")],
        [("row_twice", "2")],
        [("asset_in_two_rows", "2")],
    ]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(["Ada;;;;1.01;2;"], [["target_occupied"]], id="somebody stays there"),
        pytest.param(["Ada;;;;1.01;9;"], [[]], id="only a thing of nobody's is there"),
        pytest.param(["Ada;;;;1.01;2;", "Ben;N-2;;;2.02;1;"], [["target_occupied"], []], id="a monitor stays"),
        pytest.param(["Ada;;;;1.01;2;", "Ben;;;;;;"], [["target_occupied"], ["target_needed"]], id="a broken row"),
        pytest.param(["Ada;;;;2.02;1;", "Ben;;;;2.02;1;"], [["desk_shared"]] * 2, id="two on one desk"),
        pytest.param([";N-1;;;2.02;1;", ";M-1;;;2.02;1;"], [[], []], id="two things of one person"),
        pytest.param(["Ada;;;;2.02;;", "Ben;;;;2.02;;"], [[], []], id="one room for two"),
        pytest.param(["Ada;;;;1.01;2;11.03.2027", "Ben;;;;2.02;1;12.03.2027"], [["desk_freed_later"], []], id="later"),
        pytest.param(["Ada;N-2;;;2.02;1;"], [["asset_of_another"]], id="somebody else's"),
        pytest.param(["Hin Und Her;;1.01;6;2.02;1;"], [["asset_in_order"]], id="reserved"),
        pytest.param(["Ada;;;;2.02;1;14.03.2027"], [["no_access"]], id="on a Sunday"),
        pytest.param(["Ada;;;;2.02;1;26.03.2027"], [["on_holiday"]], id="on Good Friday"),
        pytest.param(["Ada;;;;2.02;1;11.03.2027 06:30"], [["outside_access"]], id="before the gates open"),
        pytest.param(["Ada;;;;2.02;1;11.03.2027 08:30"], [[]], id="in access hours"),
        pytest.param(["Ada;;;;6.66;1;"], [["target_inactive"]], id="a closed room"),
    ],
)
def test_what_stands_against_right_rows(lines: list[str], found: list[list[str]]) -> None:
    project = PROJECT.but(closed=(Place(site="hq", room="6.66"),))

    assert [[code for _, code in codes(row)] for row in rows(*lines, project=project)] == found


@pytest.mark.parametrize(
    ("lines", "turns"),
    [
        pytest.param(["Ada;;;;1.01;2;", "Ben;;;;1.01;1;"], [(3, True), (2, False)], id="a swap"),
        pytest.param(["Ada;;;;1.01;2;", "Ben;;;;1.01;3;", "Cem;;;;2.02;1;"], [(3, False), (2, False), (1, False)]),
        pytest.param(
            ["Ada;;;;1.01;2;", "Ben;;;;1.01;3;", "Cem;;;;1.01;1;", "Dorn, Dora;;;;2.02;1;"],
            [(4, True), (3, False), (2, False), (1, False)],
            id="three in a ring, one apart",
        ),
        pytest.param(
            ["Dora Dorn;;;;1.01;1;", "Ada;;;;1.01;2;", "Ben;;;;1.01;1;"],
            [(2, False), (3, True), (2, False)],
            id="behind",
        ),
    ],
)
def test_chains_and_swaps_are_put_in_order(lines: list[str], turns: list[tuple[int, bool]]) -> None:
    assert [(row.turn, row.interim) for row in rows(*lines)] == turns


def test_targets_are_checked_where_the_project_knows_its_places() -> None:
    project = PROJECT.but(places=(Place(site="hq", floor="2"), Place(site="hq", room="3.01")))
    listed = staged("Name;Etage neu;Raum neu", "Ada;2;2.02", "Ben;4;4.01", "Cem;;3.01", project=project).rows

    assert [codes(row) for row in listed] == [[], [("Raum neu", "place_unknown")], []]


def test_a_project_of_several_sites_needs_one_in_every_row() -> None:
    several = PROJECT.but(sites=("hq", "muc"))
    lines = ("Name;Standort neu;Raum neu", "Ada;Ost;2.02", "Ben;;2.02", "Cem;Mond;2.02")

    assert [codes(row) for row in staged(*lines, project=several).rows] == [
        [],
        [("Standort neu", "site_of_several_needed")],
        [("Standort neu", "site_unknown")],
    ]
    assert codes(staged(*lines[:2]).rows[0]) == [("Standort neu", "site_not_in_project")]


def test_a_conflict_is_accepted_with_a_reason_and_a_mistake_is_not() -> None:
    wanted = AcceptedConflict(reason="abgesprochen", actor=COORDINATOR, at=NOW)
    doubtful, wrong = rows("Ada;;;;2.02;1;14.03.2027", "Nemo;;;;2.02;1;")

    accepted = doubtful.accepting(wanted, "no_access")
    again = doubtful.since(Before({doubtful.key: "other"}, {}, {doubtful.key: accepted.conflicts}))

    assert [row.state for row in (doubtful, wrong, accepted)] == ["conflict", "issue", "accepted"]
    assert (again.state, again.change) == ("accepted", "changed")
    for row, code in ((wrong, None), (accepted, None), (doubtful, "desk_shared")):
        with pytest.raises(Refused):
            row.accepting(wanted, code)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("11.3.2027", (date(2027, 3, 11), None)),
        ("Do, 11.03.27", (date(2027, 3, 11), None)),
        ("11. März 2027", (date(2027, 3, 11), None)),
        ("11 March 2027", (date(2027, 3, 11), None)),
        ("2027-03-11", (date(2027, 3, 11), None)),
        ("2027-03-11 00:00:00", (date(2027, 3, 11), None)),
        ("2027-03-11 08:15:00", (date(2027, 3, 11), time(8, 15))),
        ("11.03.2027, 8:15 Uhr", (date(2027, 3, 11), time(8, 15))),
        ("46457", (date(2027, 3, 11), None)),
        ("03/04/2027", None),
        ("31.02.2027", None),
        ("KW 11", None),
        ("7", None),
    ],
)
def test_dates(text: str, said: tuple[date, time | None] | None) -> None:
    assert day_and_time(text) == said


def test_times_and_kits() -> None:
    assert [time_of_day(text) for text in ("8 Uhr", "08:30", "8.30 Uhr", "25:00", "8", "früh")] == [
        *(time(8), time(8, 30), time(8, 30)),
        *(None, None, None),
    ]
    assert [kit_of(text) for text in ("N-1, N-2;N-1", "alle", "12345.0 und alles", "")] == [
        (("N-1", "N-2"), False),
        ((), True),
        (("12345.0",), True),
        ((), False),
    ]
