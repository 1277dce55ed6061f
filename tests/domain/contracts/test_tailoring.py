"""What a contract makes of a default chain."""

from importlib.resources import files

import pytest

import examples
from connectors.contract_files import read_customer_file
from domain.contracts.chains import (
    DEFAULTS,
    Acceptance,
    Approval,
    Chain,
    Notice,
    PartOrder,
    VendorDispatch,
    Verification,
    Work,
    problems_of,
)
from domain.contracts.tailoring import Insertion, Tailoring, for_project, tailored, with_change_approval
from domain.kinds import OrderKind
from domain.refusals import Unacceptable

VENDOR = VendorDispatch(id="vendor", vendor="v-haul", after=("approval",))


def after(chain: Chain) -> dict[str, tuple[str, ...]]:
    return {step.id: step.after for step in chain.steps}


def codes(kind: OrderKind, tailoring: Tailoring) -> list[str]:
    with pytest.raises(Unacceptable) as refused:
        tailored(kind, tailoring)
    return [problem.code for problem in refused.value.problems]


def test_what_followed_a_dropped_step_follows_what_it_followed() -> None:
    chain = tailored(OrderKind.MOVE, Tailoring(drop=("appointment", "transport")))

    assert after(chain)["take_down"] == ("approval",)
    assert after(chain)["set_up"] == ("take_down",)


def test_an_added_step_is_waited_for_by_those_it_comes_before() -> None:
    chain = tailored(OrderKind.MOVE, Tailoring(add=(Insertion(step=VENDOR, before=("set_up",)),)))

    assert after(chain)["vendor"] == ("approval",)
    assert after(chain)["set_up"] == ("transport", "vendor")


def test_a_reordered_step_still_waits_for_what_was_added_before_it() -> None:
    tailoring = Tailoring(
        add=(Insertion(step=VENDOR, before=("set_up",)),), reorder={"set_up": ("take_down", "transport")}
    )

    assert after(tailored(OrderKind.MOVE, tailoring))["set_up"] == ("take_down", "transport", "vendor")


def test_reordering_lets_steps_run_side_by_side() -> None:
    chain = tailored(OrderKind.INSTALL, Tailoring(reorder={"reservation": (), "appointment": ("approval",)}))

    assert after(chain)["reservation"] == ()
    assert after(chain)["appointment"] == ("approval",)


def test_parameters_are_set_and_checked() -> None:
    chain = tailored(OrderKind.INSTALL, Tailoring(set={"acceptance": {"deemed_after_days": 5}}))

    assert chain.step("acceptance").model_dump()["deemed_after_days"] == 5


def test_the_cutoff_moves_and_vanishes_with_its_step() -> None:
    assert tailored(OrderKind.MOVE, Tailoring(cutoff="take_down")).cutoff == "take_down"
    assert tailored(OrderKind.MOVE, Tailoring(drop=("set_up",))).cutoff is None


@pytest.mark.parametrize(
    ("tailoring", "expected"),
    [
        pytest.param(Tailoring(drop=("packing",)), ["step_unknown"], id="dropping what is not there"),
        pytest.param(Tailoring(set={"packing": {"on_site": False}}), ["step_unknown"], id="setting what is not there"),
        pytest.param(Tailoring(set={"work": {"on_sight": False}}), ["parameter_wrong"], id="a misspelt parameter"),
        pytest.param(
            Tailoring(set={"work": {"estimate_minutes": 0, "on_failure": "shrug"}}),
            ["parameter_wrong", "parameter_wrong"],
            id="two wrong values",
        ),
        pytest.param(Tailoring(drop=("asset_update",)), ["step_missing"], id="dropping the register"),
        pytest.param(Tailoring(add=(Insertion(step=Work(id="work")),)), ["step_twice"], id="adding a step twice"),
        pytest.param(
            Tailoring(add=(Insertion(step=PartOrder(id="phone", item="phone")),)),
            ["part_order_alone"],
            id="an order of its own outside a bundle",
        ),
        pytest.param(Tailoring(reorder={"approval": ("charge",)}), ["chain_cycle"], id="a circle"),
        pytest.param(Tailoring(reorder={"work": ("packing",)}), ["step_unknown"], id="after what is not there"),
        pytest.param(
            Tailoring(drop=("packing", "asset_update"), cutoff="never"),
            ["step_unknown", "step_unknown", "step_missing"],
            id="all at once",
        ),
    ],
)
def test_a_wrong_tailoring_is_refused_with_every_problem(tailoring: Tailoring, expected: list[str]) -> None:
    assert codes(OrderKind.INSTALL, tailoring) == expected


