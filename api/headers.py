"""What every answer tells the browser: nothing here is for framing, guessing or keeping; and files in a language."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}

PDF = "application/pdf"
CSV = "text/csv"


def file_of(media_type: str) -> dict[str, Any]:
    """As the document has an answer that is a file."""
    return {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}


def in_language(language: str) -> dict[str, str]:
    return {"Content-Language": language, "Vary": "Accept-Language"}


def file_response(content: bytes, media_type: str, name: str, language: str) -> Response:
    """To be shown, and saved under this name."""
    headers = in_language(language) | {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


class SafeHeaders:
    """Adds them wherever the route has not said something else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in API_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, named if scope["type"] == "http" else send)
