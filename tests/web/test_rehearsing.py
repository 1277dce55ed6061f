"""A plan rehearsed by its page: in other processes, once however often it is asked for, seen as it goes on."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http import HTTPStatus

from connectors.workshop.jobs import MEGA, Limits
from domain.keys import Key
from domain.people import Role
from tests.api.house import body
from tests.patience import until
from tests.web.test_preparing import planned, pressed
from tests.web.visitors import Site
from web.live import Gathered, Lives
from web.preparing.rehearsals import LIMITS, MOST_AT_ONCE, Rehearsals


def rehearsals(site: Site) -> Rehearsals:
    found: Rehearsals = site.house.app.state.rehearsals
    return found


async def over(site: Site, address: str) -> None:
    """Once nothing of it goes on any more."""

    async def goes_on() -> bool:
        one = rehearsals(site).of(address.rpartition("/")[2], 1)
        return one is not None and one.goes_on

    await until(goes_on, lambda going_on: not going_on)


async def test_a_plan_is_rehearsed_by_its_page_once_and_as_the_api_has_it(site: Site) -> None:
    address, desk = await planned(site)
    browser = await site.signed_in()

    began = await asyncio.gather(*(pressed(browser, address, "rehearse", runs="3", seed="7") for _ in range(2)))
    going_on = (await browser.get(f"{address}/prepare")).text
    more = await browser.post(f"{address}/prepare/rehearse", data={"runs": "50", "seed": "1"})
    await over(site, address)
    found = body(await desk.get(f"/api/v1{address}/plans/1/rehearsal"))
    page = (await browser.get(f"{address}/prepare")).text
    again = await browser.post(f"{address}/prepare/rehearse", data={"runs": "50", "seed": "1"})

    assert {answer.status_code for answer in (*began, more)} == {HTTPStatus.SEE_OTHER}, began[0].text
    assert re.search(r'<progress [^>]*max="3" value="[0-3]"', going_on)
    assert f'action="{address}/prepare/rehearse"' not in going_on
    assert (found["runs"], found["seed"], found["finished"]) == (3, 7, 3)
    assert rehearsals(site).begun(address.rpartition("/")[2], 1) == 1
    assert "3 of 3 runs came to their end" in page
    assert f'action="{address}/prepare/rehearse"' in page
    # From a page that was left behind nothing begins anew.
    assert again.status_code == HTTPStatus.CONFLICT


def test_whoever_serves_pages_needs_none_of_the_workflows_for_it() -> None:
    asked = "import sys, web.site; sys.exit('rehearsal.productions' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


@contextmanager
def others(site: Site, limits: Limits = LIMITS, at_once: int = MOST_AT_ONCE) -> Iterator[None]:
    """As if the site had been made for machines that can do less."""
    state = site.house.app.state
    usual, state.rehearsals = state.rehearsals, Rehearsals(state.unnoted, limits, at_once)
    try:
        yield
    finally:
        state.rehearsals = usual


async def test_a_rehearsal_that_takes_too_much_says_so_and_may_be_asked_for_again(site: Site) -> None:
    address, _ = await planned(site)
    browser = await site.signed_in()

    with others(site, limits=LIMITS._replace(memory=MEGA)):
        await pressed(browser, address, "rehearse", runs="1", seed="0")
        await over(site, address)
        page = (await browser.get(f"{address}/prepare")).text

    assert 'role="alert"' in page
    assert "more time or memory" in page
    assert f'action="{address}/prepare/rehearse"' in page


async def test_so_many_rehearsals_wait_and_no_more(site: Site) -> None:
    address, _ = await planned(site)
    browser = await site.signed_in()

    with others(site, at_once=0):
        answer = await pressed(browser, address, "rehearse", runs="1", seed="0")
        going_on = rehearsals(site).of(address.rpartition("/")[2], 1)

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert going_on is None


def test_open_pages_of_whoever_may_know_are_told_and_of_nobody_else() -> None:
    readers = {"theirs": "adler", "everybodys": None, "anothers": "falke"}
    keys = {
        name: Key(id="k", person="p-koch", role=Role.COORDINATOR, customer=customer, created_at=datetime.now(UTC))
        for name, customer in readers.items()
    }
    lives, news = Lives(), {name: Gathered() for name in readers}
    with ExitStack() as hearing:
        for name, one in keys.items():
            hearing.enter_context(lives.hearing(one, news[name]))
        lives.tell("project/floors", lambda key: key.sees("adler"))
    lives.tell("project/floors", lambda key: key.sees("falke"))

    assert {name: list(one.cases) for name, one in news.items() if one.cases} == {
        "theirs": ["project/floors"],
        "everybodys": ["project/floors"],
    }
