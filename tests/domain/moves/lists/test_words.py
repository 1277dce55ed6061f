"""Words that are no values, columns nobody knows, and rows that are none."""

from collections import Counter
from datetime import date, time

import pytest

from documents.wording import sentence
from domain.list_words import Wordless, doubtful, is_footer, is_total, wordless
from domain.moves.lists.cells import day_and_time
from domain.moves.lists.columns import Column, ColumnMapping
from domain.refusals import Unacceptable
from tests.domain.moves.lists.example_lists import EXAMPLES, HEADINGS, said_of, staged, staged_file


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *((text, Wordless.OPEN) for text in ("offen", "noch offen", "OFFEN!", "tbd", "T.B.D.", "?", "???", "fehlt")),
        *((text, Wordless.OPEN) for text in ("KA", "k.A.", "N.N.", "TBD (Herr X)", "offen, klärt Fr. B", "xxx", "…")),
        *(
            (text, Wordless.STAYS)
            for text in ("bleibt", "Bleibt!", "bleibt - wie besprochen", "zieht nicht um", "stays")
        ),
        *((text, Wordless.CALLED_OFF) for text in ("entfällt", "ENTFA\u0308LLT", "storniert", "cancelled")),
        *(
            (text, Wordless.OPEN)
            for text in ("nan", "undefined", "flex", "Desk-Sharing", "freie Platzwahl", "à définir")
        ),
        *((text, Wordless.CALLED_OFF) for text in ("Elternzeit", "verschoben", "on hold")),
        *((text, Wordless.AS_ABOVE) for text in ("w.o.", "gleich")),
        *((text, Wordless.AT_HOME) for text in ("Homeoffice", "Home Office", "home-office", "zu Hause", "remote")),
        *((text, Wordless.AS_ABOVE) for text in ("dito", '"', '-"-', "siehe oben", "s.o.", "〃", "„")),
        *((text, None) for text in ("2.14", "A", "X", "Labor", "Open Space", "Offenbach", "Freigabe 3", "Anna Vogel")),
        *((text, None) for text in ("Labor?", "Sammelraum", "Nadine", "0", "1. OG", "alle")),
    ],
)
def test_words_that_are_no_values(text: str, meaning: Wordless | None) -> None:
    assert wordless(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *(
            (text, Wordless.OPEN)
            for text in ("1.01?", "Labor ?", "vsl. 1.01", "voraussichtlich 2", "evtl. B", "maybe 2")
        ),
        *((text, Wordless.OPEN) for text in ("1.01 oder 1.02", "A or B", "1.01 bzw. 1.02")),
        *((text, Wordless.OPEN) for text in ("ab April 1.01", "ca. 1.01", "~1.01", "1.01 (tbd)", "in Abstimmung")),
        *((text, Wordless.OPEN) for text in ("noch zu klären", "Zuteilung folgt", "kein Platz", "Raum offen")),
        *((text, Wordless.OPEN) for text in ("Raum wird noch bekanntgegeben", "außer 1.01", "Wunsch: 1.01", "geplant")),
        *((text, Wordless.TWO) for text in ("alt: 2.14 neu: 1.01", "neu: 1.01", "1.01, 1.02", "1.01 u. 1.02")),
        *(
            (text, Wordless.AS_ABOVE)
            for text in ("s. Plan", "lt. Plan", "laut Anlage 2", "wie Max Huber", "siehe Plan", "same as Max")
        ),
        *(
            (text, Wordless.TWO)
            for text in ("1 und 2", "1.01 & 1.02", "2.14 → 1.01", "2.14->1.01", "A => B", "2.14 --> 1")
        ),
        *(
            (text, None)
            for text in (
                "Neubau 1",
                "OG1, 1.01",
                "Altbau",
                "CA 101",
                "Abt. 3",
                "Notausgang",
                "1.01",
                "1.01/1.02",
                "Wiesbaden",
                "Theodor Or",
                "Oderbruch",
                "→",
                "A-1",
                "Lager und Versand",
            )
        ),
    ],
)
def test_values_that_somebody_has_not_settled_on(text: str, meaning: Wordless | None) -> None:
    assert doubtful(text) == meaning


