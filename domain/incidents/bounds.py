"""How far ahead people may plan an incident: what lies further is a slip of the pen, and nobody would look after it."""

from datetime import datetime, timedelta

from domain.cases.incident_commands import Promise, SendTechnician
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Hold
from domain.clocks.holds import LONGEST_HOLD
from domain.refusals import Problem, Unacceptable

# A proposal.
FURTHEST_DATE = timedelta(days=366)


def check_bounds(asked: Instruction) -> None:
    match asked.command:
        case Hold() as hold:
            _within(LONGEST_HOLD, "/max_until", hold.max_until, asked.given_at)
        case Promise() as promise:
            _within(FURTHEST_DATE, "/date", promise.date, asked.given_at)
        case SendTechnician(at=datetime() as visit):
            _within(FURTHEST_DATE, "/at", visit, asked.given_at)


def _within(limit: timedelta, at: str, wanted: datetime, now: datetime) -> None:
    if wanted > now + limit:
        values = {"days": str(limit.days), "latest": (now + limit).isoformat()}
        raise Unacceptable(Problem(code="too_far_ahead", at=at, values=values))
