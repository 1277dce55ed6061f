"""What a customer says that headings and words mean: whether it can be, and whether it says one thing only."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from domain.assets.asset import AssetStatus
from domain.assets.columns import ListWords
from domain.assets.lists import STATUS_WORDS
from domain.kinds import OrderKind
from domain.list_words import Wordless, wordless
from domain.lists import normal, sites_by_name
from domain.meanings import Meant, form_of
from domain.moves.lists.cells import kind_of
from domain.places import Site
from domain.refusals import Problem

# What a move project can have done.
_KINDS = (OrderKind.INSTALL, OrderKind.MOVE, OrderKind.REMOVE, OrderKind.DISPOSE)


def may_mean(of: Meant, meaning: str) -> bool:
    """Whether there is such a thing. Of places and people nobody knows all."""
    if of == Meant.STATUS:
        return normal(meaning) in STATUS_WORDS or meaning in list(AssetStatus)
    if of == Meant.KIND:
        return kind_of(meaning) is not None or wordless(meaning) in (Wordless.STAYS, Wordless.CALLED_OFF)
    return True


def meanings_of(of: Meant) -> Sequence[str]:
    """What words of that kind may stand for; empty where it may be anything."""
    return {Meant.STATUS: tuple(AssetStatus), Meant.KIND: _KINDS}.get(of, ())


def word_problems(words: ListWords, before: ListWords, sites: Sequence[Site]) -> Iterator[Problem]:
    """What cannot be kept of what is newly said; what was kept already is nobody's fault now."""
    yield from heading_problems(words.columns)
    known = sites_by_name(sites)
    for of, said in words.values.items():
        yield from _twice(said, partial(form_of, of), f"/values/{of}")
        for word, meaning in said.items():
            if before.values.get(of, {}).get(word) == meaning:
                continue
            is_known = normal(meaning) in known if of == Meant.SITE else may_mean(of, meaning)
            if not is_known:
                may_be = dict.fromkeys(site.id for site in sites) if of == Meant.SITE else meanings_of(of)
                values = {"said": meaning, "word": word, "known": ", ".join(may_be)}
                yield Problem(code="word_meaning_unknown", at=f"/values/{of}", values=values)


def heading_problems(columns: Mapping[str, str]) -> Iterator[Problem]:
    yield from _twice(columns, normal, "/columns")


def told_twice(said: Collection[tuple[str, str]], form: Callable[[str], str]) -> list[str]:
    """Names to which two meanings are given, in whatever spelling."""
    meant: dict[str, set[str]] = {}
    for name, meaning in said:
        meant.setdefault(form(name), set()).add(meaning)
    return [name for name, _ in said if len(meant[form(name)]) > 1]


def _twice(said: Mapping[str, str], form: Callable[[str], str], at: str) -> Iterator[Problem]:
    if names := told_twice(list(said.items()), form):
        yield Problem(code="meant_twice", at=at, values={"names": ", ".join(names)[:200]})
