"""The documentation page, with everything it needs served from here: it works without the internet."""

import asyncio
import json
import threading
from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

router = APIRouter(include_in_schema=False)
_WRITING = threading.Lock()

_BUNDLE = next(path for path in (files("swagger_ui_bundle") / "vendor").iterdir() if path.is_dir())
_SHOWN = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
# The page sets styles of its own while it runs; everything else comes from this host.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>imacflow API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
"""
_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, persistAuthorization: false});"""


@router.get("/docs")
async def show_docs() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/start.js")
async def start_docs() -> Response:
    return Response(_START, media_type="text/javascript")


@router.get("/openapi.json")
async def show_document(request: Request) -> Response:
    # It takes seconds to make, for whoever asks first: nobody else waits for it.
    written = await asyncio.to_thread(_written, request.app)
    return Response(written, media_type="application/json")


def _written(app: FastAPI) -> bytes:
    with _WRITING:
        if app.state.document is None:
            app.state.document = json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode()
        document: bytes = app.state.document
        return document


@router.get("/docs/{name}")
async def show_part(name: str) -> Response:
    if name not in _SHOWN:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return FileResponse(str(_BUNDLE / name), media_type=_SHOWN[name])
