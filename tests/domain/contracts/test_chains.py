"""Service chains and what keeps one from running."""

import pytest

from domain.assets.asset import AssetStatus
from domain.contracts.chains import (
    CONSENT,
    DEFAULTS,
    QUOTE,
    Approval,
    AssetUpdate,
    Chain,
    Custody,
    Erasure,
    ErasureMethod,
    Step,
    Work,
    in_line,
)
from domain.contracts.chains import problems_of as problems
from domain.kinds import OrderKind

UPDATE = AssetUpdate(id="asset_update")


def move(*steps: Step, cutoff: str | None = None) -> Chain:
    return Chain(kind=OrderKind.MOVE, steps=steps, cutoff=cutoff)


@pytest.mark.parametrize("kind", OrderKind)
def test_every_kind_has_a_chain_that_can_run(kind: OrderKind) -> None:
    assert problems(DEFAULTS[kind]) == []
    assert [step.id for step in DEFAULTS[kind].in_order()] == [step.id for step in DEFAULTS[kind].steps]


@pytest.mark.parametrize(
    ("chain", "codes"),
    [
        pytest.param(move(Work(id="a", after=("b",)), UPDATE.but(id="b", after=("a",))), ["chain_cycle"], id="a cycle"),
        pytest.param(move(Work(id="a", after=("a",)), UPDATE), ["chain_cycle"], id="a step after itself"),
        pytest.param(move(UPDATE.but(after=("packing",))), ["step_unknown"], id="after an unknown step"),
        pytest.param(move(UPDATE, cutoff="packing"), ["step_unknown"], id="an unknown cut-off"),
        pytest.param(move(Work(id="a"), Work(id="a"), UPDATE), ["step_twice"], id="a doubled step"),
        pytest.param(move(Work(id="a")), ["step_missing"], id="the register forgotten"),
        pytest.param(
            in_line(OrderKind.DISPOSE, None, AssetUpdate(id="out", goal=AssetStatus.DISPOSED)),
            ["step_missing", "erasure_too_late"],
            id="disposed without erasure",
        ),
        pytest.param(
            in_line(OrderKind.DISPOSE, None, Custody(id="out", leaves_control=True), Erasure(id="wipe"), UPDATE),
            ["erasure_too_late"],
            id="handed out before erasure",
        ),
        pytest.param(
            in_line(OrderKind.REMOVE, None, AssetUpdate(id="back", goal=AssetStatus.IN_STOCK)),
            ["erasure_too_late"],
            id="back to stock without erasure",
        ),
        pytest.param(move(QUOTE, CONSENT, UPDATE), ["quote_unasked"], id="a price that nobody is asked about later"),
        pytest.param(move(QUOTE, CONSENT.but(after=("quote",)), UPDATE), [], id="a price that is asked about"),
        pytest.param(
            move(
                Work(id="a", after=("b", "gone")),
                Work(id="b", after=("a",)),
                Work(id="c"),
                Work(id="c"),
                cutoff="never",
            ),
            ["step_twice", "step_unknown", "step_unknown", "step_missing", "chain_cycle"],
            id="everything at once",
        ),
    ],
)
def test_what_is_wrong_with_a_chain(chain: Chain, codes: list[str]) -> None:
    assert [problem.code for problem in problems(chain)] == codes


def test_before_names_every_earlier_step_through_branches() -> None:
    chain = move(
        Approval(id="a"),
        Work(id="left", after=("a",)),
        Work(id="right", after=("a",)),
        UPDATE.but(after=("left", "right")),
    )

    assert chain.before("asset_update") == {"a", "left", "right"}
    assert chain.before("left") == {"a"}


@pytest.mark.parametrize(
    ("done", "asked", "enough"),
    [("clear", "clear", True), ("purge", "clear", True), ("clear", "purge", False), ("destroy", "purge", True)],
)
def test_a_stronger_erasure_covers_a_weaker_one(done: str, asked: str, enough: bool) -> None:
    assert ErasureMethod(done).covers(ErasureMethod(asked)) is enough