def test_a_dispose_cannot_do_without_erasure() -> None:
    assert codes(OrderKind.DISPOSE, Tailoring(drop=("erasure",))) == [
        "step_missing",
        "erasure_too_late",
        "erasure_too_late",
    ]


def test_high_risk_asks_for_a_change_approval_before_anything_else_happens() -> None:
    chain = with_change_approval(DEFAULTS[OrderKind.CHANGE])

    assert after(chain)["approval"] == ()
    assert after(chain)["appointment"] == ("approval", "change_approval")
    assert all("change_approval" in chain.before(step.id) for step in chain.steps[2:])


def test_high_risk_holds_back_steps_that_waited_for_nothing() -> None:
    chain = tailored(OrderKind.CHANGE, Tailoring(add=(Insertion(step=Notice(id="hello", template="hello")),)))

    assert after(with_change_approval(chain))["hello"] == ("change_approval",)


def test_a_contract_with_a_change_approval_of_its_own_keeps_it() -> None:
    own = Insertion(step=Approval(id="change_approval"), before=("appointment",))
    chain = tailored(OrderKind.CHANGE, Tailoring(add=(own,)))

    assert with_change_approval(chain) == chain


ADLER = read_customer_file(files(examples).joinpath("adler.yaml").read_bytes())
EXAMPLE = next(contract for contract in ADLER.contracts if contract.chains)
CHAINS = {f"{kind}": chain for kind, chain in DEFAULTS.items()}
CHAINS |= {f"{kind} of the example": EXAMPLE.chain(kind) for kind in EXAMPLE.targets}
CHAINS |= {
    "high risk": with_change_approval(DEFAULTS[OrderKind.CHANGE]),
    "signed before it is set up": tailored(OrderKind.MOVE, Tailoring(reorder={"acceptance": ("take_down",)})),
    "signed in the end": tailored(
        OrderKind.MOVE, Tailoring(reorder={"asset_update": ("set_up",), "acceptance": ("charge",)}, cutoff="acceptance")
    ),
    "the register first": tailored(
        OrderKind.INSTALL, Tailoring(reorder={"asset_update": (), "reservation": (), "approval": ("work",)})
    ),
    "a name that is taken": tailored(
        OrderKind.MOVE, Tailoring(add=(Insertion(step=Work(id="verification", after=("set_up",))),))
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_every_chain_can_be_part_of_a_project(name: str) -> None:
    """Nobody approves or signs for a single workplace, and whatever else there was is still in its order."""
    chain = CHAINS[name]

    part = for_project(chain)

    assert problems_of(part) == []
    kept = [step for step in chain.steps if not isinstance(step, Approval | Acceptance)]
    assert [step for step in part.steps if not isinstance(step, Verification)] == [
        step.but(after=part.step(step.id).after) for step in kept
    ]
    for step in kept:
        assert chain.before(step.id) & {one.id for one in kept} <= part.before(step.id)


@pytest.mark.parametrize(
    ("kind", "verified"),
    [(kind, kind in (OrderKind.MOVE, OrderKind.INSTALL)) for kind in OrderKind],
)
def test_what_arrives_somewhere_is_verified_before_the_register_says_so(kind: OrderKind, verified: bool) -> None:
    part = for_project(DEFAULTS[kind])

    assert [step.id for step in part.steps if isinstance(step, Verification)] == ["verification"] * verified
    assert ("verification" in part.before("asset_update")) == verified


def test_a_move_of_a_project_ends_with_what_stands_at_the_target() -> None:
    part = for_project(DEFAULTS[OrderKind.MOVE])

    assert [step.id for step in part.in_order()] == [
        *("appointment", "take_down", "transport", "set_up", "verification", "asset_update", "charge")
    ]
    assert part.cutoff == "set_up"


def test_a_cutoff_that_was_a_signature_is_gone_with_it() -> None:
    assert for_project(CHAINS["signed in the end"]).cutoff is None


def test_a_contract_that_asks_for_a_verification_itself_is_asked_for_one() -> None:
    own = Insertion(step=Verification(id="inventory", after=("set_up",)), before=("asset_update",))

    part = for_project(tailored(OrderKind.MOVE, Tailoring(add=(own,))))

    assert [step.id for step in part.steps if isinstance(step, Verification)] == ["inventory"]