@pytest.mark.parametrize(
    ("written", "code"),
    [
        pytest.param("1.01?", "word_open", id="a question mark"),
        pytest.param("evtl. 1.01", "word_open", id="perhaps"),
        pytest.param("1.01 oder 1.02", "word_open", id="one of two"),
        pytest.param("2.14 → 1.01", "word_two", id="old and new"),
        pytest.param('"1.01\n1.02"', "word_two", id="one below the other"),
        pytest.param("wie Max Huber", "word_as_above", id="somewhere else"),
        pytest.param("ja", "word_open", id="yes"),
        pytest.param("/", "word_open", id="a mark"),
        pytest.param("WAHR", "truth_in_text", id="true, from a spreadsheet"),
        pytest.param("01. Jan", "date_in_text", id="1.1, from a German spreadsheet"),
        pytest.param("Jan 01", "date_in_text", id="1-01, from an English spreadsheet"),
        pytest.param("1-Feb", "date_in_text", id="1-2"),
        pytest.param("01.01.2027", "date_in_text", id="a day"),
        pytest.param("2027-01-02", "date_in_text", id="an ISO day"),
        pytest.param("01:01:00", "date_in_text", id="1:1"),
    ],
)
@pytest.mark.parametrize("heading", ["nach Raum", "von Raum", "nach Platz"])
def test_what_is_no_place_is_named_at_its_cell(written: str, code: str, heading: str) -> None:
    cells = dict.fromkeys(HEADINGS.split(";"), "") | {"Mitarbeiter": "Anna Vogel", "nach Raum": "1.01"}

    (row,) = staged(";".join((cells | {heading: written}).values()))

    assert (row.state, said_of(row)[0]) == ("issue", (heading, code))


@pytest.mark.parametrize(
    ("note", "against"),
    [
        *((note, True) for note in ("zieht doch nicht um", "Monitor bleibt", "Monitor stays", "does not move")),
        *((note, True) for note in ("Umzug ist abgesagt!", "Drucker kommt nicht mit", "kein Umzug nötig", "entfällt")),
        *((note, True) for note in ("wird doch nicht umgezogen", "wird nicht mehr umgezogen", "will not be moved")),
        *(
            (note, True)
            for note in ("Umzug verschoben auf 18.03.2027", "postponed to 18 March", "bitte Platz 2 statt 1")
        ),
        *((note, True) for note in ("erst ab Mai", "kommt erst am 18.03.", "not before May", "neuer Raum: 1.44")),
        *((note, True) for note in ("hat gekündigt", "ist in Elternzeit", "on hold", "fällt weg", "hat sich erledigt")),
        *((note, True) for note in ("nur Monitor", "ohne Monitor", "only the laptop", "nur das Notebook")),
        *((note, False) for note in ("zieht mit Hund um", "Bleibtreustraße", "am Fenster", "nicht vor 9 Uhr", "moves")),
        *((note, False) for note in ("erst ab 9 Uhr", "not before 9 am", "erste Reihe", "Vorarbeiten erledigt")),
        *((note, False) for note in ("nur vormittags", "ohne Aufzug", "only in the morning", "neuer Stuhl")),
    ],
)
def test_a_note_that_something_stays_is_a_conflict_where_everything_goes(note: str, against: bool) -> None:
    (row,) = staged(f"Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;{note}")

    assert said_of(row) == ([("Bemerkung", "note_against_move")] if against else [])


@pytest.mark.parametrize("heading", ["Status", "Umzugsstatus", "state"])
@pytest.mark.parametrize(
    ("state", "against"),
    [
        *((state, True) for state in ("storniert", "abgelehnt", "erledigt", "verschoben", "cancelled", "done")),
        *((state, False) for state in ("bestätigt", "geplant", "offen", "confirmed", "")),
    ],
)
def test_a_state_beside_a_row_may_say_that_it_is_off(heading: str, state: str, against: bool) -> None:
    (row,) = staged(f"Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;;{state}", headings=f"{HEADINGS};{heading}")

    assert said_of(row) == ([(heading, "note_against_move")] if against else [])


