"""Today: what needs me now, what runs out soon, what is under way."""

from fastapi import APIRouter, Request, Response

from web.rendering import page
from web.session import Here

router = APIRouter(include_in_schema=False)


@router.get("/", name="todayPage")
async def show_today(request: Request, reader: Here) -> Response:
    return page(request, "today.html", reader.look, {"now": reader.now}, reader=reader)
