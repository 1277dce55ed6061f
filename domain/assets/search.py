"""By what an asset is found."""

from domain.assets.asset import Asset
from domain.search import SearchField, SearchWord, names, rooms, words


def words_of(asset: Asset) -> frozenset[SearchWord]:
    return frozenset(
        (
            *words(SearchField.TAG, asset.tag),
            *words(SearchField.SERIAL, asset.serial),
            *names(SearchField.PERSON, asset.holder),
            *rooms(asset.place),
        )
    )
