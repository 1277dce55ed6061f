"""What an order writes into the asset register."""

from domain.assets.asset import Asset, AssetChange, AssetStatus
from domain.contracts.chains import AssetUpdate
from domain.kinds import OrderKind
from domain.orders.register_changes import asset_changes
from tests.domain.orders.paper import ASKED, Paper, placed
from tests.world import DESK, NEW_DESK

RAM = Asset(tag="RAM-1", customer="adler", data_bearing=False, status=AssetStatus.RESERVED)


def changes(kind: OrderKind, *extra: Asset) -> tuple[AssetChange, ...]:
    order = placed(kind)
    paper = Paper(order)
    paper.progress = paper.progress.but(assets=(*paper.progress.assets, *extra))
    paper.until("asset_update")
    step = order.chain.step("asset_update")
    assert isinstance(step, AssetUpdate)
    return asset_changes(order, paper.progress, step)


def test_an_install_puts_it_on_the_desk_of_its_holder() -> None:
    assert changes(OrderKind.INSTALL) == (
        AssetChange(
            tag="NB-100", status=AssetStatus.DEPLOYED, was=AssetStatus.IN_STOCK, place=DESK, holder="Max Huber"
        ),
    )


def test_a_move_changes_the_place_and_nothing_else() -> None:
    assert changes(OrderKind.MOVE) == (AssetChange(tag="NB-200", was=AssetStatus.DEPLOYED, place=NEW_DESK),)


def test_an_added_part_belongs_to_what_it_was_fitted_to_and_stands_where_that_stands() -> None:
    assert changes(OrderKind.ADD, RAM) == (
        AssetChange(
            tag="RAM-1",
            status=AssetStatus.DEPLOYED,
            was=AssetStatus.RESERVED,
            place=DESK,
            holder="Anna Vogel",
            part_of="NB-200",
        ),
    )


def test_a_change_names_the_new_model() -> None:
    assert changes(OrderKind.CHANGE) == (AssetChange(tag="NB-200", was=AssetStatus.DEPLOYED, model="ThinkPad T14s"),)


def test_what_was_removed_is_vacated_and_proven_erased() -> None:
    order = ASKED[OrderKind.REMOVE]
    (change,) = changes(OrderKind.REMOVE)

    assert (change.status, change.vacate) == (AssetStatus.IN_STOCK, True)
    assert change.erased_by is not None
    assert order.target is None


def test_what_bears_no_data_has_no_proof_of_erasure() -> None:
    screen = Asset(tag="SC-1", customer="adler", status=AssetStatus.DEPLOYED, data_bearing=False)

    _, change = changes(OrderKind.REMOVE, screen)

    assert (change.tag, change.erased_by) == ("SC-1", None)


def test_what_was_disposed_of_leaves_the_register_vacated() -> None:
    (change,) = changes(OrderKind.DISPOSE)

    assert (change.status, change.vacate) == (AssetStatus.DISPOSED, True)


def test_a_repair_changes_only_what_was_in_repair() -> None:
    notebook = Asset(tag="NB-7", customer="adler", status=AssetStatus.IN_REPAIR)

    assert changes(OrderKind.BREAK_FIX, notebook) == (
        AssetChange(tag="NB-7", status=AssetStatus.DEPLOYED, was=AssetStatus.IN_REPAIR),
    )
