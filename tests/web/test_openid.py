"""Signing in at one's own issuer: who is let in as what, and everything that is no proof of it."""

import asyncio
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr, ValidationError
from sqlalchemy import update
from sqlmodel import select

from cli.setup.finding import Finding
from cli.setup.outside_checks import outside_checks
from connectors.links import links
from connectors.openid import IssuerAway, open_id
from db.access.door import DoorQuery, door_entries
from db.access.keys import KeyRow, has_administrator, keys_of, revoke_key
from db.access.sessions import SessionRow
from db.contracts import PersonRow
from domain.openid import begin, role_rule
from domain.people import Role
from settings import Settings
from tests.web.issuer import CLIENT, OURS, SECRET, StandInIssuer, base64
from tests.web.visitors import Site

ROLES = ("desk=coordinator", "desk=service_desk", "acme=approver@adler", "root=admin", "field=technician")


@pytest.fixture
async def issuer() -> AsyncIterator[StandInIssuer]:
    issuer = StandInIssuer()
    async with issuer.open():
        yield issuer


def settings_for(issuer: StandInIssuer, **others: Any) -> Settings:  # noqa: ANN401  # settings of any type
    given: dict[str, Any] = {
        "openid_issuer": issuer.url,
        "openid_client": CLIENT,
        "openid_secret": SecretStr(SECRET),
        "openid_roles": tuple(map(role_rule, ROLES)),
    }
    return Settings(**(given | others))


@pytest.fixture
async def house(site: Site, issuer: StandInIssuer) -> Site:
    trusting(site, issuer)
    return site


def trusting(site: Site, issuer: StandInIssuer, **others: Any) -> None:  # noqa: ANN401  # as above
    used = settings_for(issuer, **others)
    site.house.app.state.openid = open_id(used, "http://localhost")


async def gone_there(browser: httpx2.AsyncClient, wanted: str = "/orders") -> str:
    answer = await browser.get("/sign-in/openid", params={"next": wanted})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


async def signed_in(
    site: Site, issuer: StandInIssuer, wanted: str = "/orders"
) -> tuple[httpx2.AsyncClient, httpx2.Response]:
    browser = await site.browser()
    return browser, await browser.get(
        issuer.sign_in(await gone_there(browser, wanted)), headers={"Sec-Fetch-Site": "cross-site"}
    )


async def sessions(site: Site) -> list[SessionRow]:
    async with site.house.database.reading() as session:
        return list((await session.execute(select(SessionRow))).scalars())


async def last_reason(site: Site) -> str | None:
    await site.house.app.state.book.write()
    async with site.house.database.reading() as session:
        return (await door_entries(session, DoorQuery(customers=None, limit=1)))[0].why


async def test_whoever_is_known_is_let_in_as_what_their_groups_say(house: Site, issuer: StandInIssuer) -> None:
    offered = await (await house.browser()).get("/sign-in?next=/orders")

    browser, answer = await signed_in(house, issuer)

    assert "/sign-in/openid?next=%2Forders" in offered.text
    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders")
    me = await browser.get("/me")
    assert "Eva Koch" in me.text
    async with house.house.database.reading() as session:
        keys = await keys_of(session, "p-koch")
    assert {(key.role, key.customer) for key in keys} == {(Role.COORDINATOR, None), (Role.SERVICE_DESK, None)}
    assert all(key.is_by_issuer for key in keys)
    assert "openid" not in browser.cookies


async def test_what_an_issuer_says_at_once_can_be_chosen_from_and_ends_when_it_says_so_no_more(
    house: Site, issuer: StandInIssuer
) -> None:
    issuer.says = {"groups": ["desk", "acme"]}
    browser, _ = await signed_in(house, issuer)
    async with house.house.database.reading() as session:
        approving = next(key for key in await keys_of(session, "p-koch") if key.role == Role.APPROVER)

    chosen = await browser.post("/me/role", data={"key": approving.id})
    issuer.says = {"groups": ["desk"]}
    await signed_in(house, issuer)

    assert chosen.status_code == 303
    # Its key is over, and so is every session that acts by it.
    assert (await browser.get("/")).headers["Location"].startswith("/sign-in")


