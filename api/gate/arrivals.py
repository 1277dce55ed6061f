"""Whoever writes is counted by address before anything else is looked at, with a key or without."""

import re

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.door.paces import WRITES, Paced, paces_of
from api.door.visit import visit_in
from domain.refusals import TooFast

# Alerts keep a pace of their own: they are taken in even when they come too fast.
ALERTS = re.compile("/api/v1/alerts(/alertmanager)?")


class PacedArrivals:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WRITES or ALERTS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            await paces_of(request).take_at_address(Paced.WRITING, visit_in(scope).address)
        except TooFast as refused:
            # Whoever has put the house together may have others say it otherwise, such as to browsers.
            say = scope["app"].exception_handlers[TooFast]
            await (await say(request, refused))(scope, receive, send)
            return
        await self._app(scope, receive, send)
