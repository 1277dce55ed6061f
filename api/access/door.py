"""The log of the door, for those who answer for it. What concerns one customer is seen by that customer's keys too."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, ValidationError

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import May, Tables, scope_of
from api.door.book import DoorBook
from api.policy import Operation
from api.queries import QueryValue
from db.access.door import DoorQuery, door_entries
from domain.door import AtDoor, NumberedEntry
from domain.keys import Key
from domain.times import Instant
from domain.values import Slug

router = APIRouter(prefix="/door", tags=["door"])

_SORT = "door -id"


class DoorListQuery(QueryValue):
    """`key` is the one that came, `about` the key or channel that was changed."""

    what: AtDoor | None = None
    key: Slug | None = None
    about: Slug | None = None
    customer: Slug | None = None
    since: Instant | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)

    def asked(self, caller: Key) -> DoorQuery:
        after = read_cursor(self.cursor, _SORT)
        try:
            return DoorQuery(
                customers=scope_of(caller, self.customer),
                before=int(after[0]) if after else None,
                limit=self.limit + 1,
                **self.model_dump(include={"what", "key", "about", "since"}),
            )
        except (ValueError, ValidationError) as error:
            raise cursor_wrong() from error


async def _book(request: Request) -> DoorBook:
    book: DoorBook = request.app.state.book
    return book


OurBook = Annotated[DoorBook, Depends(_book)]


@router.get("", operation_id="listDoorEntries")
async def show_door(
    query: Annotated[DoorListQuery, Query()],
    caller: Annotated[Key, Depends(May(Operation.READ_DOOR))],
    database: Tables,
    book: OurBook,
) -> CursorPage[NumberedEntry]:
    """List refused requests and changes to keys and channels, newest first. Entries are never changed or removed."""
    await book.write()
    async with database.reading() as session:
        found = await door_entries(session, query.asked(caller))
    shown, last = page(found, query.limit)
    return CursorPage(items=shown, next=str(Cursor(sort=_SORT, after=(str(last.id), ""))) if last else None)
