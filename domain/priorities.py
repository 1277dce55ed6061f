"""How pressing an incident is: four priorities, from a business that stands still to what can wait its turn."""

from enum import StrEnum


class Priority(StrEnum):
    """The most pressing first."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"

    def is_graver_than(self, other: "Priority") -> bool:
        return _PRESSING.index(self) < _PRESSING.index(other)


_PRESSING = list(Priority)


class Grade(StrEnum):
    """How far an incident reaches (impact), how soon it hurts (urgency)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


_RANKS = {Grade.HIGH: 0, Grade.MEDIUM: 1, Grade.LOW: 2}
_BY_SUM = (Priority.BLOCKER, Priority.CRITICAL, Priority.MAJOR, Priority.MINOR, Priority.MINOR)


def priority_of(impact: Grade, urgency: Grade) -> Priority:
    """The usual table of impact and urgency; a caller who knows better names the priority itself."""
    return _BY_SUM[_RANKS[impact] + _RANKS[urgency]]
