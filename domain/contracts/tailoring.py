"""What a contract makes of a default chain: drop, add, reorder and parametrise steps."""

from typing import Annotated

from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json

from domain.assets.asset import AssetStatus
from domain.contracts.chains import (
    CHANGE_APPROVAL,
    DEFAULTS,
    Acceptance,
    Appointment,
    Approval,
    AssetUpdate,
    Chain,
    Custody,
    Erasure,
    PartOrder,
    Reservation,
    Step,
    StepBase,
    VendorDispatch,
    Verification,
    Work,
    problems_of,
)
from domain.kinds import OrderKind
from domain.refusals import Problem, refuse_if
from domain.values import Few, Slug, Value
from domain.vendors.certificates import CertificateKind

_STEP: TypeAdapter[Step] = TypeAdapter(Step)


MOST_CHANGES = 100


class Insertion(Value):
    """A step of the contract's own; `before` names steps that then wait for it as well."""

    step: Step
    before: Few[Slug] = ()


class Tailoring(Value):
    """The steps that followed a dropped step then follow what it followed."""

    drop: Few[Slug] = ()
    add: Few[Insertion] = ()
    reorder: dict[Slug, Few[Slug]] = Field(default={}, max_length=MOST_CHANGES)
    set: dict[Slug, Annotated[dict[str, JsonValue], Field(max_length=MOST_CHANGES)]] = Field(
        default={}, max_length=MOST_CHANGES
    )
    cutoff: Slug | None = None


def tailored(kind: OrderKind, tailoring: Tailoring) -> Chain:
    """The chain of one kind under a contract. Raises `Unacceptable` naming every problem."""
    return tailored_on(DEFAULTS[kind], tailoring, f"/chains/{kind}")


def tailored_on(default: Chain, tailoring: Tailoring, at: str) -> Chain:
    """What is made of a chain, at this place in what was written. Raises `Unacceptable` naming every problem."""
    problems = _unknown_names(default, tailoring)
    problems += [
        Problem(code="part_order_alone", at=f"/chains/{default.kind}", values={"step": insertion.step.id})
        for insertion in tailoring.add
        if isinstance(insertion.step, PartOrder)
    ]
    steps = [_bridged(step, default, tailoring.drop) for step in default.steps if step.id not in tailoring.drop]
    steps += [insertion.step for insertion in tailoring.add]
    steps = [_rewired(step, tailoring) for step in steps]
    adjusted = [_adjusted(step, tailoring.set.get(step.id, {}), problems) for step in steps]
    cutoff = tailoring.cutoff or (default.cutoff if default.cutoff not in tailoring.drop else None)
    chain = Chain(kind=default.kind, steps=tuple(adjusted), cutoff=cutoff)
    refuse_if([_placed(problem, default.kind, at) for problem in (*problems, *problems_of(chain))])
    return chain


def _placed(problem: Problem, kind: OrderKind, at: str) -> Problem:
    return problem.but(at=f"{at}{problem.at.removeprefix(f'/chains/{kind}')}")


def without(chain: Chain, *dropped: Slug) -> Chain:
    """What followed a dropped step then follows what that followed."""
    steps = tuple(_bridged(step, chain, dropped) for step in chain.steps if step.id not in dropped)
    return chain.but(steps=steps, cutoff=None if chain.cutoff in dropped else chain.cutoff)


def certified(chain: Chain, kind: CertificateKind | None) -> Chain:
    """Whatever leaves our control goes to somebody certified so; a step may ask for another certificate itself."""
    if kind is None:
        return chain
    asking = (
        step.but(certificate=kind)
        if isinstance(step, Custody) and step.leaves_control and step.certificate is None
        else step
        for step in chain.steps
    )
    return chain.but(steps=tuple(asking))


def unhanded(chain: Chain, at: str, kind: CertificateKind | None) -> list[Problem]:
    """Where a certificate is asked for, goods are not disposed of past whoever is asked for it."""
    if kind is None:
        return []
    handed = {step.id for step in chain.steps if isinstance(step, Custody) and step.leaves_control}
    return [
        Problem(code="disposed_unhanded", at=f"{at}/{step.id}", values={"step": step.id})
        for step in chain.steps
        if isinstance(step, AssetUpdate) and step.goal == AssetStatus.DISPOSED and not handed & chain.before(step.id)
    ]


def with_change_approval(chain: Chain) -> Chain:
    """High risk asks for a change approval beside the ordinary one, before anything else happens."""
    if any(step.id == CHANGE_APPROVAL.id for step in chain.steps):
        return chain
    approvals = {step.id for step in chain.steps if isinstance(step, Approval)}
    steps = [
        step if isinstance(step, Approval) or (not approvals.intersection(step.after) and step.after) else _after(step)
        for step in chain.steps
    ]
    return chain.but(steps=(CHANGE_APPROVAL, *steps))


