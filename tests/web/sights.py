"""What browsers look at: the table of pages, and what stands on them. A new page is one line more in `SIGHTS`."""

import csv
import io
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize

from domain.people import Language, Role
from tests.web.browsers import MODEL, PROJECT, Running
from tests.web.hostile import CONTRACT, CUSTOMER, HOSTILE, HUGE, LINKS, SCRIPTS, SIGNS, SITE

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MOST_LINE, MOST_TEXT = 200, 4000
# As somebody at the example customer asks for it; the stack has many of it in stock.
INSTALL: dict[str, Any] = {
    "contract": "adler-2026",
    "kind": "install",
    "requester": "p-vogel",
    "site": "adler-hq",
    "target": {"site": "adler-hq", "building": "A", "floor": "2", "room": "2.18", "desk": "1"},
    "wanted": [{"model": MODEL}],
    "holder": "Nora Falk",
}
# A browser says so of each document of ours that is a refusal, of what a page loads none may be; and of each sign-out.
_USUAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d|Clear-Site-Data header on")


@dataclass(frozen=True)
class Things:
    """Numbers of what the hostile customer has: an order that waits, one that is stuck, an incident, and a move."""

    order: str
    stuck: str
    incident: str
    move: str

    def at(self, address: str) -> str:
        return address.format(**asdict(self))


@dataclass(frozen=True)
class Sight:
    """A page as one role sees it; `{order}` and the like in its address are numbers of `Things`.

    `customer` is the hostile one, unless an empty page is wanted. `refused` has its last form sent as it is.
    """

    address: str
    role: Role | None = Role.COORDINATOR
    customer: str = CUSTOMER
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.address}{' refused' if self.refused else ''}{f' of {self.role}' if self.role else ''}"


