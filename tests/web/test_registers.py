"""Registers by pages: devices, people, vendors and their certificates, waste, keys; each for whom it concerns."""

import re
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest

from domain.keys import key_id_of
from domain.people import Role
from tests.web.test_orders import hidden, written
from tests.web.visitors import Site

SEEN = {
    Role.COORDINATOR: {"/assets", "/people", "/vendors", "/waste", "/contracts"},
    Role.SERVICE_DESK: {"/assets", "/people", "/vendors", "/waste", "/contracts"},
    Role.TECHNICIAN: {"/assets", "/people", "/vendors", "/waste"},
    Role.MANAGEMENT: {"/assets", "/people", "/vendors", "/waste"},
    Role.AUDITOR: {"/assets", "/people", "/vendors", "/waste", "/contracts"},
    Role.ADMIN: {"/assets", "/people", "/vendors", "/waste", "/contracts", "/keys"},
    Role.REQUESTER: {"/assets", "/people", "/waste", "/contracts"},
}


@pytest.mark.parametrize("role", SEEN)
async def test_everybody_is_led_to_the_registers_that_they_may_read(site: Site, role: Role) -> None:
    customer = "adler" if role == Role.REQUESTER else None
    browser = await site.signed_in(role, "p-vogel" if customer else "p-koch", customer)

    first, page = (await browser.get("/")).text, (await browser.get("/registers")).text.partition("<main")[2]

    assert 'href="/registers"' in first
    assert {one for one in SEEN[Role.ADMIN] if f'href="{one}"' in page} == SEEN[role]


async def test_a_device_shows_what_it_is_where_it_stands_and_what_has_become_of_it(site: Site) -> None:
    browser = await site.signed_in(Role.SERVICE_DESK, "p-desk")

    listed = await browser.get("/assets?search=NB-100")
    page = await browser.get("/assets/NB-100?customer=adler")

    assert 'href="/assets/NB-100?customer=adler"' in listed.text
    assert "NB-200" not in listed.text
    assert page.status_code == HTTPStatus.OK
    assert 'href="/incidents?asset=NB-100"' in page.text
    assert "There are no files of this device." in page.text


async def test_a_tag_that_several_customers_have_lets_the_reader_choose(site: Site) -> None:
    await site.house.second_customer()
    asset = {"file": ("assets.csv", b"Inventarnummer;Modell;Status\nNB-100;X;auf Lager\n")}
    desk = await site.house.coordinator()
    brought = await desk.post("/api/v1/imports/assets?customer=falke&dry_run=false", files=asset)
    assert brought.is_success, brought.text
    browser = await site.signed_in()

    asked = await browser.get("/assets/NB-100")

    assert asked.headers["Location"] == "/search?q=NB-100"
    found = (await browser.get("/search?q=NB-100")).text
    assert 'href="/assets/NB-100?customer=adler"' in found
    assert 'href="/assets/NB-100?customer=falke"' in found


async def test_people_are_found_by_name_and_only_those_that_the_reader_may_see(site: Site) -> None:
    await site.house.second_customer()
    everybodys = await site.signed_in()
    theirs = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

    found, nobody = await everybodys.get("/people?q=vogel"), await everybodys.get("/people?q=zzz")
    shut = await theirs.get("/people?q=p-vogel")

    assert 'href="/orders?requester=p-vogel"' in found.text
    assert "Nobody is called that." in nobody.text
    assert "Nobody is called that." in shut.text


async def test_certificates_say_what_ends_next_and_vendors_what_they_have_promised(site: Site) -> None:
    today = datetime.now(UTC).date()
    desk = await site.house.coordinator()
    proven = [
        certificate("EFB-1", today - timedelta(days=400), today - timedelta(days=35)),
        certificate("EFB-2", today - timedelta(days=30), today + timedelta(days=20)),
        certificate("EFB-3", today + timedelta(days=21), today + timedelta(days=700)),
    ]
    vendor = {
        "id": "recycler",
        "name": "Recycler GmbH",
        "people": ["p-koch"],
        "phone": "+49 821 1",
        "certificates": proven,
    }
    made = await desk.put("/api/v1/vendors/recycler", json=vendor)
    assert made.is_success, made.text
    browser = await site.signed_in()

    listed, page = (await browser.get("/vendors")).text, (await browser.get("/vendors/recycler")).text

    assert [listed.index(one) for one in ("EFB-1", "EFB-2", "EFB-3")] == sorted(
        listed.index(one) for one in ("EFB-1", "EFB-2", "EFB-3")
    )
    for said in ("expired", "ends soon", "not yet in force"):
        assert said in listed
        assert said in page
    assert "+49 821 1" in page
    assert (await browser.get("/vendors/nobody")).status_code == HTTPStatus.NOT_FOUND
    assert (await browser.get("/vendors/recycler?version=9")).status_code == HTTPStatus.NOT_FOUND