@pytest.mark.parametrize(("note", "against"), [("Monitor bleibt", False), ("zieht doch nicht um", True)])
def test_of_named_devices_another_one_may_stay(note: str, against: bool) -> None:
    (row,) = staged(f"Anna Vogel;NB-200;A;2;2.14;1;B;1;1.01;1;11.03.2027;;{note}")

    assert said_of(row) == ([("Bemerkung", "note_against_move")] if against else [])


def test_a_line_break_in_a_cell_is_a_blank_and_between_devices_a_comma() -> None:
    (row,) = staged('"Anna\nVogel";"NB-200\nMO-300";A;2;2.14;1;B;1;1.01;1;"11.03.2027\n8:00";;')

    assert said_of(row) == []
    assert row.move is not None
    assert (row.move.holder, row.move.assets, row.move.hour) == ("Anna Vogel", ("NB-200", "MO-300"), time(8))


@pytest.mark.parametrize(
    ("texts", "is_one"),
    [
        (["Summe", "19 Umzüge"], True),
        (["", "Gesamt:", "12"], True),
        (["Ergebnis", "40"], True),
        (["Summe", "", "2", "2", "1", "1", "1,5", "3 Stk."], True),
        (["Total", "101", "2", "B", "1", "1.04", "1"], False),
        (["Stand: 1.1.2027"], True),
        (["Seite 1 von 2"], True),
        (["Total", "", "5"], True),
        (["TOTAL-1", "Laptop", "x", "in stock"], False),
        (["Standort A", "x"], False),
        (["Countess Ada", "1.01"], False),
    ],
)
def test_footers(texts: list[str], is_one: bool) -> None:
    assert (is_footer(texts) or is_total(texts)) == is_one


def test_words_that_mean_none_yet_are_named_and_whoever_stays_is_said() -> None:
    rows = staged(
        "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;entfällt",
        "Max Huber;;A;2;2.14;2;bleibt;;;;;;",
        "Lena Brandt;;A;2;2.15;1;Homeoffice;;;;11.03.2027;;",
        "Katja Simon;;A;2;2.15;2;B;1;tbd;?;offen;;",
        "Oliver Franke;;A;2;2.16;1;B;1;noch offen;-;11.03.2027;;",
        "Miriam Seidel;;A;2;2.16;2;B;1;1.06;1;storniert;;",
    )

    assert [row.state for row in rows] == ["conflict", "stays", "issue", "issue", "issue", "issue"]
    assert [said_of(row) for row in rows] == [
        [("Bemerkung", "note_against_move")],
        [],
        [("nach Gebäude", "word_at_home")],
        [("nach Raum", "word_open"), ("nach Platz", "word_open"), ("Umzugsdatum", "word_open")],
        [("nach Raum", "word_open")],
        [("Umzugsdatum", "word_called_off")],
    ]
    assert [(one.column, one.code) for one in rows[1].remarks] == [("nach Gebäude", "row_stays")]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ('Anna Vogel;;A;2;2.14;1;B;1;1.01;1;";;'.replace('"', "dito"), "Umzugsdatum", "word_as_above"),
        ("Anna Vogel;;A;2;2.14;1;s.o.;1;1.01;1;;;", "nach Gebäude", "word_as_above"),
        ("Anna Vogel;;A;2;2.14;1;bleibt;;1.01;1;;;", "nach Gebäude", "word_stays"),
        ("Anna Vogel;keine;A;2;2.14;1;B;1;1.01;1;;;", "Inventarnr.", "word_open"),
        ("Anna Vogel;NB-200, folgt;A;2;2.14;1;B;1;1.01;1;;;", "Inventarnr.", "word_open"),
        ("Anna Vogel;;A;unbekannt;2.14;1;B;1;1.01;1;;;", "von Etage", "word_open"),
        ("N.N.;;A;2;2.14;1;B;1;1.01;1;;;", "Mitarbeiter", "word_open"),
        ("Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;entfällt;", "Welle", "word_called_off"),
        ("Anna Vogel;;A;2;2.14;1;B;1;1.01;fehlt;;;", "nach Platz", "word_open"),
        ("Anna Vogel;;A;2;2.14;1;B;k.A.;1.01;1;;;", "nach Etage", "word_open"),
    ],
)
def test_each_of_them_is_named_at_its_cell(line: str, column: str, code: str) -> None:
    (row,) = staged(line)

    assert (row.state, said_of(row)[0]) == ("issue", (column, code))


