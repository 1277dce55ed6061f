"""By what an order is found: its numbers, its people, and whatever it has to do with."""

from collections.abc import Iterable

from domain.assets.asset import Asset
from domain.orders.order import Order
from domain.search import SearchField, SearchWord, names, rooms, words


def words_of(order: Order, assets: Iterable[Asset]) -> frozenset[SearchWord]:
    """`assets` are those it has now, besides what it was accepted with."""
    request, bound = order.request, (*order.assets, *assets)
    return frozenset(
        (
            *words(SearchField.NUMBER, order.no),
            *words(SearchField.REFERENCE, request.reference),
            *names(SearchField.PERSON, request.holder),
            *words(SearchField.PERSON, request.requester),
            *words(SearchField.TAG, *request.assets, *(asset.tag for asset in bound)),
            *words(SearchField.SERIAL, *(asset.serial for asset in bound)),
            *rooms(request.target, *(asset.place for asset in order.assets)),
        )
    )


def has_other_assets(order: Order, assets: Iterable[Asset]) -> bool:
    """Whether it has been given some since it was accepted."""
    return not {asset.tag for asset in assets} <= {asset.tag for asset in order.assets}
