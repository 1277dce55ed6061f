"""Commands in general: whom they are aimed at, what a repeat does, and that nothing breaks an order."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cases import order_commands as commands
from domain.cases.decisions import MOST_COMMANDS
from domain.cases.instructions import Instruction, clamped
from domain.cases.order_commands import Approve, Cancel, Command, Complete, LogWork, Start
from domain.clocks.holds import HoldReason
from domain.contracts.chains import DEFAULTS, AssetUpdate, Chain, Charge, in_line
from domain.contracts.tailoring import Tailoring, for_project, tailored, with_change_approval
from domain.kinds import OrderKind, OrderState, may_follow
from domain.orders.decisions.decide import RULES, decide
from domain.orders.progress import Progress, StepStatus
from domain.people import Actor
from domain.refusals import Refused
from tests.domain.orders.paper import EVERYBODY, HOUR, MONDAY, Paper, erased, placed, window
from tests.world import APPROVER, COORDINATOR, TECHNICIAN


def test_every_command_has_a_rule() -> None:
    assert set(RULES) == {kind for kind in vars(commands).values() if _is_command(kind)}


def _is_command(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, commands.CommandBase) and "type" in thing.model_fields


# When the user has signed, the register and the charge are still to be done.
SIGNED = ["requested", "approved", "scheduled", "in_progress", "awaiting_acceptance", "in_progress", "completed"]


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (OrderKind.INSTALL, SIGNED),
        (OrderKind.MOVE, SIGNED),
        (OrderKind.ADD, SIGNED),
        (OrderKind.CHANGE, SIGNED),
        (OrderKind.REMOVE, ["requested", "approved", "scheduled", "in_progress", "completed"]),
        (OrderKind.DISPOSE, ["requested", "approved", "in_progress", "completed"]),
        (OrderKind.BREAK_FIX, SIGNED),
        (OrderKind.ASSIST, SIGNED),
    ],
)
def test_every_kind_goes_from_request_to_charge(kind: OrderKind, states: list[str]) -> None:
    assert Paper(placed(kind)).finish().states == states


def test_a_repeat_of_a_request_changes_nothing() -> None:
    paper = Paper(placed(OrderKind.MOVE))
    paper.say(APPROVER, Approve(), request_id="r-1")
    before = paper.progress

    paper.say(APPROVER, Approve(), request_id="r-1")
    paper.say(APPROVER, Approve(step="approval"), request_id="r-1")

    assert paper.progress is before


@pytest.mark.parametrize(
    ("actor", "command"),
    [
        pytest.param(APPROVER, Approve(reason="again"), id="another body"),
        pytest.param(APPROVER, Approve(step="work"), id="another step"),
        pytest.param(APPROVER, Cancel(reason="no"), id="another command"),
        pytest.param(COORDINATOR, Approve(), id="another person"),
    ],
)
def test_a_request_id_is_not_used_for_something_else(actor: Actor, command: Command) -> None:
    paper = Paper(placed(OrderKind.MOVE))
    paper.say(APPROVER, Approve(), request_id="r-1")

    refused = paper.refusal(actor, command, request_id="r-1")

    assert (refused.status, refused.problems[0].code) == (422, "request_id_reused")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(Approve(step="packing"), "step_unknown", id="a step the chain does not have"),
        pytest.param(Approve(step="transport"), "step_not_ready", id="a step of another type"),
        pytest.param(Complete(step="take_down"), "step_not_ready", id="a step that is not open yet"),
        pytest.param(Complete(), "no_such_step_open", id="nothing of the kind is open"),
    ],
)
def test_a_command_must_find_its_step(command: Command, code: str) -> None:
    assert Paper(placed(OrderKind.MOVE)).codes(APPROVER, command) == [code]


def test_a_step_must_be_named_where_two_could_be_meant() -> None:
    chain = tailored(OrderKind.MOVE, Tailoring(reorder={"set_up": ("appointment",)}))
    paper = Paper(placed(OrderKind.MOVE, chain)).until("set_up")

    assert paper.codes(TECHNICIAN, Start()) == ["step_ambiguous"]
    paper.say(TECHNICIAN, Start(step="set_up"))
    assert paper.status("set_up") == StepStatus.STARTED


def test_time_is_logged_for_what_is_under_way_unless_another_step_is_named() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("set_up")

    paper.say(TECHNICIAN, LogWork(minutes=10))
    paper.say(TECHNICIAN, LogWork(minutes=20, step="take_down"))

    assert [given.command.step for given in paper.progress.given[-2:]] == ["set_up", "take_down"]


def test_an_order_that_is_over_hears_nothing() -> None:
    paper = Paper(placed(OrderKind.CHANGE)).finish()

    for command in (Cancel(reason="too late"), LogWork(minutes=5), commands.Hold(**_hold(paper))):
        assert paper.codes(COORDINATOR, command) == ["order_is_over"]


def test_nobody_answers_a_step_before_it_was_opened() -> None:
    """The clock of the API may be behind; the records would otherwise miss what was said."""
    paper = Paper(placed(OrderKind.REMOVE)).until("return")
    early = paper.now - timedelta(seconds=5)

    paper.say(TECHNICIAN, commands.ConfirmCustody(side="giver", serials=("SN200",)), at=early)
    paper.say(COORDINATOR, commands.ConfirmCustody(side="taker", serials=("SN200",)), at=early)

    assert paper.state == OrderState.COMPLETED


def test_a_step_that_is_answered_by_a_slow_clock_still_stops_its_own() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(APPROVER, Approve(), at=MONDAY - timedelta(seconds=1))

    assert paper.status("approval") == StepStatus.DONE


def test_callers_clocks_are_kept_between_what_was_heard_last_and_now() -> None:
    said = Instruction(command=Approve(), actor=APPROVER, given_at=MONDAY, request_id="r-1")

    assert clamped(said, MONDAY + HOUR, MONDAY + 2 * HOUR).given_at == MONDAY + HOUR
    assert clamped(said, MONDAY - 2 * HOUR, MONDAY - HOUR).given_at == MONDAY - HOUR
    assert clamped(said, MONDAY - HOUR, MONDAY + HOUR).given_at == MONDAY


def test_an_order_hears_only_so_many_commands() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")
    given = paper.progress.given[0]
    full = paper.progress.but(given=(given,) * MOST_COMMANDS)

    with pytest.raises(Refused, match="too_many_commands"):
        decide(paper.order, full, given.but(request_id="one-more"))


def test_an_order_that_was_told_too_much_can_still_be_cancelled() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")
    given = paper.progress.given[0]
    full = paper.progress.but(given=(given,) * MOST_COMMANDS)

    ended = decide(paper.order, full, given.but(command=Cancel(reason="flooded"), request_id="enough"))

    assert ended.ending is not None


def _hold(paper: Paper) -> dict[str, object]:
    return {"code": HoldReason.WAITING_CUSTOMER, "max_until": paper.now + 24 * HOUR, "reason": "away"}


CHAINS = (
    *DEFAULTS.values(),
    with_change_approval(DEFAULTS[OrderKind.CHANGE]),
    tailored(
        OrderKind.MOVE, Tailoring(reorder={"approval": ("set_up",), "appointment": (), "set_up": ("appointment",)})
    ),
    tailored(OrderKind.INSTALL, Tailoring(set={"work": {"on_failure": "ask"}}, reorder={"acceptance": ()})),
    for_project(DEFAULTS[OrderKind.MOVE]),
    tailored(OrderKind.MOVE, Tailoring(set={"transport": {"offered": True}})),
    in_line(OrderKind.CHANGE, None, AssetUpdate(id="asset_update"), Charge(id="charge")),
)
_SERIALS = st.sampled_from([(), ("SN100",), ("SN200",), ("SN900",), ("SN200", "SN200")])
_TEXT = st.sampled_from(["because"])
_STEPS = st.sampled_from([None, None, None, "approval", "work", "set_up", "asset_update", "charge", "nowhere"])


def _commands() -> st.SearchStrategy[Command]:
    """Every command, with fields that fit sometimes."""
    hours = st.integers(-48, 96)
    fields: dict[str, st.SearchStrategy[object]] = {
        "reason": _TEXT,
        "step": _STEPS,
        "window": hours.map(lambda n: window(MONDAY + n * HOUR)),
        "customer_asked": st.booleans(),
        "max_until": hours.map(lambda n: MONDAY + n * HOUR),
        "code": st.sampled_from(HoldReason),
        "outcome": st.sampled_from(["done", "done", "failed", "wasted_visit"]),
        "minutes": st.integers(0, 90),
        "parts": st.sampled_from([(), ({"part": "ram-16"},), ({"part": "gold"},)]),
        "serials": _SERIALS,
        "side": st.sampled_from(["giver", "taker"]),
        "document": st.sampled_from(["disposal_proof", "other"]),
        "document_no": _TEXT,
        "found": st.sampled_from([(), ({"tag": "NB-100"},), ({"tag": "NB-200", "serial": "SN200"},)]),
        "digest": st.sampled_from(["a" * 64, "b" * 64]),
        "version": st.just(2),
        "items": st.just(({"serial": "SN900", "code": "16 02 14", "grams": 9, "battery": "none"},)),
        "operator": st.sampled_from(["p-lang", "p-koch"]),
        "verifier": st.sampled_from(["p-lang", "p-koch"]),
        "place": _TEXT,
        "validation": _TEXT,
        "finding": _TEXT,
        "status": st.sampled_from(["accepted", "declined", "on_site", "done"]),
        "vendor": st.sampled_from([None, "lindner"]),
    }
    made = [
        st.builds(
            commands.HandOver,
            step=_STEPS,
            kind=st.sampled_from(commands.HolderKind),
            to=st.sampled_from(["contact", "service_desk"]),
        ),
        st.builds(erased, st.sampled_from(["SN200", "SN900"]), st.just(MONDAY), passed=st.booleans()),
        *(
            st.fixed_dictionaries({name: fields[name] for name in kind.model_fields if name in fields}).map(
                kind.model_validate
            )
            for kind in RULES
            if kind not in (commands.RecordErasure, commands.HandOver)
        ),
    ]
    return st.one_of(*made)


@settings(max_examples=150, deadline=None)
@given(
    chain=st.sampled_from(CHAINS),
    stuck=st.sampled_from([(), ("reservation",), ("asset_update",)]),
    said=st.lists(
        st.one_of(st.none(), st.tuples(st.sampled_from(EVERYBODY), _commands(), st.integers(0, 900))), max_size=25
    ),
)
def test_whatever_is_said_an_order_only_goes_where_the_state_table_allows(
    chain: Chain, stuck: tuple[str, ...], said: list[tuple[Actor, Command, int] | None]
) -> None:
    paper = Paper(placed(chain.kind, chain), stuck=stuck)
    for telling in said:
        with suppress(Refused):
            if telling is None:
                paper.bring_on()
            else:
                paper.say(*telling[:2], at=paper.now + timedelta(minutes=telling[2]))

    moves = list(zip(paper.states, paper.states[1:], strict=False))
    assert all(may_follow(before, after) for before, after in moves)
    assert Progress.model_validate_json(paper.progress.model_dump_json()) == paper.progress
    assert Progress.model_validate_json(paper.progress.model_dump_json(exclude_none=True)) == paper.progress
    _check_clocks(paper.progress)


def _check_clocks(progress: Progress) -> None:
    for clock in progress.clocks:
        assert clock.started_at is not None
        assert clock.ended_at is None or clock.ended_at >= clock.started_at
        if progress.ending is not None or progress.is_chain_done:
            assert clock.ended_at is not None
