"""What an order can be told in its state by this role, and the form for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from pydantic import JsonValue

from api.orders.commands import gives_back
from api.policy import check_order_telling
from documents.wording import name_of_step, word
from domain.cases import order_commands as commands
from domain.cases.order_commands import HolderKind
from domain.contracts.chains import Approval
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.decisions.steps import open_to
from domain.orders.departures import still_to_name
from domain.orders.erasures import name_of, to_erase
from domain.orders.progress import StepStatus
from domain.orders.sheets import awaited
from domain.orders.standing import OrderStanding
from domain.people import Language, Role
from domain.refusals import NotAllowed
from web.forms import Control, FieldShape, Options, PageForm, shapes_of
from web.goods.declaring import waste_shapes
from web.moments import typed_moment
from web.words import label, say

COMMANDS: Mapping[str, type[commands.CommandBase]] = {
    kind.model_fields["type"].default: kind
    for kind in (
        commands.Approve,
        commands.Reject,
        commands.Book,
        commands.Reschedule,
        commands.Start,
        commands.LogWork,
        commands.Complete,
        commands.RecordErasure,
        commands.AddErasureReport,
        commands.DeclareWaste,
        commands.ConfirmCustody,
        commands.Dispatch,
        commands.ReportVendor,
        commands.DoubtCertificate,
        commands.SettleCertificate,
        commands.AddEvidence,
        commands.AddRecyclerList,
        commands.AddPaper,
        commands.Verify,
        commands.Accept,
        commands.DeclineAcceptance,
        commands.HandOver,
        commands.Hold,
        commands.Resume,
        commands.Migrate,
        commands.Cancel,
        commands.Retry,
        commands.Skip,
    )
}
# What needs thinking over, or many words, has a page of its own.
ON_A_PAGE = frozenset(
    {
        "add_erasure_report",
        "add_paper",
        "add_recycler_list",
        "declare_waste",
        "reschedule",
        "hold",
        "cancel",
        "skip",
        "migrate",
        "reject",
        "decline_acceptance",
        "log_work",
        "record_erasure",
        "doubt_certificate",
        "hand_over",
    }
)
# A contract names who approves.
BY_NAME = frozenset({"approve", "reject"})
GRAVE = frozenset({"cancel", "reject"})
SERIAL = "serial_of_"
FILE = "file"
_OF_QUOTES = ("price", "at_most")
# What steers an order from its head; everything else stands one press further.
STEERING = ("hold", "resume", "reschedule", "cancel")
_VISITS = ("book", "reschedule")
_TO_VENDORS = ("dispatch", "report_vendor")
_NOUNS = {
    "outcome": "outcome",
    "code": "hold_reason",
    "kind": "paper_kind",
    "method": "erasure_method",
    "side": "side",
    "status": "job_status",
    "rest": "rest",
}
# What is handed in with each: as a browser is told it, and which words say it to people.
_FILES: Mapping[str, tuple[str, str]] = {
    "add_paper": ("image/jpeg,image/png,image/webp,application/pdf", "file_kinds"),
    "add_erasure_report": (".xml,.txt,.log,text/xml,text/plain", "report_kinds"),
    "add_recycler_list": (".csv,.xlsx,.ods", "list_kinds"),
}
_PEOPLE = {"technician": Role.TECHNICIAN, "operator": Role.TECHNICIAN, "verifier": Role.TECHNICIAN}


# By order and step, to whom goods can be given.
Takers = Mapping[tuple[str, str], Options]


@dataclass(frozen=True)
class Choices:
    """How people and values are called in the reader's language.

    `takers` are the vendors to whom the goods of a step can be given, by order and step.
    """

    names: Mapping[str, str]
    language: Language
    takers: Takers = field(default_factory=dict)

    def person(self, person: str) -> tuple[str, str]:
        return person, self.names.get(person, person)


def open_commands(standing: OrderStanding, caller: Key) -> dict[str, tuple[str, ...]]:
    """The commands that state and role allow, each with the steps that it may be aimed at."""
    found = open_to(standing.order, standing.progress)
    if asks_by_name(standing) and not _is_named(standing, caller):
        found = {name: steps for name, steps in found.items() if name not in BY_NAME}
    found["hand_over"] = _to_hand_over(standing, caller, found.pop("hand_over", ()))
    return {
        name: steps for name, steps in found.items() if _may(standing, caller, name) and (steps or name != "hand_over")
    }


def _to_hand_over(standing: OrderStanding, caller: Key, steps: tuple[str, ...]) -> tuple[str, ...]:
    """To people whom the contract names, if it names any; they give back what they have."""
    if caller.role in CUSTOMERS_OWN:
        return tuple(step for step in steps if standing.progress.with_own_people(step) is not None)
    return steps if standing.order.people(Role.CONTACT) else ()


def asks_by_name(standing: OrderStanding) -> bool:
    """Whether somebody in particular is asked: others in the same role see no button for it."""
    return any(one.command in BY_NAME for one in awaited(standing.order, standing.progress))


def _is_named(standing: OrderStanding, caller: Key) -> bool:
    asked = [one for one in awaited(standing.order, standing.progress) if one.command in BY_NAME]
    return any(not one.people or caller.person in one.people for one in asked)


def _quotes(standing: OrderStanding, step: str | None, steps: tuple[str, ...]) -> bool:
    """Whether whoever approves names a price."""
    meant = (standing.order.chain.step(one) for one in ((step,) if step else steps))
    return any(isinstance(one, Approval) and one.quotes for one in meant)


def _asks_for_vendor(standing: OrderStanding, step: str | None, steps: tuple[str, ...]) -> bool:
    """Whether it matters who of the directory takes goods; the chain, or whoever gives them, may have said already."""
    meant = (step,) if step else steps
    return any(one.id in meant for one in still_to_name(standing.order, standing.progress))


def _may(standing: OrderStanding, caller: Key, name: str) -> bool:
    try:
        check_telling(standing, caller, name)
    except NotAllowed:
        return False
    return True


def check_telling(standing: OrderStanding, caller: Key, name: str) -> None:
    """Raises `NotAllowed`."""
    if name != "hand_over" or not gives_back(caller, standing):
        check_order_telling(caller, name, standing.order.request.requester)


def command_form(
    standing: OrderStanding, name: str, steps: tuple[str, ...], choices: Choices, step: str | None = None
) -> PageForm:
    """`step` is the one it is about, where that is known."""
    no, seq = standing.order.no, standing.progress.seq
    # What is handed in after the end is counted: no run hears of it any more.
    happened = f"{seq}+{len(standing.progress.given)}" if standing.progress.is_over else f"{seq}"
    # The same for whoever sends this form twice, another one as soon as anything has happened.
    key = sha256(f"{no}/{happened}/{name}/{step or ''}".encode()).hexdigest()[:32]
    return PageForm(f"/orders/{no}/{name}", name, key, seq, tuple(_shapes(standing, name, steps, choices, step)))


def _shapes(
    standing: OrderStanding, name: str, steps: tuple[str, ...], choices: Choices, step: str | None
) -> Iterator[FieldShape]:
    if name in _FILES:
        return _of_file(standing, name, choices, steps)
    if name == "declare_waste":
        return _of_waste(standing, choices, steps)
    return _fitted(standing, name, choices, step, steps)


def _fitted(
    standing: OrderStanding, name: str, choices: Choices, step: str | None, steps: tuple[str, ...]
) -> Iterator[FieldShape]:
    # What is said comes first, why comes last.
    # No checklist says that all of it was done.
    unasked = (
        "checklist",
        "instead_of",
        *(() if name != "approve" or _quotes(standing, step, steps) else _OF_QUOTES),
        *(() if standing.progress.parts_under_way else ("rest",)),
        *(() if name in _TO_VENDORS or _asks_for_vendor(standing, step, steps) else ("vendor",)),
    )
    shapes = shapes_of(COMMANDS[name], leaving_out=unasked)
    for shape in sorted(shapes, key=lambda shape: shape.name == "reason"):
        match shape.name:
            case "step":
                yield from _step(shape, _named(standing, choices, (step,) if step else steps))
            case "serials":
                yield shape.ticking((name_of(asset), name_of(asset)) for asset in standing.progress.assets)
            case "found":
                yield shape.ticking((asset.tag, asset.tag) for asset in standing.progress.assets)
                yield from _serials(standing, choices)
            case "side":
                # Who gives confirms first.
                begun = step is not None and standing.progress.step(step).status == StepStatus.STARTED
                yield replace(_worded(shape, choices), start="taker" if begun else "giver")
            case "technician" | "operator" | "verifier":
                offered = _of_people(shape, standing, choices)
                yield _visiting(offered, standing) if name in _VISITS else offered
            case _:
                yield _as_agreed(_among(shape, standing, name, choices, (step,) if step else steps), standing, name)


def _of_waste(standing: OrderStanding, choices: Choices, steps: tuple[str, ...]) -> Iterator[FieldShape]:
    for shape in shapes_of(commands.DeclareWaste):
        if shape.name == "step":
            yield from _step(shape, _named(standing, choices, steps))
        elif shape.name == "items":
            yield from waste_shapes(standing, choices.language)
        else:
            yield shape


def _as_agreed(shape: FieldShape, standing: OrderStanding, name: str) -> FieldShape:
    """What was agreed stands there until it is written over: often only the day or the end is another one."""
    visit = standing.progress.appointment
    if visit is None or name != "reschedule" or shape.name not in ("window", "customer_asked"):
        return shape
    if shape.name == "customer_asked":
        return replace(shape, start="yes" if visit.customer_asked else "")
    zone, agreed = standing.order.terms.access.zone, {"start": visit.window.start, "end": visit.window.end}
    parts = tuple(replace(part, start=typed_moment(agreed[part.last], zone)) for part in shape.parts)
    return replace(shape, parts=parts)


def _among(
    shape: FieldShape, standing: OrderStanding, name: str, choices: Choices, steps: tuple[str, ...]
) -> FieldShape:
    """What there is to choose from at these steps."""
    match shape.name:
        case "kind" if name == "hand_over":
            kind = HolderKind.TEAM if _are_theirs(standing, steps) else HolderKind.CUSTOMER
            return shape.offering([(kind, word("holder_kind", kind, choices.language))])
        case "to" if name == "hand_over":
            to = Role.SERVICE_DESK if _are_theirs(standing, steps) else Role.CONTACT
            return shape.offering([(to, word("role", to, choices.language))])
        case "vendor":
            takers = [taker for one in steps for taker in choices.takers.get((standing.order.no, one), ())]
            return _taking(shape, tuple(dict.fromkeys(takers)))
        case "serial":
            serials = sorted(to_erase(standing.progress.assets))
            return shape.offering((one, one) for one in serials) if serials else shape
    return _worded(shape, choices)


def _are_theirs(standing: OrderStanding, steps: tuple[str, ...]) -> bool:
    """Whether the customer's own people have what is handed over: then it comes back."""
    return any(standing.progress.with_own_people(one) is not None for one in steps)