async def test_a_group_lets_nobody_turn_into_more_than_their_issuer_says(house: Site, issuer: StandInIssuer) -> None:
    by_hand = await house.house.key(Role.ADMIN, "p-koch")
    issuer.says = {"groups": ["acme"]}
    browser, _ = await signed_in(house, issuer)

    chosen = await browser.post("/me/role", data={"key": by_hand.split("_")[1]})

    assert chosen.status_code == 404


async def test_an_issuers_administrator_does_not_stand_for_the_last_key(house: Site, issuer: StandInIssuer) -> None:
    issuer.says = {"groups": ["root"]}
    _, answer = await signed_in(house, issuer)

    assert answer.status_code == 303
    async with house.house.database.reading() as session:
        assert not await has_administrator(session, datetime.now(UTC))


async def test_groups_may_come_as_a_single_text_and_other_claims_may_say_the_id(
    house: Site, issuer: StandInIssuer
) -> None:
    trusting(house, issuer, openid_person="preferred_username", openid_groups="role")
    issuer.says = {
        "preferred_username": "p-koch",
        "role": "desk",
        "email": None,
        "email_verified": None,
        "groups": None,
    }

    _, answer = await signed_in(house, issuer)

    assert answer.status_code == 303


async def test_keys_that_an_issuer_has_changed_are_looked_up_again(house: Site, issuer: StandInIssuer) -> None:
    await signed_in(house, issuer)
    issuer.key = ECKey.generate_key("P-256", {"kid": "new"}, private=True)

    _, answer = await signed_in(house, issuer)

    assert answer.status_code == 303
    assert issuer.asked.count("/keys") == 2


def signed_by(key: RSAKey) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "ours"}, claims, key)


def unsigned(claims: dict[str, Any]) -> str:
    return f"{base64(json.dumps({'alg': 'none'}).encode())}.{base64(json.dumps(claims).encode())}."


def by_shared_secret(claims: dict[str, Any]) -> str:
    """The public key, which everybody knows, taken for a secret."""
    said = ".".join(base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "ours"}, claims))
    return f"{said}.{base64(hmac.digest(OURS.as_pem(private=False), said.encode(), 'sha256'))}"


def bringing_a_key(claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048, {"kid": "mine"}, private=True)
    header = {"alg": "RS256", "kid": "mine", "jwk": other.as_dict(private=False)}
    return jwt.encode(header, claims, other)


def turned(claims: dict[str, Any]) -> str:
    """Signed as one person, and then said to be another."""
    head, _, signature = signed_by(OURS)(claims).split(".")
    return f"{head}.{base64(json.dumps(claims | {'email': 'max.huber@adler.example'}).encode())}.{signature}"


