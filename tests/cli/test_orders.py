import json
import re
import shlex
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from domain.kinds import OrderState
from domain.orders.sheets import OrderSheet
from tests.cli.conftest import House, Terminal, environment, read_until
from tests.cli.test_stack import IMAC
from tests.patience import PATIENCE, eventually

REQUEST = ("--contract", "adler-2026", "--requester", "p-vogel", "--site", "adler-hq")
DESK = ("--target-building", "A", "--target-floor", "2", "--target-room", "2.20", "--target-desk", "1")
INSTALL = (*REQUEST, "--kind", "install", *DESK, "--holder", "Nora Falk", "--wanted", "ThinkPad T14 Gen 4")
DISPOSE = (*REQUEST, "--kind", "dispose", "--asset", "NB-902")
CABLING = (*REQUEST, "--item", "cabling", "--answer", "room=adler-hq / B / 2", "--answer", "sockets=4")
PLAYERS = {
    "approver": "p-huber",
    "coordinator": "p-koch",
    "technician": "p-lang",
    "requester": "p-vogel",
}
BLANKS = {
    "MINUTES": "30",
    "TOOL": "shredder",
    "OPERATOR": "p-lang",
    "VERIFIER": "p-yilmaz",
    "NUMBER": "ES-1",
    "EUR": "450.00",
}


def placed(terminal: Terminal, *words: str) -> OrderSheet:
    said = terminal.type("order", "place", *words, "--json")
    assert said.code == 0, said.err
    return OrderSheet.model_validate_json(said.out)


def test_an_order_placed_twice_under_one_key_is_one_order(terminal: Terminal) -> None:
    first, second = (placed(terminal, *INSTALL, "--key", "twice") for _ in range(2))

    assert first.no == second.no
    assert first.request.target is not None
    assert f"{first.request.target}" == "adler-hq / A / 2 / 2.20 / 1"


def test_an_order_can_be_placed_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    wanted = [{"model": "ThinkPad T14 Gen 4", "quantity": 1}]
    target = {"site": "adler-hq", "room": "2.21"}
    file.write_text(json.dumps({"kind": "install", "site": "adler-hq", "wanted": wanted, "target": target}))

    sheet = placed(terminal, "--file", f"{file}", "--contract", "adler-2026", "--requester", "p-brandt")

    assert sheet.request.requester == "p-brandt"
    assert sheet.request.wanted[0].model == "ThinkPad T14 Gen 4"


def test_a_refused_order_names_every_problem_on_a_line_of_its_own(terminal: Terminal) -> None:
    said = terminal.type(
        "order", "place", "--contract", "adler-2026", "--kind", "move", "--requester", "p-koch", "--site", "nowhere"
    )

    assert (said.code, said.out) == (1, "")
    fields = [line.partition(":")[0] for line in said.err.splitlines()[1:]]
    assert set(fields) >= {"/requester", "/site", "/assets", "/target"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "is not an authorised requester under this contract"), ("de", "darf unter diesem Vertrag nicht")],
)
def test_refusals_speak_the_language_asked_for(terminal: Terminal, language: str, sentence: str) -> None:
    said = terminal.type(
        *("order", "place", "--contract", "adler-2026", "--kind", "move", "--requester", "p-koch"),
        *("--site", "adler-hq", "--lang", language),
    )

    assert sentence in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("words", "player"),
    [
        pytest.param(INSTALL, "Install", id="install"),
        pytest.param(DISPOSE, "Dispose", id="dispose"),
        pytest.param(CABLING, "Rewire a room", id="by quote"),
    ],
)
def test_what_the_sheet_says_to_type_next_brings_an_order_to_its_end(
    terminal: Terminal, words: tuple[str, ...], player: str
) -> None:
    no = placed(terminal, *words).no
    give_up = time.monotonic() + PATIENCE
    while "completed" not in (shown := terminal.type("order", "show", no).out).splitlines()[0]:
        assert time.monotonic() < give_up, shown
        if (line := next_line(shown)) is None:
            # The worker has yet to take it up.
            continue
        role, typed = line
        # The second side of a handover is another person.
        person = "p-yilmaz" if "taker" in typed else PLAYERS[role]
        said = terminal.type(*typed[1:], key=terminal.key_of(person, role))
        assert said.code == 0, said.err

    assert player in shown


def next_line(shown: str) -> tuple[str, list[str]] | None:
    """The first command line on a sheet, with its role and its blanks filled in."""
    found = re.search(r"^  \S.*?  (\w[\w ]*?)(?: \(.*\))?\n +(imac order .*)$", shown, re.MULTILINE)
    return found and (found[1], [BLANKS.get(word, word) for word in shlex.split(found[2])])


