"""Who comes in, how long they stay, and what other sites cannot make a browser do."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from api.door.strangers import Strangers
from db.access.keys import kept_key, revoke_key
from db.access.sessions import SessionRow
from domain.people import Role
from domain.sessions import FLOOR_LIFE, IDLE, LIFE
from tests.web.visitors import Site


def cookie_of(browser: httpx2.AsyncClient) -> str:
    return browser.cookies["imac"]


async def moved(site: Site, **changes: datetime) -> None:
    async with site.house.database.writing() as session:
        await session.execute(update(SessionRow).values(changes))


async def sessions(site: Site) -> list[SessionRow]:
    async with site.house.database.reading() as session:
        return list((await session.execute(select(SessionRow))).scalars())


async def test_a_key_opens_a_session_whose_secret_is_kept_nowhere(site: Site) -> None:
    browser = await site.browser()
    key = await site.house.key(Role.COORDINATOR, "p-koch")

    answer = await browser.post("/sign-in", data={"key": f" {key} ", "next": "/orders?state=requested"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders?state=requested")
    given = answer.headers["Set-Cookie"]
    assert all(part in given for part in ("HttpOnly", "SameSite=lax", "Path=/"))
    (kept,) = await sessions(site)
    secret = cookie_of(browser).partition(".")[2]
    assert secret not in repr(kept.model_dump())
    assert key not in answer.text
    assert "Eva Koch" in (await browser.get("/")).text


async def test_behind_tls_the_cookie_is_for_this_host_alone(site: Site) -> None:
    browser = await site.browser("https://pages.example")
    key = await site.house.key(Role.COORDINATOR, "p-koch")

    answer = await browser.post("/sign-in", data={"key": key})

    assert answer.headers["Set-Cookie"].startswith("__Host-imac=")
    assert "Secure" in answer.headers["Set-Cookie"]


async def test_nobody_signs_in_over_a_line_that_others_can_read(site: Site) -> None:
    browser = await site.browser("http://pages.example")
    key = await site.house.key(Role.COORDINATOR, "p-koch")

    answer = await browser.post("/sign-in", data={"key": key})

    assert answer.status_code == 403
    assert "https" in answer.text
    assert "Set-Cookie" not in answer.headers


async def test_a_link_opens_one_session_and_looking_at_it_none(site: Site) -> None:
    caller = await site.house.caller(Role.SDM, "p-sommer")
    made = (await caller.post("/api/v1/sign-in-links")).json()
    address = httpx2.URL(made["url"]).path
    first, second = await site.browser(), await site.browser()

    looked = await first.get(address)
    taken = await first.post(address)
    again = await second.post(address)

    assert "Ida Sommer" in looked.text
    assert (taken.status_code, again.status_code) == (303, 404)
    assert (await first.get("/")).status_code == 200
    assert made["role"] == "sdm"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"seen_at": datetime.now(UTC) - IDLE - timedelta(minutes=1)}, id="rested too long"),
        pytest.param({"started_at": datetime.now(UTC) - LIFE - timedelta(minutes=1)}, id="half a day old"),
        pytest.param({"ended_at": datetime.now(UTC)}, id="ended elsewhere"),
    ],
)
async def test_a_session_that_is_over_leads_to_signing_in_and_back(site: Site, changes: dict[str, datetime]) -> None:
    browser = await site.signed_in()
    await moved(site, **changes)

    answer = await browser.get("/me?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fme%3Fx%3D1")


async def test_a_session_ends_with_its_key(site: Site) -> None:
    browser = await site.signed_in()
    (kept,) = await sessions(site)
    async with site.house.database.writing() as session:
        await revoke_key(session, kept.key, datetime.now(UTC))

    assert (await browser.get("/")).headers["Location"] == "/sign-in"


async def test_signing_in_again_leaves_the_session_before_to_nobody(site: Site) -> None:
    browser = await site.signed_in()
    before = cookie_of(browser)
    key = await site.house.key(Role.COORDINATOR, "p-koch")

    await browser.post("/sign-in", data={"key": key})

    assert cookie_of(browser) != before
    thief = await site.browser(headers={"Cookie": f"imac={before}"})
    assert (await thief.get("/")).status_code == 303


@pytest.mark.parametrize("planted", ["0123456789.chosen-by-somebody-else", "x", "0123456789." + "A" * 43])
async def test_a_cookie_that_was_planted_opens_nothing(site: Site, planted: str) -> None:
    browser = await site.browser(headers={"Cookie": f"imac={planted}"})

    assert (await browser.get("/me")).status_code == 303


async def test_who_signs_out_is_out(site: Site) -> None:
    browser = await site.signed_in()
    kept = cookie_of(browser)

    answer = await browser.post("/sign-out")

    assert answer.headers["Location"] == "/sign-in"
    thief = await site.browser(headers={"Cookie": f"imac={kept}"})
    assert (await thief.get("/me")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, id="a neighbour"),
        pytest.param({"Sec-Fetch-Site": "", "Origin": "http://evil.example"}, id="an old browser from elsewhere"),
        pytest.param({"Sec-Fetch-Site": "", "Origin": "null"}, id="a page without an origin"),
        pytest.param({"Sec-Fetch-Site": ""}, id="whoever says nothing"),
    ],
)
async def test_a_post_from_another_site_changes_nothing(site: Site, headers: dict[str, str]) -> None:
    browser = await site.signed_in()
    if not headers["Sec-Fetch-Site"]:
        del browser.headers["Sec-Fetch-Site"]
    said = {name: text for name, text in headers.items() if text}

    addresses = ("/sign-out", "/me/look", "/me/role", "/me/end", "/sign-in", "/orders/O-1/hold", "/orders/new")
    answers = [await browser.post(address, data={"language": "de"}, headers=said) for address in addresses]

    assert {answer.status_code for answer in answers} == {403}
    (kept,) = await sessions(site)
    assert kept.ended_at is None


async def test_an_old_browser_posts_from_our_own_pages(site: Site) -> None:
    browser = await site.signed_in()
    del browser.headers["Sec-Fetch-Site"]

    assert (await browser.post("/me/look", data={}, headers={"Origin": "http://localhost"})).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil",
    ],
)
async def test_signing_in_leads_to_no_other_site(site: Site, wanted: str) -> None:
    browser = await site.browser()
    key = await site.house.key(Role.COORDINATOR, "p-koch")

    answer = await browser.post("/sign-in", data={"key": key, "next": wanted})

    assert answer.headers["Location"] == "/"


async def test_who_guesses_keys_at_the_page_waits_like_who_guesses_at_the_api(site: Site) -> None:
    browser = await site.browser()
    wrong = f"imac_{'0' * 10}_{'A' * 43}"

    site.house.app.state.book.strangers = Strangers(site.house.database, most=3)

    answers = [await browser.post("/sign-in", data={"key": wrong}) for _ in range(4)]

    assert (answers[0].status_code, answers[-1].status_code) == (401, 429)
    assert "Retry-After" in answers[-1].headers
    assert answers[-1].headers["Content-Type"].startswith("text/html")


async def test_a_machine_has_no_pages(site: Site) -> None:
    browser = await site.browser()
    key = await site.house.key(Role.SYSTEM)

    assert (await browser.post("/sign-in", data={"key": key})).status_code == 403


async def role_change(site: Site, opened: tuple[Role, str | None], wanted: tuple[Role, str | None]) -> int:
    browser = await site.signed_in(opened[0], "p-koch", opened[1])
    other = (await site.house.key(wanted[0], "p-koch", wanted[1])).split("_")[1]
    answer = await browser.post("/me/role", data={"key": other})
    shown = await browser.get("/me")
    async with site.house.database.reading() as session:
        kept = await kept_key(session, other)
    assert kept is not None
    assert (f"{kept.key.role}" in {one.acts_as for one in await sessions(site)}) is False
    assert shown.status_code == 200
    return answer.status_code


@pytest.mark.parametrize(
    ("opened", "wanted", "status"),
    [
        pytest.param((Role.COORDINATOR, None), (Role.TECHNICIAN, None), 303, id="to one that weighs less"),
        pytest.param((Role.APPROVER, None), (Role.COORDINATOR, None), 303, id="from one that took two to make"),
        pytest.param((Role.TECHNICIAN, None), (Role.APPROVER, None), 404, id="not to one that approves"),
        pytest.param((Role.TECHNICIAN, None), (Role.ADMIN, None), 404, id="not to one that administers"),
        pytest.param((Role.TECHNICIAN, "adler"), (Role.AUDITOR, None), 404, id="not to one that sees more"),
    ],
)
async def test_a_person_changes_role_where_no_single_administrator_could_have_made_the_first_key(
    site: Site, opened: tuple[Role, str | None], wanted: tuple[Role, str | None], status: int
) -> None:
    assert await role_change(site, opened, wanted) == status


async def test_nobody_changes_into_somebody_else(site: Site) -> None:
    browser = await site.signed_in(Role.APPROVER, "p-koch")
    other = (await site.house.key(Role.TECHNICIAN, "p-lang")).split("_")[1]

    assert (await browser.post("/me/role", data={"key": other})).status_code == 404


async def test_all_sessions_of_a_person_end_at_once_and_nobody_elses(site: Site) -> None:
    here, there, other = await site.signed_in(), await site.signed_in(), await site.signed_in(Role.SDM, "p-sommer")

    await here.post("/me/end")

    assert [(await browser.get("/")).status_code for browser in (here, there, other)] == [303, 303, 200]


async def test_nobody_ends_the_session_of_another(site: Site) -> None:
    mine, other = await site.signed_in(), await site.signed_in(Role.SDM, "p-sommer")
    theirs = next(row.id for row in await sessions(site) if row.person == "p-sommer")

    await mine.post("/me/end", data={"session": theirs})

    assert (await other.get("/")).status_code == 200


async def test_a_technicians_phone_that_was_kept_opens_their_day_for_two_weeks_and_nothing_else(site: Site) -> None:
    browser, other = [await site.signed_in(Role.TECHNICIAN, "p-lang") for _ in range(2)]
    kept = await browser.post("/my-day/keep")
    (lasts,) = re.findall(r"Max-Age=(\d+)", kept.headers["Set-Cookie"])

    async def opens(one: httpx2.AsyncClient, *addresses: str) -> list[int]:
        return [(await one.get(address)).status_code for address in addresses]

    await moved(site, seen_at=datetime.now(UTC) - IDLE - timedelta(minutes=1))
    rested = await opens(browser, "/my-day", "/", "/orders", "/live", "/me"), await opens(other, "/my-day")
    command = await browser.post("/my-day/O-NONE0-NONE0/complete", data={"key": "k"})
    again = await browser.get("/my-day")
    await moved(site, started_at=datetime.now(UTC) - FLOOR_LIFE - timedelta(minutes=1))
    late = await opens(browser, "/my-day")

    assert timedelta(seconds=int(lasts)) == FLOOR_LIFE
    assert rested == ([200, 303, 303, 303, 303], [303])
    assert command.status_code == 404
    assert 'data-live="-"' in again.text
    assert late == [303]


async def test_a_phone_that_was_kept_is_listed_and_ended_like_any_other(site: Site) -> None:
    phone, desk = [await site.signed_in(Role.TECHNICIAN, "p-lang") for _ in range(2)]
    await phone.post("/my-day/keep")
    async with site.house.database.writing() as session:
        long_ago = datetime.now(UTC) - LIFE - timedelta(minutes=1)
        await session.execute(update(SessionRow).where(col(SessionRow.on_floor)).values(started_at=long_ago))

    listed = await desk.get("/me")
    await desk.post("/me/end")

    assert "stays signed in for My day until" in listed.text
    assert (await phone.get("/my-day")).status_code == 303


async def test_whoever_signs_out_of_a_phone_that_was_kept_ends_that(site: Site) -> None:
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")
    await browser.post("/my-day/keep")
    await moved(site, seen_at=datetime.now(UTC) - IDLE - timedelta(minutes=1))

    out = await browser.post("/sign-out")

    assert out.status_code == 303
    assert [row.ended_at is None for row in await sessions(site)] == [False]


async def test_nobody_but_technicians_keeps_a_session_for_the_floor(site: Site) -> None:
    browser = await site.signed_in(Role.COORDINATOR, "p-koch")

    assert "/my-day/keep" not in (await browser.get("/my-day")).text
    assert (await browser.post("/my-day/keep")).status_code == 403