FORGERIES = {
    "signed with another key": signed_by(RSAKey.generate_key(2048, {"kid": "ours"}, private=True)),
    "not signed at all": unsigned,
    "signed with what everybody knows": by_shared_secret,
    "bringing its own key": bringing_a_key,
    "changed after it was signed": turned,
    "no token": lambda _: "a.b",
    "empty": lambda _: "",
    "not ASCII": lambda _: "ä.ö.ü",
    "a list": lambda _: jwt.encode({"alg": "RS256"}, {}, OURS).replace(".", ".W10", 1),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
async def test_what_the_issuer_has_not_signed_lets_in_nobody(
    house: Site, issuer: StandInIssuer, forgery: Callable[[dict[str, Any]], str]
) -> None:
    issuer.signs = forgery

    browser, answer = await signed_in(house, issuer)

    assert answer.status_code == 403
    assert "no valid signature" in answer.text
    assert await sessions(house) == []
    assert "imac" not in browser.cookies
    assert await last_reason(house) == "openid_forged"


LONG_AGO, LATER = 1_000_000_000, 9_000_000_000
LIES: dict[str, tuple[dict[str, Any], str]] = {
    "for somebody else": ({"aud": "another"}, "openid_not_for_us"),
    "for somebody else as well, who asked": ({"aud": [CLIENT, "another"], "azp": "another"}, "openid_not_for_us"),
    "for several, nobody says who asked": ({"aud": [CLIENT, "another"]}, "openid_not_for_us"),
    "asked by another": ({"azp": "another"}, "openid_not_for_us"),
    "for nobody": ({"aud": None}, "openid_not_for_us"),
    "for what is no name": ({"aud": {"imacflow": 1}}, "openid_not_for_us"),
    "by another issuer": ({"iss": "https://elsewhere.example"}, "openid_not_for_us"),
    "of nobody in particular": ({"sub": None}, "openid_not_for_us"),
    "of a number": ({"sub": 7}, "openid_not_for_us"),
    "over": ({"exp": LONG_AGO}, "openid_out_of_time"),
    "without an end": ({"exp": None}, "openid_out_of_time"),
    "ending at no time": ({"exp": float("nan")}, "openid_out_of_time"),
    "ending in words": ({"exp": "tomorrow"}, "openid_out_of_time"),
    "ending truly": ({"exp": True}, "openid_out_of_time"),
    "from the future": ({"iat": LATER}, "openid_out_of_time"),
    "not yet": ({"nbf": LATER}, "openid_out_of_time"),
    "of another sign-in": ({"nonce": "another"}, "openid_not_begun"),
    "of no sign-in": ({"nonce": None}, "openid_not_begun"),
    "of an address nobody has verified": ({"email_verified": False}, "openid_unverified"),
    "of an address said to be verified in words": ({"email_verified": "true"}, "openid_unverified"),
    "of an address of which nothing is said": ({"email_verified": None}, "openid_unverified"),
    "of nobody we know": ({"email": "nobody@provider.example"}, "openid_nobody"),
    "of a pattern": ({"email": "%@provider.example"}, "openid_nobody"),
    "of part of an address": ({"email": "koch@provider.example"}, "openid_nobody"),
    "of a piece of what is kept": ({"email": '","language":"de'}, "openid_nobody"),
    "without an address": ({"email": None}, "openid_nobody"),
    "of an address that is said to be verified by a number": ({"email_verified": 1}, "openid_unverified"),
    "in no group": ({"groups": []}, "openid_no_role"),
    "in others' groups": ({"groups": ["all", {"desk": 1}, None]}, "openid_no_role"),
    "of a customer's person in our group": ({"email": "max.huber@adler.example"}, "openid_no_role"),
}


@pytest.mark.parametrize(("says", "why"), LIES.values(), ids=LIES)
async def test_what_an_issuer_says_has_to_be_for_us_for_now_and_of_somebody(
    house: Site, issuer: StandInIssuer, says: dict[str, Any], why: str
) -> None:
    issuer.says = says

    browser, answer = await signed_in(house, issuer)

    assert answer.status_code == 403
    assert await sessions(house) == []
    assert await last_reason(house) == why
    # Nothing of it works a second time either.
    assert "imac" not in browser.cookies


async def test_an_issuer_that_says_nothing_of_addresses_is_taken_at_its_word_if_that_is_set(
    house: Site, issuer: StandInIssuer
) -> None:
    trusting(house, issuer, openid_trust_email=True)
    answers = []
    for said in (None, False, "true"):
        issuer.says = {"email_verified": said}
        answers.append((await signed_in(house, issuer))[1].status_code)

    assert answers == [303, 403, 403]


async def test_where_somebody_wanted_to_go_is_where_they_come_with_all_that_was_asked(
    house: Site, issuer: StandInIssuer
) -> None:
    wanted = "/orders?state=requested&kind=install&text=M%C3%BCller%20%26%20Co"

    _, answer = await signed_in(house, issuer, wanted)

    assert answer.headers["Location"] == wanted


async def test_clocks_may_differ_by_half_a_minute(house: Site, issuer: StandInIssuer) -> None:
    now = int(datetime.now(UTC).timestamp())
    issuer.says = {"iat": now + 30, "nbf": now + 30, "exp": now + 330}

    _, answer = await signed_in(house, issuer)

    assert answer.status_code == 303


async def test_a_way_back_leads_in_once_and_only_where_it_was_begun(house: Site, issuer: StandInIssuer) -> None:
    browser, other = await house.browser(), await house.browser()
    back = issuer.sign_in(await gone_there(browser))

    elsewhere = await other.get(back)
    wrong = await browser.get(back.replace("state=", "state=x"))
    first = await browser.get(back)
    again = await browser.get(back)

    assert [one.status_code for one in (elsewhere, wrong, first)] == [403, 403, 303]
    # Whoever goes back by one page is in already.
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    browser.cookies.clear()
    assert (await browser.get(back)).status_code == 403
    assert len(await sessions(house)) == 1


async def test_a_code_that_was_seen_by_somebody_else_is_worth_nothing(house: Site, issuer: StandInIssuer) -> None:
    """Put into a sign-in of one's own, it fits neither what was to prove it nor what was begun."""
    victim, thief = await house.browser(), await house.browser()
    stolen = parse_qs(urlsplit(issuer.sign_in(await gone_there(victim))).query)["code"][0]
    begun = parse_qs(urlsplit(await gone_there(thief)).query)["state"][0]

    answer = await thief.get("/sign-in/openid/back", params={"code": stolen, "state": begun})

    assert answer.status_code == 403
    assert await last_reason(house) == "openid_code_refused"


async def test_two_tabs_may_be_on_their_way_at_once(house: Site, issuer: StandInIssuer) -> None:
    browser = await house.browser()
    one, other = await gone_there(browser, "/orders"), await gone_there(browser, "/incidents")

    answers = [await browser.get(issuer.sign_in(address)) for address in (one, other)]

    assert [answer.headers["Location"] for answer in answers] == ["/orders", "/incidents"]


async def test_what_was_begun_long_ago_is_begun_anew(house: Site, issuer: StandInIssuer) -> None:
    browser = await house.browser()
    back = issuer.sign_in(await gone_there(browser))
    (name,) = [name for name in browser.cookies if name.startswith("imac-")]
    begun = json.loads(urlsafe_b64decode(browser.cookies[name]))
    cookie = urlsafe_b64encode(json.dumps(begun | {"at": "2020-01-01T00:00:00Z"}).encode()).decode()
    browser.cookies.clear()

    answer = await browser.get(back, headers={"Cookie": f"{name}={cookie}"})

    assert answer.status_code == 403
    assert await last_reason(house) == "openid_not_begun"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x",
        "x" * 3000,
    ],
)
async def test_nobody_is_sent_elsewhere_afterwards(house: Site, issuer: StandInIssuer, wanted: str) -> None:
    _, answer = await signed_in(house, issuer, wanted)

    assert urlsplit(answer.headers["Location"]).netloc == ""
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]


