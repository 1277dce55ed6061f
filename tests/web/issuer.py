"""A real issuer of OpenID Connect on loopback: it signs, gives each code once, and lies on demand."""

import asyncio
import json
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "imacflow", "s3cr€t&more"
Key = RSAKey | ECKey
# Making one takes a second: all issuers of a run share theirs.
OURS = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"}, private=True)


def base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


@dataclass
class StandInIssuer:
    """`says` changes the claims of tokens, `signs` how they become some; `document` changes what it says of itself."""

    says: dict[str, Any] = field(default_factory=dict)
    signs: Callable[[dict[str, Any]], str] | None = None
    document: dict[str, Any] = field(default_factory=dict)
    key: Key = field(default_factory=lambda: OURS)
    public: Key | None = None
    status: int = 200
    body: bytes | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    def sign_in(self, address: str) -> str:
        """What a person does there: the way back that their browser then takes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}&session_state=0.1"

    def token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "u-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": "Eva.Koch@provider.example",
            "email_verified": True,
            "groups": ["desk", "all"],
        } | self.says
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.signs is not None:
            return self.signs(claims)
        algorithm = "ES256" if isinstance(self.key, ECKey) else "RS256"
        return jwt.encode({"alg": algorithm, "kid": self.key.kid}, claims, self.key)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if line)}
        form = parse_qs((await reader.readexactly(int(headers.get("content-length", "0")))).decode())
        path = first.split()[1]
        self.asked.append(path)
        if path.startswith("/authorize?"):
            # Whoever comes with a browser has signed in here before.
            back = self.sign_in(path)
            writer.write(
                f"HTTP/1.1 303 Said\r\nLocation: {back}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )
            await writer.drain()
            writer.close()
            return
        status, answer = self._answer(path, headers, {name: values[0] for name, values in form.items()})
        body = self.body if self.body is not None else json.dumps(answer).encode()
        status = self.status if self.status != 200 else status
        writer.write(
            f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
        writer.close()

    def _answer(self, path: str, headers: dict[str, str], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        match path:
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "response_types_supported": ["code"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "claims_supported": ["sub", "email"],
                } | self.document
            case "/keys":
                return 200, {"keys": [(self.public or self.key).as_dict(private=False)]}
            case "/token":
                return self._exchange(headers, form)
        return 404, {}

    def _exchange(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        pair = b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode()
        if tuple(map(unquote_plus, pair.split(":"))) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        proof = base64(sha256(form["code_verifier"].encode()).digest())
        if asked is None or asked["code_challenge"] != proof or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "not ours to use", "token_type": "Bearer", "id_token": self.token(asked["nonce"])}
