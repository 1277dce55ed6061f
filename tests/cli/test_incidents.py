"""Incidents by command line: everything that can be told, and a sheet that says what to type next."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from api.cases.standing import IncidentStanding, just_reported
from cli.incidents.sheet import IncidentPapers, next_lines, picture
from domain.cases.incident_commands import Resolve, Respond
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.notices import DeliveryOutcome, NoticeAttempt
from domain.incidents.decisions import decide
from domain.incidents.sheets import IncidentSheet
from domain.keys import Key
from domain.people import Language, Role
from tests.cli.conftest import Terminal
from tests.world import HQ, TECHNICIAN, incident, trouble

REPORT = ("incident", "report", "--contract", "adler-2026", "--site", "adler-hq", "--reporter", "p-vogel")
REPAIR = ("--kind", "install", "--wanted", "ThinkPad T14 Gen 4", "--target-room", "2.20")
# Half past ten in Augsburg on a Monday.
MONDAY = datetime(2027, 11, 22, 9, 30, tzinfo=UTC)
DESK = Key(id="k", role=Role.SERVICE_DESK, person="p-koch", created_at=MONDAY)


def reported(terminal: Terminal, *words: str) -> IncidentSheet:
    said = terminal.type(*REPORT, *words, "--json")
    assert said.code == 0, said.err
    return IncidentSheet.model_validate_json(said.out)


def test_every_command_does_what_it_says(terminal: Terminal) -> None:
    no = reported(terminal, "--title", "Drucker streikt", "--asset", "NB-201").no
    whole = reported(terminal, "--title", "Netz langsam", "--priority", "major").no
    story = [
        ("service_desk", "classify", ("--category", "printer", "--impact", "low", "--urgency", "low"), "classify"),
        ("service_desk", "prioritise", ("major", "--reason", "two people wait"), "change_priority"),
        ("service_desk", "hand-over", ("--to", "p-lang"), "hand_over"),
        ("technician", "respond", ("--message", "I am on my way"), "respond"),
        ("technician", "inform", ("--message", "The roller is worn"), "inform"),
        ("technician", "diagnose", ("--finding", "worn roller"), "diagnose"),
        ("service_desk", "send", ("--technician", "p-yilmaz", "--at", "2027-01-11 09:00"), "send_technician"),
        ("service_desk", "hand-over", ("--team", "technician"), "hand_over"),
        ("technician", "hold", ("--code", "waiting-delivery", "--until", "2027-01-08 09:00", "--reason", "r"), "hold"),
        ("technician", "resume", ("--code", "waiting-delivery"), "resume"),
        ("service_desk", "promise", ("2027-01-12 12:00",), "promise"),
        ("service_desk", "link", ("--parent", whole), "link"),
        ("technician", "log", ("--minutes", "20", "--part", "ram-16"), "log_work"),
        ("technician", "resolve", ("--solution", "roller replaced", "--cause", "wear"), "resolve"),
        ("requester", "reopen", ("--reason", "it jams again"), "reopen"),
        ("technician", "resolve", ("--solution", "the other roller too"), "resolve"),
        ("requester", "confirm", (), "confirm"),
    ]
    people = {"service_desk": "p-desk", "technician": "p-lang", "requester": "p-vogel"}
    for role, name, words, _ in story:
        said = terminal.type("incident", name, no, *words, "--json", key=terminal.key_of(people[role], role))
        assert said.code == 0, f"{name}: {said.err}"

    events = json.loads(terminal.type("incident", "timeline", no, "--json").out)
    told = [(event["actor"]["role"], event["what"]) for event in events if event.get("command")]
    assert told == [(role, happening) for role, _, _, happening in story]
    assert "worn roller" in terminal.type("incident", "timeline", no).out
    assert "closed" in terminal.type("incident", "watch", no).out + terminal.type("incident", "show", no).out
    listed = json.loads(terminal.type("incident", "list", "--parent", whole, "--state", "closed", "--json").out)
    assert [line["no"] for line in listed["items"]] == [no]
    assert terminal.type("incident", "hand-over", whole).code == 2
    assert terminal.type("incident", "migrate", whole, "99", "--reason", "r").code == 1
    assert terminal.type("incident", "cancel", whole, "--reason", "nothing is wrong").code == 0


def test_incidents_are_answered_merged_and_told_the_same_together(terminal: Terminal) -> None:
    one, other = (reported(terminal, "--title", title).no for title in ("Toner leer", "Kein Toner mehr"))

    previewed = terminal.type("incident", "bulk", "hand-over", one, other, "I-NONE", "--to", "p-lang", "--preview")
    assert (previewed.code, previewed.out.count("p-lang")) == (0, 2)
    done = terminal.type("incident", "bulk", "classify", one, other, "--category", "printer", "--json")
    assert [row["outcome"] for row in json.loads(done.out)["rows"]] == ["done", "done"]
    found = json.loads(terminal.type("incident", "list", "--text", "TONER leer", "--json").out)
    assert [line["no"] for line in found["items"]] == [one]
    vogel = terminal.key_of("p-vogel", "requester")
    assert terminal.type("incident", "answer", one, "--message", "Der im Keller", key=vogel).code == 0
    assert terminal.type("incident", "waive", one, "--clock", "response", "--reason", "r").code == 1
    assert terminal.type("incident", "merge", one, other, "--reason", "derselbe Drucker").code == 0
    assert f"{other}" in terminal.type("incident", "show", one).out
    assert terminal.type("incident", "resolve", other, "--solution", "Toner", "--no-with-children").code == 0


def test_an_order_for_an_incident_takes_from_it_what_is_not_said(terminal: Terminal) -> None:
    sheet = reported(terminal, "--title", "Notebook startet nicht", "--received-at", just_now())

    placed = [terminal.type("incident", "order", sheet.no, *REPAIR, "--key", "once", "--json") for _ in range(2)]

    assert [said.code for said in placed] == [0, 0], placed[0].err
    (first, second) = (json.loads(said.out) for said in placed)
    assert first["no"] == second["no"]
    asked = first["request"]
    assert (asked["incident"], asked["requester"], asked["site"]) == (sheet.no, "p-vogel", "adler-hq")
    assert first["no"] in terminal.type("incident", "show", sheet.no).out


def just_now() -> str:
    return (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="minutes")


def test_a_refused_report_names_every_problem(terminal: Terminal) -> None:
    said = terminal.type(
        *REPORT[:-1], "p-nobody", "--title", "x", "--asset", "NB-0", "--impact", "high", "--lang", "de"
    )

    assert (said.code, said.out) == (1, "")
    fields = [line.partition(":")[0] for line in said.err.splitlines()[1:]]
    assert set(fields) == {"/reporter", "/asset", "/urgency"}


def standing(*told: AnyCommand) -> IncidentStanding:
    """An incident that heard these commands, one every half an hour."""
    asked = trouble(priority="critical", asset="NB-200", description="Seit heute früh")
    begun = just_reported(incident(asked, MONDAY))
    progress = begun.progress
    for n, command in enumerate(told, start=1):
        at = MONDAY + n * timedelta(minutes=30)
        said = Instruction(command=command, actor=TECHNICIAN, given_at=at, request_id=f"r-{n}")
        progress = decide(begun.incident, progress, said)
    return IncidentStanding(begun.incident, progress, begun.deadlines)


def drawn(sheet: IncidentSheet, language: Language) -> list[str]:
    message = NoticeAttempt(
        id=1,
        key=f"notice:{sheet.no}/incident_received/1",
        case=f"incident/{sheet.no}",
        template="incident_received",
        person="p-vogel",
        channel="outbox",
        attempt=1,
        outcome=DeliveryOutcome.SENT,
        detail=None,
        at=MONDAY,
    )
    paper = StringIO()
    Console(width=160, file=paper).print(picture(IncidentPapers(sheet, HQ, (message,)), language))
    return [line.rstrip() for line in paper.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("language", "resolution"),
    [
        ("de", "Lösungszeit   SLA     8:00 h   ━━━━━─────────────── 25%   6:00 h   2027-11-23 09:30   läuft"),
        ("en", "resolution time   SLA     8:00 h   ━━━━━─────────────── 25%   6:00 h   2027-11-23 09:30   running"),
    ],
)
def test_a_sheet_shows_how_much_of_every_promise_is_left(language: Language, resolution: str) -> None:
    sheet = standing(Respond()).sheet(DESK, MONDAY + timedelta(hours=2))

    lines = drawn(sheet, language)

    assert [" ".join(line.split()) for line in lines if line.startswith(("resolution", "Lösungszeit"))] == [
        " ".join(resolution.split())
    ]
    held = [line.split() for line in lines if line.startswith(("service_desk ", "p-lang "))]
    assert [(words[0], words[-1]) for words in held] == [("service_desk", "30"), ("p-lang", "90")]


def test_what_a_sheet_says_to_type_next_can_be_typed() -> None:
    sheets = [
        standing(*told).sheet(DESK, MONDAY + timedelta(hours=2))
        for told in ((), (Respond(),), (Respond(), Resolve(solution="Neustart")))
    ]

    typed = [[shlex.split(line)[2] for line in next_lines(sheet)] for sheet in sheets]

    assert typed == [["classify", "respond"], ["classify", "resolve"], ["confirm", "reopen"]]
    assert all(line in drawn(sheets[0], "de") for line in (f"  {line}" for line in next_lines(sheets[0])))
