"""Whether a contract can keep what it promises: its matrix, its ladder and its pages, each by itself and together."""

from collections.abc import Collection, Iterator

from domain.contracts.contract import Contract
from domain.contracts.paging import OnDuty
from domain.people import Role
from domain.promises.ladder_checks import ladder_problems
from domain.promises.matrix_checks import matrix_problems
from domain.promises.paging_checks import paging_hours, paging_problems
from domain.refusals import Problem

# Who these are is known only when somebody is told.
_OF_THE_CASE = frozenset({Role.REQUESTER, Role.ASSIGNEE, Role.VENDOR})


def promise_problems(contract: Contract) -> list[Problem]:
    """All that is wrong, whatever tables know; what they must know besides is asked of them when it is saved."""
    return [
        *(matrix_problems(contract.matrix) if contract.matrix else ()),
        *paging_problems(contract),
        *ladder_problems(contract),
        *_vacant(contract),
    ]


def channel_problems(contract: Contract, known: Collection[str]) -> list[Problem]:
    """Rows that would tell people by a channel the operator does not have."""
    return [
        Problem(code="channel_unknown", at=f"/ladder/{n}/channels/{m}", values={"channel": channel})
        for n, row in enumerate(contract.ladder)
        for m, channel in enumerate(row.channels)
        if channel not in known
    ]


def _vacant(contract: Contract) -> Iterator[Problem]:
    for at, role in _roles_named(contract):
        if role not in _OF_THE_CASE and not contract.people(role):
            yield Problem(code="role_vacant", at=at, values={"role": role})


def _roles_named(contract: Contract) -> Iterator[tuple[str, Role]]:
    for place in contract.matrix.places() if contract.matrix else ():
        named = {"first": place.cell.first, "fallback": place.cell.fallback, "monitoring": place.cell.monitoring}
        yield from ((f"{place.at}/{field}", who) for field, who in named.items() if isinstance(who, Role))
    for n, row in enumerate(contract.ladder):
        yield from ((f"/ladder/{n}/tell/{m}", role) for m, role in enumerate(row.tell))
    if paging_hours(contract):
        for n, step in enumerate(contract.paging.steps):
            if not isinstance(step.to, OnDuty):
                yield f"/paging/steps/{n}/to", step.to
        yield "/paging/final_owner", contract.paging.final_owner