async def test_the_issuers_refusal_is_told_and_nothing_of_its_words(house: Site) -> None:
    browser = await house.browser()
    state = parse_qs(urlsplit(await gone_there(browser)).query)["state"][0]

    answer = await browser.get(
        "/sign-in/openid/back",
        params={"error": "access_denied", "error_description": "<b>call 0900</b>", "state": state},
    )

    assert answer.status_code == 403
    assert "The sign-in service did not sign you in." in answer.text
    assert "0900" not in answer.text


AWAY: dict[str, Callable[[StandInIssuer], None]] = {
    "an error": lambda issuer: setattr(issuer, "status", 503),
    "sent elsewhere": lambda issuer: setattr(issuer, "status", 302),
    "no JSON": lambda issuer: setattr(issuer, "body", b"<html>"),
    "nested without end": lambda issuer: setattr(issuer, "body", b"[" * 60_000),
    "far too much": lambda issuer: setattr(issuer, "body", b'{"issuer": "' + b"x" * 1_000_000 + b'"}'),
    "a list": lambda issuer: setattr(issuer, "body", b"[]"),
    "another's name": lambda issuer: issuer.document.update(issuer="https://elsewhere.example"),
    "an open line": lambda issuer: issuer.document.update(token_endpoint="http://elsewhere.example/token"),
    "no address": lambda issuer: issuer.document.update(authorization_endpoint=7),
}


