"""By what an incident is found."""

from domain.incidents.incident import Incident
from domain.search import SearchField, SearchWord, rooms, words


def words_of(incident: Incident) -> frozenset[SearchWord]:
    request, asset = incident.request, incident.asset
    return frozenset(
        (
            *words(SearchField.NUMBER, incident.no),
            *words(SearchField.REFERENCE, request.reference),
            *words(SearchField.PERSON, request.reporter),
            *words(SearchField.TAG, request.asset),
            *words(SearchField.SERIAL, asset.serial if asset else None),
            *rooms(asset.place if asset else None),
        )
    )
