"""`imac level simulate`: what a promise of availability came to, worked out from a file, here and without a stack."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import CliError, Exit
from cli.tables import filled, table
from connectors.simulation_files import as_simulation, read_data
from documents.wording import sentence, word
from domain.levels.simulations import LevelAnswer, LevelCase
from domain.levels.simulations import simulate as measured
from domain.people import Language
from domain.refusals import Problem, Refused, Unacceptable

MOST_CASES = 1_000


class AnsweredCase(NamedTuple):
    name: str
    answer: LevelAnswer | None
    problems: tuple[Problem, ...] = ()


async def simulate(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Measure availability from a file with promises and outages. Nothing is changed.

    Ends with 1 if one of them is refused; the others are answered.

    Parameters
    ----------
    file
        JSON or YAML, as in docs/levels.md: one case, or several under "cases".
    """
    try:
        data = read_data(content_of(file))
        several = _several(data)
    except Refused as refused:
        if asking.json:
            sys.stdout.write(f"{json.dumps({'refused': _told(refused.problems, asking.language)})}\n")
        raise _refused(file, refused.problems) from None
    cases = [_measured(case, f"{number}") for number, case in enumerate([data] if several is None else several, 1)]
    if asking.json:
        answers = [_answer(case, asking.language) for case in cases]
        said = (
            answers[0]
            if several is None
            else {"cases": [_named(case) | one for case, one in zip(cases, answers, strict=True)]}
        )
        sys.stdout.write(f"{json.dumps(said, ensure_ascii=False)}\n")
    else:
        asking.console.print(picture(cases, asking.language))
    problems = [
        problem if several is None else problem.but(at=f"/cases/{place}{problem.at}")
        for place, case in enumerate(cases)
        for problem in case.problems
    ]
    if problems:
        raise _refused(file, tuple(problems))


def _several(data: JsonValue) -> list[JsonValue] | None:
    """None where the document is one case."""
    if not isinstance(data, dict) or "cases" not in data:
        return None
    several = data["cases"]
    if not isinstance(several, list) or not several:
        raise Unacceptable(Problem(code="list_type", at="/cases"))
    if len(several) > MOST_CASES:
        raise Unacceptable(Problem(code="too_long", at="/cases", values={"max_length": f"{MOST_CASES}"}))
    return several


def _measured(data: JsonValue, number: str) -> AnsweredCase:
    name = data.get("id") if isinstance(data, dict) else None
    called = name if isinstance(name, str) and name else number
    try:
        return AnsweredCase(called, measured(as_simulation(data, LevelCase)))
    except Refused as refused:
        return AnsweredCase(called, None, refused.problems)


def _named(case: AnsweredCase) -> dict[str, JsonValue]:
    return {"id": case.name}


def _answer(case: AnsweredCase, language: Language) -> dict[str, JsonValue]:
    if case.answer is None:
        return {"refused": _told(case.problems, language)}
    return case.answer.model_dump(mode="json")


def _told(problems: tuple[Problem, ...], language: Language) -> list[JsonValue]:
    return [{"code": problem.code, "at": problem.at, "message": sentence(problem, language)} for problem in problems]


def _refused(file: Path, problems: tuple[Problem, ...]) -> CliError:
    return CliError("simulation_refused", Exit.REFUSED, file=file.name, problems=problems)


def picture(cases: list[AnsweredCase], language: Language) -> RenderableType:
    columns = (">promised", ">excluded", ">down", ">availability", "", ">left", ">longest_outage", ">outages")
    made = table(language, "case", *columns, title="minutes")
    return filled(made, (row(case, language) for case in cases))


def row(case: AnsweredCase, language: Language) -> tuple[object, ...]:
    found = case.answer
    if found is None:
        return (case.name, "", "", "", "", Text(word("level_verdict", "refused", language), "bold red"), "", "", "")
    shown = found.model_dump(mode="json")
    verdict = Text(
        word("level_verdict", "kept" if found.kept else "broken", language), "green" if found.kept else "bold red"
    )
    percent = f"{found.availability} %" if found.availability is not None else "–"
    return (
        case.name,
        shown["promised_minutes"],
        shown["excluded_minutes"],
        shown["down_minutes"],
        percent,
        verdict,
        shown["left_minutes"],
        shown["longest_minutes"],
        found.number,
    )
