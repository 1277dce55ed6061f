"""The documentation page, with everything it needs served from here: it works without the internet."""

from http import HTTPStatus
from importlib.resources import files

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

router = APIRouter(include_in_schema=False)

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


@router.get("/docs/{name}")
async def show_part(name: str) -> Response:
    if name not in _SHOWN:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return FileResponse(str(_BUNDLE / name), media_type=_SHOWN[name])
