"""How launched move projects look at a terminal, and what is asked there."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from cli.asking import Asking
from cli.errors import CliError
from cli.moves.bars import bar, numbers, shares
from cli.moves.board import ProjectBoard
from cli.moves.events import FollowedEvent, line
from cli.moves.previews import ask, changes_picture, fates_table, ranges
from cli.moves.project import Issue, issues_table
from cli.moves.sheet import ProjectPapers, picture
from domain.kinds import OrderKind
from domain.moves.launched.call_offs import Fate, RowFate
from domain.moves.launched.events import MoveHappening
from domain.moves.launched.project_progress import GateState, ProjectState
from domain.moves.launched.project_sheets import ProjectSheet, WaveSheet
from domain.moves.launched.wave_progress import WaveCounts, WaveState, WorkplaceStanding, WorkplaceState
from domain.moves.plans.changes import MovedRow, PlanChanges, PlannedRow, Slot
from domain.people import MACHINE, Language
from domain.refusals import Problem

AT = datetime(2027, 3, 11, 8, tzinfo=UTC)


def wave(name: str, gate: GateState, state: WaveState | None = None, **counted: int) -> WaveSheet:
    counts = WaveCounts(workplaces=sum(counted.values()), **counted)
    return WaveSheet(
        id=name,
        state=state,
        gate=gate,
        gate_by="p-huber" if gate in (GateState.ASKED, GateState.REFUSED) else None,
        gate_percent=90 if gate == GateState.SHUT else None,
        after=("w1",) if gate == GateState.SHUT else (),
        start=AT,
        end=AT + timedelta(hours=8),
        opened_at=AT if state else None,
        opened_by=None,
        refused_why="der Aufzug steht" if gate == GateState.REFUSED else None,
        through_at=None,
        counts=counts,
    )


RUNNING = ProjectSheet(
    project="haus-b",
    customer="adler",
    contract="adler-2026",
    name="Umzug [Haus B]",
    state=ProjectState.RUNNING,
    plan=2,
    launched_at=AT,
    launched_by="p-koch",
    approver="p-huber",
    waves=(
        wave("w1", GateState.OPEN, WaveState.RUNNING, ok=9, in_flight=2, failed=1, waiting=8),
        wave("w2", GateState.REFUSED, waiting=4),
        wave("w3", GateState.SHUT, waiting=3),
    ),
    counts=WaveCounts(workplaces=27, ok=9, in_flight=2, failed=1, waiting=15),
    awaiting=("w2",),
    holds=(),
    called_off=None,
    deadline=None,
    updated_at=AT,
    seq=30,
)
FAILED = WorkplaceStanding(
    workplace="k7",
    row=7,
    kind=OrderKind.MOVE,
    wave="w1",
    state=WorkplaceState.FAILED,
    problem=Problem(code="desk_not_free", values={"row": "9"}),
    retryable=True,
    owner="p-koch",
    due=AT + timedelta(hours=4),
)


def drawn(made: RenderableType, width: int = 200) -> str:
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(made)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("counts", "pieces"),
    [
        pytest.param(WaveCounts(workplaces=4, ok=4), "██████████ 100 %", id="all done"),
        pytest.param(WaveCounts(workplaces=4, waiting=4), "··········   0 %", id="nothing begun"),
        pytest.param(WaveCounts(workplaces=250, ok=249, failed=1), "█████████✗  99 %", id="one of many has failed"),
        pytest.param(
            WaveCounts(workplaces=10, ok=4, in_flight=2, exceptions=1, skipped=1, rolled_back=1, waiting=1),
            "████↶–▒▒!·  50 %",
            id="some of everything",
        ),
        pytest.param(WaveCounts(), " 100 %", id="empty"),
    ],
)
def test_a_bar_shows_whatever_there_is_even_without_colours(counts: WaveCounts, pieces: str) -> None:
    assert bar(counts, 10).plain == pieces


def test_pieces_of_a_bar_always_fill_it() -> None:
    assert [sum(shares([1, 250, 1, 0, 3, several, 9], 24)) for several in range(300)] == [24] * 300


def test_numbers_name_only_what_there_is() -> None:
    counts = WaveCounts(workplaces=3, ok=2, exceptions=1)

    assert (numbers(counts, "de"), numbers(counts, "en")) == ("bestätigt 2, Ausnahme 1", "verified 2, exception 1")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Umzug [Haus B]", "not its turn yet ← w1 ≥ 90 %", "go-ahead refused (p-huber): der Aufzug steht")),
        ("de", ("Umzug [Haus B]", "noch nicht dran ← w1 ≥ 90 %", "Freigabe abgelehnt (p-huber): der Aufzug steht")),
    ],
)
def test_the_sheet_says_what_each_wave_waits_for_and_who_is_asked(language: Language, words: tuple[str, ...]) -> None:
    papers = ProjectPapers(sheet=RUNNING, zone="Europe/Berlin", open_rows=[FAILED], names={"k7": "Georg Pfister"})

    shown = drawn(picture(papers, language))

    assert [word for word in words if word not in shown] == []
    assert "2027-03-11 09:00 – 17:00" in shown
    (row,) = (shown_line for shown_line in shown.splitlines() if "Georg Pfister" in shown_line)
    assert [word in row for word in ("p-koch", "2027-03-11 13:00")] == [True, True]
    assert "  imac project go haus-b w2  # p-huber\n  imac project retry haus-b\n" in shown


def test_bars_keep_their_length_on_a_narrow_terminal() -> None:
    board = ProjectBoard(RUNNING, "Europe/Berlin", Asking(lang="de"))

    shown = drawn(board.picture(), width=60)

    assert bar(RUNNING.waves[0].counts).plain in shown


def test_a_board_that_is_no_terminal_says_only_what_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    board = ProjectBoard(RUNNING, "Europe/Berlin", Asking(lang="de"))
    news = FollowedEvent(
        seq=9,
        at=AT,
        what=MoveHappening.ROW_OK,
        actor=MACHINE,
        values={"row": "3", "order": "O-1"},
        case="project/haus-b/wave/w1",
        customer="adler",
    )
    first = wave("w1", GateState.OPEN, WaveState.RUNNING, ok=10, in_flight=1, failed=1, waiting=8)

    board.hear([news])
    board.see(RUNNING.but(waves=(first, *RUNNING.waves[1:])))

    assert capsys.readouterr().out.splitlines() == [
        "2027-03-11 09:00  w1  Zeile bestätigt  Zeile 3, Auftrag O-1",
        f"w1  läuft  {bar(first.counts).plain}  bestätigt 10, in Arbeit 1, fehlgeschlagen 1, wartet 8",
    ]
    assert "Zeile 3, Auftrag O-1" in drawn(board.picture())


def test_an_event_says_what_is_wrong_and_what_was_told() -> None:
    values = {"row": "7", "problem": "desk_not_free"}
    event = FollowedEvent(
        seq=1, at=AT, what="row_exception", actor=MACHINE, values=values, case="project/p/wave/w1", customer="adler"
    )

    assert line(event, "UTC", "en").startswith("2027-03-11 08:00  w1  exception  row 7, ")


@pytest.mark.parametrize(
    ("found", "written"),
    [([], ""), ([4], "4"), ([3, 1, 2, 7], "1–3, 7"), ([1, 3, 4], "1, 3–4")],
    ids=["none", "one", "several", "pairs"],
)
def test_many_rows_are_written_as_people_do(found: list[int], written: str) -> None:
    assert ranges(found) == written


def test_previews_sum_up_every_row() -> None:
    fates = [
        RowFate(wave=name, row=row, workplace=f"k{row}", state=WorkplaceState.IN_FLIGHT, fate=fate)
        for name, row, fate in (("w1", 2, Fate.ROLLED_BACK), ("w1", 3, Fate.ROLLED_BACK), ("w2", 4, Fate.NOT_BEGUN))
    ]
    slot = Slot(wave="w1", start=AT, technician="p-lang")
    moved = MovedRow(workplace="k2", row=2, before=slot, after=slot.but(wave="w2"))
    changes = PlanChanges(since=1, version=2, added=(PlannedRow(workplace="k9", row=9),), moved=(moved,))

    called_off, adopted = drawn(fates_table(fates, "en")), drawn(changes_picture(changes, "Europe/Berlin", "de"))

    assert [" ".join(row.split()) for row in called_off.splitlines()[2:]] == [
        "will not be moved 1 w2: 4",
        "will be rolled back 2 w1: 2–3",
    ]
    assert "w2, 2027-03-11 09:00, p-lang" in adopted
    assert "Plan 1 → 2" in adopted


@pytest.mark.parametrize("typed", ["n\n", "\n", ""], ids=["no", "nothing", "end of input"])
def test_whoever_does_not_say_yes_changes_nothing(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(typed))

    with pytest.raises(CliError):
        ask("Adopt this plan?")


def test_a_yes_in_either_language_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = StringIO("ja\nY\nno\n")
    monkeypatch.setattr("sys.stdin", answers)

    ask("Diesen Plan übernehmen?")
    ask("Adopt this plan?")

    assert answers.read() == "no\n"


@pytest.mark.parametrize(
    ("row", "cell", "spot"),
    [
        pytest.param(7, "G7", "G7", id="in the first sheet"),
        pytest.param(200_003, "G3", "2. OG!G3", id="in the second sheet"),
        pytest.param(200_003, "", "2. OG!3", id="what the list has no column for"),
    ],
)
def test_an_issue_names_the_cell_as_a_spreadsheet_does(row: int, cell: str, spot: str) -> None:
    said = {"column": "Raum", "value": "?", "code": "word_open", "message": "Offen.", "to_do": "", "is_conflict": False}
    issue = Issue.model_validate(said | {"row": row, "sheet": "2. OG", "cell": cell})

    shown = drawn(issues_table([issue], "de")).splitlines()

    assert shown[0].split()[:3] == ["Zeile", "Zelle", "Spalte"]
    assert shown[2].split()[0] == f"{row}"
    assert f" {spot} " in shown[2]
