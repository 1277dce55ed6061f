"""The state table of orders."""

import pytest

from domain.kinds import OrderState, may_follow

S = OrderState
FORWARD = [S.REQUESTED, S.APPROVED, S.SCHEDULED, S.IN_PROGRESS, S.AWAITING_ACCEPTANCE, S.COMPLETED]


@pytest.mark.parametrize("final", [S.COMPLETED, S.REJECTED, S.CANCELLED, S.FAILED])
def test_nothing_follows_an_end(final: OrderState) -> None:
    assert final.is_final
    assert not any(may_follow(final, after) for after in OrderState)


@pytest.mark.parametrize("state", FORWARD[:-1])
def test_stages_go_forward_by_any_number(state: OrderState) -> None:
    later = FORWARD[FORWARD.index(state) + 1 :]

    assert all(may_follow(state, after) for after in later)


@pytest.mark.parametrize(
    ("state", "after", "allowed"),
    [
        pytest.param(S.IN_PROGRESS, S.APPROVED, True, id="a wasted visit needs a new date"),
        pytest.param(S.IN_PROGRESS, S.SCHEDULED, True, id="work that failed is tried again"),
        pytest.param(S.AWAITING_ACCEPTANCE, S.IN_PROGRESS, True, id="work that was declined is done again"),
        pytest.param(S.SCHEDULED, S.APPROVED, True, id="a date that was lost"),
        pytest.param(S.IN_PROGRESS, S.REQUESTED, True, id="an approval that comes late"),
        pytest.param(S.APPROVED, S.REQUESTED, False, id="what was approved stays approved"),
        pytest.param(S.REQUESTED, S.REQUESTED, False, id="no change is no transition"),
        pytest.param(S.REQUESTED, S.REJECTED, True, id="rejected before approval"),
        pytest.param(S.SCHEDULED, S.REJECTED, True, id="rejected before work begins"),
        pytest.param(S.IN_PROGRESS, S.REJECTED, False, id="not rejected once work has begun"),
        pytest.param(S.AWAITING_ACCEPTANCE, S.REJECTED, False, id="not rejected once work is done"),
        pytest.param(S.ON_HOLD, S.IN_PROGRESS, True, id="resumed where it was"),
        pytest.param(S.ON_HOLD, S.CANCELLED, True, id="cancelled while on hold"),
        pytest.param(S.REQUESTED, S.ON_HOLD, True, id="held at once"),
        pytest.param(S.AWAITING_ACCEPTANCE, S.ON_HOLD, True, id="held before the signature"),
    ],
)
def test_transition(state: OrderState, after: OrderState, allowed: bool) -> None:
    assert may_follow(state, after) is allowed
