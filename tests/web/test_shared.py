"""Pages that many read: made once for all who see the same, read from the tables once, and never a moment too old."""

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import httpx2
import pytest

from db.access.keys import revoke_key
from db.access.sessions import end_sessions
from domain.people import Role
from tests.patience import until
from tests.statements import statements
from tests.web.test_large_projects import launched
from tests.web.test_my_day import ON_THAT_DAY, booked
from tests.web.test_orders import written
from tests.web.test_page_policy import things
from tests.web.visitors import Site
from web.shared.written import NAME, WrittenPage

Seen = TypeVar("Seen")
# Asked with every page, however often it has been: who comes, and what they are to this house.
AT_THE_DOOR = re.compile(r"FROM (sessions|api_keys)\b|PRAGMA|txid_current_snapshot")
SHARED = ("/orders", "/exceptions", "/incidents", "/projects", "/orders/{orders}", "/incidents/{incidents}", "{board}")


async def undisturbed(site: Site, see: Callable[[], Awaitable[Seen]]) -> Seen:
    """What is seen while nobody writes anything: the house itself notes now and then who was there."""

    async def tried() -> tuple[Seen] | None:
        before = await site.house.database.version()
        minute = datetime.now(UTC).minute
        seen = await see()
        is_same = await site.house.database.version() == before and datetime.now(UTC).minute == minute
        return (seen,) if is_same else None

    found = await until(tried)
    assert found is not None
    return found[0]


async def addresses(site: Site, paths: tuple[str, ...]) -> list[str]:
    numbers = await things(site)
    board = await launched(site.house, 200, technicians=4)
    return [path.format(**numbers, board=board) for path in paths]


def rendered(site: Site) -> int:
    count: int = site.house.app.state.renders.count
    return count


async def test_a_page_that_is_there_is_sent_again_without_a_look_at_what_it_shows(site: Site) -> None:
    if not site.house.database.url.startswith("sqlite"):
        pytest.skip("a server that others use as well is never quite at rest")
    found = await addresses(site, ("/", *SHARED))
    browser = await site.signed_in()

    async def again(address: str) -> tuple[list[str], int, HTTPStatus]:
        first = await browser.get(address)
        before = rendered(site)
        with statements() as sent:
            second = await browser.get(address, headers={"If-None-Match": first.headers["ETag"]})
        reads = [statement for statement in sent if not AT_THE_DOOR.search(statement)]
        return reads, rendered(site) - before, HTTPStatus(second.status_code)

    for address in found:
        seen = await undisturbed(site, partial(again, address))
        assert seen == ([], 0, HTTPStatus.NOT_MODIFIED), address


async def test_all_of_a_role_share_one_render_and_each_finds_their_own_name_in_it(site: Site) -> None:
    found = await addresses(site, SHARED)
    people = {"p-koch": "Eva Koch", "p-sommer": "Ida Sommer", "p-lang": "Jonas Lang"}
    browsers = {person: await site.signed_in(Role.COORDINATOR, person) for person in people}

    async def by_all(address: str) -> tuple[int, dict[str, httpx2.Response]]:
        site.house.app.state.renders.forget()
        before = rendered(site)
        pages = await asyncio.gather(*(browser.get(address) for browser in browsers.values()))
        return rendered(site) - before, dict(zip(browsers, pages, strict=True))

    for address in found:
        made, pages = await undisturbed(site, partial(by_all, address))
        names = {person: re.findall(r"<bdi>([^<]*)</bdi>, ", page.text)[0] for person, page in pages.items()}
        assert made == 1, address
        assert len(set(names.values())) == len({page.headers["ETag"] for page in pages.values()}) == len(people)
        assert NAME not in "".join(page.text for page in pages.values())


async def test_a_board_is_made_again_when_its_project_moves_on_and_not_for_what_others_do(site: Site) -> None:
    address = await launched(site.house, 200, technicians=4)
    browser = await site.signed_in()
    await browser.get(address)
    before = rendered(site)

    for _ in range(3):
        await written(site)
        await browser.get(address)
    minutes = rendered(site) - before

    # A new minute makes it anew, in which more may be overdue.
    assert minutes <= 1


async def test_what_was_written_is_on_the_next_page(site: Site) -> None:
    browser = await site.signed_in()
    seen = []

    for _ in range(3):
        made = await written(site)
        seen.append(made.no in (await browser.get("/orders")).text)

    assert seen == [True] * 3


async def test_what_one_reader_was_shown_is_shown_to_nobody_who_may_not_see_it(site: Site) -> None:
    found = await addresses(site, SHARED)
    await site.house.second_customer()
    own, others = [await site.signed_in(Role.COORDINATOR, "p-koch", customer) for customer in ("adler", "falke")]
    seen = await site.signed_in(Role.SDM, "p-sommer")

    pages = [(address, await own.get(address), await seen.get(address)) for address in found]
    crossed = {address: (await others.get(address)) for address in found}

    assert {page.status_code for _, one, other in pages for page in (one, other)} == {HTTPStatus.OK}
    for address, _, _ in pages:
        if address.count("/") > 1:
            assert crossed[address].status_code == HTTPStatus.NOT_FOUND, address
        else:
            assert "adler" not in re.sub(r'value="[^"]*"', "", crossed[address].text).lower(), address


async def test_a_day_is_its_technicians_alone(site: Site) -> None:
    made = await booked(site)
    mine, others = await site.signed_in(Role.TECHNICIAN, "p-lang"), await site.signed_in(Role.TECHNICIAN, "p-sommer")

    assert made.no in (await mine.get(ON_THAT_DAY)).text
    assert made.no not in (await others.get(ON_THAT_DAY)).text


@pytest.mark.parametrize("ended", ["session", "key"])
async def test_a_page_that_is_there_opens_to_no_session_that_another_process_has_ended(site: Site, ended: str) -> None:
    browser = await site.signed_in()
    assert (await browser.get("/orders")).status_code == HTTPStatus.OK
    async with site.house.database.writing() as session:
        if ended == "session":
            await end_sessions(session, "p-koch", datetime.now(UTC))
        else:
            for key in site.house.app.state.book._uses:
                await revoke_key(session, key, datetime.now(UTC))

    assert (await browser.get("/orders")).status_code == HTTPStatus.SEE_OTHER


async def test_a_page_of_which_nothing_is_written_yet_is_looked_for_each_time(site: Site) -> None:
    await things(site)
    browser = await site.signed_in()

    # Temporal may know of a launch that nobody has written down.
    first, second = await browser.get("/projects/p-floors"), await browser.get("/projects/p-floors")

    assert (first.status_code, second.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    assert not [key for key in site.house.app.state.renders._leaves if "/projects/p-floors" in key]


@pytest.mark.parametrize("name", ["", "Eva", "<b>&amp;", "مدير", "x" * 70_000, "\u2067left open"])
@pytest.mark.parametrize("html", ["", "nobody", f"{NAME}", f"a{NAME}b", f"{'long ' * 20_000}{NAME}{NAME} end"])
def test_a_page_is_packed_once_and_unpacks_to_what_each_reader_sees(html: str, name: str) -> None:
    page, said = WrittenPage(html), name.encode()

    packed = page.packed(said)

    assert gzip.decompress(packed) == page.body(said) == html.replace(NAME, name).encode()
    assert page.packed(said) == packed
    assert page.etag(said) != WrittenPage(f"{html} ").etag(said)
    assert page.etag(said) != page.etag(said + b"!")
