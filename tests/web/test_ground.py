"""What every page has: its policy, its words, a refusal that people can read, and nothing from elsewhere."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from jinja2 import nodes

from documents.wording import title
from domain.people import Language, Role
from settings import Settings
from tests.web.visitors import Site
from web.rendering import templates
from web.shared.written import isolated
from web.site import create_site
from web.static_files import static_files
from web.words import FOLDER, page_wording

WEB = FOLDER.parent
KILOBYTE = 1_000
REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


async def test_a_page_may_load_and_send_nothing_but_its_own(site: Site) -> None:
    answer = await (await site.signed_in()).get("/")

    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert not re.search(r"\sstyle=|\son\w+=|<script(?![^>]*src)|https?://(?!www\.w3\.org)", answer.text)


async def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    browser = await site.signed_in()
    first = await browser.get("/me")

    again = await browser.get("/me", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


async def test_files_named_by_their_contents_are_kept_for_good(site: Site) -> None:
    browser = await site.browser()
    page = (await browser.get("/sign-in")).text
    (address,) = re.findall(r'href="(/static/imac\.css\?v=\w+)"', page)

    answer = await browser.get(address)
    again = await browser.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    other = await browser.get("/static/imac.css?v=older")

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert other.headers["Cache-Control"] == "no-cache"
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["..%2Fsite.py", "nothing.css", "..%2f..%2fpyproject.toml", "imac.css%00.js"])
async def test_no_other_file_is_served(site: Site, name: str) -> None:
    assert (await (await site.browser()).get(f"/static/{name}")).status_code in (404, 422)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json, text/html;q=0.1", "application/problem+json"),
        ("*/*", "application/problem+json"),
    ],
)
async def test_a_refusal_comes_as_its_reader_reads(site: Site, accept: str, kind: str) -> None:
    answer = await (await site.browser()).get("/nowhere", headers={"Accept": accept})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith(kind)


async def test_the_api_answers_browsers_as_it_answers_everybody(site: Site) -> None:
    answer = await (await site.browser()).get("/api/v1/orders")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_cookie_is_no_key_at_the_api(site: Site) -> None:
    assert (await (await site.signed_in()).get("/api/v1/orders")).status_code == 401


@pytest.mark.parametrize("address", ["/?x=1", "/me?language=de", "/?x"])
async def test_a_question_nobody_knows_is_refused(site: Site, address: str) -> None:
    answer = await (await site.signed_in()).get(address)

    assert answer.status_code in (303, 422)


async def test_pages_are_in_the_language_that_was_chosen(site: Site) -> None:
    browser = await site.signed_in()
    chosen = await browser.post("/me/look", data={"language": "de", "theme": "dark"})

    page = (await browser.get("/me")).text

    assert chosen.status_code == 303
    assert '<html lang="de" data-theme="dark">' in page
    assert "Abmelden" in page


@pytest.mark.parametrize("address", ["/orders/O-NONE0-NONE0", "/audit", "/orders?what=ever", "/on-call?weeks=99"])
async def test_a_refusal_is_in_the_language_of_the_pages(site: Site, address: str) -> None:
    """Whatever the browser is set to: first that of the person, and then the one they chose."""
    browser = await site.browser()
    await browser.post("/sign-in", data={"key": await site.house.key(Role.APPROVER, "p-huber", "adler")})

    theirs = await browser.get(address)
    await browser.post("/me/look", data={"language": "en"})
    chosen = await browser.get(address, headers={"Accept-Language": "de"})

    said: list[tuple[httpx2.Response, Language]] = [(theirs, "de"), (chosen, "en")]
    for answer, language in said:
        assert answer.status_code in REFUSED
        assert f'<html lang="{language}">' in answer.text
        assert title(HTTPStatus(answer.status_code), language) in answer.text


async def test_every_page_asks_who_comes(site: Site) -> None:
    """All but the few that let somebody in."""
    browser = await site.browser()
    opened = []
    for context in iter_route_contexts(create_site(Settings()).routes):
        path = context.path_format or ""
        if path.startswith("/api/") or "GET" not in (context.methods or ()):
            continue
        answer = await browser.get(re.sub(r"\{\w+\}", "x-1", path))
        if answer.status_code == 200:
            opened.append(path)

    assert set(opened) <= {"/sign-in", "/docs", "/docs/start.js", "/openapi.json", "/health/live", "/health/ready"}


def test_both_languages_say_the_same_and_nothing_that_no_page_says() -> None:
    german, english = page_wording("de").says, page_wording("en").says
    written = "\n".join(path.read_text() for path in [*WEB.rglob("*.py"), *WEB.rglob("*.html")])
    said = {name for name in german if re.search(rf"""["']{name}["']""", written)}
    values = {name: sorted(re.findall(r"\{\w*\}", german[name])) for name in german}

    assert list(german) == list(english)
    assert set(german) == said
    assert values == {name: sorted(re.findall(r"\{\w*\}", english[name])) for name in english}


def test_whatever_a_page_says_there_is_in_the_files_of_words() -> None:
    """Also where it depends on something which of two it says: a page that has no words for it is no page."""
    known = page_wording("de").says.keys()
    said = {
        (path.name, name)
        for path in WEB.rglob("*.html")
        for call in templates().parse(path.read_text()).find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "say"
        for name in _meant(call.args[0])
    }
    written = {name for _, name in said}

    assert len(written) > 100
    assert {(page, name) for page, name in said if name not in known} == set()


def _meant(asked: nodes.Expr) -> Iterator[str]:
    match asked:
        case nodes.Const(value=str(name)):
            yield name
        case nodes.CondExpr(expr1=one, expr2=other):
            yield from _meant(one)
            if other is not None:
                yield from _meant(other)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\u202eturned\u2066left open", "\u202eturned\u2066left open\u2069"),
        ("\u2067a\u2068b\u2069", "\u2067a\u2068b\u2069\u2069"),
        ("\u2069closed\u2066too early", "\u2069closed\u2066too early\u2069"),
    ],
)
def test_a_text_that_leaves_its_direction_open_does_not_go_on_behind_its_end(text: str, shown: str) -> None:
    assert isolated(f"<b><bdi>{text}</bdi></b> approver") == f"<b><bdi>{shown}</bdi></b> approver"


def test_pages_weigh_little() -> None:
    sizes = {name: (len(file.body), len(file.packed)) for name, file in static_files().items()}
    styles = [sizes[name] for name in sizes if name.endswith(".css")]
    # Of one page: a worker runs beside it, and the camera's is loaded where there is one.
    scripts = [sizes[name][0] for name in ("live.js", "floor.js")]

    assert sum(raw for raw, _ in styles) <= 24 * KILOBYTE
    assert sum(packed for _, packed in styles) <= 7 * KILOBYTE
    assert sum(scripts) <= 12 * KILOBYTE


def test_everything_a_page_needs_is_in_the_package() -> None:
    assert Path(WEB / "templates" / "base.html").exists()
    assert {"tokens.css", "imac.css", "live.js", "marks.svg"} <= set(static_files())
