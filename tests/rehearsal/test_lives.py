"""Whatever is said to a case, and whatever befalls it: it answers, its time goes on, and it comes to an end."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from domain.cases.instructions import AnyCommand
from domain.cases.move_commands import MoveOnly
from tests.rehearsal.endings import live_through, waits_for_people
from tests.rehearsal.lives import CaseLife
from tests.rehearsal.sayings import TO_INCIDENTS, TO_ORDERS, TO_PAGES, kinds_of

LIVES = int(os.environ.get("IMAC_TEST_LIVES", "40"))
# Of work, not of waiting: a whole life takes a second or two of it.
LONGEST = 30


class Spinning(Exception):
    """A case does not let go."""


@contextmanager
def watched(life: CaseLife) -> Iterator[None]:
    """Whatever is wrong is told with all that led to it; work that never ends is interrupted."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Spinning

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield
    except Exception as fault:
        fault.add_note("\n".join((f"{life.birth.asked.request!r}", *life.log)))
        raise
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("seed", range(LIVES))
def test_a_case_goes_on_whatever_is_said_to_it(seed: int) -> None:
    life = CaseLife(seed)

    with watched(life):
        assert live_through(life) or waits_for_people(life), life.progress()


def test_every_command_is_said_to_some_case() -> None:
    """Those to projects and waves are said in the trials."""
    assert {*kinds_of(AnyCommand)} - {*kinds_of(MoveOnly)} == {*TO_ORDERS, *TO_INCIDENTS, *TO_PAGES}