PLACE = f"/orders/new?contract={CONTRACT}&kind=install"
REPORT = f"/incidents/new?contract={CONTRACT}"
SIGHTS = (
    Sight("/sign-in", None),
    Sight("/sign-in", None, refused=True),
    Sight("/me"),
    Sight("/"),
    Sight("/", Role.REQUESTER, "adler"),
    Sight("/orders"),
    Sight("/orders?state=rejected"),
    Sight("/orders/{order}"),
    Sight("/orders/{order}", Role.APPROVER),
    Sight("/orders/{stuck}"),
    Sight("/orders/{order}/hold"),
    Sight("/orders/{order}/hold", refused=True),
    Sight("/orders/{stuck}/cancel"),
    Sight("/orders/{stuck}/record_erasure", Role.TECHNICIAN, refused=True),
    Sight("/orders/{order}/add_paper"),
    Sight("/orders/{order}/add_paper", refused=True),
    Sight("/orders/new"),
    Sight("/orders/new", Role.REQUESTER, "adler"),
    Sight("/orders/new?contract=adler-2026&item=notebook", Role.REQUESTER, "adler"),
    Sight(PLACE),
    Sight(PLACE, refused=True),
    Sight("/orders/O-NONE0-NONE0"),
    Sight("/incidents"),
    Sight("/incidents?state=merged"),
    Sight("/incidents/new", Role.SERVICE_DESK),
    Sight(REPORT, Role.SERVICE_DESK),
    Sight(REPORT, Role.SERVICE_DESK, refused=True),
    Sight(REPORT, Role.REQUESTER, "adler"),
    Sight("/incidents/{incident}", Role.SERVICE_DESK),
    Sight("/incidents/{incident}/hand_over", Role.SERVICE_DESK),
    Sight("/incidents/{incident}/promise", Role.SERVICE_DESK, refused=True),
    Sight("/exceptions"),
    Sight("/exceptions?mine=true", Role.TECHNICIAN, "adler"),
    Sight("/projects"),
    Sight("/projects", Role.COORDINATOR, "adler"),
    Sight(f"/projects/{PROJECT}", Role.COORDINATOR, "adler"),
    Sight(f"/projects/{PROJECT}", Role.APPROVER, "adler"),
    Sight(f"/projects/{PROJECT}/prepare", Role.COORDINATOR, "adler"),
    Sight(f"/projects/{PROJECT}/waves/w1/reschedule", Role.COORDINATOR, "adler"),
    Sight("/projects/new"),
    Sight("/projects/new", refused=True),
    Sight("/projects/{move}"),
    Sight("/projects/{move}", Role.APPROVER),
    Sight("/projects/{move}/prepare"),
    Sight("/projects/{move}/hold", refused=True),
    Sight("/projects/{move}/call_off"),
    Sight("/projects/{move}/waves/w1/withdraw_rows"),
    Sight("/projects/{move}/waves/w1/reschedule"),
    Sight("/search"),
    Sight("/search?q=nb", Role.SERVICE_DESK, "adler"),
    Sight("/on-call", Role.SERVICE_DESK, "adler"),
    Sight("/on-call/nordlicht/calendars", Role.SERVICE_DESK, "adler"),
    Sight("/assets/labels?customer=adler&tag=NB-700&tag=NB-701", Role.SERVICE_DESK, "adler"),
    Sight("/assets/labels", Role.SERVICE_DESK, "adler"),
    Sight("/my-day", Role.TECHNICIAN, "adler"),
    Sight("/contracts", Role.SDM),
    Sight(f"/contracts/{CONTRACT}", Role.AUDITOR),
    Sight("/contracts/adler-2026", Role.REQUESTER, "adler"),
    Sight("/registers"),
    Sight("/registers", Role.REQUESTER, "adler"),
    Sight("/assets", Role.SERVICE_DESK, "adler"),
    Sight("/assets?search=none"),
    Sight("/assets/NB-700", Role.TECHNICIAN, "adler"),
    Sight("/people"),
    Sight("/people?q=nobody"),
    Sight("/people/p-vogel/leaving", Role.ADMIN, "adler", refused=True),
    Sight("/vendors"),
    Sight("/vendors", Role.SERVICE_DESK, "adler"),
    Sight("/waste", Role.AUDITOR),
    Sight("/keys", Role.ADMIN, "adler"),
    Sight("/keys/new", Role.ADMIN, "adler", refused=True),
    Sight("/contracts/adler-2026/cost?like=adler-2026@1", Role.SDM),
    Sight("/contracts/adler-2026/cost?from=2026-03-02&to=2026-03-01", Role.REQUESTER, "adler"),
    Sight("/audit", Role.AUDITOR),
    Sight("/audit?kind=incident&missed=true", Role.AUDITOR, "adler"),
    Sight("/audit/{stuck}", Role.AUDITOR),
    Sight("/audit/{incident}", Role.AUDITOR),
    Sight(f"/audit/{PROJECT}", Role.AUDITOR, "adler"),
)


def shown_things(running: Running) -> Things:
    order, stuck = waiting(running), waiting(running)
    running.say(Role.APPROVER, f"/orders/{stuck}/commands", {"type": "approve"}, CUSTOMER)
    return Things(order, stuck, reported(running), moving(running))


def prepared(running: Running) -> str:
    """A move of theirs that is planned: of its rows one is wrong, one has to be agreed, and one can go."""
    no, theirs = f"h-{uuid4().hex[:8]}", CUSTOMER
    at = f"/projects/{no}"
    project = {"id": no, "customer": theirs, "contract": CONTRACT, "name": HOSTILE[:MOST_LINE], "sites": [SITE]}
    running.ask(Role.COORDINATOR, at, theirs, "PUT", json=project)
    known = ("Inventarnummer", "Modell", "Kategorie", "Status", "Standort", "Gebäude", "Etage", "Raum", "Platz")
    stands = [(f"{no}-{n}", HOSTILE[:90], "Notebook", "im Einsatz", SITE, "A", "1", "1.01", f"{n}") for n in (1, 2)]
    assets = {"file": ("assets.csv", _table(known, *stands))}
    asked = {"customer": theirs, "dry_run": "false"}
    running.ask(Role.ADMIN, "/imports/assets", theirs, "POST", params=asked, files=assets)
    rows = [(HOSTILE, "", "1.02", "1", SIGNS), ("", f"{no}-1", "1.02", "2", f"nur Monitor {HOSTILE}")]
    rows += [("", f"{no}-2", "1.02", "3", "")]
    moves = {"file": ("list.csv", _table(("Mitarbeiter", "Inventarnr.", "Raum neu", "Platz neu", "Bemerkung"), *rows))}
    running.ask(Role.COORDINATOR, f"{at}/lists", theirs, "POST", files=moves)
    first = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%d}"
    plan = {"window": {"first": first}, "minutes": 60, "gates": {"w1": {"by": "h-huber"}}}
    running.say(Role.COORDINATOR, f"{at}/plans", plan, theirs)
    return no


