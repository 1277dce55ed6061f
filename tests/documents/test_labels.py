"""Labels stand where each has its place on the sheet, whatever stands on them; doors have a page each."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby

import pytest
import typst
import zxingcpp

from documents.doors import doors_pdf, printed_doors
from documents.labels import PrintedLabels, labels_pdf, printed_labels
from documents.typeset import LAYOUTS, font_folder
from documents.wording import LANGUAGES
from domain.assets.labels import A4_HEIGHT, A4_WIDTH, MEASURES, Label, LabelFormat, LabelSheet
from domain.moves.reports.doors import DoorDesk, DoorRoom, DoorSheets
from domain.people import Language
from domain.places import Place
from tests.web.small_png import dots_of

PPI = 150
MM, POINT = PPI / 25.4, PPI / 72
HOSTILE = '<b>#[x] $y$ "z"\u202e'
LABEL = Label(
    tag="NB-100", name="Lenovo ThinkPad T14 Gen 4", serial="PF2A1B3C", address="https://imac.example/assets/NB-100"
)
LONG = Label(tag="W" * 64, name="M" * 200, serial=HOSTILE, address="https://imac.example/assets/" + "W" * 64)
DAY = date(2027, 3, 12)
AT = datetime(2027, 3, 12, 7, tzinfo=UTC)


def sheet(format_: LabelFormat, *labels: Label, start: int = 1) -> LabelSheet:
    return LabelSheet(format=format_, start=start, day=DAY, labels=labels)


@pytest.mark.parametrize("format_", LabelFormat)
def test_every_label_lies_on_its_page_and_none_on_another(format_: LabelFormat) -> None:
    measures = MEASURES[format_]
    printed = printed_labels(sheet(format_, *(LABEL,) * (measures.a_page + 1)), "en")
    first = [(one.x, one.y) for one in printed.printed if one.page == 0]

    assert len(first) == measures.a_page
    assert printed.pages == 2
    assert all(0 <= x <= printed.page_width - measures.width + 0.01 for x, _ in first)
    assert all(0 <= y <= printed.page_height - measures.height + 0.01 for _, y in first)
    apart = [
        abs(x - other_x) >= measures.width - 0.01 or abs(y - other_y) >= measures.height - 0.01
        for number, (x, y) in enumerate(first)
        for other_x, other_y in first[:number]
    ]
    assert all(apart)


@pytest.mark.parametrize("format_", [one for one in LabelFormat if not MEASURES[one].is_roll])
def test_what_is_left_over_of_a_sheet_is_the_same_on_both_sides(format_: LabelFormat) -> None:
    measures = MEASURES[format_]
    across = measures.columns * measures.width + (measures.columns - 1) * measures.between

    assert A4_WIDTH - across == pytest.approx(2 * measures.left, abs=0.05)
    assert A4_HEIGHT - measures.rows * measures.height == pytest.approx(2 * measures.top, abs=0.05)


def test_a_used_sheet_goes_on_at_its_first_free_label_and_a_roll_at_its_next() -> None:
    used = printed_labels(sheet(LabelFormat.A4_70X36, LABEL, LABEL, start=24), "en")
    roll = printed_labels(sheet(LabelFormat.ROLL_62X29, LABEL, LABEL), "en")

    assert [(one.page, one.x, one.y) for one in used.printed] == [(0, 140.0, 256.5), (1, 0.0, 4.5)]
    assert [(one.page, one.x, one.y) for one in roll.printed] == [(0, 0.0, 0.0), (1, 0.0, 0.0)]
    assert (roll.page_width, roll.page_height) == (62.0, 29.0)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_", LabelFormat)
def test_the_same_labels_become_the_same_bytes_whatever_stands_on_them(
    format_: LabelFormat, language: Language
) -> None:
    labels = sheet(format_, LABEL, LONG, Label(tag="NB-1", address="http://127.0.0.1:8080/assets/NB-1"))

    first = labels_pdf(labels, language)

    assert first.startswith(b"%PDF-")
    assert first == labels_pdf(labels, language)


def test_five_hundred_labels_are_printed() -> None:
    assert labels_pdf(sheet(LabelFormat.A4_63X38, *(LABEL,) * 500), "de").startswith(b"%PDF-")


ROOM = DoorRoom(
    place=Place(site="adler-hq", building="B", floor="2", room="2.02"),
    desks=tuple(
        DoorDesk(
            desk=f"{number}",
            person=HOSTILE if number == 2 else "Florian Ostermann",
            whence=Place(site="adler-hq", building="A", room="3.02", desk="1"),
            start=AT,
            wave="w1",
            assets=("MO-344", "NB-345"),
        )
        for number in range(1, 25)
    ),
)
SITES = {"adler-hq": "Augsburg"}
DOORS = DoorSheets(
    project="adler-umzug",
    name="Umzug " + HOSTILE,
    plan=1,
    zone="Europe/Berlin",
    made_at=AT,
    rooms=(ROOM, ROOM),
    sites=SITES,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_doors_are_printed_in_both_languages_and_always_alike(language: Language) -> None:
    first = doors_pdf(DOORS, language)

    assert first.startswith(b"%PDF-")
    assert first == doors_pdf(DOORS, language)
    assert doors_pdf(DOORS.but(rooms=()), language).startswith(b"%PDF-")


def test_a_door_says_its_room_its_days_and_who_comes_by_the_clock_there() -> None:
    door, _ = printed_doors(DOORS, "en").doors

    assert (door.room, door.place, door.days) == ("2.02", "Augsburg · B · 2", "Friday, 12 March 2027")
    assert (door.desks[0].whence, door.desks[0].when) == ("A · 3.02 · 1", "Fri 12 Mar, 08:00")


def pages_of(printed: PrintedLabels) -> Iterator[tuple[int, int, Sequence[tuple[int, int, int]]]]:
    """What is seen on paper: width, height and dots of each page."""
    pages = typst.compile(
        LAYOUTS / "labels.typ",
        root=LAYOUTS,
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        format="png",
        ppi=PPI,
        sys_inputs={"data": printed.model_dump_json()},
    )
    yield from (dots_of(png) for png in (pages if isinstance(pages, list) else [pages]))


def codes_on(printed: PrintedLabels) -> Iterator[str]:
    for width, height, dots in pages_of(printed):
        grey = memoryview(bytes(sum(dot) // 3 for dot in dots)).cast("B", shape=[height, width])
        yield from (code.text for code in zxingcpp.read_barcodes(grey))


@pytest.mark.parametrize("format_", LabelFormat)
def test_a_scanner_reads_on_each_label_where_its_asset_is_found(format_: LabelFormat) -> None:
    """Whatever signs a tag may hold, and however long it is."""
    slashed = LABEL.but(tag="A/1 .b", address="https://imac.example/assets/A%2F1%20.b")
    labels = (LABEL, slashed, LONG)

    printed = printed_labels(sheet(format_, *labels), "en")

    assert sorted(codes_on(printed)) == sorted(label.address for label in labels)


@pytest.mark.parametrize("format_", LabelFormat)
def test_lines_that_have_no_room_are_left_out_and_none_is_cut_through(format_: LabelFormat) -> None:
    strokes = Label(tag="l" * 64, name="l" * 200, serial="l" * 200, address=LABEL.address)
    other = strokes.but(serial="1" + "l" * 199)

    (width, height, dots), (_, _, begins_otherwise) = (
        next(pages_of(printed_labels(sheet(format_, label), "en"))) for label in (strokes, other)
    )

    # To the right of the code: rows with something on them, one stretch for each line.
    measures = MEASURES[format_]
    left = int((measures.left + measures.width * 0.45 + 5) * MM) if not measures.is_roll else int(width * 0.45 + 5 * MM)
    inked = [any(sum(dots[y * width + x]) < 600 for x in range(left, width)) for y in range(height)]
    lines = [len(list(rows)) for is_inked, rows in groupby(inked) if is_inked]
    assert len(lines) > 4
    assert min(lines) >= 3.5 * POINT, lines
    assert dots != begins_otherwise
