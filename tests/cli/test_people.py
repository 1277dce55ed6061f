"""Somebody leaves, by one command."""

import json
from datetime import UTC, datetime, timedelta

from tests.cli.conftest import Terminal

LAST_DAY = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"


def test_every_place_is_shown_before_anything_is_changed(terminal: Terminal) -> None:
    asked = ("person", "leave", "p-koch", "--last-day", LAST_DAY, "--to", "p-reuter", "--preview")

    said, german, read = (terminal.type(*asked, *more) for more in ((), ("--lang", "de"), ("--json",)))
    unasked = terminal.type("person", "leave", "p-koch", "--last-day", LAST_DAY)
    alone = terminal.type("person", "leave", "p-koch", "--last-day", LAST_DAY, "--preview")

    assert (said.code, german.code, read.code) == (0, 0, 0), said.err
    assert ("contract role" in said.out, "Rolle im Vertrag" in german.out) == (True, True)
    assert {place["kind"] for place in json.loads(read.out)["places"]} >= {"role"}
    assert json.loads(read.out)["is_done"] is False
    assert unasked.code == 2
    assert alone.code == 1
    assert "Name somebody who takes over" in alone.err
