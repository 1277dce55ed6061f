"""Calendars that follow a rota: the addresses of one's own shifts, made and ended."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.dependencies import Now, Tables
from api.oncall.feeds import make_feed, revoke_feed, show_feeds
from api.oncall.links import OurLinks
from api.oncall.rota import show_rota
from api.policy import Operation
from domain.oncall.feeds import FeedWanted
from domain.values import Slug
from web.forms import KEY, typed_in
from web.oncall.now import ON_CALL
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.shared.answers import Answers

router = APIRouter(include_in_schema=False)
HERE = ON_CALL + "/{rota}/calendars"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ROTAS))]
_LONGEST_KEY = 64


@router.get(HERE, name="calendarFeedsPage")
async def feeds_page(
    request: Request, rota: Slug, reader: Reading, database: Tables, links: OurLinks, now: Now
) -> Response:
    known = await show_rota(rota, reader.key, database, Response())
    feeds = await show_feeds(rota, reader.key, database, links, now)
    people = {person for feed in feeds for person in (feed.person, feed.made_by) if person}
    values = {
        "rota": known,
        "feeds": sorted(feeds, key=lambda feed: feed.made_at, reverse=True),
        "names": await names_of(people, reader, database),
        "form_key": secrets.token_hex(16),
        "zone": known.zone,
        "now": now,
    }
    return page(request, "calendar_feeds.html", reader.look, values, reader=reader)


@router.post(HERE, name="makeCalendarFeedByPage")
async def make(request: Request, rota: Slug, reader: Reading, database: Tables, links: OurLinks, now: Now) -> Response:
    """One for the shifts of whoever asks; sent twice it is one."""
    typed = typed_in(await request.form())
    answers: Answers = request.app.state.answers
    wanted = FeedWanted(person=reader.key.person)

    async def made() -> Response:
        await make_feed(rota, wanted, reader.key, database, links, now)
        return see_other(HERE.format(rota=rota))

    sent = reader.session.id, request.url.path, next(iter(typed.get(KEY, ())), "")[:_LONGEST_KEY]
    return await answers.alike(sent, made)


@router.post(f"{HERE}/{{feed}}/end", name="endCalendarFeedByPage")
async def end(rota: Slug, feed: Slug, reader: Reading, database: Tables, now: Now) -> Response:
    await revoke_feed(rota, feed, reader.key, database, now)
    return see_other(HERE.format(rota=rota))
