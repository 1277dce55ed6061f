import pytest

from cli.errors import CliError
from cli.orders.kits import Kit
from domain.cases.order_commands import Found
from domain.kinds import OrderKind
from domain.orders.sheets import OrderSheet, sheet
from tests.domain.orders.paper import Paper, placed
from tests.world import NEW_DESK

NEXT_DESK = NEW_DESK.but(desk="8")


def moved() -> OrderSheet:
    order = placed(OrderKind.MOVE)
    (notebook,) = order.assets
    order = order.but(assets=(notebook, notebook.but(tag="MO-1", serial=None)))
    return sheet(order, Paper(order).progress, deadline=None, now=order.received_at)


@pytest.mark.parametrize(
    ("kit", "found"),
    [
        pytest.param(Kit(whole=True), [Found(tag="NB-200"), Found(tag="MO-1")], id="all of it"),
        pytest.param(Kit(tags=("NB-200:SN200",)), [Found(tag="NB-200", serial="SN200")], id="with a serial"),
        pytest.param(
            Kit(elsewhere=("MO-1:8",), whole=True),
            [Found(tag="MO-1", place=NEXT_DESK), Found(tag="NB-200")],
            id="all but one at its place",
        ),
        pytest.param(
            Kit(elsewhere=("MO-1: 1.05 / 2",)),
            [Found(tag="MO-1", place=NEW_DESK.but(room="1.05", desk="2"))],
            id="another room",
        ),
    ],
)
def test_what_was_found_is_typed_shortly(kit: Kit, found: list[Found]) -> None:
    assert list(kit.found(moved())) == found


@pytest.mark.parametrize("kit", [Kit(), Kit(elsewhere=("MO-1",)), Kit(elsewhere=("MO-1:a/b/c/d/e",))])
def test_what_says_nothing_is_not_sent(kit: Kit) -> None:
    with pytest.raises(CliError):
        list(kit.found(moved()))