def test_rows_with_the_same_person_source_and_target_are_one_workplace() -> None:
    first, second, third = staged(
        "Anna Vogel;NB-200;A;2;2.14;1;B;1;1.01;1;;Welle 1;",
        "Vogel, Anna;MO-300;A;2. OG;2.14;1;Haus B;1;R 1.01;1;11.03.2027;;",
        "Anna Vogel;DK-400;A;2;2.14;1;B;1;1.01;1;;;",
    )

    assert [row.state for row in (first, second, third)] == ["ready", "joined", "joined"]
    assert first.move
    assert (first.move.assets, str(first.move.day), first.move.wave) == (
        ("NB-200", "MO-300", "DK-400"),
        "2027-03-11",
        "Welle 1",
    )
    assert (second.part_of, second.move, third.part_of) == (first.row, None, first.row)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param(
            ["Anna Vogel;NB-200;A;2;2.14;1;B;1;1.01;1;;;", "Anna Vogel;NB-200;A;2;2.14;1;B;1;1.02;1;;;"],
            "asset_in_two_rows",
            id="two targets for one device",
        ),
        pytest.param(
            ["Anna Vogel;;A;2;2.14;1;B;1;1.01;1;;;", "Anna Vogel;;A;2;2.14;1;B;1;1.02;1;;;"],
            "asset_in_two_rows",
            id="two targets for a person",
        ),
        pytest.param(
            ["Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;", "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;12.03.2027;;"],
            "rows_contradict",
            id="two days",
        ),
        pytest.param(
            [
                "Anna Vogel;NB-200;A;2;2.14;1;B;1;1.01;1;11.03.2027;;",
                "Anna Vogel;MO-300;A;2;2.14;1;B;1;1.01;1;12.03.2027;;",
            ],
            "rows_contradict",
            id="two days for the devices of one workplace",
        ),
    ],
)
def test_of_two_contradicting_rows_both_are_issues(lines: list[str], code: str) -> None:
    rows = staged(*lines)

    assert [(row.state, row.issues[0].code, row.issues[0].values["row"]) for row in rows] == [
        ("issue", code, "3"),
        ("issue", code, "2"),
    ]


def test_an_english_list_is_read_with_the_device_it_names() -> None:
    (row,) = staged(
        "Anna Vogel;NB-200;2.14;1;B;1;1.01;1;2027-03-11;1;",
        headings="Employee;Asset tags;Current room;Current desk;New building;New floor;New room;New desk;"
        "Move date;Move wave;Comments",
    )

    assert said_of(row) == []
    assert row.move
    assert (row.move.assets, row.move.wave) == (("NB-200",), "1")


@pytest.mark.parametrize("at", [1, 6, 12])
def test_a_column_nobody_knows_is_asked_about_before_rows_are_ready(at: int) -> None:
    headings, line = HEADINGS.split(";"), ["Anna Vogel", "", "A", "2", "2.14", "1", "B", "1", "1.01", "1", "", "", ""]
    headings.insert(at, "Kommt später")
    line.insert(at, "x")
    text = "\n".join((";".join(headings), ";".join(line), "Max Huber;;A;2;2.14;2" + ";" * 7)).encode()

    file = staged_file(text)
    told = staged_file(text, mapping=ColumnMapping(columns={"Kommt später": Column.IGNORED}))

    assert [one.heading for one in file.staged.unknown_columns] == ["Kommt später"]
    assert {row.state for row in file.staged.rows} == {"issue"}
    assert said_of(file.staged.rows[0]) == [("Kommt später", "column_unknown")]
    assert (told.staged.rows[0].state, told.staged.unknown_columns) == ("ready", ())


def test_a_heading_that_is_almost_known_is_offered() -> None:
    file = staged_file(b"Mitarbeiter;Innventarnummer;nach Geb\xc3\xa4ude;nach Raum\nAnna Vogel;NB-200;B;1.01\n")

    assert [(one.heading, one.nearest) for one in file.staged.unknown_columns] == [("Innventarnummer", "asset")]


