"""The way of one order through the code, as ARCHITECTURE.md tells it: watched while it is really placed."""

import asyncio
import inspect
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from types import FrameType

from tests.api.house import INSTALL, ORDERS, House

ROOT = Path(__file__).parents[2]
MOST_FILES = 12
# What the files on the way use, and whoever follows an order need not open: the session, the calendar of public
# holidays, what a server means, how anything is started, done or waited for; and of `domain/` all but what the chapter
# names.
TOOLS = {
    "db/engine.py",
    "connectors/holidays.py",
    "workflows/answers.py",
    "workflows/starting.py",
    "workflows/effects.py",
    "workflows/hours.py",
    "workflows/sla_watch.py",
    "workflows/steps/approval.py",
    "activities/calendars.py",
}
ENTRY, END = ("api/orders/order.py", "place_order"), ("activities/records.py", "record")


def told() -> list[str]:
    """The files that the chapter names for POST /orders, in its order."""
    chapter = (ROOT / "ARCHITECTURE.md").read_text().partition("**POST /api/v1/orders**")[2]
    return re.findall(r"^\d+\. `([a-z_/]+\.py)`", chapter.partition("**A deadline passes**")[0], re.MULTILINE)


class Walk:
    """The files of the product in the order in which the request first enters them, and then its first task."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.is_over = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._is_placed = False

    def placed(self) -> None:
        """From here on a worker goes on with it."""
        self._is_placed = True

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or not code.co_filename.startswith(f"{ROOT}/") or self.is_over.is_set():
            return
        file = code.co_filename.removeprefix(f"{ROOT}/")
        # Bodies of modules and classes are executed where they are imported, on nobody's way.
        if not code.co_flags & inspect.CO_OPTIMIZED or file.startswith(("tests/", ".venv/")):
            return
        is_record = self._is_placed and (file, code.co_name) == END
        if (is_record or self._is_on_the_way(frame)) and file not in self.files:
            self.files.append(file)
        if is_record:
            self._loop.call_soon_threadsafe(self.is_over.set)

    def _is_on_the_way(self, frame: FrameType) -> bool:
        if self._is_placed:
            # Workflow tasks have threads of their own; what else the worker's loop does is not about this order.
            return threading.current_thread() is not threading.main_thread()
        above: FrameType | None = frame
        while above is not None:
            if above.f_code.co_filename == f"{ROOT}/{ENTRY[0]}" and above.f_code.co_name == ENTRY[1]:
                return True
            above = above.f_back
        return False


@contextmanager
def watched() -> Iterator[Walk]:
    walk = Walk()
    threading.setprofile(walk)
    sys.setprofile(walk)
    try:
        yield walk
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


async def test_an_order_is_followed_through_twelve_files_and_never_back_up(house: House) -> None:
    desk = await house.coordinator()
    with watched() as walk:
        placed = await desk.post(ORDERS, json=INSTALL, headers={"Idempotency-Key": "walk"})
        walk.placed()
        await house.worker()
        await asyncio.wait_for(walk.is_over.wait(), timeout=120)

    assert placed.status_code == HTTPStatus.ACCEPTED
    way = [file for file in walk.files if file not in TOOLS and not file.startswith("domain/")]
    rules = [file for file in told() if file.startswith("domain/")]
    assert way == [file for file in told() if file not in rules]
    assert set(rules) <= set(walk.files)
    assert len(told()) <= MOST_FILES
    inside = [file.startswith("api/") for file in way]
    assert inside == sorted(inside, reverse=True)