def _taking(shape: FieldShape, takers: Options) -> FieldShape:
    """Where nobody is certified it can be typed: what is wrong with whoever is named is said then."""
    if not takers:
        return replace(shape, is_usual=True)
    return replace(shape.offering(takers), is_usual=True, start=takers[0][0] if len(takers) == 1 else "")


def _visiting(shape: FieldShape, standing: OrderStanding) -> FieldShape:
    """A visit of nobody's is in nobody's day: who goes there is asked for with the time, and stays who they were."""
    visit = standing.progress.appointment
    return replace(shape, is_usual=True, start=(visit.technician if visit else None) or "")


def _of_file(standing: OrderStanding, name: str, choices: Choices, steps: tuple[str, ...]) -> Iterator[FieldShape]:
    """Its digest is made from the file that is handed in."""
    accepted, words = _FILES[name]
    yield FieldShape(FILE, Control.FILE, is_needed=True, options=((accepted, say(words, choices.language)),))
    # Which handover a list is held against is no choice.
    unasked = ("digest", *(("step",) if name == "add_recycler_list" else ()))
    for shape in shapes_of(COMMANDS[name], leaving_out=unasked):
        if shape.name == "step":
            yield shape.offering(_named(standing, choices, steps))
        else:
            yield _of_people(shape, standing, choices) if shape.name in _PEOPLE else _worded(shape, choices)


