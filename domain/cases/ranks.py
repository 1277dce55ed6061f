"""What goes first when more is to be done than workers can do at once."""

from enum import IntEnum

from domain.priorities import Priority


class Rank(IntEnum):
    """What goes first when tasks queue: people who are called at night, then what has come to a stop."""

    PAGE = 1
    URGENT = 2
    USUAL = 3
    # Hundreds of moves come after whatever somebody waits for.
    PROJECT = 4


def rank_by(priority: Priority | None) -> Rank:
    """That of an incident; one that nobody has judged yet is like most."""
    return Rank.URGENT if priority == Priority.BLOCKER else Rank.USUAL
