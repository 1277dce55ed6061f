"""What a technician says at a stop: forms made from the commands' own types that go on working without a network."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import urlencode

from api.policy import check_order_telling
from documents.wording import name_of_step
from domain.cases.order_commands import ConfirmCustody
from domain.contracts.chains import AssetUpdate, Charge, Custody, Erasure, Notice, Reservation, StepBase, Verification
from domain.contracts.chains import Work as WorkStep
from domain.keys import Key
from domain.orders.decisions.offered import can_be_told
from domain.orders.progress import LIVE, StepProgress, StepStatus
from domain.orders.standing import OrderStanding
from domain.people import Role
from domain.refusals import NotAllowed
from web.forms import Control, FieldShape, PageForm
from web.order_forms import SERIAL, Choices, command_form
from web.session import FLOOR

_PROBLEMS = ("failed", "wasted_visit")
_CHECKED_OFF = {"complete": ("step", "minutes", "reason"), "verify": (), "confirm_custody": ()}
_GOES_BY_ITSELF = (AssetUpdate, Charge, Notice, Reservation)
_OVER = (StepStatus.DONE, StepStatus.SKIPPED, StepStatus.UNDONE)


@dataclass(frozen=True)
class FloorForm:
    """`is_due` is the one that the order waits for; those after it are said next, with nobody else in between.

    `problem` says the same step has failed. Without a form it has a page of its own.
    """

    step: str
    called: str
    command: str
    is_due: bool
    form: PageForm | None
    problem: PageForm | None = None


def floor_forms(standing: OrderStanding, caller: Key, choices: Choices) -> tuple[FloorForm, ...]:
    return tuple(_following(standing, caller, choices))


def is_done_there(standing: OrderStanding) -> bool:
    """Whether everything that is done on site is over."""
    on_site = (step.id for step in standing.order.chain.steps if _command_at(step) is not None)
    return all(standing.progress.step(step).status in _OVER for step in on_site)


def _following(standing: OrderStanding, caller: Key, choices: Choices) -> Iterator[FloorForm]:
    is_due = True
    for step in standing.order.chain.steps:
        progress = standing.progress.step(step.id)
        if progress.status in _OVER or isinstance(step, _GOES_BY_ITSELF):
            continue
        command = _command_at(step)
        if command is None or progress.status not in (*LIVE, StepStatus.WAITING) or not _may(standing, caller, command):
            return
        if is_due and progress.status not in (StepStatus.OPEN, StepStatus.STARTED):
            return
        if not can_be_told(standing.progress, step, command):
            # Before a vendor has taken it nothing changes hands.
            return
        if command == "confirm_custody" and _has_confirmed(standing, step.id, caller):
            return
        yield _form(standing, progress, command, choices, caller, is_due=is_due)
        if isinstance(step, Custody) and progress.status != StepStatus.STARTED:
            # The other side is somebody else.
            return
        is_due = False


def _command_at(step: StepBase) -> str | None:
    match step:
        case WorkStep(role=Role.TECHNICIAN):
            return "complete"
        case Verification():
            return "verify"
        case Custody():
            return "confirm_custody"
        case Erasure():
            return "record_erasure"
    return None


def _has_confirmed(standing: OrderStanding, step: str, caller: Key) -> bool:
    """The other side of what changes hands is somebody else."""
    told = standing.progress.told(ConfirmCustody, step)
    return any(given.actor.person == caller.person for given, _ in told)


def _may(standing: OrderStanding, caller: Key, command: str) -> bool:
    try:
        check_order_telling(caller, command, standing.order.request.requester)
    except NotAllowed:
        return False
    return True


def _form(
    standing: OrderStanding, progress: StepProgress, command: str, choices: Choices, caller: Key, *, is_due: bool
) -> FloorForm:
    step = progress.id
    called = name_of_step(standing.order.chain.step(step), choices.language)
    if command not in _CHECKED_OFF:
        return FloorForm(step, called, command, is_due, None)
    whole = command_form(standing, command, (step,), choices, step)
    kept = _CHECKED_OFF[command] or tuple(shape.name for shape in whole.shapes)
    shapes = tuple(_on_the_floor(shape) for shape in whole.shapes if shape.name in kept)
    # What was done on the floor is done, whatever else has happened meanwhile: it is sent to where that is known.
    made = replace(whole, address=floor_address(standing.order.no, command, caller), shapes=shapes)
    made = replace(made, key=_key(standing, progress, command))
    problem = _problem(whole, made) if command == "complete" else None
    return FloorForm(step, called, command, is_due, made, problem)


def floor_address(no: str, command: str, caller: Key) -> str:
    """Says who has said it: when it is sent, somebody else may have signed in at that phone."""
    return f"{FLOOR}/{no}/{command}?{urlencode({'by': caller.person})}"


def _key(standing: OrderStanding, progress: StepProgress, command: str) -> str:
    """Of this round of the step: sent again hours later, from a page of then or a newer one, it is the same thing said.

    What changes hands is confirmed twice in one round.
    """
    number = progress.round if progress.status in (StepStatus.OPEN, StepStatus.STARTED) else progress.round + 1
    half = progress.status == StepStatus.STARTED and command == "confirm_custody"
    return sha256(f"floor/{standing.order.no}/{progress.id}/{command}/{number}/{half}".encode()).hexdigest()[:32]


def _on_the_floor(shape: FieldShape) -> FieldShape:
    """Nothing is taken for found that nobody has looked at."""
    if shape.control == Control.TICKS:
        return replace(shape, ticked=frozenset())
    return replace(shape, start="") if shape.name.startswith(SERIAL) else shape


def _problem(whole: PageForm, made: PageForm) -> PageForm:
    def fitted(shape: FieldShape) -> FieldShape:
        if shape.name == "outcome":
            options = tuple(option for option in shape.options if option[0] in _PROBLEMS)
            return replace(shape, options=options, start="", is_needed=True)
        return replace(shape, is_needed=True) if shape.name == "reason" else shape

    shapes = tuple(fitted(shape) for shape in whole.shapes if shape.name in ("step", "outcome", "minutes", "reason"))
    return replace(made, key=sha256(f"{made.key}/problem".encode()).hexdigest()[:32], shapes=shapes)
