"""Calendar feeds: an address for each calendar program, which opens without a key until it is revoked."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from api.dependencies import May, Now, Tables
from api.door.book import DoorBook
from api.door.visit import visit_of
from api.gate.routes import BoundedRoute
from api.oncall.links import OurLinks
from api.oncall.rota_checks import seen_rota
from api.policy import Operation, may
from api.workshop import workshop_for
from connectors.holidays import all_dated
from connectors.links import FEEDS, Links
from db.contracts import people_by_id
from db.engine import Database
from db.oncall.feeds import add_feed, end_feed, feed_by_id, feeds_of
from db.oncall.rotas import rota_in_force, versions_since
from documents.calendars import shifts_calendar
from documents.wording import language_of, sentence
from domain.door import AtDoor
from domain.keys import Key
from domain.oncall import rota_versions
from domain.oncall.feeds import CalendarFeed, FeedWanted
from domain.oncall.rota import Rota
from domain.people import Language, Person
from domain.refusals import NotAllowed, Problem, Refused, TooFast, Unknown, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/rotas/{rota_id}/calendar-feeds", tags=["rotas"])
public = APIRouter(include_in_schema=False)

# Of one rota for one person: a few programs each, and those that were lost.
MOST_FEEDS = 20
SHOWN_BACK, SHOWN_AHEAD = timedelta(weeks=4), timedelta(weeks=26)

Reading = Annotated[Key, Depends(May(Operation.READ_ROTAS))]


@router.get("", operation_id="listCalendarFeeds")
async def show_feeds(
    rota_id: Slug, caller: Reading, database: Tables, links: OurLinks, now: Now
) -> Sequence[CalendarFeed]:
    """List the feeds of a rota that have not ended: your own, or all of them if you may change shifts."""
    async with database.reading() as session:
        rota = await seen_rota(session, rota_id, caller)
        found = await feeds_of(session, rota_id)
    return [_shown(feed, links) for feed in found if feed.is_open_at(now) and _is_ones_own(feed, rota, caller)]


@router.post("", operation_id="addCalendarFeed", status_code=201)
async def make_feed(
    rota_id: Slug, wanted: FeedWanted, caller: Reading, database: Tables, links: OurLinks, now: Now
) -> CalendarFeed:
    """Make an address under which a calendar program follows a rota, or one person's shifts in it.

    Whoever may not change shifts gets one for their own. It opens without a key: revoke it when it is lost.
    """
    feed = CalendarFeed(
        id=secrets.token_hex(10), rota=rota_id, person=wanted.person, made_by=caller.person, made_at=now
    )
    async with database.writing() as session:
        rota = await seen_rota(session, rota_id, caller)
        if wanted.person != caller.person and not _changes_shifts(rota, caller):
            raise NotAllowed(Problem(code="feed_of_others", at="/person"))
        people = await people_by_id(session, [one for one in (wanted.person, caller.person) if one])
        if wanted.person is not None:
            known = any(one.id == wanted.person and one.customer in (None, rota.customer) for one in people)
            problem = Problem(code="person_unknown", at="/person", values={"person": wanted.person})
            refuse_if([] if known else [problem])
        # Made after it was said that somebody leaves, it ends with their last day all the same.
        feed = feed.but(ends_at=min((one.leaves_at for one in people if one.leaves_at is not None), default=None))
        kept = [one for one in await feeds_of(session, rota_id) if one.is_open_at(now) and one.made_by == feed.made_by]
        refuse_if([Problem(code="too_many_feeds", values={"most": f"{MOST_FEEDS}"})] if len(kept) >= MOST_FEEDS else [])
        await add_feed(session, feed)
    return _shown(feed, links)


@router.delete("/{feed_id}", operation_id="deleteCalendarFeed", status_code=204)
async def revoke_feed(rota_id: Slug, feed_id: Slug, caller: Reading, database: Tables, now: Now) -> None:
    """Revoke a feed: from now on its address opens nothing."""
    async with database.writing() as session:
        rota = await seen_rota(session, rota_id, caller)
        feed = await feed_by_id(session, feed_id)
        if feed is None or feed.rota != rota_id or not _is_ones_own(feed, rota, caller):
            raise unknown("feed", feed_id)
        await end_feed(session, feed_id, now)


async def show_calendar(request: Request) -> Response:
    """No key is asked for: calendar programs cannot show one."""
    language = language_of(request.headers.get("accept-language"))
    try:
        feed = await _opened(request)
        calendar = await _calendar(feed, request)
    except Refused as refused:
        book: DoorBook = request.app.state.book
        if refused.status == Unknown.status:
            book.refused(visit_of(request).entry(AtDoor.REFUSED, why=refused.problems[0].code))
        again = {"Retry-After": f"{refused.wait}"} if isinstance(refused, TooFast) else {}
        return PlainTextResponse(sentence(refused.problems[0], language), refused.status, headers=again)
    return Response(calendar, media_type="text/calendar; charset=utf-8")


public.add_route(f"{FEEDS}{{token}}", show_calendar, methods=["GET", "HEAD"])


async def _opened(request: Request) -> CalendarFeed:
    """Raises `Unknown`, also for what was revoked, and `TooFast` where somebody guesses."""
    links: Links = request.app.state.links
    database: Database = request.app.state.database
    visit = visit_of(request)
    try:
        feed_id = links.feed(request.path_params["token"])
    except Refused:
        book: DoorBook = request.app.state.book
        book.strangers.check(visit.address, visit.at)
        raise
    async with database.reading() as session:
        feed = await feed_by_id(session, feed_id)
    if feed is None or not feed.is_open_at(visit.at):
        raise Unknown(Problem(code="link_wrong"))
    return feed


async def _calendar(feed: CalendarFeed, request: Request) -> str:
    database: Database = request.app.state.database
    workshop = await workshop_for(request)
    now = visit_of(request).at
    start, end = now - SHOWN_BACK, now + SHOWN_AHEAD
    async with database.reading() as session:
        versions = all_dated(await versions_since(session, feed.rota, start), start)
        shifts = await workshop.make(rota_versions.shifts, versions, start, end)
        # What is cut at the edges would be another event each time.
        whole = [shift for shift in shifts if shift.start > start and shift.end < end]
        wanted = [shift for shift in whole if feed.person in (None, shift.person)]
        people = await people_by_id(session, sorted({shift.person for shift in wanted if shift.person}))
        rota = await rota_in_force(session, feed.rota)
    if rota is None:
        raise Unknown(Problem(code="link_wrong"))
    names = {person.id: person.name for person in people}
    return shifts_calendar(rota, wanted, names, _language(feed, people, request), now)


def _language(feed: CalendarFeed, people: Sequence[Person], request: Request) -> Language:
    spoken = (person.language for person in people if person.id == feed.person)
    return next(spoken, language_of(request.headers.get("accept-language")))


def _is_ones_own(feed: CalendarFeed, rota: Rota, caller: Key) -> bool:
    return caller.person in (feed.person, feed.made_by) or _changes_shifts(rota, caller)


def _changes_shifts(rota: Rota, caller: Key) -> bool:
    return caller.sees(rota.customer) and may(caller, Operation.CHANGE_SHIFTS)


def _shown(feed: CalendarFeed, links: Links) -> CalendarFeed:
    return feed.but(url=links.feed_url(feed.id))