def certificate(number: str, first: date, last: date) -> dict[str, str]:
    days = {"valid_from": first.isoformat(), "valid_until": last.isoformat()}
    return {"kind": "waste_specialist", "number": number, "scope": "collecting"} | days


async def test_waste_is_shown_for_a_customer_and_a_year_and_refused_for_anothers(site: Site) -> None:
    await site.house.second_customer()
    browser = await site.signed_in(Role.AUDITOR, "p-koch")
    own = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")

    asked, shown = await browser.get("/waste"), await browser.get("/waste?customer=adler&year=2026")
    mine, table = await own.get("/waste"), await browser.get("/waste.csv?customer=adler&year=2026")

    assert "Choose a customer." in asked.text
    assert "Nothing was declared as waste" in shown.text
    assert "Nothing was declared as waste" in mine.text
    assert table.headers["content-type"].startswith("text/csv")
    assert (await browser.get("/waste.csv")).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert (await own.get("/waste?customer=falke")).status_code == HTTPStatus.NOT_FOUND


async def test_an_administrator_revokes_a_key_that_nobody_shall_use_any_more(site: Site) -> None:
    text = await site.house.key(Role.TECHNICIAN, "p-lang")
    key = key_id_of(text)
    browser = await site.signed_in(Role.ADMIN, "p-koch")
    here = f"/keys/{key}/revoke"

    listed, asked = await browser.get("/keys"), await browser.get(here)
    done = [await browser.post(here) for _ in range(2)]
    after = await browser.get("/keys")

    assert f'href="{here}"' in listed.text
    assert "This cannot be taken back." in asked.text
    assert {answer.headers["Location"] for answer in done} == {"/keys"}
    assert f'href="{here}"' not in after.text
    assert (await (await site.browser()).post("/sign-in", data={"key": text})).status_code == HTTPStatus.UNAUTHORIZED


async def test_the_key_of_the_last_administrator_stays(site: Site) -> None:
    browser = await site.signed_in(Role.ADMIN, "p-koch")
    keys = (await browser.get("/keys")).text

    refused = [await browser.post(address) for address in set(_revoking(keys))]

    assert HTTPStatus.CONFLICT in {answer.status_code for answer in refused}
    assert (await browser.get("/keys")).status_code == HTTPStatus.OK


def _revoking(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('href="')[1:] if part.partition('"')[0].endswith("/revoke")]


async def test_what_was_typed_for_a_key_is_kept_beside_what_is_wrong_with_it(site: Site) -> None:
    browser = await site.signed_in(Role.ADMIN, "p-koch")
    form = await browser.get("/keys/new")

    past = {"role": "technician", "person": "p-lang", "customer": "", "expires_at": "2001-01-01T10:00"}
    refused = await browser.post("/keys/new", data=hidden(form.text, "/keys/new") | past)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert '<option value="p-lang" selected' in refused.text
    assert 'value="2001-01-01T10:00"' in refused.text


async def test_an_order_leads_to_its_devices(site: Site) -> None:
    order = await written(site)
    page = await (await site.signed_in()).get(f"/orders/{order.no}")

    assert 'href="/assets/NB-100?customer=adler"' in page.text


async def test_somebody_leaves_after_a_look_at_what_that_changes(site: Site) -> None:
    browser = await site.signed_in(Role.ADMIN, "p-koch")
    here = "/people/p-lang/leaving"
    listed, form = await browser.get("/people?q=lang"), await browser.get(here)
    said = {"last_day": "2083-01-31", "successor": "p-koch"}

    nonsense = await browser.post(here, data=said | {"last_day": "31.1."})
    looked = await browser.post(here, data=said)
    seen = {"seen": re.findall(r'name="seen" value="([^"]+)"', looked.text)[0]}
    other = await browser.post(here, data=said | seen | {"last_day": "2083-02-28"})
    done = await browser.post(here, data=said | seen)
    after = await browser.get("/people?q=p-lang")

    assert f'href="{here}"' in listed.text
    assert 'type="date"' in form.text
    assert nonsense.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'value="p-koch" selected' in nonsense.text
    assert "This changes" in looked.text
    assert "Contract role" in looked.text
    # What was looked at was another day: it is looked at again.
    assert 'name="seen"' in other.text
    assert done.headers["Location"] == "/people?q=p-lang", done.text
    assert "2083" in after.text


async def test_nobody_but_an_administrator_lets_people_leave(site: Site) -> None:
    browser = await site.signed_in()

    assert "/leaving" not in (await browser.get("/people")).text
    assert (await browser.get("/people/p-lang/leaving")).status_code == HTTPStatus.FORBIDDEN
    assert (await browser.post("/people/p-lang/leaving", data={})).status_code == HTTPStatus.FORBIDDEN
