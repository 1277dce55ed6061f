"""An issuer of OpenID Connect: where it has people sign in, and what it then says of them, signed.

Nothing is asked but what the issuer's own document names; keys that a token brings along count for nothing.
"""

import asyncio
import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from time import monotonic
from typing import Annotated
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from connectors.channels import Undeliverable, Unreached
from connectors.guarded_http import Answer, GuardedHttp
from domain.openid import Begun, Claims, SignInRefused, Trust, check_claims
from settings import Settings, is_trusted_line

log = structlog.get_logger()

# What a public key proves; with a shared secret, or without any, everybody could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
DISCOVERY = "/.well-known/openid-configuration"
BACK = "/sign-in/openid/back"
_FRESH = timedelta(hours=1)
# While an issuer is away, strangers who go there one after the other cost it and us one question.
_AWAY_FOR = timedelta(seconds=5)
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_MOST_KEYS = 50


class IssuerAway(Exception):
    """The issuer does not answer, or with nothing that could be used; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _safe(address: str) -> str:
    if not is_trusted_line(address):
        raise ValueError("neither https nor this machine")
    return address


_Endpoint = Annotated[str, AfterValidator(_safe)]


class Issuer(BaseModel):
    """As it describes itself, among much else."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: _Endpoint
    token_endpoint: _Endpoint
    jwks_uri: _Endpoint
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


