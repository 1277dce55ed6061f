"""What is wrong with what was typed, in the caller's language: the parser's own words are English."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Literal, get_args, get_origin

from cyclopts import (
    Argument,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    MixedArgumentError,
    RepeatArgumentError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)
from cyclopts.exceptions import UnknownCommandError
from cyclopts.validators import Number
from rich.console import Console

from cli.asking import asked_for
from documents.terminal import terminal_wording
from domain.people import Language

KINDS = {int: "whole_number", float: "number", Path: "file"}


def tell(error: CycloptsError, typed: Sequence[str]) -> None:
    """Say on stderr what cannot be understood, what was meant perhaps, and where help is."""
    language = asked_for(typed)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    why, *hints = worded(error, typed, language)
    console.print(why, style="bold red", markup=False)
    for hint in hints:
        console.print(hint, markup=False)


def worded(error: CycloptsError, typed: Sequence[str], language: Language) -> list[str]:
    said = terminal_wording(language).usage
    command = " ".join(["imac", *(error.command_chain or ())])
    lines = [*_lines(error, typed), ("see_help", {"command": command})]
    return [said[name].format(**_in_words(values, said)) for name, values in lines]


Said = tuple[str, dict[str, str]]


def _lines(error: CycloptsError, typed: Sequence[str]) -> Iterator[Said]:
    match error:
        case UnknownOptionError():
            option = error.token.keyword or error.token.value
            yield "unknown_option", {"option": option}
            yield from _nearest(option, [name for known in error.argument_collection for name in known.names])
        case UnknownCommandError(unused_tokens=[command, *_], app=app):
            known = [name for name in app or () if not name.startswith("-")]
            yield "unknown_command", {"command": command}
            yield from _nearest(command, known)
            yield "commands_are", {"commands": ", ".join(known)}
        case MissingArgumentError(argument=Argument() as argument):
            given = error.keyword or next((token.keyword for token in argument.tokens if token.keyword), None)
            yield ("value_missing", {"name": given}) if given else ("missing", {"name": _name(argument)})
        case CoercionError() | ValidationError():
            yield from _wrong_value(error)
        case UnusedCliTokensError(unused_tokens=[*values]):
            yield "too_many", {"values": " ".join(values)}
        case RepeatArgumentError():
            yield "repeated", {"name": error.token.keyword or error.token.value}
        case MixedArgumentError(argument=Argument() as argument):
            yield "not_both_ways", {"name": _name(argument)}
        case _:
            yield "unreadable", {"typed": " ".join(typed)}


def _wrong_value(error: CoercionError | ValidationError) -> Iterator[Said]:
    argument = error.argument
    token = getattr(error, "token", None) or (argument.tokens[0] if argument and argument.tokens else None)
    value = token.value if token else ""
    name = (token and token.keyword) or (_name(argument) if argument else "")
    kind = error.target_type if isinstance(error, CoercionError) else None
    if word := KINDS.get(kind) if isinstance(kind, type) else None:
        yield "wrong_kind", {"value": value, "name": name, "kind": word}
    else:
        yield "wrong_value", {"value": value, "name": name}
    if choices := list(_choices(kind)):
        yield from _nearest(value, choices)
        yield "choose_from", {"choices": ", ".join(choices)}
    if isinstance(error, ValidationError) and argument is not None:
        yield from _bounds(argument)


def _choices(kind: object) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield from (f"{one.value}" for one in kind)
    elif get_origin(kind) is Literal:
        yield from map(str, get_args(kind))


def _bounds(argument: Argument) -> Iterator[Said]:
    rules = argument.parameter.validator
    for rule in rules if isinstance(rules, tuple) else (rules,):
        if isinstance(rule, Number):
            yield from (("at_least", {"limit": f"{rule.gte}"}),) if rule.gte is not None else ()
            yield from (("at_most", {"limit": f"{rule.lte}"}),) if rule.lte is not None else ()


def _nearest(typed: str, known: Sequence[str]) -> Iterator[Said]:
    for nearest in get_close_matches(typed, known, n=1):
        yield "did_you_mean", {"nearest": nearest}


def _name(argument: Argument) -> str:
    """An option as it is typed; what has no name on the command line in capitals, as help shows it."""
    return argument.name if argument.name.startswith("--") and argument.field_info.is_keyword else argument.name.upper()


def _in_words(values: dict[str, str], said: dict[str, str]) -> dict[str, str]:
    return {name: said[value] if name == "kind" else value for name, value in values.items()}
