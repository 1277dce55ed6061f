"""What no page of ours would send: strange questions, strange forms, cookies of others; and how that is refused."""

import html
import re
from datetime import UTC, datetime
from http import HTTPStatus

import httpx2
import pytest

from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import INSTALL, write_incident, write_order
from tests.web.test_orders import PLACE, hidden, told, written
from tests.web.test_page_policy import LOOKS, filled, things
from tests.web.test_sessions import cookie_of, moved
from tests.web.visitors import Site
from tests.world import incident, order, request, trouble

JSON = {"Accept": "application/json"}
PROBLEM = "application/problem+json"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_a_question_that_a_page_does_not_know_is_refused_on_every_page(site: Site) -> None:
    numbers, browser = await things(site), await site.signed_in(Role.SDM, "p-sommer")
    administrator = await site.signed_in(Role.ADMIN)
    answers = {}
    for _, path, _ in LOOKS:
        asked = f"{filled(path, numbers)}?nobody_knows=1"
        answer = await browser.get(asked)
        # A page that is not theirs is refused before anybody looks at what they ask.
        is_not_theirs = answer.status_code == HTTPStatus.FORBIDDEN
        answers[path] = await administrator.get(asked) if is_not_theirs else answer

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 422} == {}


@pytest.mark.parametrize(
    "address",
    [
        "/orders?sort=deadline&sort=-updated_at",
        "/orders?cursor=a&cursor=b",
        "/incidents?text=a&text=b",
        "/exceptions?mine=true&mine=false",
        "/orders/new?contract=adler-2026&contract=falke-2026&kind=install",
        "/projects?only=over&only=over",
    ],
)
async def test_of_two_answers_to_one_question_none_is_taken(site: Site, address: str) -> None:
    assert (await (await site.signed_in()).get(address)).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("address", ["/sign-in?next=/orders&next=//evil.example", "/sign-in?nobody_knows=1"])
async def test_signing_in_asks_back_as_well(site: Site, address: str) -> None:
    answer = await (await site.browser()).get(address)

    assert answer.status_code in (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert "evil.example" not in answer.text


async def lists(site: Site) -> httpx2.AsyncClient:
    """With two of each, so that each list goes on."""
    for number in range(2):
        asked = request(OrderKind.INSTALL, reference=f"R-{number}", assets=["NB-100"], target=INSTALL["target"])
        await write_order(site.house.database, order(asked, datetime.now(UTC)))
        await write_incident(site.house.database, incident(trouble(title=f"No {number}"), datetime.now(UTC)))
    return await site.signed_in()


def cursor_in(page: httpx2.Response) -> str:
    return page.text.partition("cursor=")[2].partition('"')[0]


@pytest.mark.parametrize(
    ("of", "at"),
    [
        ("/orders?limit=1", "/incidents?limit=1"),
        ("/incidents?limit=1", "/orders?limit=1"),
        ("/orders?limit=1", "/orders?limit=1&sort=deadline"),
        ("/orders?limit=1", "/exceptions?mine=true"),
    ],
)
async def test_a_place_in_one_list_is_none_in_another(site: Site, of: str, at: str) -> None:
    browser = await lists(site)
    cursor = cursor_in(await browser.get(of))

    answer = await browser.get(f"{at}&cursor={cursor}")

    assert cursor
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("accept", ["text/html", "application/json", "application/problem+json"])
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/orders/O-NONE0-NONE0", 404),
        ("GET", "/orders?sort=nothing", 422),
        ("GET", "/orders?nobody_knows=1", 422),
        ("DELETE", "/orders", 405),
        ("POST", "/orders", 405),
        ("GET", "/orders/new?contract=nobodys&kind=install", 404),
        ("POST", "/incidents/I-NONE0-NONE0/respond", 404),
        ("GET", "/nowhere", 404),
    ],
)
async def test_a_refusal_is_a_page_for_people_and_a_problem_for_programs(
    site: Site, method: str, address: str, status: int, accept: str
) -> None:
    browser = await site.signed_in()
    answer = await browser.request(method, address, headers={"Accept": accept})

    kind = answer.headers["Content-Type"].partition(";")[0]
    assert (answer.status_code, kind) == (status, accept if accept == "text/html" else PROBLEM)


async def test_who_has_not_signed_in_is_sent_there_and_a_program_is_told(site: Site) -> None:
    browser = await site.browser()
    sent, refused = await browser.get("/orders"), await browser.get("/orders", headers=JSON)

    assert (sent.status_code, sent.headers["Location"]) == (303, "/sign-in?next=%2Forders")
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, PROBLEM)


async def test_a_form_of_a_session_that_has_ended_does_nothing_and_says_where_to_sign_in(site: Site) -> None:
    made, browser = await written(site), await site.signed_in()
    page = await browser.get(f"/orders/{made.no}/hold")
    await moved(site, ended_at=datetime.now(UTC))

    said = hidden(page.text, f"/orders/{made.no}/hold") | {"code": "site_closed", "reason": "Fire drill"}
    answer = await browser.post(f"/orders/{made.no}/hold", data=said)

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert f"/sign-in?next=%2Forders%2F{made.no}%2Fhold" in answer.text