def test_a_column_without_a_word_in_it_is_no_question() -> None:
    (row,) = staged("Anna Vogel;B;1.01;", headings="Mitarbeiter;nach Gebäude;nach Raum;Rückmeldung")

    assert row.state == "ready"


def test_a_list_is_one_by_the_columns_it_needs_however_many_others_it_has() -> None:
    others = ["Personalnummer", "Handy", "Firma", "Funktion", "Hostname", "MAC", "IP", "Betriebssystem"]
    file = staged_file(
        "\n".join(
            (f"Mitarbeiter;nach Gebäude;nach Raum;{';'.join(others)}", "Anna Vogel;B;1.01;1;2;3;4;5;6;7;8")
        ).encode()
    )

    assert [row.state for row in file.staged.rows] == ["ready"]
    assert file.staged.ignored == tuple(others)


@pytest.mark.parametrize(
    ("headings", "line"),
    [
        ("Mitarbeiter;Inventarnr. 1;Inventarnr. 2;nach Gebäude;nach Raum", "Anna Vogel;NB-200;MO-300;B;1.01"),
        ("Mitarbeiter;Notebook;Monitor;nach Gebäude;nach Raum", "Anna Vogel;NB-200;MO-300;B;1.01"),
        ("Name, Vorname;Gerät;Gerät;nach Gebäude;nach Raum", "Vogel, Anna;NB-200;MO-300;B;1.01"),
        ("Name;Vorname;Geräte;nach Gebäude;nach Raum", "Vogel;Anna;NB-200 und MO-300;B;1.01"),
    ],
)
def test_several_columns_may_name_devices(headings: str, line: str) -> None:
    (row,) = staged(line, headings=headings)

    assert row.move
    assert row.move.assets == ("NB-200", "MO-300")


def test_weeks_beside_waves_are_not_read() -> None:
    (row,) = staged("Anna Vogel;B;1.01;2;KW 10;11.03.2027", headings="Mitarbeiter;nach Gebäude;nach Raum;Welle;KW;Wann")

    assert row.move
    assert (row.state, row.move.wave, str(row.move.day)) == ("ready", "2", "2027-03-11")


def test_titles_between_the_rows_are_no_rows_and_are_named() -> None:
    file = staged_file(
        "\n".join(
            (
                HEADINGS,
                "Einkauf;;;;;;;;;;;;",
                "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;;;",
                "Abteilung Vertrieb;;;;;;;;;;;;",
                "Max Huber;;;;;;;;;;;;",
                "Summe;2;;;;;;;;;;;",
            )
        ).encode()
    )

    assert [row.row for row in file.staged.rows] == [3, 5]
    assert [(one.row, one.text) for one in file.staged.left_out] == [(2, "Einkauf"), (4, "Abteilung Vertrieb")]
    assert said_of(file.staged.rows[1]) == [("nach Raum", "target_needed")]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("move-messy.csv", {"ready": 7, "issue": 7, "conflict": 5}),
        ("move-clean.csv", {"ready": 40}),
    ],
)
def test_the_examples_are_read_as_before(name: str, counts: dict[str, int]) -> None:
    file = staged_file((EXAMPLES / name).read_bytes(), name=name)

    assert Counter(row.state for row in file.staged.rows) == counts
    assert (file.staged.left_out, file.staged.unknown_columns) == ((), ())


@pytest.mark.parametrize(
    ("written", "code", "nearest"),
    [
        *(
            (text, "week_is_no_day", "2027-06-07")
            for text in ("KW 23", "KW23", "CW 23", "23. KW", "Woche 23", "week 23")
        ),
        *((text, "week_is_no_day", "2027-06-07") for text in ("KW 23/2027", "KW 23 27", "2027-W23", "2027W23")),
        ("KW 60", "week_is_no_day", ""),
        ("KW 53", "week_is_no_day", "2026-12-28"),
        *((text, "day_without_year", "2027-03-15") for text in ("15.3.", "15.03", "Mo 15.3.", "15. März", "15 March")),
        ("12.12.", "day_without_year", "2026-12-12"),
        *((text, "day_is_a_span", "2027-03-15") for text in ("ab 15.3.", "bis 15.03.2027", "from 2027-03-15")),
        *(
            (text, "day_is_a_span", "")
            for text in ("15.-17.3.2027", "15.3. - 17.3.", "Mitte März", "März 2027", "Q2 2027")
        ),
        *((text, "day_is_a_span", "") for text in ("15.03.2027 – 17.03.2027", "15.03.2027 bis 17.03.2027", "2027-03")),
        *((text, "date_unreadable", "") for text in ("3/11/2027", "31.02.2027", "demnächst", "23")),
    ],
)
def test_what_is_no_single_day_is_named_with_the_day_that_may_be_meant(written: str, code: str, nearest: str) -> None:
    (row,) = staged(f"Anna Vogel;;A;2;2.14;1;B;1;1.01;1;{written};;")

    assert said_of(row) == [("Umzugsdatum", code)]
    assert row.issues[0].values.get("nearest", "") == nearest


