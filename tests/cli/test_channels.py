"""Channels at the command line: set from a file, listed without secrets, tried, removed."""

import json
from pathlib import Path

from tests.cli.conftest import Terminal

KEY = "ABCD11112222EFGH"
SMS = f"type: seven\nid: sms\nname: SMS\nkey: {KEY}\n"


def test_a_channel_from_its_file_to_its_end(terminal: Terminal, tmp_path: Path) -> None:
    file, wrong = tmp_path / "sms.yaml", tmp_path / "wrong.yaml"
    file.write_text(SMS, encoding="utf-8")
    wrong.write_text(f"type: seven\nid: sms\nkey: wrong {KEY}\n", encoding="utf-8")

    refused = terminal.type("channel", "set", f"{wrong}")
    saved = terminal.type("channel", "set", f"{file}")
    listed, plain = terminal.type("channel", "list", "--lang", "de"), terminal.type("channel", "list", "--json")
    removed = terminal.type("channel", "remove", "sms")
    left = terminal.type("channel", "list", "--json")

    assert (refused.code, saved.code, removed.code) == (1, 0, 0)
    assert all(field in refused.err for field in ("name", "key"))
    assert all(shown in listed.out for shown in ("mail", "outbox", "sms", "seven"))
    assert [channel["id"] for channel in json.loads(plain.out)] == ["mail", "sms"]
    assert [channel["id"] for channel in json.loads(left.out)] == ["mail"]
    for said in (refused, saved, listed, plain, removed):
        assert KEY not in said.out + said.err


def test_a_channel_is_tried(terminal: Terminal) -> None:
    sent = terminal.type("channel", "test", "mail", "--to", "it@provider.example", "--lang", "de")
    refused = terminal.type("channel", "test", "fax", "--to", "1")

    assert (sent.code, sent.out.strip()) == (0, "zugestellt")
    assert (refused.code, "fax" in refused.err) == (1, True)
