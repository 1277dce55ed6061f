"""Requests that can be tried at once with the example customer: one order of each kind, and the usual commands."""

from fastapi.openapi.models import Example

_BASE = {"contract": "adler-2026", "requester": "p-vogel", "site": "adler-hq"}
_DESK = {"site": "adler-hq", "building": "A", "floor": "2", "room": "2.14", "desk": "1"}
_NEW_DESK = {"site": "adler-hq", "building": "B", "floor": "1", "room": "1.02", "desk": "7"}
_WINDOW = {"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T11:00:00+01:00"}


def _example(summary: str, **value: object) -> Example:
    return Example(summary=summary, value=value)


def _order(summary: str, **value: object) -> Example:
    return _example(summary, **_BASE, **value)


ORDERS: dict[str, Example] = {
    "install": _order(
        "Install a laptop from stock",
        kind="install",
        target=_DESK,
        holder="Max Huber",
        wanted=[{"model": "ThinkPad T14", "quantity": 1}],
        reference="HR-4711",
    ),
    "move": _order("Move a workplace", kind="move", target=_NEW_DESK, assets=["NB-200"]),
    "add": _order("Fit more memory", kind="add", assets=["NB-200"], wanted=[{"model": "RAM 16 GB"}]),
    "change": _order("Change the model, with high risk", kind="change", assets=["NB-200"], risk="high"),
    "remove": _order("Take a workplace down", kind="remove", assets=["NB-200"]),
    "dispose": _order("Dispose of a retired device", kind="dispose", assets=["NB-900"], note="Cracked screen."),
    "break_fix": _order("Repair what is broken", kind="break_fix", assets=["NB-200"], note="The keyboard is dead."),
}
COMMANDS: dict[str, Example] = {
    "approve": _example("Approve", type="approve"),
    "reject": _example("Reject", type="reject", reason="No budget this year."),
    "book": _example("Agree on a time on site", type="book", window=_WINDOW, technician="p-lang"),
    "reschedule": _example("Move the appointment", type="reschedule", window=_WINDOW, reason="The user is ill."),
    "start": _example("Work begins", type="start"),
    "log_work": _example("Log minutes and parts", type="log_work", minutes=30, parts=[{"part": "ram-16"}]),
    "complete": _example("Work is done", type="complete", outcome="done", minutes=75),
    "record_erasure": _example(
        "Record an erasure",
        type="record_erasure",
        serial="SN900",
        method="purge",
        tool="nwipe",
        tool_version="0.38",
        passed=True,
        verification="read back",
        operator="p-lang",
        verifier="p-koch",
        place="Workshop Augsburg",
        done_at="2026-12-01T10:00:00+01:00",
    ),
    "confirm_custody": _example("Goods change hands", type="confirm_custody", side="giver", serials=["SN900"]),
    "add_evidence": _example(
        "Add the disposal proof", type="add_evidence", document="disposal_proof", document_no="EN-1", serials=["SN900"]
    ),
    "accept": _example("Sign", type="accept"),
    "decline_acceptance": _example("Send the work back", type="decline_acceptance", reason="No network."),
    "hold": _example(
        "Hold",
        type="hold",
        code="waiting_customer",
        max_until="2026-12-04T17:00:00+01:00",
        reason="The room is locked.",
    ),
    "resume": _example("Go on", type="resume"),
    "cancel": _example("Cancel", type="cancel", reason="No longer needed."),
    "retry": _example("Try a stuck step again", type="retry"),
    "skip": _example("Leave a step out", type="skip", step="acceptance", reason="The user has left."),
}
CHANNELS: dict[str, Example] = {
    "sms": _example(
        "SMS by Seven", type="seven", id="sms", name="SMS to those on call", key="your-key", sender="imacflow"
    ),
    "push": _example("Push by ntfy", type="ntfy", id="push", name="Push", url="https://ntfy.example.org"),
    "hook": _example(
        "A signed webhook",
        type="webhook",
        id="hook",
        name="Our own duty roster",
        url="https://duty.example.org/imacflow",
        secret="whsec_ZXhhbXBsZS1leGFtcGxlLWV4YW1wbGUh",
    ),
}