def test_every_command_does_what_it_says(terminal: Terminal) -> None:
    no = placed(terminal, *INSTALL).no
    visit = ("--from", "2027-03-09 09:00", "--to", "2027-03-09 11:00")
    story = [
        ("approver", "approve", (), "approve"),
        ("coordinator", "book", (*visit, "--technician", "p-lang"), "book"),
        ("coordinator", "reschedule", (*visit[:3], "2027-03-09 12:00", "--reason", "later"), "reschedule"),
        ("coordinator", "hold", ("--code", "waiting-customer", "--until", "2027-03-08 09:00", "--reason", "r"), "hold"),
        ("coordinator", "resume", ("--code", "waiting-customer"), "resume"),
        ("technician", "start", (), "start"),
        ("technician", "hand-over", (), "hand_over"),
        ("coordinator", "hand-over", ("--back",), "hand_over"),
        ("technician", "log", ("--minutes", "20", "--part", "ram-16:2", "ssd-1tb"), "log_work"),
        ("technician", "complete", ("--minutes", "30"), "complete"),
        ("requester", "decline", ("--reason", "the dock is missing"), "decline_acceptance"),
        ("technician", "complete", ("--outcome", "failed", "--reason", "no dock to be had"), "complete"),
    ]
    for role, name, words, _ in story:
        said = terminal.type("order", name, no, *words, "--json", key=terminal.key_of(PLAYERS[role], role))
        assert said.code == 0, f"{name}: {said.err}"

    assert "failed" in terminal.type("order", "watch", no).out.splitlines()[-1]
    events = json.loads(terminal.type("order", "timeline", no, "--json").out)
    told = [(event["actor"]["role"], event["what"]) for event in events if event.get("command")]
    assert told == [(role, happening) for role, _, _, happening in story]


def test_rejecting_ends_an_order(terminal: Terminal) -> None:
    no = placed(terminal, *INSTALL).no

    said = terminal.type(
        "order", "reject", no, "--reason", "no budget", "--json", key=terminal.key_of("p-huber", "approver")
    )

    assert json.loads(said.out)["ending"]["reason"] == "no budget"


def test_leaving_out_a_step_takes_two_people(terminal: Terminal) -> None:
    no = placed(terminal, *INSTALL).no
    skip = ("order", "skip", no, "--step", "appointment", "--reason", "done by phone", "--json")

    alone = [terminal.type(*skip, key=terminal.key_of("p-koch", "coordinator")) for _ in range(2)]
    second = terminal.type(*skip, key=terminal.key_of("p-sommer", "sdm"))

    assert [said.code for said in (*alone, second)] == [0, 1, 0]
    status = {step["id"]: step["status"] for step in json.loads(second.out)["steps"]}
    assert status["appointment"] == "skipped"


def test_what_is_not_stuck_cannot_be_retried(terminal: Terminal) -> None:
    said = terminal.type("order", "retry", placed(terminal, *INSTALL).no)

    assert (said.code, said.out) == (1, "")


@pytest.mark.parametrize(
    ("start", "why"),
    [
        pytest.param("2027-03-28 02:30", "does not exist", id="skipped in spring"),
        pytest.param("2027-10-31 02:30", "exists twice", id="shown twice in autumn"),
        pytest.param("tomorrow", "not a valid time", id="not a time"),
    ],
)
def test_a_time_nobody_can_mean_is_a_usage_error(terminal: Terminal, start: str, why: str) -> None:
    no = placed(terminal, *INSTALL).no

    said = terminal.type("order", "book", no, "--from", start, "--to", "2027-10-31 12:00")

    assert said.code == 2
    assert why in said.err
    assert "Europe/Berlin" in said.err


def test_an_order_nobody_knows_is_refused(terminal: Terminal) -> None:
    assert terminal.type("order", "show", "O-00000-00000").code == 1


def test_a_word_that_is_no_kind_is_a_usage_error(terminal: Terminal) -> None:
    assert terminal.type("order", "list", "--kind", "repair").code == 2


def test_without_a_stack_commands_say_how_to_start_one(terminal: Terminal, tmp_path: Path) -> None:
    said = terminal.type("order", "list", "--data-dir", f"{tmp_path}")

    assert said.code == 3
    assert said.err.startswith("imacflow is not running here.\nStart it with: imac up\n")