@pytest.mark.parametrize(
    "day",
    ["Mo", "Mo.", "Mon,", "Montag,", "Monday", "Di", "Die", "Tues.", "Mittwoch", "Thurs", "Fri.", "Sonnabend", "So."],
)
def test_a_weekday_before_a_day_says_nothing_more(day: str) -> None:
    assert day_and_time(f"{day} 15.03.2027") == (date(2027, 3, 15), None)


@pytest.mark.parametrize("word", ["from", "frühestens", "Mitte", "month", "so ab", "side", "Sofort"])
def test_a_word_before_a_day_is_not_swallowed(word: str) -> None:
    assert day_and_time(f"{word} 15.03.2027") is None


@pytest.mark.parametrize(
    "written",
    [
        *(
            "11. Maerz 2027",
            "11-Mar-2027",
            "11th March 2027",
            "March 11, 2027",
            "Mar. 11th 2027",
            "2027/03/11",
            "2027.3.11",
            "11/Mar/2027",
            "11 .03.2027",
            "11 . 3 . 27",
        ),
    ],
)
def test_days_are_read_however_they_are_written(written: str) -> None:
    assert day_and_time(written) == (date(2027, 3, 11), None)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *((text, date(2027, 3, 15)) for text in ("15/03/2027", "03/15/2027", "15-3-2027", "3-15-2027")),
        *((text, None) for text in ("03/11/2027", "11-03-2027", "15/13/2027", "31/02/2027", "15/03-2027")),
    ],
)
def test_of_day_and_month_that_may_be_either_neither_is_guessed(written: str, day: date | None) -> None:
    assert day_and_time(written) == ((day, None) if day else None)


@pytest.mark.parametrize(
    "written",
    [
        "11.03.2027 8 Uhr",
        "11.03.2027 08.00",
        "11.03.2027, 08:00 Uhr",
        "2027-03-11T08:00",
        "2027.03.11 08:00",
        "2027/03/11 8:00:00",
        "11.03.2027 8h",
        "11.03.2027 08:00h",
    ],
)
def test_a_time_may_stand_behind_a_day(written: str) -> None:
    assert day_and_time(written) == (date(2027, 3, 11), time(8))


def test_of_headings_nobody_knows_that_is_offered_which_is_almost_known() -> None:
    with pytest.raises(Unacceptable) as refused:
        staged_file(b"number;Mitarbeitr;u_room\n1;Anna Vogel;1.01\n")

    assert [problem.values["moves"] for problem in refused.value.problems] == ["Mitarbeitr=person"]


def test_a_field_that_has_its_column_is_not_offered_to_another() -> None:
    found = staged_file(f"{HEADINGS};zieht um?;Persn\nAnna Vogel;;A;2;2.14;1;B;1;1.01;1;;;;ja;x".encode()).staged

    assert [(column.heading, column.nearest) for column in found.unknown_columns] == [("zieht um?", ""), ("Persn", "")]


def test_a_list_without_a_known_heading_is_told_what_to_write_and_how_to_map() -> None:
    with pytest.raises(Unacceptable) as refused:
        staged_file(b"Nom;Bureau actuel;Nouveau bureau\nAnna Vogel;2.14;1.01\n")

    (problem,) = refused.value.problems
    assert (problem.code, problem.values["moves"]) == ("headings_not_found", "…=person")
    assert 'imac project columns PROJEKT "…=person"' in sentence(problem, "de")
    assert "asset columns" not in sentence(problem, "de")
