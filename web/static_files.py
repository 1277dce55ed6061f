"""Styles, scripts and marks: named by their contents, so that browsers keep them for good."""

import gzip
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, HTTPException, Request, Response

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent / "static"
_KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
# A worker runs by the policy of its own answer, and keeps pages that do not lie beside it.
_FOR_WORKERS = {"Service-Worker-Allowed": "/", "Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
_FOR_GOOD = "public, max-age=31536000, immutable"


class StaticFile(NamedTuple):
    kind: str
    body: bytes
    packed: bytes
    digest: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    return {path.name: _read(path) for path in sorted(_FOLDER.iterdir()) if path.suffix in _KINDS}


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(_KINDS[path.suffix], body, gzip.compress(body, 9, mtime=0), sha256(body).hexdigest()[:16])


def address_of(name: str) -> str:
    return f"/static/{name}?v={static_files()[name].digest}"


@router.get("/static/{name}", name="static")
async def show_static(name: str, request: Request) -> Response:
    file = static_files().get(name)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    etag = f'W/"{file.digest}"'
    asked_by_contents = request.query_params.get("v") == file.digest
    headers = {
        "ETag": etag,
        "Cache-Control": _FOR_GOOD if asked_by_contents else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if name.endswith("-worker.js"):
        headers |= _FOR_WORKERS
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if is_packed else file.body, headers=headers, media_type=file.kind)
