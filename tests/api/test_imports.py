"""Asset lists over HTTP: good rows count, the others are named, and what cannot be a list is refused."""

from http import HTTPStatus

import pytest

from tests.api.house import House, body

IMPORTS = "/api/v1/imports"
LIST = b"Inventarnummer;Seriennummer;Modell;Status\nNB-500;SN500;T14;auf Lager\n?!;SN501;T14;auf Lager\n"
ADLER = {"customer": "adler"}


async def test_a_list_comes_into_the_register_with_its_problems_named(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    tried = await desk.post(f"{IMPORTS}/assets", params=ADLER | {"dry_run": "true"}, files={"file": ("l.csv", LIST)})
    missing = await desk.get("/api/v1/assets/NB-500", params=ADLER)
    done = await desk.post(f"{IMPORTS}/assets", params=ADLER, files={"file": ("l.csv", LIST)})
    asset = await desk.get("/api/v1/assets/NB-500", params=ADLER)
    kept = await desk.get(f"{IMPORTS}/{body(done)['id']}")

    assert (tried.status_code, missing.status_code) == (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    assert (body(done)["added"], body(done)["with_problems"]) == (1, 1)
    assert [(issue["row"], issue["code"]) for issue in body(done)["issues"]] == [(3, "tag_malformed")]
    assert body(asset)["serial"] == "SN500"
    assert body(kept) == body(done)


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        pytest.param("list.csv", b"", 422, id="empty"),
        pytest.param("list.csv", b"\0\0\0\0", 422, id="nothing but NUL"),
        pytest.param("list.xlsx", b"PK\x03\x04broken", 422, id="a damaged workbook"),
        pytest.param("list.pdf", b"%PDF-1.7", 422, id="a PDF"),
        pytest.param("list.csv", b"x" * 20_000_001, 413, id="more than 20 MB"),
        pytest.param("a\0b.csv", b"nothing known\n", 422, id="no known heading"),
    ],
)
async def test_what_is_no_list_is_refused(cut_off: House, name: str, content: bytes, status: int) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post(f"{IMPORTS}/assets", params=ADLER, files={"file": (name, content)})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        pytest.param("application/json", b"{}", 415, id="JSON"),
        pytest.param("multipart/form-data", b"no parts", 400, id="parts without a boundary"),
        pytest.param("multipart/form-data; boundary=x", b"--x\r\nbroken", 422, id="a part that breaks off"),
        pytest.param("multipart/form-data; boundary=x", b"--x--\r\n", 422, id="no file"),
    ],
)
async def test_a_list_comes_as_a_file(cut_off: House, kind: str, content: bytes, status: int) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post(f"{IMPORTS}/assets", params=ADLER, content=content, headers={"Content-Type": kind})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("said", "at", "code"),
    [
        pytest.param({"values": {"status": {"weg": "moon"}}}, "/values/status", "word_meaning_unknown", id="status"),
        pytest.param({"values": {"kind": {"Tausch": "swap"}}}, "/values/kind", "word_meaning_unknown", id="kind"),
        pytest.param({"values": {"site": {"Nord": "moon"}}}, "/values/site", "word_meaning_unknown", id="site"),
        pytest.param({"values": {"floor": {"1. OG": "1", "OG 1": "2"}}}, "/values/floor", "meant_twice", id="floor"),
        pytest.param({"columns": {"Tag ID": "tag", "TAG  ID": "serial"}}, "/columns", "meant_twice", id="heading"),
    ],
)
async def test_words_mean_what_there_is_and_one_thing_only(
    cut_off: House, said: dict[str, object], at: str, code: str
) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.put(f"{IMPORTS}/words", json=ADLER | said, headers={"If-Match": "*"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, answer.text
    (error,) = body(answer)["errors"]
    assert (error["at"], error["code"]) == (at, code)


async def test_words_may_mean_sites_kinds_and_that_nothing_moves(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    said = {"site": {"Zentrale": "adler-hq"}, "kind": {"Tausch": "Umzug", "Rest": "bleibt"}, "status": {"weg": "lager"}}

    answer = await desk.put(f"{IMPORTS}/words", json=ADLER | {"values": said}, headers={"If-Match": "*"})

    assert answer.status_code == HTTPStatus.OK, answer.text
