"""Answers to the questions of an item: whether they are answers at all, and how people read them."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date

from domain.contracts.catalogue import PLACE_PARTS, ItemQuestion, ItemWords, QuestionKind
from domain.refusals import Problem
from domain.values import Slug, Text, Value

_NUMBER = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_PART = 200


class ItemAnswer(Value):
    """A question with its answer. `name` is what a choice is called."""

    question: Slug
    text: ItemWords
    answer: Text
    name: ItemWords = {}


def answered(questions: Sequence[ItemQuestion], answers: Mapping[Slug, str]) -> tuple[ItemAnswer, ...]:
    """In the order in which they are asked."""
    return tuple(
        ItemAnswer(
            question=question.id,
            text=question.text,
            answer=answers[question.id],
            name=choice.name if (choice := question.choice(answers[question.id])) else {},
        )
        for question in questions
        if question.id in answers
    )


def named_by(questions: Sequence[ItemQuestion], answers: Mapping[Slug, str], kind: QuestionKind) -> tuple[str, ...]:
    """What answers of one kind name: people, assets, or the sites of places."""
    named = (answers[question.id] for question in questions if question.kind == kind and question.id in answers)
    return tuple(site_of(one) if kind == QuestionKind.PLACE else one for one in named)


def day_answered(text: str) -> date | None:
    """The day that it is, written as dates are answered; None for everything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def site_of(place: str) -> str:
    return place.partition("/")[0].strip()


def answer_problems(
    questions: Sequence[ItemQuestion],
    answers: Mapping[Slug, str],
    *,
    sites: Set[str],
    people: Set[str],
    tags: Set[str],
) -> list[Problem]:
    """All of them: missing, not asked for, or no answer to what is asked. What is named is the customer's own."""
    asked = {question.id for question in questions}
    problems = [
        Problem(code="answer_not_asked", at=f"/answers/{name}", values={"question": name})
        for name in answers
        if name not in asked
    ]
    known = {QuestionKind.PERSON: people, QuestionKind.ASSET: tags, QuestionKind.PLACE: sites}
    for question in questions:
        at, answer = f"/answers/{question.id}", answers.get(question.id)
        if answer is not None:
            problems += _wrong(question, answer, known, at)
        elif question.needed:
            problems.append(Problem(code="question_unanswered", at=at, values={"question": question.id}))
    return problems


def _wrong(question: ItemQuestion, answer: str, known: Mapping[QuestionKind, Set[str]], at: str) -> Iterator[Problem]:
    values = {"question": question.id}
    # What is wrong may be long; what is no answer is not repeated.
    match question.kind:
        case QuestionKind.NUMBER if not _NUMBER.fullmatch(answer):
            yield Problem(code="answer_no_number", at=at, values=values)
        case QuestionKind.DATE if not _is_day(answer):
            yield Problem(code="answer_no_date", at=at, values=values)
        case QuestionKind.CHOICE if question.choice(answer) is None:
            offered = {"question": question.id, "choices": ", ".join(choice.id for choice in question.choices)}
            yield Problem(code="answer_no_choice", at=at, values=offered)
        case QuestionKind.PERSON if answer not in known[QuestionKind.PERSON]:
            yield Problem(code="answer_no_person", at=at, values=values)
        case QuestionKind.ASSET if answer not in known[QuestionKind.ASSET]:
            yield Problem(code="answer_no_asset", at=at, values=values)
        case QuestionKind.PLACE if not _is_place(answer) or site_of(answer) not in known[QuestionKind.PLACE]:
            yield Problem(code="answer_no_place", at=at, values=values)


def _is_day(answer: str) -> bool:
    if not _DAY.fullmatch(answer):
        return False
    try:
        date.fromisoformat(answer)
    except ValueError:
        return False
    return True


def _is_place(answer: str) -> bool:
    parts = [part.strip() for part in answer.split("/")]
    return "\n" not in answer and len(parts) <= len(PLACE_PARTS) and all(0 < len(one) <= _LONGEST_PART for one in parts)