@pytest.mark.parametrize("wrong", AWAY.values(), ids=AWAY)
async def test_an_issuer_that_cannot_be_used_leaves_keys_and_says_so(
    house: Site, issuer: StandInIssuer, wrong: Callable[[StandInIssuer], None]
) -> None:
    wrong(issuer)
    browser = await house.browser()

    answer = await browser.get("/sign-in/openid?next=/orders")

    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.text
    assert 'name="key"' in answer.text
    assert 'value="/orders"' in answer.text


async def test_an_issuer_that_is_away_is_asked_once_however_many_go_there(house: Site, issuer: StandInIssuer) -> None:
    issuer.status = 503
    openid = house.house.app.state.openid
    begun, at = begin("/", datetime.now(UTC)), datetime.now(UTC)

    outcomes = await asyncio.gather(*(openid.address(begun, at) for _ in range(50)), return_exceptions=True)
    issuer.status = 200
    later = await openid.address(begun, at + timedelta(minutes=1))

    assert all(isinstance(outcome, IssuerAway) for outcome in outcomes)
    assert len(issuer.asked) == 2
    assert later.startswith(issuer.url)


async def test_an_issuer_that_is_away_when_somebody_comes_back_lets_in_nobody(
    house: Site, issuer: StandInIssuer
) -> None:
    browser = await house.browser()
    back = issuer.sign_in(await gone_there(browser))
    issuer.status = 502

    answer = await browser.get(back)

    assert answer.status_code == 503
    assert await sessions(house) == []


async def test_an_address_that_changes_hands_takes_nobody_along(house: Site, issuer: StandInIssuer) -> None:
    await signed_in(house, issuer)
    issuer.says = {"sub": "u-2"}

    _, taken = await signed_in(house, issuer)
    why = await last_reason(house)
    async with house.house.database.writing() as session:
        for key in await keys_of(session, "p-koch"):
            await revoke_key(session, key.id, datetime.now(UTC))
    _, released = await signed_in(house, issuer)

    assert (taken.status_code, why) == (403, "openid_somebody_else")
    assert released.status_code == 303


async def test_whoever_gives_themselves_anothers_address_does_not_become_them(
    house: Site, issuer: StandInIssuer
) -> None:
    await signed_in(house, issuer)
    async with house.house.database.writing() as session:
        eva = (await session.get(PersonRow, "p-koch")).as_person()  # type: ignore[union-attr]
        ida = (await session.get(PersonRow, "p-sommer")).as_person()  # type: ignore[union-attr]
        changes = {eva.id: eva.but(email="gone@provider.example"), ida.id: ida.but(email=eva.email)}
        for person, kept in changes.items():
            await session.execute(
                update(PersonRow).where(PersonRow.id == person).values(person=kept.model_dump_json())  # type: ignore[arg-type]
            )

    _, answer = await signed_in(house, issuer)

    assert answer.status_code == 403
    assert await last_reason(house) == "openid_somebody_else"


async def test_two_people_with_one_address_are_nobody(house: Site, issuer: StandInIssuer) -> None:
    async with house.house.database.writing() as session:
        ida = (await session.get(PersonRow, "p-sommer")).as_person()  # type: ignore[union-attr]
        kept = ida.but(email="EVA.KOCH@provider.example").model_dump_json()
        await session.execute(update(PersonRow).where(PersonRow.id == ida.id).values(person=kept))  # type: ignore[arg-type]

    _, answer = await signed_in(house, issuer)

    assert (answer.status_code, await last_reason(house)) == (403, "openid_nobody")