def _of_people(shape: FieldShape, standing: OrderStanding, choices: Choices) -> FieldShape:
    people = standing.order.people(_PEOPLE[shape.name])
    if not people:
        return shape
    # Whoever has seen to it is somebody else than who has done it: nobody is meant who was not chosen.
    unsaid = (("", say("none_chosen", choices.language)),) if shape.name == "verifier" else ()
    return shape.offering((*unsaid, *(choices.person(person) for person in people)))


def _serials(standing: OrderStanding, choices: Choices) -> Iterator[FieldShape]:
    """What stands on each device is typed where it is not what we know."""
    for number, asset in enumerate(standing.progress.assets):
        words = f"{label('serial', choices.language)} {asset.tag}"
        yield FieldShape(f"{SERIAL}{number}", Control.LINE, start=asset.serial or "", words=words)


def found_by(standing: OrderStanding, body: Mapping[str, JsonValue]) -> list[JsonValue]:
    """The devices that are ticked, each with the serial that was typed beside it."""
    ticked = body.get("found")
    tags = ticked if isinstance(ticked, list) else []
    serials = {asset.tag: body.get(f"{SERIAL}{number}") for number, asset in enumerate(standing.progress.assets)}
    return [{"tag": tag, "serial": serials.get(f"{tag}")} for tag in tags]


def _step(shape: FieldShape, offered: Sequence[tuple[str, str]]) -> Iterator[FieldShape]:
    if offered:
        yield shape.offering(offered, start=offered[0][0])


def _named(standing: OrderStanding, choices: Choices, steps: Iterable[str]) -> list[tuple[str, str]]:
    return [(one, name_of_step(standing.order.chain.step(one), choices.language)) for one in steps]


def _worded(shape: FieldShape, choices: Choices) -> FieldShape:
    noun = _NOUNS.get(shape.name)
    if shape.control != Control.CHOICE or noun is None:
        return shape
    return shape.offering((value, word(noun, value, choices.language)) for value, _ in shape.options)