def test_the_admin_key_is_not_shown_to_another_machine(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAC_URL", "https://imac.example")

    said = terminal.type("order", "list")

    assert said.code == 2
    assert "IMAC_KEY" in said.err


def test_a_list_can_be_narrowed_sorted_and_read_to_its_end(terminal: Terminal) -> None:
    numbers = [placed(terminal, *INSTALL, "--reference", "batch-7").no for _ in range(3)]
    words = ("order", "list", "--reference", "batch-7", "--sort", "received_at", "--limit", "2")
    # An order is accepted a little before it stands in the tables.
    eventually(lambda: numbers[2] in terminal.type(*words, "--all", "--json").out)

    page = json.loads(terminal.type(*words, "--json").out)
    whole = json.loads(terminal.type(*words, "--all", "--json").out)
    table = terminal.type(*words, "--kind", "install", "move")

    assert ([line["no"] for line in page["items"]], page["next"] is None) == (numbers[:2], False)
    assert ([line["no"] for line in whole["items"]], whole["next"]) == (numbers, None)
    assert numbers[0] in table.out
    assert numbers[2] not in table.out
    assert "--all" in table.err


def test_a_leaver_is_one_request_for_several_orders_that_are_called_off_with_a_word_for_the_rest(
    terminal: Terminal,
) -> None:
    words = (
        "--item",
        "leaver",
        "--asset",
        "NB-202",
        "--asset",
        "MO-302",
        "--answer",
        "account-off_last-day=2026-12-18",
    )
    asked = placed(terminal, *REQUEST, *words)
    approver = terminal.key_of("p-huber", "approver")
    early = terminal.type("order", "cancel", asked.no, "--rest", "keep")

    approved = terminal.type("order", "approve", asked.no, key=approver)
    sheet = eventually(lambda: sheet_of(terminal, asked.no), lambda sheet: len(sheet.parts) == 2)
    part = eventually(lambda: sheet_of(terminal, sheet.parts[1].order), lambda one: one.bundle == asked.no)
    shown = terminal.type("order", "show", asked.no)
    undecided = terminal.type("order", "cancel", asked.no, "--reason", "she stays")
    decided = terminal.type("order", "cancel", asked.no, "--reason", "she stays", "--rest", "cancel")
    ended = eventually(lambda: sheet_of(terminal, asked.no), lambda one: one.state.is_final)

    assert (early.code, approved.code) == (2, 0), approved.err
    assert [one.step for one in sheet.parts] == ["account-off", "return"]
    assert (part.item, [asset.tag for asset in part.assets]) == ("return", ["NB-202", "MO-302"])
    assert all(one.order in shown.out for one in sheet.parts)
    assert (undecided.code, decided.code) == (1, 0), decided.err
    assert ended.state == OrderState.CANCELLED
    assert {part.state for part in ended.parts} == {OrderState.CANCELLED}


def sheet_of(terminal: Terminal, no: str) -> OrderSheet:
    said = terminal.type("order", "show", no, "--json")
    assert said.code == 0, said.err
    return OrderSheet.model_validate_json(said.out)


@pytest.mark.parametrize(("language", "name"), [("de", "Raum neu verkabeln"), ("en", "Rewire a room")])
def test_lists_call_an_order_by_its_item_in_the_readers_language(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    # A name in a narrow column goes on in the next line.
    monkeypatch.setenv("COLUMNS", "400")
    no = placed(terminal, *CABLING, "--reference", "R-CABLING").no

    for words in (("order", "list", "--reference", "R-CABLING"), ("search", no), ("awaited", "list", "--all")):
        typed = partial(terminal.type, *words, "--lang", language)
        # Placed is not yet written down.
        said = eventually(typed, lambda one: no in one.out)
        assert said.code == 0
        assert name in said.out


def test_technicians_see_an_order_without_its_prices(terminal: Terminal) -> None:
    no = placed(terminal, *INSTALL).no

    said = terminal.type("order", "show", no, key=terminal.key_of("p-lang", "technician"))

    assert said.code == 0
    assert no in said.out


def test_watching_tells_what_happens_until_the_end(terminal: Terminal, house: House) -> None:
    no = placed(terminal, *INSTALL).no
    command = [f"{IMAC}", "order", "watch", no]
    watch = subprocess.Popen(command, env=environment(house.data_dir), stdout=subprocess.PIPE, text=True)
    read_until(watch, "step opened")

    cancelled = terminal.type("order", "cancel", no, "--reason", "ordered twice")
    rest, _ = watch.communicate(timeout=PATIENCE)

    assert cancelled.code == 0
    assert watch.returncode == 0
    assert "ordered twice" in rest
    assert "cancelled" in rest.splitlines()[-1]
