"""What somebody may have meant by a word that nobody knows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches


class Nearest:
    """Known words by their normal form. Comparing takes time: past so many comparisons there is no more advice."""

    def __init__(self, known: Mapping[str, str], *, cutoff: float = 0.75, most: int = 100_000) -> None:
        self._known = known
        self._cutoff = cutoff
        self._left = most
        self._by_letter: dict[str, dict[str, None]] = defaultdict(dict)
        for form in known:
            for letter in _first_letters(form):
                self._by_letter[letter][form] = None

    def to(self, form: str) -> str:
        """As it is written where it is known; empty when nothing is near."""
        if self._left <= 0:
            return ""
        alike = dict.fromkeys(one for letter in sorted(_first_letters(form)) for one in self._by_letter.get(letter, ()))
        self._left -= len(alike)
        near = get_close_matches(form, alike, n=1, cutoff=self._cutoff)
        return self._known[near[0]] if near else ""


def _first_letters(form: str) -> set[str]:
    return {word[0] for word in form.split()}


def named(words: Iterable[str], *, most: int = 12) -> str:
    """What may stand in a cell, as a sentence names it."""
    known = list(dict.fromkeys(words))
    return ", ".join(known[:most]) + (" …" if len(known) > most else "")
