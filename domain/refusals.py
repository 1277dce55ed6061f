"""Saying no: every refusal names all its problems, each with a stable code that is worded elsewhere."""

from domain.values import Value


class Problem(Value):
    """One thing that is wrong: `at` points into the request (`/assets/0`), `values` fill the sentence."""

    code: str
    at: str = ""
    values: dict[str, str] = {}


class Refused(Exception):
    """A rule says no. Nothing has happened and nothing was kept."""

    status = 409

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems = problems


class RegisterRefused(Refused):
    """An outside system's data do not allow it; asking again changes nothing until a person has acted."""


class NotAllowed(Refused):
    """The caller's role may not do this."""

    status = 403


class Unknown(Refused):
    """There is no such thing, or it belongs to another customer: the answer is the same."""

    status = 404


class Outdated(Refused):
    """The caller has seen an earlier version, or none."""

    status = 412


class TooFast(Refused):
    """The caller has done this too often; after so many seconds it is possible again."""

    status = 429

    def __init__(self, problem: Problem, wait: int) -> None:
        super().__init__(problem)
        self.wait = wait


class Unacceptable(Refused):
    """The request itself is wrong: sending it again unchanged will be refused again."""

    status = 422


REFUSALS: dict[int, type[Refused]] = {kind.status: kind for kind in (Refused, NotAllowed, Unknown, Unacceptable)}


def refuse_if(problems: list[Problem]) -> None:
    """Raise `Unacceptable` with all problems, if there are any."""
    if problems:
        raise Unacceptable(*problems)


def unknown(noun: str, name: str, at: str = "") -> Unknown:
    return Unknown(Problem(code=f"{noun}_unknown", at=at, values={noun: name}))


def conflict(code: str, /, **values: str) -> Refused:
    return Refused(Problem(code=code, values=values))
