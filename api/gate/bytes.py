"""How many bytes may come, and how slowly: counted while they come, whoever reads them."""

import asyncio
import re
from datetime import timedelta
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KILOBYTE, MEGABYTE = 1_000, 1_000_000
MOST_BYTES = MEGABYTE
# Forms behind links in mails, which anybody may send.
MOST_PUBLIC_BYTES = 10_000
LIMITS = (
    # An answer of 4,000 letters, each written as six.
    (re.compile("/a/[^/]+"), 30_000),
    # Whole lists come as imports and into projects,
    (re.compile("/api/v1/imports/assets"), 20 * MEGABYTE),
    (re.compile("/api/v1/projects/[^/]+/lists"), 20 * MEGABYTE),
    # photos of 5 MB to orders, in the envelope of a form,
    (re.compile("/api/v1/orders/[^/]+/(papers|erasure-reports)"), 5 * MEGABYTE + 20 * KILOBYTE),
    (re.compile("/(orders|my-day)/[^/]+/add_paper"), 5 * MEGABYTE + 20 * KILOBYTE),
    # what thousands of rows have come to in a rehearsal as it was, and in a storm many alerts at once.
    (re.compile("/api/v1/projects/[^/]+/plans/[^/]+/rehearsal"), 4 * MEGABYTE),
    (re.compile("/api/v1/projects/[^/]+/plans"), 2 * MEGABYTE),
    (re.compile("/api/v1/alerts(/alertmanager)?"), 4 * MEGABYTE),
)
# A phone in a lift is slower than this for a while, never for all of a body.
PATIENCE = timedelta(seconds=15)
LEAST_BYTES_PER_SECOND = 20_000


class BodyLimit:
    """Refuses a body while it comes in. FastAPI's own limit would answer in plain text."""

    def __init__(self, app: ASGIApp, patience: timedelta = PATIENCE) -> None:
        self._app = app
        self._patience = patience.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = body_limit(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        loop = asyncio.get_running_loop()
        came, since, more = 0, 0.0, True

        async def counted() -> Message:
            nonlocal came, since, more
            if not more:
                # Whoever still listens waits for the caller to go away.
                return await receive()
            if _is_above(declared, limit):
                raise _too_large(limit)
            since = since or loop.time()
            try:
                async with asyncio.timeout_at(since + self._patience + came / LEAST_BYTES_PER_SECOND):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"}) from None
            came += len(message.get("body", b""))
            more = message.get("more_body", False)
            if came > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, counted, send)


def body_limit(path: str) -> int:
    otherwise = MOST_BYTES if path.startswith("/api/") else MOST_PUBLIC_BYTES
    return next((most for pattern, most in LIMITS if pattern.fullmatch(path)), otherwise)


def _is_above(declared: str, limit: int) -> bool:
    # Python refuses to read numbers of more than 4,300 digits.
    return declared.isdecimal() and (len(declared) > len(str(limit)) or int(declared) > limit)


def _too_large(limit: int) -> HTTPException:
    size = f"{limit // MEGABYTE} MB" if limit >= MEGABYTE else f"{limit // KILOBYTE} kB"
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail=size)
