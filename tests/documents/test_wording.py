"""Whatever the code can say no with has a sentence in both languages, and no sentence is there for nothing."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticKnownError

from activities.assets import Assets
from activities.billing import Billing
from activities.calendars import Calendars
from activities.moves import Moves
from activities.notices import Notices
from activities.pages import Pages
from activities.records import Records
from activities.vendors import Vendors
from connectors.files.erasure_reports import OF_ERASURE, OF_TARGET
from connectors.yaml_files import read_yaml
from documents.move_templates import FIELDS, FILLED_IN
from documents.notices import known_templates
from documents.protocols import COLUMNS as PROTOCOL_COLUMNS
from documents.waste_lists import COLUMNS
from documents.wording import (
    LANGUAGES,
    given_reason,
    language_of,
    name_of_step,
    sentence,
    service,
    title,
    word,
    wording,
)
from domain.alerts.alert import AlertStatus
from domain.alerts.groups import GroupState
from domain.alerts.spells import SpellEnd
from domain.assets.asset import AssetStatus
from domain.assets.waste import Battery, WasteCode, WasteReason
from domain.billing.tariffs import LineReason
from domain.cases.awaited import AwaitedCommand
from domain.cases.events import Event, Happening
from domain.cases.faults import FaultKind, RunEnd
from domain.cases.incident_commands import HolderKind, IncidentCommand
from domain.cases.move_commands import ProjectCommand, WaveCommand, WhenDone, WhenInFlight
from domain.cases.notices import DeliveryOutcome
from domain.cases.order_commands import Command, Complete, ConfirmCustody, Rest
from domain.cases.page_commands import PageCommand
from domain.clocks.calendars import WEEKDAYS
from domain.clocks.explanations import ClockState
from domain.clocks.holds import HoldReason
from domain.clocks.sla import ClockKind, ClockType
from domain.contracts.catalogue import Pricing, QuestionKind
from domain.contracts.chains import (
    CHANGE_APPROVAL,
    CONSENT,
    DEFAULTS,
    QUOTE,
    Custody,
    ErasureMethod,
    Evidence,
    Step,
    StepBase,
    Work,
)
from domain.contracts.matrix import Counting, OfficeHours, Way
from domain.contracts.prices import ChargeLine
from domain.contracts.tailoring import Tailoring, tailored
from domain.door import NO_KEY, AtDoor
from domain.incidents.batches import BatchOutcome
from domain.incidents.clocks import clocks_of_cells
from domain.incidents.logs.servicenow import Contradictory
from domain.incidents.progress import IncidentState
from domain.keys import KeyStanding
from domain.kinds import OrderKind, OrderState
from domain.leaving import PlaceKind
from domain.moves.launched.call_offs import Fate
from domain.moves.launched.events import MoveHappening
from domain.moves.launched.project_progress import GateState, ProjectState
from domain.moves.launched.wave_progress import WaveState, WorkplaceState
from domain.moves.lists.staging import RowChange, RowState
from domain.moves.rehearsals.rehearsal import RowTrouble
from domain.oncall.page import NewsKind, PageHappening, PageState
from domain.oncall.shifts import GapReason, Layer
from domain.orders.erasures import ErasureOutcome
from domain.orders.order import OrderRequest
from domain.orders.progress import StepStatus
from domain.orders.protocols import ProtocolKind
from domain.papers import KeptKind
from domain.people import MACHINE, Actor, Language, MachineReason, Role
from domain.place_names import PARTS
from domain.priorities import Grade, Priority
from domain.refusals import REFUSALS, Problem, Refused
from domain.search import FoundKind, SearchField
from domain.vendors.certificates import CertificateKind
from domain.vendors.jobs import JobStatus
from domain.vendors.vendor import VendorWork
from tests.domain.cases.test_decisions import KINDS

ROOT = Path(__file__).parents[2]
LAYERS = ("activities", "api", "connectors", "db", "documents", "domain", "web", "workflows")


def sources() -> Iterator[Path]:
    """Settings are no layer, and can be wrong all the same."""
    yield ROOT / "settings.py"
    for layer in LAYERS:
        yield from (ROOT / layer).rglob("*.py")


def uses() -> dict[str, list[set[str]]]:
    """Every problem code in the source with the names of the values it is given, once per place."""
    found: dict[str, list[set[str]]] = defaultdict(list)
    for path in sources():
        for code, values in _problems_in(ast.parse(path.read_text())):
            found[code].append(values)
    return found


def _problems_in(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    named: dict[str, set[str]] = {}
    for node in sorted(ast.walk(tree), key=lambda node: getattr(node, "lineno", 0)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as written):
                named[name] = _keys(written)
            case ast.Call(func=ast.Name(id="Problem"), keywords=keywords):
                given = {keyword.arg: keyword.value for keyword in keywords}
                code, values = given["code"], given.get("values")
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    yield code.value, _values(values, named)
            case ast.Call(func=ast.Name(id="conflict"), args=[ast.Constant(value=str() as text)], keywords=keywords):
                yield text, {str(keyword.arg) for keyword in keywords}
            case ast.Call(
                func=ast.Attribute(attr="issue" | "_say") | ast.Name(id="_at_target"),
                args=[*_, ast.Constant(value=str() as text)],
                keywords=keywords,
            ) if all(keyword.arg for keyword in keywords):
                yield text, {str(keyword.arg) for keyword in keywords}
            case ast.keyword(arg="not_for", value=ast.Constant(value=str() as text)):
                yield text, {"command"}
            case ast.Call(func=ast.Name(id="unknown"), args=[ast.Constant(value=str() as noun), *_]):
                yield f"{noun}_unknown", {noun}


def _values(written: ast.expr | None, named: dict[str, set[str]]) -> set[str]:
    match written:
        case None:
            return set()
        case ast.Dict():
            return _keys(written)
        case ast.Name(id=name):
            return named[name]
    raise AssertionError(f"cannot tell what values are given: {ast.unparse(written)}")


def _keys(written: ast.Dict) -> set[str]:
    return {str(key.value) for key in written.keys if isinstance(key, ast.Constant)}


def placeholders(pattern: str) -> set[tuple[str, str | None]]:
    return {(name, noun) for _, name, noun, _ in Formatter().parse(pattern) if name is not None}


def test_every_problem_has_a_sentence_that_its_values_fill() -> None:
    used = uses()

    assert len(used) > 50
    for language in LANGUAGES:
        sentences = wording(language).faults | wording(language).problems
        assert sorted(used.keys() - sentences.keys()) == []
        for code, places in used.items():
            asked = {name for name, _ in placeholders(sentences[code])}
            assert asked <= set.intersection(*places), code


def test_no_sentence_is_there_for_nothing() -> None:
    named = {
        node.value
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert sorted(wording("en").problems.keys() - named - uses().keys()) == []


def test_both_languages_say_the_same_things() -> None:
    german, english = wording("de"), wording("en")

    assert german.titles.keys() == english.titles.keys() >= REFUSALS.keys()
    for ours, theirs in ((german.problems, english.problems), (german.faults, english.faults)):
        assert {code: placeholders(text) for code, text in ours.items()} == {
            code: placeholders(text) for code, text in theirs.items()
        }
    assert {noun: list(words) for noun, words in german.words.items()} == {
        noun: list(words) for noun, words in english.words.items()
    }


def test_whatever_can_be_wrong_with_a_row_of_a_move_list_comes_with_what_to_do() -> None:
    german, english = wording("de"), wording("en")
    sources = (ROOT / "domain/moves/lists").glob("*.py")
    codes = {
        code for path in sources for code, _ in _problems_in(ast.parse(path.read_text())) if "_column_" not in code
    }

    assert german.remedies.keys() == english.remedies.keys() <= english.problems.keys()
    of_days = {"on_holiday", "site_closed", "no_access", "outside_access"}
    assert (codes | of_days) - {"row_has_issues", "no_such_conflict", "list_without_rows"} <= english.remedies.keys()


@pytest.mark.parametrize("path", sorted((ROOT / "documents/wordings").glob("*.yaml")), ids=lambda path: path.name)
def test_no_word_is_written_twice(path: Path) -> None:
    """Of two the second would be said in the place of both."""
    assert read_yaml(path.read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_shown_as_words_of_a_kind_that_exists(language: Language) -> None:
    known = wording(language)

    nouns = {noun for text in (*known.problems.values(), *known.faults.values()) for _, noun in placeholders(text)}

    assert nouns - {""} <= known.words.keys()


SAMPLES: dict[str, object] = {
    "error": "why",
    "expected": "'a'",
    "tag": "a",
    "expected_tags": "'b'",
    "discriminator": "'type'",
    "pattern": "^a$",
    "min_length": 1,
    "max_length": 2,
    "actual_length": 3,
    "field_type": "List",
    "gt": 1,
    "ge": 1,
    "lt": 1,
    "le": 1,
    "max_digits": 2,
    "decimal_places": 2,
    "whole_digits": 2,
    "class_name": "A",
}


@pytest.mark.parametrize("fault", wording("en").faults)
def test_faults_are_those_of_pydantic_with_their_own_values(fault: str) -> None:
    asked = {name for name, _ in placeholders(wording("en").faults[fault])}
    context = SAMPLES | ({"error": ValueError("why")} if fault.endswith("_error") else {})

    if fault == "time_of_day":
        # Our own: raised with nothing to say beside it.
        assert asked == set()
    else:
        raised = PydanticKnownError(fault, context)  # type: ignore[arg-type]  # raises for a type that does not exist
        assert asked <= (raised.context or {}).keys()


def _literals(model: type, field: str) -> set[str]:
    return set(get_args(model.model_fields[field].annotation))  # type: ignore[attr-defined]


# What cases ask for, by the names under which Temporal shows it.
_ASKED = {
    name
    for kind in (Assets, Billing, Calendars, Moves, Notices, Pages, Records, Vendors)
    for name, method in vars(kind).items()
    if hasattr(method, "__temporal_activity_definition")
}


def _types(union: object) -> set[str]:
    return {member.model_fields["type"].default for member in get_args(get_args(union)[0])}


def _labels_used(noun: str, layout: str, *sources: str) -> set[str]:
    """The words that a printed document asks for, be it in its layouts or in the code that fills them."""
    code = " ".join((ROOT / source).read_text() for source in sources)
    layouts = " ".join(path.read_text() for path in (ROOT / "documents/layouts").glob(f"{layout}.*"))
    return set(re.findall(r"\blabels\.(\w+)", layouts)) | {
        label for label in wording("en").words[noun] if re.search(rf"[\"']{label}[\"']", code)
    }


MATRIX_SOURCES = ("documents/matrix.py", "documents/service_hours.py", "domain/contracts/matrix.py")
REPORT_SOURCES = ("documents/project_reports.py", "documents/project_workbooks.py", "documents/report_words.py")


def _members(union: object) -> Iterator[type]:
    for member in get_args(union):
        yield from _members(member) if get_args(member) else (member,) if isinstance(member, type) else ()


def _fields(union: object, *common: str) -> set[str]:
    """The fields by which the members of a union differ."""
    return {field for member in _members(union) if member.__module__ in MODELS for field in _own(member)} - set(common)


def _own(model: type) -> set[str]:
    return set(model.model_fields)  # type: ignore[attr-defined]


MODELS = {
    f"domain.{name}"
    for name in ("contracts.chains", *(f"cases.{of}_commands" for of in ("order", "incident", "page", "move")))
}
# What workflows note with events, beside the fields of commands.
OF_CLOCKS = {"clock", "clock_type", "collapsed", "due", "late_seconds", "percent", "until"}
OF_PAGES = {"answer", "cause", "layer", "owner"}
OF_VENDORS = {"answer_minutes", "late_minutes", "passed_over", "vendor_due"}
OF_CERTIFICATES = {"number"}
NOTED = (
    OF_CLOCKS
    | OF_PAGES
    | OF_VENDORS
    | OF_CERTIFICATES
    | {"from", "merged", "text", "person", "round", "state", "severity", "why"}
)
PAGE_CAUSES = {"reported", "priority_changed", "priority_raised", "reopened"}
CHAIN_STEPS = [step for chain in DEFAULTS.values() for step in chain.steps]
# Keys that do not count, links that open nothing, who made the first key, and what is forbidden.
WHY_AT_DOOR = {f"key_{standing}" for standing in KeyStanding if standing != KeyStanding.VALID}
WHY_AT_DOOR |= {NO_KEY, "key_unknown", "secret_wrong", "key_link_wrong", "key_link_not_sent", "link_wrong"}
WHY_AT_DOOR |= {"by_init", "by_stack", "not_permitted", "personal_key_needed", "requester_only_self", "not_your_order"}
WHY_AT_DOOR |= {"session_needed", "session_unknown", "session_over", "session_key_over", "sign_in_link_wrong"}
WHY_AT_DOOR |= {"sign_in_needs_tls", "from_another_site", "said_by_another"}
WHY_AT_DOOR |= set(re.findall(r'SignInRefused\("(\w+)"\)', " ".join(path.read_text() for path in sources())))
WHY_AT_DOOR |= {"not_your_incident", "not_an_approver", "gate_of_another", "role_needed"}
PROTOCOL_LABELS = {column for columns in PROTOCOL_COLUMNS.values() for column in columns}
PROTOCOL_LABELS |= {f"says_{kind}" for kind in ProtocolKind}
PROTOCOL_LABELS |= {"order", "customer", "site", "reference", "item", "dated", "typed", "count", "validation"}
PROTOCOL_LABELS |= {"signature", "certificate"}
PROTOCOL_LABELS |= {"accepted", "by_provider", "deemed", "done", "for_customer", "sent_back", "signature_kept"}
PROTOCOL_LABELS |= {"total", "wasted", "with_own_people"}
NOUNS: dict[str, set[str] | type[StrEnum]] = {
    "key_standing": KeyStanding,
    "at_door": AtDoor,
    "at_door_why": WHY_AT_DOOR,
    "order_kind": OrderKind,
    "pricing": Pricing,
    "question_kind": QuestionKind,
    "this_case": {rules.case for rules in KINDS.values()},
    "order_state": OrderState,
    "step_type": _types(Step),
    "step": {step.id for step in (*CHAIN_STEPS, CHANGE_APPROVAL, QUOTE, CONSENT)} | {"verification"},
    "step_status": StepStatus,
    "rest": set(get_args(Rest)),
    "role": Role,
    "hold_reason": HoldReason,
    "asset_status": AssetStatus,
    "erasure_method": ErasureMethod,
    "paper_kind": KeptKind,
    "erasure_outcome": ErasureOutcome,
    "battery": Battery,
    "certificate_kind": CertificateKind,
    "recycled": {"missing", "swapped", "extra"},
    "protocol": ProtocolKind,
    "protocol_label": PROTOCOL_LABELS,
    "checklist": {done for step in CHAIN_STEPS if isinstance(step, Work) for done in step.checklist},
    "waste_reason": WasteReason,
    "waste_code": WasteCode,
    "waste_label": {*COLUMNS, "undeclared"},
    "report_field": {*OF_ERASURE.values(), *OF_TARGET.values(), "machine"},
    "side": _literals(ConfirmCustody, "side"),
    "party": {side for step in CHAIN_STEPS if isinstance(step, Custody) for side in (step.giver, step.taker)},
    "document": {step.document for step in CHAIN_STEPS if isinstance(step, Evidence)},
    "clock_kind": ClockKind,
    "clock_type": ClockType,
    "clock_state": ClockState,
    "contradiction": Contradictory,
    "outcome": _literals(Complete, "outcome"),
    "risk": _literals(OrderRequest, "risk"),
    "charge_reason": _literals(ChargeLine, "reason"),
    "line_reason": LineReason,
    "level_verdict": {"kept", "broken", "refused"},
    "minutes_from": {"period", "carried"},
    "unit": _literals(ChargeLine, "unit"),
    "attempt": DeliveryOutcome,
    "command": _types(Command) | _types(IncidentCommand) | _types(PageCommand),
    "awaited": AwaitedCommand,
    "found_kind": FoundKind,
    "search_field": SearchField,
    "priority": Priority,
    "grade": Grade,
    "incident_state": IncidentState,
    "holder_kind": HolderKind,
    "job_status": JobStatus,
    "vendor_work": VendorWork,
    "rota_layer": Layer,
    "gap_reason": GapReason,
    "left_place": PlaceKind,
    "weekday": set(WEEKDAYS),
    "office_hours": OfficeHours,
    "way": Way,
    "counting": Counting,
    "matrix_label": {
        *_labels_used("matrix_label", "matrix", *MATRIX_SOURCES),
        *(clock.name for clock in clocks_of_cells()),
    },
    "manual_label": _labels_used("manual_label", "manual", "documents/manuals.py"),
    "run_sheet_label": _labels_used("run_sheet_label", "run_sheet", "documents/run_sheets.py"),
    "label_label": _labels_used("label_label", "labels"),
    "door_label": _labels_used("door_label", "doors"),
    "report_label": _labels_used("report_label", "project_report", *REPORT_SOURCES),
    "machine_reason": MachineReason,
    "happening": {*Happening, *_types(Command), *_types(IncidentCommand)},
    "page_state": PageState,
    "page_happening": {*PageHappening, *_types(PageCommand)},
    "alert_status": AlertStatus,
    "spell_end": SpellEnd,
    "alert_group_state": GroupState,
    "place_part": set(PARTS),
    "move_row_state": RowState,
    "move_row_change": RowChange,
    "move_list": {"title", "to_do"},
    "move_template": {"advice", "places", *FIELDS, *FILLED_IN, "stand"},
    "project_state": ProjectState,
    "row_fate": Fate,
    "trouble": RowTrouble,
    "wave_state": WaveState,
    "gate_state": GateState,
    "workplace_state": WorkplaceState,
    "move_command": _types(ProjectCommand) | _types(WaveCommand),
    "notice": set(known_templates()),
    "asked": _ASKED,
    "case_fault": FaultKind,
    "run_end": RunEnd,
    "page_answer": NewsKind,
    "page_cause": PAGE_CAUSES,
    "batch_outcome": BatchOutcome,
    "severity": {"info", "warning", "error", "critical"},
    "yes_no": {"yes", "no"},
    "when_failed": _literals(Work, "on_failure"),
    "when_in_flight": WhenInFlight,
    "when_done": WhenDone,
    "field": _fields(Event.model_fields["command"].annotation, "type", "step", "reason")
    | _fields(Step, "type", *StepBase.model_fields)
    | NOTED,
    "move_happening": {*MoveHappening, *_types(ProjectCommand), *_types(WaveCommand)},
}


@pytest.mark.parametrize("noun", wording("en").words)
def test_every_value_of_a_kind_has_a_name(noun: str) -> None:
    assert set(wording("en").words[noun]) == {str(value) for value in NOUNS[noun]}


def test_every_kind_of_value_is_named() -> None:
    assert NOUNS.keys() == wording("en").words.keys()


def test_what_can_be_chosen_and_what_is_wrong_with_a_setting_are_said_in_the_readers_language() -> None:
    choice = Problem(code="literal_error", at="/rest", values={"expected": "'a', 'or' or 'keep'"})
    setting = Tailoring(set={"appointment": {"remote": "maybe"}, "set_up": {"estimate_minutes": 0}})
    with pytest.raises(Refused) as refused:
        tailored(OrderKind.MOVE, setting)

    assert sentence(choice, "de") == "Möglich ist nur: 'a', 'or' oder 'keep'."
    assert sentence(choice, "en") == "Allowed values: 'a', 'or' or 'keep'."
    assert {sentence(problem, "de") for problem in refused.value.problems} == {
        "Ein Wert für den Schritt appointment ist nicht in Ordnung: Hier wird ja oder nein (true, false) erwartet.",
        "Ein Wert für den Schritt set_up ist nicht in Ordnung: Der Wert muss größer sein als 0.",
    }


def test_a_sentence_names_values_in_the_readers_language() -> None:
    problem = Problem(code="asset_not_ready", values={"tag": "NB-1", "status": "in_stock", "kind": "move"})

    assert sentence(problem, "de") == (
        "Das Gerät NB-1 hat den Status „am Lager“; damit ist diese Auftragsart nicht möglich: Umzug."
    )
    assert sentence(problem, "en") == "Asset NB-1 is in stock, so it cannot be used in this kind of order: Move."


def test_a_fault_in_a_body_is_worded() -> None:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(OrderRequest).validate_python({"contract": "x y"})
    (fault, *_) = raised.value.errors()
    values = {name: str(value) for name, value in fault["ctx"].items()} | {"message": fault["msg"]}

    assert sentence(Problem(code=fault["type"], values=values), "de").startswith("Die Schreibweise passt nicht.")


def test_a_fault_nobody_has_worded_still_shows_its_message() -> None:
    problem = Problem(code="bytes_invalid_encoding", values={"message": "Data should be valid {utf8}"})

    assert sentence(problem, "de") == "Die Angabe ist nicht in Ordnung: Data should be valid {utf8}."


def test_a_problem_of_an_older_version_may_lack_a_value() -> None:
    assert sentence(Problem(code="asset_unknown"), "en") == "This customer has no asset …."


def test_names_others_have_given_stay_as_they_are() -> None:
    assert word("step", "fit-monitor-arm", "de") == "fit-monitor-arm"


def test_each_kind_of_refusal_has_a_heading() -> None:
    assert [title(status, "de") for status in sorted(REFUSALS)] == [
        "Das dürfen Sie nicht",
        "Nicht gefunden",
        "Das geht jetzt nicht",
        "Die Angaben sind nicht in Ordnung",
    ]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param(None, "en", id="no header"),
        pytest.param("", "en", id="empty"),
        pytest.param("de", "de", id="German"),
        pytest.param("de-CH, fr;q=0.9", "de", id="a dialect"),
        pytest.param("en;q=0.5, de;q=0.7", "de", id="weights before order"),
        pytest.param("fr, de;q=0.1", "de", id="the only one of ours"),
        pytest.param("fr", "en", id="none of ours"),
        pytest.param("*", "en", id="anything"),
        pytest.param("en;q=0, *", "de", id="anything but English"),
        pytest.param("de;q=0", "en", id="not German"),
        pytest.param("de;q=lots, en;q=0.1", "en", id="a weight that is none"),
        pytest.param(";;,=,;q=", "en", id="nonsense"),
    ],
)
def test_language_of_a_request(header: str | None, language: Language) -> None:
    assert language_of(header) == language


def test_days_in_sentences_are_written_as_the_language_writes_them() -> None:
    closed = Problem(code="no_access", values={"site": "umzug-2027-03-13", "date": "2027-03-13"})

    assert sentence(closed, "de") == "Der Standort umzug-2027-03-13 ist am 13.03.2027 nicht zugänglich."
    assert sentence(closed, "en") == "There is no access to site umzug-2027-03-13 on 2027-03-13."


def test_a_part_of_a_sentence_that_would_say_nothing_is_left_out() -> None:
    values = {"missing": "", "misplaced": "NB-1 (2.17/2)", "other_serial": "", "unexpected": "MO-9"}

    assert sentence(Problem(code="verification_mismatch", values=values), "en") == (
        "What was found at the destination does not match the order. Found elsewhere: NB-1 (2.17/2). "
        "Not part of the order: MO-9."
    )


@pytest.mark.parametrize("reason", sorted(_literals(ChargeLine, "reason")))
def test_what_is_charged_is_said_in_the_language_of_the_reader(reason: str) -> None:
    texts = {"flat": "move", "time": "work", "wasted_visit": "work", "part": "SSD 1 TB"}
    text = texts.get(reason, reason.replace("_", " "))

    said = {language: service(reason, text, language) for language in LANGUAGES}

    assert (said["de"] == said["en"] == text) if reason == "part" else said["de"] != said["en"]


@pytest.mark.parametrize(
    ("latest", "german", "english"),
    [
        ("2027-02-27T14:48:37.045634+00:00", "27.02.2027 14:48 UTC", "2027-02-27 14:48 UTC"),
        ("2027-02-27T14:48:00Z", "27.02.2027 14:48 UTC", "2027-02-27 14:48 UTC"),
        ("2027-07-01T08:00:59+02:00", "01.07.2027 08:00 UTC+02:00", "2027-07-01 08:00 UTC+02:00"),
        ("I-2027-02-27T14", "I-2027-02-27T14", "I-2027-02-27T14"),
    ],
)
def test_a_time_in_a_sentence_is_written_as_people_write_it(latest: str, german: str, english: str) -> None:
    problem = Problem(code="too_far_ahead", values={"days": "90", "latest": latest})

    assert sentence(problem, "de").endswith(f"spätestens möglich ist {german}.")
    assert sentence(problem, "en").endswith(f"the latest possible time is {english}.")


OWN_STEPS: dict[str, tuple[Step, dict[Language, str]]] = {
    "named in both languages": (
        Evidence(id="photo", titles={"de": "Foto vom Platz", "en": "Photo of the desk"}),
        {"de": "Foto vom Platz", "en": "Photo of the desk"},
    ),
    "named in one": (Work(id="photo", title="Photo", titles={"de": "Foto"}), {"de": "Foto", "en": "Photo"}),
    "not named": (Evidence(id="photo"), {"de": "Nachweis (photo)", "en": "evidence (photo)"}),
    "one of ours": (Work(id="set_up"), {"de": "Aufbau am neuen Platz", "en": "set-up at the new location"}),
}


@pytest.mark.parametrize(("step", "names"), OWN_STEPS.values(), ids=OWN_STEPS)
def test_a_contracts_own_step_has_a_name_in_each_language(step: Step, names: dict[Language, str]) -> None:
    assert {language: name_of_step(step, language) for language in LANGUAGES} == names


@pytest.mark.parametrize("written", [*MachineReason, "nothing goes on any more"])
def test_why_a_machine_has_said_something_is_read_in_ones_own_language(written: str) -> None:
    """Also where an earlier version has written it out."""
    assert given_reason(written, MACHINE, "de") == "es läuft nichts mehr"
    assert given_reason(written, Actor(person="p-koch", role=Role.COORDINATOR), "de") == written


def test_nothing_that_decides_speaks_a_language() -> None:
    """A reason is what somebody has said, or a code."""
    written = [
        f"{path.name}: {node.value.value!r}"
        for folder in ("domain", "workflows", "activities")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg in ("reason", "message")
        if isinstance(node.value, ast.Constant) and " " in str(node.value.value)
    ]

    assert written == []
