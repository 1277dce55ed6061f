"""Calendar programs follow a rota by a signed address, until it is revoked."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from api.oncall.feeds import MOST_FEEDS
from documents.calendars import shifts_calendar
from domain.oncall.shifts import Layer, Shift
from domain.people import Role
from tests.api.house import House, body
from tests.api.test_leaving import leave
from tests.api.test_rotas import MONDAY, NIGHT, WEEK, codes, override, sdm
from tests.domain.oncall.test_rota import at, rota

FEEDS = f"{NIGHT}/calendar-feeds"


async def opened(house: House, feed: dict[str, Any], **headers: str) -> httpx2.Response:
    """By somebody who shows no key."""
    return await (await house.client(headers)).get(feed["url"].removeprefix("http://127.0.0.1:8080"))


def events(calendar: str) -> list[dict[str, str]]:
    """As a calendar program reads them."""
    read: list[dict[str, str]] = []
    for line in calendar.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            read.append({})
        elif read:
            read[-1].setdefault(name, value)
    return read


async def test_a_calendar_shows_ones_own_shifts_and_what_has_changed_since(cut_off: House) -> None:
    caller = await sdm(cut_off)
    feed = body(await caller.post(FEEDS, json={"person": "p-koch"}))

    first = await opened(cut_off, feed)
    again = await opened(cut_off, feed)
    await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK))
    changed = await opened(cut_off, feed)

    assert (first.status_code, first.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    shown, later = events(first.text), events(changed.text)
    assert {event["SUMMARY"].partition(",")[0] for event in shown} == {"Eva Koch\\"}
    assert {event["UID"] for event in shown} == {event["UID"] for event in events(again.text)}
    (gone,) = {event["UID"] for event in shown} - {event["UID"] for event in later}
    assert f"{MONDAY + 2 * WEEK:%Y%m%dT%H%M%SZ}" in gone


async def test_an_address_that_was_revoked_or_is_not_ours_opens_nothing(cut_off: House) -> None:
    caller = await sdm(cut_off)
    feed, other = [body(await caller.post(FEEDS, json={})) for _ in range(2)]

    revoked = [await caller.delete(f"{FEEDS}/{feed['id']}") for _ in range(2)]
    answers = [
        await opened(cut_off, feed),
        await opened(cut_off, other | {"url": other["url"].replace(other["id"], feed["id"])}),
        await opened(cut_off, other | {"url": "/c/x"}),
        await opened(cut_off, other),
    ]

    assert [answer.status_code for answer in revoked] == [204, 204]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 200]
    assert len({answer.text for answer in answers[:3]}) == 1
    assert [one["id"] for one in body(await caller.get(FEEDS))] == [other["id"]]


async def test_everybody_gets_their_own_and_nobody_anothers(cut_off: House) -> None:
    desk = await sdm(cut_off)
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang")
    customer = await cut_off.caller(Role.CONTACT, "p-vogel", "adler")
    theirs = body(await desk.post(FEEDS, json={"person": "p-koch"}))

    own = await technician.post(FEEDS, json={"person": "p-lang"})
    others = [await technician.post(FEEDS, json=wanted) for wanted in ({"person": "p-koch"}, {})]
    unknown = await desk.post(FEEDS, json={"person": "p-nobody"})
    revoked = await technician.delete(f"{FEEDS}/{theirs['id']}")

    assert own.status_code == 201, own.text
    assert [(answer.status_code, codes(answer)) for answer in others] == [(403, [("feed_of_others", "/person")])] * 2
    assert codes(unknown) == [("person_unknown", "/person")]
    assert [one["id"] for one in body(await technician.get(FEEDS))] == [body(own)["id"]]
    assert revoked.status_code == 404
    assert (await customer.post(FEEDS, json={"person": "p-vogel"})).status_code == 403


async def test_a_key_for_one_customer_opens_the_houses_rota_to_whoever_is_on_call_by_it(cut_off: House) -> None:
    await sdm(cut_off)
    own, steward, stranger = [
        await cut_off.caller(role, person, "adler")
        for role, person in ((Role.TECHNICIAN, "p-lang"), (Role.SERVICE_DESK, "p-koch"), (Role.TECHNICIAN, "p-huber"))
    ]

    made = await own.post(FEEDS, json={"person": "p-lang"})
    read = [await own.get(path) for path in (NIGHT, f"{NIGHT}/on-call", f"{NIGHT}/shifts", f"{NIGHT}/gaps", FEEDS)]
    others = [await steward.post(FEEDS, json=wanted) for wanted in ({"person": "p-lang"}, {})]
    changed = await steward.post(f"{NIGHT}/overrides", json=override("p-wolf", MONDAY + WEEK, MONDAY + 2 * WEEK))
    strange = [await stranger.get(NIGHT), await stranger.post(FEEDS, json={"person": "p-huber"})]

    assert made.status_code == 201, made.text
    assert (await opened(cut_off, body(made))).status_code == 200
    assert [answer.status_code for answer in read] == [200] * 5
    assert [one["id"] for one in body(await own.get("/api/v1/rotas"))] == ["night"]
    assert [one["id"] for one in body(read[-1])] == [body(made)["id"]]
    assert [answer.status_code for answer in others] == [403, 403]
    assert changed.status_code == 404
    assert [answer.status_code for answer in strange] == [404, 404]
    assert body(await stranger.get("/api/v1/rotas")) == []


async def test_who_leaves_follows_nothing_any_more(cut_off: House) -> None:
    caller = await sdm(cut_off)
    admin = await cut_off.caller(Role.ADMIN, "p-koch")
    feed = body(await caller.post(FEEDS, json={"person": "p-wolf"}))

    await leave(admin, "p-wolf", last_day=f"{MONDAY - WEEK:%Y-%m-%d}")

    assert (await opened(cut_off, feed)).status_code == 404


async def test_an_address_made_before_the_last_day_ends_with_it(cut_off: House) -> None:
    caller = await sdm(cut_off)
    admin = await cut_off.caller(Role.ADMIN, "p-koch")
    left = await leave(admin, "p-wolf", last_day=f"{MONDAY + WEEK:%Y-%m-%d}")
    wolf = await cut_off.caller(Role.TECHNICIAN, "p-wolf")

    made = [body(await one.post(FEEDS, json={"person": "p-wolf"})) for one in (caller, wolf)]

    ends = datetime.fromisoformat(body(left)["ends_at"])
    assert [datetime.fromisoformat(feed["ends_at"]) for feed in made] == [ends, ends]


async def test_one_person_gets_only_so_many_until_some_are_revoked(cut_off: House) -> None:
    desk = await sdm(cut_off)
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang")
    made = [body(await technician.post(FEEDS, json={"person": "p-lang"})) for _ in range(MOST_FEEDS)]

    refused = await technician.post(FEEDS, json={"person": "p-lang"})
    others = await desk.post(FEEDS, json={"person": "p-lang"})
    await technician.delete(f"{FEEDS}/{made[0]['id']}")
    again = await technician.post(FEEDS, json={"person": "p-lang"})

    assert codes(refused) == [("too_many_feeds", "")]
    assert (others.status_code, again.status_code) == (201, 201)


@pytest.mark.parametrize("name", ["Rufbereitschaft; Nord, Süd \\ West", "ö" * 120])
def test_names_of_any_kind_are_written_as_programs_read_them(name: str) -> None:
    shift = Shift(layer=Layer.PRIMARY, person="anna", start=at("2026-03-02T09:00Z"), end=at("2026-03-09T09:00Z"))

    written = shifts_calendar(rota(name=name), [shift], {"anna": "Anna, A."}, "de", shift.start + timedelta(hours=1))

    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    (event,) = events(written)
    summary = event["SUMMARY"].replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert summary == f"Anna, A., Erste Person: {name}"
    assert (event["DTSTART"], event["DTEND"]) == ("20260302T090000Z", "20260309T090000Z")
