"""`make screenshots`: plays the example move to its middle on a stack of its own, and takes the README's pictures.

What a picture weighs is what `tests/test_pictures.py` lets it weigh; one that grows beyond it fails here.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Browser, ViewportSize, async_playwright

from domain.people import Language, Role
from tests.test_pictures import FOLDER, MOST_BYTES
from tests.web.browsers import PROJECT, Running, StackUp, browser_here, browser_options, stack_up
from tests.web.sights import looking
from tests.web.small_png import small_png

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PEOPLE = {
    Role.COORDINATOR: "p-koch",
    Role.TECHNICIAN: "p-lang",
    Role.APPROVER: "p-huber",
    Role.SERVICE_DESK: "p-desk",
    Role.REQUESTER: "p-vogel",
}
# Of forty workplaces: the second wave is under way then.
MIDDLE = 18


@dataclass(frozen=True)
class Picture:
    """One page as one person sees it; `{order}` is an exception's order of the project."""

    name: str
    address: str
    role: Role
    language: Language = "en"
    is_phone: bool = False
    theme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture("board.png", f"/projects/{PROJECT}", Role.COORDINATOR),
    Picture("board-de.png", f"/projects/{PROJECT}", Role.COORDINATOR, "de", theme="dark"),
    Picture("today.png", "/", Role.COORDINATOR),
    Picture("order.png", "/orders/{order}", Role.COORDINATOR),
    Picture("prepare.png", f"/projects/{PROJECT}/prepare", Role.COORDINATOR),
    Picture("contract.png", "/contracts/adler-2026", Role.REQUESTER),
    Picture("audit.png", "/audit/{order}", Role.COORDINATOR),
    Picture("board-phone.png", f"/projects/{PROJECT}", Role.APPROVER, is_phone=True),
    Picture("day-phone.png", "/my-day?day={day}", Role.TECHNICIAN, is_phone=True),
    Picture("day-phone-de.png", "/my-day?day={day}", Role.TECHNICIAN, "de", is_phone=True, theme="dark"),
)


def main() -> None:
    path = browser_here()
    if path is None:
        sys.exit("There is no browser here: apt-get install chromium, or IMAC_BROWSER=/path")
    with tempfile.TemporaryDirectory(prefix="imac-pictures-") as name:
        folder = Path(name) / "var"
        with stack_up(folder) as stack:
            running = played(stack, folder)
            named = things(running)
            asyncio.run(_take(path, running, named))


def played(stack: StackUp, folder: Path) -> Running:
    """The move as its people bring it about, broken off in its middle."""
    demo = stack.begins("demo")
    try:
        _until(lambda: all(_file(folder, person, role).exists() for role, person in PEOPLE.items()))
        keys = {("adler", role): _file(folder, person, role).read_text().strip() for role, person in PEOPLE.items()}
        running = Running(stack.url, folder, keys)
        _until(lambda: demo.poll() is not None or _at_target(running) >= MIDDLE)
    finally:
        demo.terminate()
        demo.wait()
    stack.types("demo", "incidents")
    return running


def _until(holds: Callable[[], bool]) -> None:
    """However busy the machine is: whoever waits can break it off."""
    while not holds():
        time.sleep(1)


def _file(folder: Path, person: str, role: Role) -> Path:
    return folder / "demo-keys" / f"{person}-{role}.key"


def _at_target(running: Running) -> int:
    standing = running.asks(Role.COORDINATOR, f"/projects/{PROJECT}/standing")
    return sum(wave["counts"]["ok"] for wave in standing["waves"]) if standing else 0


def things(running: Running) -> Mapping[str, str]:
    """An order of the project that waits for somebody, and a day of its technician."""
    orders = running.asks(Role.COORDINATOR, "/orders?sort=-updated_at&limit=100")["items"]
    stuck = (
        [one for one in orders if one["stuck"]] or [one for one in orders if one["state"] == "in_progress"] or orders
    )
    visits = sorted(one["starts_at"] for one in orders if one["starts_at"] and one["technician"] == "p-lang")
    return {"order": stuck[0]["no"], "day": visits[len(visits) // 2][:10]}


async def _take(path: str, running: Running, named: Mapping[str, str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    async with async_playwright() as played:
        browser = await played.chromium.launch(executable_path=path, args=browser_options())
        sizes = {picture.name: await _taken(browser, running, picture, named) for picture in PICTURES}
        await browser.close()
    if heavy := {name: size for name, size in sizes.items() if size > MOST_BYTES}:
        sys.exit(f"Heavier than {MOST_BYTES} bytes: {heavy}")


async def _taken(browser: Browser, running: Running, picture: Picture, named: Mapping[str, str]) -> int:
    """How many bytes it has."""
    size = PHONE if picture.is_phone else DESK
    look: dict[str, Any] = {"viewport": size, "color_scheme": picture.theme, "language": picture.language}
    async with looking(browser, running, picture.role, **look) as page:
        await page.goto(picture.address.format(**named))
        file = FOLDER / picture.name
        file.write_bytes(small_png(await page.screenshot(animations="disabled")))
    print(f"{file.relative_to(FOLDER.parents[1])}  {file.stat().st_size:,} bytes")  # noqa: T201  # it takes a while
    return file.stat().st_size


if __name__ == "__main__":
    main()
