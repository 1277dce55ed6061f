"""Papers of an order at the command line: what can be made is listed, and all of it saved into one folder."""

import json
from pathlib import Path

from tests import photos
from tests.cli.conftest import Terminal
from tests.cli.test_orders import PLAYERS, REQUEST, placed

# Nobody comes for it, so any hour of any day will do.
REMOTE = (*REQUEST, "--item", "phone")


def worked(terminal: Terminal) -> str:
    no = placed(terminal, *REMOTE).no
    for role, words in (("approver", ("approve",)), ("technician", ("complete", "--minutes", "20"))):
        said = terminal.type("order", words[0], no, *words[1:], key=terminal.key_of(PLAYERS[role], role))
        assert said.code == 0, said.err
    return no


def test_all_papers_of_an_order_lie_in_one_folder(terminal: Terminal, tmp_path: Path) -> None:
    no = worked(terminal)
    photo = tmp_path / "photo.png"
    photo.write_bytes(photos.png())
    attached = json.loads(terminal.type("order", "attach", no, f"{photo}", "--json").out)
    kept = terminal.type("order", "protocol", no, "time-sheet", "--keep", "--lang", "de")
    folder = tmp_path / "papers"

    listed = terminal.type("order", "papers", no)
    saved = terminal.type("order", "papers", no, "--folder", f"{folder}", "--lang", "de")
    names = sorted(file.name for file in folder.iterdir())

    assert kept.code == 0, kept.err
    assert "time sheet" in listed.out
    assert "acceptance protocol" not in listed.out
    assert saved.code == 0, saved.err
    # What is kept of the time sheet is the same as what can be made of it.
    assert names == sorted([f"{no}-photo-{attached['digest'][:8]}.png", f"{no}-time-sheet-de.pdf"])
    assert all(name in "".join(saved.out.split("\n")) for name in names)


def test_a_folder_that_cannot_be_made_is_said(terminal: Terminal, tmp_path: Path) -> None:
    no = worked(terminal)
    (tmp_path / "taken").write_text("a file")

    said = terminal.type("order", "papers", no, "--folder", f"{tmp_path / 'taken'}")

    assert said.code == 2
    assert "taken" in "".join(said.err.split("\n"))
