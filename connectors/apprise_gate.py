"""What Apprise's plugins get instead of `requests`: the same calls, but through our own door."""

import asyncio
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from io import BytesIO
from types import ModuleType

import requests

from connectors.channels import Undeliverable, Unreached
from connectors.guarded_http import Answer, GuardedHttp, taken

# Its debug and warning lines hold tokens, numbers and whole messages.
logging.getLogger("apprise").disabled = True
# Whoever configures logging later lets every known logger speak again, but leaves its level alone.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class PluginAttempt:
    """One letter on its way by a plugin: sends what the plugin asks for, and remembers how it went."""

    def __init__(self, door: GuardedHttp, key: str) -> None:
        self.answer: Answer | None = None
        self._door = door
        self._key = key
        self._loop = asyncio.get_running_loop()
        self._trouble: Undeliverable | Unreached | None = None

    def ask(self, request: requests.PreparedRequest) -> requests.Response:
        """Called in the plugin's thread; the door stands in the loop."""
        asking = self._door.ask(
            str(request.method),
            str(request.url),
            headers={name: _text(value) for name, value in request.headers.items()} | {"Idempotency-Key": self._key},
            content=_bytes(request.body),
        )
        try:
            self.answer = asyncio.run_coroutine_threadsafe(asking, self._loop).result()
        except (Undeliverable, Unreached) as trouble:
            self._trouble = trouble
            raise requests.ConnectionError(str(trouble)) from trouble
        return _as_response(self.answer)

    def check(self, *, took: bool) -> None:
        """`took` is the plugin's verdict, which knows no reasons. Raises `Undeliverable` or `Unreached`."""
        if took:
            return
        if self._trouble is not None:
            raise self._trouble
        if self.answer is not None:
            taken(self.answer)
        raise Undeliverable("the provider did not take it")


under_way: ContextVar[PluginAttempt] = ContextVar("under_way")


class _Gate:
    codes = requests.codes
    exceptions = requests.exceptions
    RequestException = requests.RequestException

    def request(
        self,
        method: str,
        url: str,
        *,
        data: str | bytes | Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_transport: object,
    ) -> requests.Response:
        """How long to wait, whom to trust and where to be sent on are not for the plugin to say."""
        asked = requests.Request(method, url, data=data, params=params, headers=dict(headers or {}), auth=auth)
        return under_way.get().ask(asked.prepare())

    def post(self, url: str, **asked: object) -> requests.Response:
        return self.request("POST", url, **asked)  # type: ignore[arg-type]  # whatever the plugin gave

    def get(self, url: str, **asked: object) -> requests.Response:
        return self.request("GET", url, **asked)  # type: ignore[arg-type]


_GATE = _Gate()


def close_in(module: ModuleType) -> None:
    """From now on the module reaches nothing but the gate."""
    vars(module)["requests"] = _GATE


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("ascii")


def _bytes(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    assert isinstance(body, bytes), "files and streams are not sent"
    return body


def _as_response(answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response.raw = BytesIO(answer.body)
    return response