@dataclass
class OpenId:
    """One issuer that people sign in at. `base` is where they reach us."""

    trust: Trust
    secret: str | None = field(repr=False)
    scopes: str
    base: str
    door: GuardedHttp
    _known: tuple[datetime, Issuer] | None = None
    _away: tuple[datetime, str] | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _keys: tuple[datetime, KeySet] | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.trust.issuer).netloc

    @property
    def back(self) -> str:
        return f"{self.base}{BACK}"

    async def address(self, begun: Begun, at: datetime) -> str:
        """Where somebody signs in. Raises `IssuerAway`."""
        issuer = await self.issuer(at)
        asked = {
            "response_type": "code",
            "client_id": self.trust.client,
            "redirect_uri": self.back,
            "scope": self.scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _base64(sha256(begun.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        separator = "&" if urlsplit(issuer.authorization_endpoint).query else "?"
        return f"{issuer.authorization_endpoint}{separator}{urlencode(asked)}"

    async def claims(self, code: str, said_by: str | None, begun: Begun, at: datetime) -> Claims:
        """What the issuer says of whoever has come back with this code. Raises `SignInRefused`, `IssuerAway`.

        `said_by` is who the answer names as its issuer, where several share a browser's way back.
        """
        issuer = await self.issuer(at)
        if said_by != issuer.issuer and (said_by or issuer.authorization_response_iss_parameter_supported):
            raise SignInRefused("openid_not_for_us")
        claims = await self._verified(await self._token(issuer, code, begun), issuer, at)
        check_claims(claims, self.trust, begun.nonce, at)
        return claims

    async def issuer(self, at: datetime) -> Issuer:
        """Asked by one at a time. Raises `IssuerAway`."""
        async with self._asking:
            if self._known is None or at - self._known[0] > _FRESH:
                if self._away is not None and at < self._away[0]:
                    raise IssuerAway(self._away[1])
                asked = monotonic()
                try:
                    self._known = at, await self._described()
                except IssuerAway as away:
                    # Whoever has come while it kept us waiting need not wait as long again.
                    self._away = at + timedelta(seconds=monotonic() - asked) + _AWAY_FOR, away.reason
                    raise
            return self._known[1]

    async def _described(self) -> Issuer:
        found = await self._read(f"{self.trust.issuer.rstrip('/')}{DISCOVERY}")
        try:
            issuer = Issuer.model_validate(found)
        except ValidationError as wrong:
            raise IssuerAway(_first(wrong)) from wrong
        if issuer.issuer != self.trust.issuer:
            raise IssuerAway(f"it calls itself {issuer.issuer[:200]}")
        return issuer

    async def keys(self, issuer: Issuer, at: datetime, *, anew: bool = False) -> KeySet:
        """Those it signs with now. Raises `IssuerAway`."""
        if anew or self._keys is None or at - self._keys[0] > _FRESH:
            found = (await self._read(issuer.jwks_uri)).get("keys")
            known = [key for key in found if isinstance(key, dict)] if isinstance(found, list) else []
            signing = [key for key in known if key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"]
            try:
                self._keys = at, KeySet.import_key_set({"keys": signing[:_MOST_KEYS]})  # type: ignore[typeddict-item]
            except (JoseError, ValueError, TypeError, KeyError) as wrong:
                raise IssuerAway(f"its keys cannot be read: {type(wrong).__name__}") from wrong
        return self._keys[1]

    async def _token(self, issuer: Issuer, code: str, begun: Begun) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.trust.client,
            "code_verifier": begun.verifier,
        }
        headers = dict(_FORM)
        if self.secret is not None and "client_secret_basic" in issuer.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(self.trust.client)}:{quote_plus(self.secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        elif self.secret is not None:
            form["client_secret"] = self.secret
        answer = await self._ask("POST", issuer.token_endpoint, headers, urlencode(form).encode())
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            # What is wrong with our own client says this and nothing else.
            log.warning("the issuer gives no token", status=answer.status, said=_error(answer))
            raise SignInRefused("openid_code_refused")
        token = _object(answer).get("id_token")
        if not isinstance(token, str):
            raise IssuerAway("its answer has no ID token")
        return token

    async def _verified(self, token: str, issuer: Issuer, at: datetime) -> Claims:
        """Also with a key that it has begun to use since we last looked."""
        for anew in (False, True):
            try:
                return jwt.decode(token, await self.keys(issuer, at, anew=anew), algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, TypeError, KeyError) as wrong:
                log.info("an ID token does not count", why=type(wrong).__name__)
        raise SignInRefused("openid_forged")

    async def _read(self, address: str) -> dict[str, JsonValue]:
        return _object(await self._ask("GET", address, {"Accept": "application/json"}, b""))

    async def _ask(self, method: str, address: str, headers: dict[str, str], content: bytes) -> Answer:
        try:
            return await self.door.ask(method, address, headers=headers, content=content)
        except (Undeliverable, Unreached) as away:
            raise IssuerAway(str(away)) from away


def open_id(settings: Settings, base: str) -> OpenId | None:
    """None where nobody signs in so."""
    issuer, client = settings.openid_issuer, settings.openid_client
    if issuer is None or client is None:
        return None
    trust = Trust(
        issuer=issuer,
        client=client,
        person=settings.openid_person,
        roles=settings.openid_groups,
        trusts_email=settings.openid_trust_email,
        rules=settings.openid_roles,
    )
    secret = settings.openid_secret.get_secret_value() if settings.openid_secret else None
    # Whoever names an issuer lets us reach it, wherever it stands.
    allowed = (*settings.allow_private_hosts, urlsplit(issuer).hostname or "")
    return OpenId(trust, secret, settings.openid_scopes, base, GuardedHttp(allowed))


def _object(answer: Answer) -> dict[str, JsonValue]:
    if answer.status != HTTPStatus.OK:
        raise IssuerAway(f"it answers with {answer.status}")
    try:
        return _OBJECT.validate_python(json.loads(answer.body))
    except (ValueError, RecursionError) as wrong:
        raise IssuerAway("its answer cannot be read") from wrong


def _error(answer: Answer) -> str:
    try:
        return f"{_OBJECT.validate_json(answer.body).get('error', '')}"[:100]
    except ValidationError:
        return ""


def _first(wrong: ValidationError) -> str:
    fault = wrong.errors()[0]
    return f"its document: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