async def test_what_was_typed_before_a_session_was_over_is_kept_and_sent_again_after_signing_in(site: Site) -> None:
    """As reported of others: glpi-project/glpi#16653 and #17452, osTicket/osTicket#635."""
    made, browser = await written(site), await site.signed_in()
    address = f"/orders/{made.no}/hold"
    page = await browser.get(address)
    await moved(site, ended_at=datetime.now(UTC))
    typed = "\nTwo lines & <b>signs</b>\nof it"

    over = await browser.post(address, data=hidden(page.text, address) | {"code": "nothing", "reason": typed})
    kept = dict(re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', over.text))
    await browser.post("/sign-in", data={"key": await site.house.key(Role.COORDINATOR, "p-koch", None)})
    again = await browser.post(address, data={name: html.unescape(text) for name, text in kept.items()})

    assert over.status_code == HTTPStatus.UNAUTHORIZED
    assert "What you have typed is still here" in over.text
    assert "<b>signs</b>" not in over.text
    # It comes to where it was to go: this one is refused for what it says.
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Two lines &amp; &lt;b&gt;signs" in again.text


@pytest.mark.parametrize("cookie", ["", "imac=none.none"], ids=["nobody", "somebody who never had a session"])
async def test_of_strangers_nothing_is_read_that_they_have_sent(site: Site, cookie: str) -> None:
    browser = await site.browser(headers={"Cookie": cookie} if cookie else {})

    answer = await browser.post("/orders/O-NONE0-NONE0/hold", data={"reason": "x" * 1_000})

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "xxx" not in answer.text


async def test_half_of_one_cookie_and_half_of_another_open_nothing(site: Site) -> None:
    mine, theirs = await site.signed_in(), await site.signed_in(Role.ADMIN, "p-sommer")
    ids, secrets = [[cookie_of(one).partition(".")[part] for one in (mine, theirs)] for part in (0, 2)]
    mixed = await site.browser(headers={"Cookie": f"imac={ids[1]}.{secrets[0]}"})

    assert (await mixed.get("/me")).status_code == HTTPStatus.SEE_OTHER


async def test_a_session_that_somebody_fixed_beforehand_is_not_the_one_that_is_opened(site: Site) -> None:
    """Whoever planted a cookie of their own session in a browser does not share what its owner opens."""
    attacker = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")
    planted = cookie_of(attacker)
    victim = await site.browser()
    victim.cookies.set("imac", planted, domain="localhost.local")
    await victim.post("/sign-in", data={"key": await site.house.key(Role.COORDINATOR, "p-koch")})

    given = [cookie.value for cookie in victim.cookies.jar if cookie.name == "imac"]
    assert any(value != planted for value in given)
    assert "Eva Koch" not in (await attacker.get("/")).text


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({"Content-Type": "application/json"}, b'{"reason": "x"}', id="json"),
        pytest.param({"Content-Type": "text/plain"}, b"reason=x", id="plain text"),
        pytest.param({}, b"reason=x", id="of no kind"),
        pytest.param(FORM, b"&".join(b"f%d=x" % number for number in range(20_000)), id="thousands of fields"),
        pytest.param(FORM, b"reason=%00&code=%ff%fe", id="no text"),
        pytest.param(FORM, b"reason=%ed%a0%80", id="half a surrogate"),
        pytest.param(FORM, b"reason=" + b"x" * 2_000_000, id="two million letters"),
        pytest.param(FORM, b"code=site_closed&code=delivery&reason=a&reason=b&seq=1&key=k", id="fields twice"),
        pytest.param(FORM, b"seq=%s&key=%s" % (b"9" * 5000, b"k" * 5000), id="endless numbers"),
        pytest.param({"Content-Type": "multipart/form-data"}, b"x", id="parts without a boundary"),
        pytest.param(
            {"Content-Type": "multipart/form-data; boundary=b"},
            b'--b\r\nContent-Disposition: form-data; name="reason"; filename="x.txt"\r\n\r\nx\r\n--b--\r\n',
            id="a file for a text",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/orders/{no}/hold", PLACE, "/sign-in", "/me/look", "/me/role", "/me/end"])
async def test_a_form_that_no_page_has_sent_is_refused_and_changes_nothing(
    site: Site, path: str, headers: dict[str, str], body: bytes
) -> None:
    made, browser = await written(site), await site.signed_in()
    answer = await browser.post(path.format(no=made.no), content=body, headers=headers)

    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, answer.text[:500]
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        assert answer.headers["Content-Type"].startswith("text/html")
    coordinator = await site.house.coordinator()
    assert [event["what"] for event in (await coordinator.get(f"/api/v1/orders/{made.no}/timeline")).json()] == [
        "placed"
    ]


async def test_a_value_given_twice_in_a_form_is_not_taken_for_one_of_the_two(site: Site) -> None:
    made, browser = await written(site), await site.signed_in()
    page = await browser.get(f"/orders/{made.no}/hold")
    said: dict[str, object] = {**hidden(page.text, f"/orders/{made.no}/hold"), "code": "site_closed"}
    said |= {"reason": ["Fire drill", "Nothing"], "max_until": "2099-12-01T08:00"}

    answer = await browser.post(f"/orders/{made.no}/hold", data=said)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Fire drill" in answer.text
    assert "sent more than once" in answer.text


async def test_an_answer_of_yesterdays_page_to_a_question_that_is_over_says_who_has_answered_it(site: Site) -> None:
    await site.house.worker()
    approver, other = [await site.signed_in(Role.APPROVER, person, "adler") for person in ("p-huber", "p-huber")]
    coordinator = await site.house.coordinator()
    made = await coordinator.post("/api/v1/orders", json=INSTALL)
    no = made.json()["no"]
    yesterday = await other.get(f"/orders/{no}/approve")
    await told(approver, no, "approve")

    said = hidden(yesterday.text, f"/orders/{no}/approve") | {"key": "of-another-browser"}
    answer = await other.post(f"/orders/{no}/approve", data=said)

    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Max Huber" in answer.text
