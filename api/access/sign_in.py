"""Links by which whoever has a key signs in at the pages, in a browser that need never see it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.dependencies import May, Now, Tables
from api.policy import Operation
from db.access.sessions import offer_session
from domain.keys import LINK_LIFE, Key
from domain.sessions import SignInLink

router = APIRouter(prefix="/sign-in-links", tags=["keys"])


@router.post("", operation_id="createSignInLink", status_code=201)
async def make_link(
    request: Request, caller: Annotated[Key, Depends(May(Operation.SIGN_IN))], database: Tables, now: Now
) -> SignInLink:
    """Create a link that signs you in at the pages, once and within ten minutes."""
    async with database.writing() as session:
        token = await offer_session(session, caller, now)
    url = request.app.state.links.sign_in_url(token)
    return SignInLink(url=url, expires_at=now + LINK_LIFE, person=caller.person, role=caller.role)
