"""Requests that can be tried at once with the example customer: orders, incidents, and the usual commands."""

from fastapi.openapi.models import Example

_BASE = {"contract": "adler-2026", "requester": "p-vogel", "site": "adler-hq"}
_DESK = {"site": "adler-hq", "building": "A", "floor": "2", "room": "2.14", "desk": "1"}
_NEW_DESK = {"site": "adler-hq", "building": "B", "floor": "1", "room": "1.02", "desk": "7"}
_WINDOW = {"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T11:00:00+01:00"}


def _example(summary: str, **value: object) -> Example:
    return Example(summary=summary, value=value)


def _order(summary: str, **value: object) -> Example:
    return _example(summary, **_BASE, **value)


def _trouble(summary: str, **value: object) -> Example:
    return _example(summary, contract="adler-2026", site="adler-hq", **value)


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
    "add": _order("Add memory", kind="add", assets=["NB-200"], wanted=[{"model": "RAM 16 GB"}]),
    "change": _order("Replace the model (high risk)", kind="change", assets=["NB-200"], risk="high"),
    "remove": _order("Remove a workplace", kind="remove", assets=["NB-200"]),
    "dispose": _order("Dispose of a retired device", kind="dispose", assets=["NB-900"], note="Cracked screen."),
    "assist": _order("Book advice or training", kind="assist", note="Half a day about shared folders."),
    "break_fix": _order("Repair a device", kind="break_fix", assets=["NB-200"], note="The keyboard is dead."),
}
ITEMS: dict[str, Example] = {
    "item": _order("Order an item of the catalogue", item="virus", answers={"noticed": "Windows open by themselves."}),
    "bundle": _order(
        "Order a bundle of the catalogue",
        item="new-colleague",
        target=_DESK,
        holder="Nora Falk",
        answers={"notebook_first-day": "2026-12-14", "notebook_language": "german"},
    ),
    "leaver": _order(
        "Take back what a leaver has",
        item="leaver",
        assets=["NB-200"],
        answers={"account-off_last-day": "2026-12-18"},
    ),
}
COMMANDS: dict[str, Example] = {
    "approve": _example("Approve", type="approve"),
    "quote": _example("Quote a price", type="approve", step="quote", price="450.00", at_most=True),
    "reject": _example("Reject", type="reject", reason="No budget this year."),
    "book": _example("Book an on-site appointment", type="book", window=_WINDOW, technician="p-lang"),
    "reschedule": _example("Reschedule the appointment", type="reschedule", window=_WINDOW, reason="The user is ill."),
    "start": _example("Start work", type="start"),
    "log_work": _example("Log minutes and parts", type="log_work", minutes=30, parts=[{"part": "ram-16"}]),
    "complete": _example("Complete work", type="complete", outcome="done", minutes=75),
    "record_erasure": _example(
        "Record an erasure",
        type="record_erasure",
        serial="SN900",
        method="purge",
        tool="nwipe",
        tool_version="0.38",
        passed=True,
        verification="read back",
        validation="five drives of the lot read back",
        operator="p-lang",
        verifier="p-koch",
        place="Workshop Augsburg",
        done_at="2026-12-01T10:00:00+01:00",
    ),
    "add_erasure_report": _example(
        "Add an erasure report that was handed in",
        type="add_erasure_report",
        step="erasure",
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        validation="five drives read back",
        operator="p-lang",
        verifier="p-koch",
        place="Workshop Augsburg",
    ),
    "confirm_custody": _example("Confirm a handover", type="confirm_custody", side="giver", serials=["SN900"]),
    "dispatch": _example("Offer a step to a vendor by name", type="dispatch", step="handover", vendor="lindner"),
    "report_vendor": _example(
        "The vendor has accepted", type="report_vendor", step="handover", status="accepted", ticket="LR-4711"
    ),
    "declare_waste": _example(
        "Declare what leaves as waste",
        type="declare_waste",
        step="handover",
        items=[{"serial": "SN900", "code": "16 02 13*", "grams": 1480, "weighed": True, "battery": "inside"}],
    ),
    "add_recycler_list": _example(
        "Add the recycler's list",
        type="add_recycler_list",
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    "doubt_certificate": _example(
        "Say what was found wrong with a certificate",
        type="doubt_certificate",
        reason="The certifier has withdrawn it on 1 December.",
    ),
    "settle_certificate": _example(
        "Settle what is in question about a certificate",
        type="settle_certificate",
        finding="Renewed on 2 December; the goods were treated under it.",
    ),
    "add_evidence": _example(
        "Add the disposal proof", type="add_evidence", document="disposal_proof", document_no="EN-1", serials=["SN900"]
    ),
    "add_paper": _example(
        "Add a photo that was handed in",
        type="add_paper",
        step="verification",
        kind="photo",
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    "verify": _example("Verify at the destination", type="verify", found=[{"tag": "NB-200", "serial": "PF2A1B3C"}]),
    "accept": _example("Accept the work", type="accept"),
    "decline_acceptance": _example("Decline acceptance", type="decline_acceptance", reason="No network."),
    "hand_over": _example(
        "Give a step to the customer's own IT", type="hand_over", step="work", kind="customer", to="contact"
    ),
    "hold": _example(
        "Put on hold",
        type="hold",
        code="waiting_customer",
        max_until="2026-12-04T17:00:00+01:00",
        reason="The room is locked.",
    ),
    "resume": _example("Resume", type="resume"),
    "cancel": _example("Cancel", type="cancel", reason="No longer needed."),
    "migrate": _example("Switch service hours", type="migrate", version=2, reason="Agreed on 1 December."),
    "retry": _example("Retry a stuck step", type="retry"),
    "skip": _example("Skip a step", type="skip", step="acceptance", reason="The user has left."),
}
CHANNELS: dict[str, Example] = {
    "sms": _example(
        "SMS by Seven", type="seven", id="sms", name="SMS to on-call staff", key="your-key", sender="imacflow"
    ),
    "push": _example("Push by ntfy", type="ntfy", id="push", name="Push", url="https://ntfy.example.org"),
    "hook": _example(
        "A signed webhook",
        type="webhook",
        id="hook",
        name="Our duty roster",
        url="https://duty.example.org/imacflow",
        secret="whsec_ZXhhbXBsZS1leGFtcGxlLWV4YW1wbGUh",
    ),
}
INCIDENTS: dict[str, Example] = {
    "device": _trouble("One device is broken", reporter="p-vogel", title="Notebook does not start", asset="NB-200"),
    "judged": _trouble(
        "A department cannot work",
        reporter="p-huber",
        title="Shared drives cannot be reached",
        category="network",
        impact="high",
        urgency="medium",
    ),
    "by_phone": _trouble(
        "Entered after a call",
        reporter="p-vogel",
        title="Label printer prints blank labels",
        priority="minor",
        received_at="2026-11-20T16:40:00+01:00",
        reference="TEL-118",
    ),
    "again": _trouble(
        "A resolved incident has recurred", reporter="p-vogel", title="Fans still loud", follows="I-00000-00000"
    ),
}
INCIDENT_COMMANDS: dict[str, Example] = {
    "classify": _example(
        "Set category and priority", type="classify", category="hardware", impact="low", urgency="high"
    ),
    "change_priority": _example(
        "Raise the priority", type="change_priority", priority="critical", reason="The whole floor is affected."
    ),
    "respond": _example("Respond", type="respond", message="We are looking into it."),
    "inform": _example("Send an update", type="inform", message="The part has been ordered."),
    "diagnose": _example("Record a diagnosis", type="diagnose", finding="The SSD reports read errors."),
    "hand_over": _example("Assign to a colleague", type="hand_over", kind="person", to="p-lang"),
    "to_a_team": _example("Assign to a team", type="hand_over", kind="team", to="technician"),
    "send_technician": _example(
        "Send a technician", type="send_technician", technician="p-lang", at="2026-12-01T09:00:00+01:00"
    ),
    "dispatch": _example("Dispatch to the responsible vendor", type="dispatch"),
    "report_vendor": _example("The vendor has accepted", type="report_vendor", status="accepted", ticket="HW-4711"),
    "hold": COMMANDS["hold"],
    "resume": COMMANDS["resume"],
    "promise": _example("Commit to a date", type="promise", date="2026-12-02T12:00:00+01:00"),
    "link": _example("Link an order", type="link", order="O-00000-00000"),
    "log_work": COMMANDS["log_work"],
    "answer": _example("Answer, as the customer", type="answer", message="It happens with every document."),
    "merge": _example(
        "Merge into another incident", type="merge", into="I-00000-00000", reason="The same switch has failed."
    ),
    "waive": _example(
        "Waive a breach", type="waive", clock="response", reason="Reported as a blocker by mistake; one printer."
    ),
    "resolve": _example("Resolve", type="resolve", solution="SSD replaced, data restored.", cause="hardware"),
    "confirm": _example("Confirm the resolution", type="confirm"),
    "reopen": _example("Reopen", type="reopen", reason="It stopped again after an hour."),
    "migrate": COMMANDS["migrate"],
    "cancel": _example("Cancel", type="cancel", reason="It was the power strip."),
}
WHAT_IFS: dict[str, Example] = {
    "calendar": _example(
        "Round the clock", case="order/O-00000-00000", calendar={"zone": "Europe/Berlin", "always": True}
    ),
    "target": _example("A shorter target", case="order/O-00000-00000", clock="order", target_minutes=480),
    "version": _example("Another version of the contract", case="order/O-00000-00000", contract_version=1),
    "holds": _example("Ignoring holds", case="order/O-00000-00000", holding=[]),
}
SIMULATIONS: dict[str, Example] = {
    "month": _example(
        "A fee with ten hours, and eleven and a half worked",
        contract={
            "currency": "EUR",
            "zone": "Europe/Berlin",
            "anchor": "2026-01-01",
            "months": 1,
            "vat": ["S", "19"],
            "terms": [
                {
                    "from": "2026-01-01",
                    "fees": [{"id": "quota", "amount": "480.00"}],
                    "hourly": {"technician": "96.00"},
                    "quota": {"minutes": 600, "overage": "payg"},
                }
            ],
        },
        facts=[
            {
                "type": "work",
                "id": "W1",
                "role": "technician",
                "start": "2026-03-10T08:00:00+01:00",
                "minutes": 690,
            }
        ],
        bill=[2],
    ),
}
COSTS: dict[str, Example] = {
    "quota": _example(
        "A quarter, and what it had cost with a fee for ten hours a month",
        **{"from": "2026-07-01", "to": "2026-09-30"},
        terms={
            "currency": "EUR",
            "zone": "Europe/Berlin",
            "anchor": "2026-01-01",
            "months": 1,
            "vat": ["S", "19"],
            "terms": [
                {
                    "from": "2026-01-01",
                    "fees": [{"id": "quota", "amount": "900.00"}],
                    "hourly": {"technician": "96.00", "service_desk": "78.00", "coordinator": "96.00"},
                    "parts": {"ram-16": "62.50"},
                    "quota": {"minutes": 600, "overage": "payg"},
                }
            ],
        },
    ),
}
ALERTS: dict[str, Example] = {
    "one": _example(
        "One alert",
        source="probe",
        key="fw-augsburg-1/ping",
        severity="critical",
        title="Firewall fw-augsburg-1 does not answer",
        labels={"site": "adler-hq", "device": "fw-augsburg-1"},
    ),
    "over": _example(
        "The same alert is resolved", source="probe", key="fw-augsburg-1/ping", status="resolved", title="Over"
    ),
}
WEBHOOKS: dict[str, Example] = {
    "firing": _example(
        "One firing alert",
        version="4",
        groupKey='{}:{alertname="DiskFull"}',
        truncatedAlerts=0,
        status="firing",
        receiver="imacflow",
        groupLabels={"alertname": "DiskFull"},
        commonLabels={"alertname": "DiskFull", "severity": "warning"},
        commonAnnotations={},
        externalURL="https://alertmanager.adler.example",
        alerts=[
            {
                "status": "firing",
                "labels": {"alertname": "DiskFull", "severity": "warning", "instance": "files-1", "site": "adler-hq"},
                "annotations": {"summary": "Disk of files-1 is 95 % full"},
                "startsAt": "2026-11-23T08:12:04.113Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "https://prometheus.adler.example/graph",
                "fingerprint": "f3c1a2b4d5e60718",
            }
        ],
    )
}
PROJECT_COMMANDS: dict[str, Example] = {
    "go": _example("Give the go-ahead for a wave", type="go", wave="w1"),
    "refuse_go": _example("Refuse the go-ahead", type="refuse_go", wave="w2", reason="The lift is out of order."),
    "hold": _example(
        "Put the project on hold",
        type="hold",
        code="site_closed",
        max_until="2027-03-15T07:00:00+01:00",
        reason="No site access at the weekend.",
    ),
    "resume": _example("Resume", type="resume"),
    "adopt": _example("Adopt another approved plan", type="adopt", plan=2),
    "withdraw_rows": _example(
        "Withdraw a row before its wave has started", type="withdraw_rows", rows=[30], reason="He stays."
    ),
    "call_off": _example(
        "Cancel the project", type="call_off", in_flight="finish", done="keep", reason="The new floor is flooded."
    ),
    "close": _example("Close with remaining exceptions", type="close", reason="The rest moves in summer."),
}
WAVE_COMMANDS: dict[str, Example] = {
    "retry_rows": _example("Retry failed rows", type="retry_rows", rows=[]),
    "withdraw_rows": _example("Withdraw a row", type="withdraw_rows", rows=[12], reason="She stays."),
    "assign_rows": _example("Reassign an exception", type="assign_rows", rows=[12], to="p-lang"),
    "hold": PROJECT_COMMANDS["hold"],
    "resume": PROJECT_COMMANDS["resume"],
}
PLANS: dict[str, Example] = {
    "proposed": _example(
        "Propose waves by floor",
        cut_by="floor",
        window={"first": "2027-03-11", "start": "08:00", "end": "16:00"},
        technicians=[{"id": "p-lang"}, {"id": "p-yilmaz"}],
    ),
    "given": _example(
        "Use agreed waves",
        waves=[
            {"id": "w1", "group": "Welle 1", "start": "2027-03-11T08:00:00+01:00", "end": "2027-03-11T16:00:00+01:00"},
            {
                "id": "w2",
                "group": "Welle 2",
                "start": "2027-03-12T08:00:00+01:00",
                "end": "2027-03-12T16:00:00+01:00",
                "after": ["w1"],
            },
        ],
        interim=[{"site": "adler-hq", "building": "A", "floor": "2", "room": "2.01"}],
    ),
}