async def test_who_has_left_is_nobody(house: Site, issuer: StandInIssuer) -> None:
    async with house.house.database.writing() as session:
        eva = (await session.get(PersonRow, "p-koch")).as_person()  # type: ignore[union-attr]
        kept = eva.but(leaves_at=datetime(2020, 1, 1, tzinfo=UTC)).model_dump_json()
        await session.execute(update(PersonRow).where(PersonRow.id == eva.id).values(person=kept))  # type: ignore[arg-type]

    _, answer = await signed_in(house, issuer)

    assert (answer.status_code, await last_reason(house)) == (403, "openid_nobody")


async def test_without_an_issuer_there_is_no_such_way(site: Site) -> None:
    browser = await site.browser()

    assert (await browser.get("/sign-in/openid")).status_code == 404
    assert (await browser.get("/sign-in/openid/back?code=1&state=2")).status_code == 404
    assert "/sign-in/openid" not in (await browser.get("/sign-in")).text


async def test_a_key_of_an_issuers_word_has_no_text_that_opens_anything(house: Site, issuer: StandInIssuer) -> None:
    await signed_in(house, issuer)
    async with house.house.database.reading() as session:
        (one, *_) = (await session.execute(select(KeyRow).where(KeyRow.made_by == "openid"))).scalars()

    for text in (f"imac_{one.id}_{'A' * 43}", f"imac_{one.id}_", one.id):
        caller = await house.browser(headers={"Authorization": f"Bearer {text}", "Accept": "application/json"})
        assert (await caller.get("/api/v1/orders")).status_code == 401


async def test_nobody_signs_in_at_an_issuer_over_a_line_that_others_can_read(house: Site) -> None:
    browser = await house.browser("http://pages.example")

    assert (await browser.get("/sign-in/openid")).status_code == 403


def test_our_own_address_is_where_people_come_back_to() -> None:
    used = Settings(
        openid_issuer="https://login.example",
        openid_client="c",
        openid_roles=(role_rule("a=admin"),),
        public_url="https://imac.example",
    )
    made = open_id(used, links(used).base)

    assert made is not None
    assert made.back == "https://imac.example/sign-in/openid/back"


WRONG: dict[str, dict[str, Any]] = {
    "an open line": {"openid_issuer": "http://login.example"},
    "no address": {"openid_issuer": "login.example"},
    "no client": {"openid_client": None},
    "nobody may do anything": {"openid_roles": ()},
    "no such role": {"openid_roles": "desk=boss"},
    "a role of machines": {"openid_roles": "desk=system"},
    "a customer's role without a customer": {"openid_roles": "acme=approver"},
    "no group": {"openid_roles": "=admin"},
    "no identity is asked for": {"openid_scopes": "profile email"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_settings_by_which_nobody_could_be_let_in_rightly_are_refused(wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"openid_issuer": "https://a.example", "openid_client": "c", "openid_roles": "g=admin"}

    Settings(**right)
    with pytest.raises(ValidationError):
        Settings(**(right | wrong))


async def test_the_doctor_asks_the_issuer_and_says_where_people_come_back_to(issuer: StandInIssuer) -> None:
    right = settings_for(issuer, public_url="https://imac.example")

    async def found(used: Settings) -> Finding:
        (one,) = [one for one in await outside_checks(used) if one.check == "check_sign_in"]
        return one

    well, open_line = await found(right), await found(settings_for(issuer, public_url="http://imac.example"))
    issuer.document = {"issuer": "https://elsewhere.example"}
    silent = await found(right)

    assert (well.wrong, well.found) == (None, f"{issuer.url} → https://imac.example/sign-in/openid/back")
    assert open_line.wrong is not None
    assert open_line.wrong.code == "openid_way_back_open"
    assert silent.wrong is not None
    assert silent.wrong.code == "issuer_silent"
    assert [one.check for one in await outside_checks(Settings())] == ["check_mail", "check_space"]
