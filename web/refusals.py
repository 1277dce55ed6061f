"""Refusals as browsers show them: the sentences of the problem document, and where to go from there."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from api.problems import ProblemDocument, Unauthenticated
from domain.people import Language
from domain.refusals import Problem
from web.rendering import page
from web.session import Appearance, ElsewhereFirst, look_of

Answering = Callable[[Request, Exception], Awaitable[Response]]
SIGN_IN = "/sign-in"
_FORM = "application/x-www-form-urlencoded"
_WAS_SIGNED_IN = ("session_over", "session_key_over")
# In bytes; nobody types more into one form. So many digits say it.
MOST_KEPT, _DIGITS, MOST_FIELDS = 64_000, 9, 500


def show_to_browsers(app: FastAPI) -> None:
    """Whoever asks for JSON, and everything under `/api`, is answered as before."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _shown(cast("Answering", handler)))
    app.add_exception_handler(ElsewhereFirst, _elsewhere)


def _shown(handler: Answering) -> Any:  # noqa: ANN401  # Starlette's own type knows no subclasses of exceptions
    async def shown(request: Request, error: Exception) -> Response:
        look: Appearance = getattr(request.state, "look", None) or look_of(request)
        refusal = await handler(_in(look.language, request) if _is_a_page(request) else request, error)
        if not _is_a_page(request) or refusal.media_type != "application/problem+json":
            return refusal
        if refusal.status_code == HTTPStatus.UNAUTHORIZED and request.method == "GET":
            return _to_sign_in(request)
        said = ProblemDocument.model_validate_json(bytes(refusal.body))
        answer = refusal_page(request, said, HTTPStatus(refusal.status_code), look, await _kept(request, error))
        for name in ("retry-after", "allow", "x-request-id"):
            if name in refusal.headers:
                answer.headers[name] = refusal.headers[name]
        return answer

    return shown


def _in(language: Language, request: Request) -> Request:
    """As if the browser had asked for the language of the page that it gets."""
    others = [(name, value) for name, value in request.scope["headers"] if name != b"accept-language"]
    return Request({**request.scope, "headers": [*others, (b"accept-language", language.encode())]}, request.receive)


async def _kept(request: Request, error: Exception) -> Sequence[tuple[str, str]]:
    """What somebody has typed whose session was over before they sent it; nothing of whoever never had one."""
    length = request.headers.get("content-length", "")
    is_ours = request.method == "POST" and isinstance(error, Unauthenticated) and error.why in _WAS_SIGNED_IN
    is_short = length.isascii() and length.isdecimal() and int(length[:_DIGITS]) <= MOST_KEPT
    if not is_ours or not is_short or not request.headers.get("content-type", "").startswith(_FORM):
        return ()
    typed = (await request.form()).multi_items()
    return [(name, text) for name, text in typed if isinstance(text, str)] if len(typed) <= MOST_FIELDS else ()


def refusal_page(
    request: Request,
    said: ProblemDocument,
    status: HTTPStatus,
    look: Appearance,
    kept: Sequence[tuple[str, str]] = (),
) -> Response:
    faults = [fault.message for fault in said.errors]
    values = {"title": said.title, "faults": faults, "status": int(status), "next": request.url.path}
    values |= {"kept": kept, "address": request.url.path + (f"?{request.url.query}" if request.url.query else "")}
    return page(request, "refusal.html", look, values, status=status)


async def _elsewhere(_: Request, error: Exception) -> Response:
    assert isinstance(error, ElsewhereFirst)
    return see_other(error.address)


def see_other(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})


def _to_sign_in(request: Request) -> Response:
    path = request.url.path
    wanted = path + (f"?{request.url.query}" if request.url.query else "")
    return see_other(SIGN_IN if path == "/" else f"{SIGN_IN}?{urlencode({'next': wanted})}")


def _is_a_page(request: Request) -> bool:
    if request.url.path.startswith("/api/"):
        return False
    accepted = request.headers.get("accept", "")
    html, json = accepted.find("text/html"), accepted.find("json")
    return html >= 0 and (json < 0 or html < json)


def problems_of(refused: Exception) -> tuple[Problem, ...]:
    return cast("tuple[Problem, ...]", getattr(refused, "problems", ()))
