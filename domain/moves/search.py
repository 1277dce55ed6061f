"""By what a move project is found."""

from domain.moves.project import Project
from domain.search import SearchField, SearchWord, words


def words_of(project: Project) -> frozenset[SearchWord]:
    return frozenset((*words(SearchField.NUMBER, project.id), *words(SearchField.NAME, project.name)))