def asking_first(chain: Chain, *asked: Approval) -> Chain:
    """Before anything is booked or taken from stock, and before work where nothing is, it is asked one by one."""
    taken = {step.id for step in chain.steps}
    asked = tuple(one for one in asked if one.id not in taken)
    of_kind = ((Appointment, Reservation), (Work, *_HANDLING))
    waiting = next((found for kinds in of_kind if (found := _first(chain, kinds))), ())
    if not asked or not waiting:
        return chain
    after = tuple(dict.fromkeys(one for step in waiting for one in step.after))
    linked: list[Step] = []
    for one in asked:
        linked.append(one.but(after=after))
        after = (one.id,)
    steps: list[Step] = []
    for step in chain.steps:
        if step.id == waiting[0].id:
            steps += linked
        steps.append(step.but(after=after) if step in waiting else step)
    return chain.but(steps=tuple(steps))


_HANDLING = (Erasure, Custody, VendorDispatch)


def _first(chain: Chain, kinds: tuple[type[StepBase], ...]) -> tuple[Step, ...]:
    """Those of these kinds before which there is no other one."""
    found = tuple(step for step in chain.steps if isinstance(step, kinds))
    ids = {step.id for step in found}
    return tuple(step for step in found if not ids & chain.before(step.id))


def for_project(chain: Chain) -> Chain:
    """The chain of an order that is part of a project.

    The plan was approved as a whole, and instead of a user's signature it is verified that everything has arrived.
    """
    kept = without(chain, *(step.id for step in chain.steps if isinstance(step, Approval | Acceptance)))
    return _verified(kept) if chain.kind in _ARRIVING else kept


_ARRIVING = (OrderKind.MOVE, OrderKind.INSTALL)


def _verified(chain: Chain) -> Chain:
    """Before the register says where things are, somebody has seen them there; a contract may ask for that itself."""
    update = next(step for step in chain.in_order() if isinstance(step, AssetUpdate))
    before = chain.before(update.id)
    if any(isinstance(step, Verification) and step.id in before for step in chain.steps):
        return chain
    taken = {step.id for step in chain.steps}
    names = ("verification", *(f"verification-{number}" for number in range(2, len(taken) + 2)))
    verification = Verification(id=next(name for name in names if name not in taken), after=update.after)
    steps: list[Step] = []
    for step in chain.steps:
        steps += [verification, step.but(after=(verification.id,))] if step.id == update.id else [step]
    return chain.but(steps=tuple(steps))


def _after(step: Step) -> Step:
    return step.but(after=(*step.after, CHANGE_APPROVAL.id))


def _unknown_names(default: Chain, tailoring: Tailoring) -> list[Problem]:
    known = {step.id for step in default.steps} | {insertion.step.id for insertion in tailoring.add}
    named = [*tailoring.drop, *tailoring.reorder, *tailoring.set]
    named += [later for insertion in tailoring.add for later in insertion.before]
    return [
        Problem(code="step_unknown", at=f"/chains/{default.kind}", values={"step": step_id})
        for step_id in named
        if step_id not in known
    ]


def _bridged(step: Step, default: Chain, dropped: tuple[str, ...]) -> Step:
    after: tuple[str, ...] = step.after
    while any(earlier in dropped for earlier in after):
        after = tuple(
            dict.fromkeys(
                further
                for earlier in after
                for further in (default.step(earlier).after if earlier in dropped else (earlier,))
            )
        )
    return step.but(after=after)


def _rewired(step: Step, tailoring: Tailoring) -> Step:
    after = tailoring.reorder.get(step.id, step.after)
    inserted = (insertion.step.id for insertion in tailoring.add if step.id in insertion.before)
    return step.but(after=tuple(dict.fromkeys((*after, *inserted))))


def _adjusted(step: Step, changes: dict[str, JsonValue], problems: list[Problem]) -> Step:
    if not changes:
        return step
    try:
        # As a text: files say numbers, yes and no in words of their own.
        return _STEP.validate_json(to_json({**step.model_dump(), **changes, "id": step.id, "type": step.type}))
    except ValidationError as error:
        problems += [
            Problem(
                code="parameter_wrong",
                at="/".join(["", "set", step.id, *map(str, fault["loc"][1:])]),
                values={
                    **{name: str(value) for name, value in fault.get("ctx", {}).items()},
                    "step": step.id,
                    "fault": fault["type"],
                    "message": fault["msg"],
                },
            )
            for fault in error.errors()
        ]
        return step