def _table(*lines: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    return text.getvalue().encode()


def moving(running: Running) -> str:
    """One that is launched, and waits for its go."""
    no = prepared(running)
    running.say(Role.APPROVER, f"/projects/{no}/plans/1/approval", {"reason": HOSTILE[:MOST_LINE]}, CUSTOMER)
    running.say(Role.COORDINATOR, f"/projects/{no}/launch", {}, CUSTOMER)
    return no


def reported(running: Running) -> str:
    """An incident of the hostile customer."""
    report = {"contract": CONTRACT, "site": SITE, "reporter": "h-vogel", "title": HOSTILE[:MOST_LINE]}
    report |= {"description": HUGE[:MOST_TEXT], "reference": SIGNS[:MOST_LINE]}
    return str(running.say(Role.SERVICE_DESK, "/incidents", report, CUSTOMER)["no"])


def waiting(running: Running) -> str:
    """An order of theirs that waits for its approval."""
    target = {"site": SITE, "building": "B", "floor": "1", "room": "1.02", "desk": "7"}
    asked: dict[str, Any] = {"contract": CONTRACT, "kind": "install", "requester": "h-vogel", "site": SITE}
    asked |= {"target": target, "wanted": [{"model": "Not in stock"}], "holder": HOSTILE[:MOST_LINE]}
    asked |= {"note": f"{SCRIPTS}\n{LINKS}\n{HUGE}"[:MOST_TEXT], "reference": SIGNS[:MOST_LINE]}
    return str(running.say(Role.COORDINATOR, "/orders", asked, CUSTOMER)["no"])


@asynccontextmanager
async def looking(
    browser: Browser,
    running: Running,
    role: Role | None,
    customer: str = "adler",
    *,
    language: Language = "en",
    quiet: bool = True,
    **more: Any,  # noqa: ANN401  # options as the browser itself names them
) -> AsyncIterator[Page]:
    """A browser of somebody who has signed in. If it is to be quiet, whatever it complains about is a failure."""
    said: list[str] = []
    context = await browser.new_context(base_url=running.url, locale=language, **({"viewport": DESK} | more))
    try:
        await context.add_cookies([{"name": "imac-look", "value": f"{language}-auto", "url": running.url}])
        if role is not None:
            cookie = running.cookie(role, customer)
            await context.add_cookies([{"name": "imac", "value": cookie, "url": running.url, "httpOnly": True}])
        context.on("console", lambda message: said.extend(_complaint(message)))
        context.on("weberror", lambda error: said.append(f"{error.error}"))
        context.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
        yield await context.new_page()
        assert not (quiet and said), said
    finally:
        await context.close()


def _complaint(message: ConsoleMessage) -> list[str]:
    is_page = not urlsplit(message.location["url"]).path.startswith("/static/")
    is_expected = is_page and _USUAL.match(message.text)
    return [] if is_expected else [f"{message.text} at {message.location['url']}"]


async def show(page: Page, sight: Sight, things: Things) -> None:
    """With everything open that can be opened."""
    await page.goto(things.at(sight.address))
    if sight.refused:
        form = page.locator("form[method=post]").last
        await form.evaluate("form => { form.noValidate = true; }")
        await form.locator("button").click()
        await page.locator(".complaint, .alarm").first.wait_for()
    await page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    ids: list[str] = await page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
