"""The one door through which channels reach the net: only to addresses that were looked at, and never further."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2

from connectors.channels import Undeliverable, Unreached
from domain.refusals import Problem

TOTAL_SECONDS = 10
CONNECT_SECONDS = 5
MOST_BYTES = 64 * 1024
LONGEST_WAIT = timedelta(hours=1)
# Permanent, but for those that ask to come back: too slow, too early, too many.
PERMANENT = frozenset(range(300, 500)) - {408, 425, 429}
# What the standard library counts as public although it is not: hosts of virtual machines answer in the first two.
_NOT_PUBLIC = tuple(ip_network(net) for net in ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10"))
# The last four bytes are an IPv4 address.
_IPV4_INSIDE = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "::/96"))

IP = IPv4Address | IPv6Address

# At INFO they write whole addresses, and some services want their token in the address.
for _talkative in ("httpx2", "httpcore2"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)


class Forbidden(Undeliverable):
    """The host lies in a net that channels must not reach."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} lies in a private net")


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class GuardedHttp:
    """`allowed` are host names and networks that may be reached although they are private."""

    allowed: tuple[str, ...] = ()

    async def addresses(self, host: str, port: int | None = None) -> list[str]:
        """Where a host is now. Raises `Forbidden` if any of its addresses is private, `Unreached` if it has none."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreached(f"{host} is not found") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(self._may_reach(host, ip_address(address.partition("%")[0])) for address in addresses):
            raise Forbidden(host)
        return addresses

    async def ask(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes) -> Answer:
        """One request and the beginning of its answer. Raises `Undeliverable` or `Unreached`."""
        asked = {"User-Agent": "imacflow", **headers, "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(TOTAL_SECONDS),
                self._client() as client,
                client.stream(method, url, headers=asked, content=content) as answer,
            ):
                return Answer(answer.status_code, dict(answer.headers), await _beginning(answer))
        except (httpx2.TransportError, TimeoutError) as error:
            raise Unreached(f"no answer: {type(error).__name__}") from error
        except httpx2.InvalidURL as error:
            raise Undeliverable("the address cannot be read") from error

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx2.AsyncClient]:
        # No proxy: it would look up names for itself, behind our back.
        timeout = httpx2.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
        async with httpx2.AsyncClient(
            transport=_Checked(self), follow_redirects=False, timeout=timeout, trust_env=False
        ) as client:
            yield client

    def _may_reach(self, host: str, address: IP) -> bool:
        return _is_public(address) or any(_allows(entry, host, address) for entry in self.allowed)


PUBLIC = GuardedHttp()


class _Checked(httpx2.AsyncHTTPTransport):
    """Connects to an address that was checked, whatever the name may mean a moment later."""

    def __init__(self, door: GuardedHttp) -> None:
        super().__init__(verify=_trust(), trust_env=False)
        self._door = door

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        *others, last = await self._door.addresses(host, request.url.port)
        for address in others:
            try:
                return await super().handle_async_request(_directed(request, host, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                # Nothing was sent: the host's next address is as good.
                continue
        return await super().handle_async_request(_directed(request, host, last))


async def host_problems(door: GuardedHttp, url: str, at: str) -> list[Problem]:
    """Why channels must not reach, or cannot find, the host of this address."""
    host = urlsplit(url).hostname or ""
    try:
        await door.addresses(host)
    except Forbidden:
        return [Problem(code="host_private", at=at, values={"host": host})]
    except Unreached:
        return [Problem(code="host_not_found", at=at, values={"host": host})]
    return []


def taken(answer: Answer) -> None:
    """Return if the other side took it. Raises `Undeliverable` or `Unreached`."""
    said = f"answered with {answer.status}"
    if answer.status in PERMANENT:
        raise Undeliverable(said)
    if not httpx2.codes.is_success(answer.status):
        raise Unreached(said, retry_after=retry_after(answer.headers.get("retry-after")))


def retry_after(said: str | None) -> timedelta | None:
    """Seconds or a date; an hour at most, whatever the other side would like."""
    if said is None:
        return None
    if said.isdecimal():
        return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    left = until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)
    return min(max(left, timedelta(0)), LONGEST_WAIT)


def _directed(request: httpx2.Request, host: str, address: str) -> httpx2.Request:
    """The same request, to this address: name and certificate are still the host's."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": host},
    )


async def _beginning(answer: httpx2.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) >= MOST_BYTES:
            break
    return body[:MOST_BYTES]


def _is_public(address: IP) -> bool:
    inner = _embedded(address)
    if inner is not None:
        return _is_public(inner)
    return address.is_global and not address.is_multicast and not any(address in net for net in _NOT_PUBLIC)


def _embedded(address: IP) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in net for net in _IPV4_INSIDE):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _allows(entry: str, host: str, address: IP) -> bool:
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return entry.lower().rstrip(".") == host.lower().rstrip(".")


@cache
def _trust() -> ssl.SSLContext:
    # SSL_CERT_FILE counts: a server of one's own often has a certificate of one's own.
    return httpx2.create_ssl_context()
