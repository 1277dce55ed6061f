"""The API as commands see it: where it is, who asks, and what its refusals say."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlsplit

import httpx2
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from cli.errors import CliError, Exit
from cli.stack_file import read_stack
from domain.people import Language
from settings import Settings

T = TypeVar("T")
U = TypeVar("U")
Body = Mapping[str, JsonValue]
Query = Mapping[str, str | int | bool | Sequence[str] | None]

# Accepting a command waits up to 8 seconds for its effects; an import of 20,000 rows takes longer.
PATIENCE = httpx2.Timeout(60.0, connect=5.0)
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class WordedFault(BaseModel):
    at: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457, as far as a person at a terminal needs it."""

    type: str = ""
    title: str
    detail: str = ""
    errors: tuple[WordedFault, ...] = ()


class ApiRefused(CliError):
    """The API said no; `status` tells why without reading the sentence."""

    def __init__(self, code: str, status: int, /, **values: object) -> None:
        unreachable = status == httpx2.codes.SERVICE_UNAVAILABLE
        super().__init__(code, Exit.UNREACHABLE if unreachable else Exit.REFUSED, **values)
        self.status = status


@dataclass(frozen=True)
class Api:
    """One connection, one caller. Every answer that is not a success is raised as a `CliError`."""

    client: httpx2.AsyncClient

    async def get(self, path: str, query: Query | None = None) -> httpx2.Response:
        return await self._send(self.client.build_request("GET", path, params=_given(query)))

    async def read(self, kind: type[T], path: str, query: Query | None = None) -> T:
        return parsed(kind, await self.get(path, query))

    async def post(
        self, path: str, body: Body, *, key: str | None = None, query: Query | None = None
    ) -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._send(
            self.client.build_request("POST", path, params=_given(query), json=body, headers=headers)
        )

    async def put(
        self,
        path: str,
        body: Body | BaseModel,
        *,
        query: Query | None = None,
        version: int | None = None,
        seen: str | None = None,
    ) -> httpx2.Response:
        """With a version or the tag `seen` only over that one: what somebody else has saved meanwhile is never lost."""
        content = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        match = f'"{version}"' if version else seen
        headers = {"If-Match": match} if match else {}
        return await self._send(
            self.client.build_request("PUT", path, params=_given(query), json=content, headers=headers)
        )

    async def delete(self, path: str, query: Query | None = None, *, version: int | None = None) -> httpx2.Response:
        headers = {"If-Match": f'"{version}"'} if version else {}
        return await self._send(self.client.build_request("DELETE", path, params=_given(query), headers=headers))

    async def upload(
        self, path: str, query: Query, name: str, content: bytes, *, key: str | None = None
    ) -> httpx2.Response:
        files = {"file": (name, content)}
        headers = {"Idempotency-Key": key} if key else {}
        return await self._send(
            self.client.build_request("POST", path, params=_given(query), files=files, headers=headers)
        )

    @asynccontextmanager
    async def events(self, last_id: str | None = None) -> AsyncIterator[httpx2.EventSource]:
        """Everything that happens from now on, or since an id that was seen."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        timeout = httpx2.Timeout(PATIENCE.connect, read=None)
        async with self.client.sse("/api/v1/events", headers=headers, timeout=timeout) as source:
            if source.response.is_error:
                await source.response.aread()
                raise refusal_in(source.response)
            yield source

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            answer = await self.client.send(request)
        except httpx2.TransportError as error:
            raise unreachable(self.client.base_url, error) from None
        if answer.is_error:
            raise refusal_in(answer)
        return answer


@asynccontextmanager
async def connected(url: str, key: str, language: Language) -> AsyncIterator[Api]:
    headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
    # A proxy set for the outside world must not be asked for this machine.
    trusting = urlsplit(url).hostname not in LOOPBACK
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE, trust_env=trusting) as client:
        yield Api(client)


def callers_key(settings: Settings, url: str) -> str:
    """IMAC_KEY, or the key that `imac up` wrote; that one is never shown to another machine."""
    if settings.key is not None:
        return settings.key.get_secret_value()
    stack, file = read_stack(settings.data_dir), admin_key_file(settings)
    is_ours = urlsplit(url).hostname in LOOPBACK or (stack is not None and stack.url == url)
    if not is_ours:
        raise CliError("key_of_elsewhere_missing", Exit.USAGE, url=url)
    try:
        return file.read_text().strip()
    except OSError:
        raise CliError("key_missing", Exit.USAGE, file=file) from None


def admin_key_file(settings: Settings) -> Path:
    return settings.data_dir / "admin.key"


def path(*parts: str) -> str:
    """Tags hold blanks and slashes, which must not become parts of their own."""
    return "/".join(["/api/v1", *(quote(part, safe="") for part in parts)])


def parsed(kind: type[T], answer: httpx2.Response) -> T:
    """Raises `CliError` when the server is of a version that says something else."""
    try:
        return TypeAdapter(kind).validate_json(answer.content)
    except ValidationError as error:
        where = ", ".join("/".join(map(str, fault["loc"])) for fault in error.errors()[:5])
        raise CliError("answer_unreadable", Exit.REFUSED, path=answer.url.path, where=where) from None


class Versioned(Protocol):
    @property
    def version(self) -> int: ...

    @property
    def model_fields_set(self) -> set[str]: ...


def version_seen(brought: Versioned) -> int | None:
    """The version a file was made from; None when it does not say."""
    return brought.version if "version" in brought.model_fields_set else None


async def if_allowed(asked: Awaitable[T], otherwise: U) -> T | U:
    """What only some roles are shown, such as prices; the others see the rest."""
    return await _unless(httpx2.codes.FORBIDDEN, asked, otherwise)


async def if_there(asked: Awaitable[T], otherwise: U) -> T | U:
    return await _unless(httpx2.codes.NOT_FOUND, asked, otherwise)


async def _unless(status: int, asked: Awaitable[T], otherwise: U) -> T | U:
    try:
        return await asked
    except ApiRefused as refused:
        if refused.status == status:
            return otherwise
        raise


def refusal_in(answer: httpx2.Response) -> CliError:
    try:
        problem = ProblemDetails.model_validate_json(answer.content)
    except ValidationError:
        request = f"{answer.request.method} {answer.url.path}"
        status = answer.status_code
        return ApiRefused("answer_not_ours", status, request=request, status=status, text=answer.text[:500])
    lines = [f"{fault.at}: {fault.message}" if fault.at else fault.message for fault in problem.errors]
    if problem.detail and not lines:
        lines.append(problem.detail)
    hint = "\n".join(lines)
    if wait := answer.headers.get("Retry-After"):
        return ApiRefused("api_busy", answer.status_code, title=problem.title, lines=hint, seconds=wait)
    return ApiRefused("api_refused", answer.status_code, title=problem.title, lines=hint)


def unreachable(url: httpx2.URL, error: httpx2.TransportError) -> CliError:
    reason = f"{error}" or type(error).__name__
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return CliError("api_away", Exit.UNREACHABLE, url=url, reason=reason)
    if isinstance(error, httpx2.TimeoutException):
        return CliError("api_too_slow", Exit.UNREACHABLE, url=url)
    return CliError("api_silent", Exit.UNREACHABLE, url=url, reason=reason)


def _given(query: Query | None) -> dict[str, str | int | bool | list[str]]:
    wanted = query or {}
    return {
        name: value if isinstance(value, str | int | bool) else list(value)
        for name, value in wanted.items()
        if value is not None and value != ()
    }
