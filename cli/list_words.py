"""`imac project columns`, `imac asset words` …: what headings and words in lists mean, said once per customer."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from rich.console import RenderableType

from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import Api, parsed, path
from cli.tables import filled, table
from domain.assets.columns import AssetColumn, ListWords
from domain.lists import normal
from domain.meanings import Meant, form_of
from domain.moves.explained import may_mean, meanings_of, told_twice
from domain.moves.lists.columns import Column, ColumnMapping
from domain.moves.project import Project
from domain.people import Language
from domain.values import Line

F = TypeVar("F")
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_WORDS = path("imports", "words")


class _Typed(NamedTuple):
    """What was typed, as `name=meaning`; without a meaning the name is forgotten. `wrong` could not be understood.

    Of `twice` two meanings were typed in one call.
    """

    said: list[tuple[str, str]]
    wrong: list[str]
    twice: list[str]


def _understood(
    typed: Iterable[str], is_meaning: Callable[[str, str], bool], form: Callable[[str], str] = normal
) -> _Typed:
    found = _Typed([], [], [])
    for text in typed:
        # A heading of several lines is printed with blanks, and typed as it is printed.
        name, equals, meaning = (" ".join(part.split()) for part in text.rpartition("="))
        if equals and _is_line(name) and is_meaning(name, meaning):
            found.said.append((name, meaning))
        else:
            found.wrong.append(text)
    twice = told_twice(found.said, form)
    return _Typed([one for one in found.said if one[0] not in twice], found.wrong, twice)


def _is_line(text: str) -> bool:
    try:
        return bool(_LINE.validate_python(text))
    except ValidationError:
        return False


def _with(
    kept: Mapping[str, F],
    said: Iterable[tuple[str, str]],
    field: Callable[[str], F],
    form: Callable[[str], str] = normal,
) -> dict[str, F]:
    changed = dict(kept)
    for name, meaning in said:
        changed = {known: meant for known, meant in changed.items() if form(known) != form(name)}
        if meaning:
            changed[name] = field(meaning)
    return changed


def _refuse_wrong(typed: _Typed, may_be: Iterable[str]) -> None:
    _refuse_twice(typed)
    if typed.wrong:
        wrong = ", ".join(typed.wrong)
        raise CliError("column_meaning_unreadable", Exit.USAGE, typed=wrong, columns=", ".join(may_be))


def _refuse_twice(typed: _Typed) -> None:
    if typed.twice:
        raise CliError("meant_twice", Exit.USAGE, names=", ".join(typed.twice))


async def project_columns(project: ProjectId, /, *mapping: str, asking: Asking = ASKING) -> None:
    """Map column headers for all lists of the customer; without arguments, show the mappings.

    What can be understood is saved, even if other arguments cannot.

    Parameters
    ----------
    mapping
        Such as "Sitz 2027=to_desk"; "=ignored" ignores a column, "=" forgets it.
    """
    typed = _understood(mapping, lambda _name, meaning: meaning in ("", *Column))
    where = path("projects", project, "mapping")
    async with asking.api() as api:
        answer = await api.get(where)
        if typed.said:
            columns = _with(parsed(ColumnMapping, answer).columns, typed.said, Column)
            answer = await api.put(where, ColumnMapping(columns=columns), seen=answer.headers.get("ETag"))
    asking.show(answer, lambda: _pairs(parsed(ColumnMapping, answer).columns, asking.language))
    _refuse_wrong(typed, Column)


async def asset_columns(*mapping: str, customer: str, asking: Asking = ASKING) -> None:
    """Map column headers for all asset lists of a customer; without arguments, show the mappings.

    What can be understood is saved, even if other arguments cannot.

    Parameters
    ----------
    mapping
        Such as "Asset TAG ID=tag"; "=ignored" ignores a column, "=" forgets it.
    customer
        Owner of the assets.
    """
    typed = _understood(mapping, lambda _name, meaning: meaning in ("", *AssetColumn))
    async with asking.api() as api:
        answer = await api.get(_WORDS, {"customer": customer})
        if typed.said:
            words = parsed(ListWords, answer)
            changed = words.but(columns=_with(words.columns, typed.said, AssetColumn))
            answer = await api.put(_WORDS, changed, seen=answer.headers.get("ETag"))
    asking.show(answer, lambda: _pairs(parsed(ListWords, answer).columns, asking.language))
    _refuse_wrong(typed, AssetColumn)


async def project_words(project: ProjectId, /, *words: str, asking: Asking = ASKING) -> None:
    """Say what words in cells mean, for all lists of the project's customer; without arguments, show them.

    Parameters
    ----------
    words
        Such as "floor:1. OG=1" or "person:Kathi=Katja Simon"; "=" forgets a word.
    """
    async with asking.api() as api:
        customer = (await api.read(Project, path("projects", project))).customer
        await _say_words(api, customer, words, asking)


async def asset_words(*words: str, customer: str, asking: Asking = ASKING) -> None:
    """Say what words in cells mean, for all lists of a customer; without arguments, show them.

    Parameters
    ----------
    words
        Such as "floor:1. OG=1" or "status:draußen=deployed"; "=" forgets a word.
    customer
        Whose lists.
    """
    async with asking.api() as api:
        await _say_words(api, customer, words, asking)


async def _say_words(api: Api, customer: str, words: tuple[str, ...], asking: Asking) -> None:
    typed = _understood(words, _is_word, _word_form)
    answer = await api.get(_WORDS, {"customer": customer})
    if typed.said:
        kept = parsed(ListWords, answer)
        values = {of: dict(said) for of, said in kept.values.items()}
        for name, meaning in typed.said:
            of, _, word = name.partition(":")
            said_of = [(word.strip(), meaning)]
            values[Meant(of)] = _with(values.get(Meant(of), {}), said_of, str, partial(form_of, of))
        answer = await api.put(_WORDS, kept.but(values=values), seen=answer.headers.get("ETag"))
    known = parsed(ListWords, answer).values
    said = {f"{of}:{word}": meaning for of, words_ in known.items() for word, meaning in words_.items()}
    asking.show(answer, lambda: _pairs(said, asking.language))
    _refuse_twice(typed)
    if typed.wrong:
        raise CliError(
            "word_meaning_unreadable",
            Exit.USAGE,
            typed=", ".join(typed.wrong),
            words=", ".join(f"{of}:…" for of in Meant),
            status=", ".join(meanings_of(Meant.STATUS)),
            kind=", ".join(meanings_of(Meant.KIND)),
        )


def _is_word(name: str, meaning: str) -> bool:
    of, colon, _ = name.partition(":")
    return bool(colon) and of in list(Meant) and (not meaning or may_mean(Meant(of), meaning))


def _word_form(name: str) -> str:
    of, _, word = name.partition(":")
    return f"{of}:{form_of(of, word)}"


def _pairs(known: Mapping[str, str], language: Language) -> RenderableType:
    return filled(table(language, "column", "kind"), known.items())
