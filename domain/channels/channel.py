"""The operator's channels: by which services people are reached, beside the mail that is always there."""

import re
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    SerializationInfo,
    StringConstraints,
    TypeAdapter,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from domain.values import Line, Slug, Value

MAIL = "mail"
# What is given to `model_dump_json(context=…)` where a channel is stored; everywhere else secrets are masked.
TO_KEEP = {"secrets": "kept"}

_SERVER = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?")
_LAST_PORT = 65535
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")
_QUERY = re.compile(r"(\?[A-Za-z0-9._~/=&+,:;-]*)?")


class Form(NamedTuple):
    """How an address of one kind is written."""

    pattern: str
    example: str

    def fits(self, address: str) -> bool:
        return re.fullmatch(self.pattern, address) is not None


_PHONE = Form(r"\+[1-9][0-9]{9,13}", "+4915112345678")


def _written(secret: SecretStr, info: SerializationInfo) -> str:
    return secret.get_secret_value() if info.context is TO_KEEP else str(secret)


_MASKED = PlainSerializer(_written, return_type=str, when_used="json")


def _like(pattern: str) -> AfterValidator:
    """How a secret is written. Never with stars: whoever sends back what they were shown has not got it."""

    def check(secret: SecretStr) -> SecretStr:
        if not re.fullmatch(pattern, secret.get_secret_value()):
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
        return secret

    return AfterValidator(check)


Token = Annotated[SecretStr, Field(max_length=400), _like(r"[A-Za-z0-9._~:/+=-]{8,300}"), _MASKED]
SigningSecret = Annotated[
    SecretStr,
    Field(max_length=400),
    _like(r"whsec_([A-Za-z0-9+/]{4}){7,21}([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"),
    _MASKED,
]


def _server(url: str) -> str:
    return _checked(url, _SERVER)


def _server_and_path(url: str) -> str:
    return _checked(url, _SERVER, _PATH)


def _whole(url: str) -> str:
    return _checked(url, _SERVER, _PATH, _QUERY)


def _checked(url: str, *parts: re.Pattern[str]) -> str:
    found = re.fullmatch("".join(part.pattern for part in parts), url)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        raise PydanticCustomError(
            "web_address_malformed",
            "an address like https://chat.example.org is expected here, without user name or fragment",
        )
    return url


Server = Annotated[Line, AfterValidator(_server)]
ServerPath = Annotated[Line, AfterValidator(_server_and_path)]
Hook = Annotated[Line, AfterValidator(_whole)]
Sender = Annotated[str, StringConstraints(pattern=r"^(\+[1-9][0-9]{10,13}|[0-9]{5,6})$", max_length=16)]


class _Channel(Value):
    """`takes` is how a person's address on this channel is written; None where one channel reaches one place only."""

    takes: ClassVar[Form | None] = None

    id: Slug
    name: Line


class Hosted(_Channel):
    """On a server of the operator's choice."""

    url: ServerPath


class Mail(_Channel):
    """What the settings name; there is exactly one, and nobody has to set it."""

    takes = Form(r"[^@\s]{1,64}@[^@\s]{1,190}", "anna.vogel@example.org")

    type: Literal["mail"] = "mail"


class Webhook(Hosted):
    """Signed as Standard Webhooks asks for; the secret begins with `whsec_`."""

    type: Literal["webhook"]
    url: Hook
    secret: SigningSecret


class Slack(_Channel):
    """A bot that writes to people and channels by their ids."""

    takes = Form(r"[CDGUW][A-Z0-9]{5,20}", "U012AB3CD")

    type: Literal["slack"]
    token: Annotated[SecretStr, Field(max_length=400), _like(r"xox[abp]-[A-Za-z0-9-]{8,200}"), _MASKED]


class MsTeams(Hosted):
    """A Teams workflow that posts what it is sent; `url` is its server, the rest is found in its address."""

    type: Literal["msteams"]
    url: Server
    workflow: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$", max_length=64)]
    signature: Annotated[SecretStr, Field(max_length=400), _like(r"[A-Za-z0-9_-]{16,128}"), _MASKED]
    power_automate: bool = False


class Mattermost(Hosted):
    """A bot that writes to channels, direct ones too, by their ids."""

    takes = Form(r"[a-z0-9]{26}", "4xp9fdt77pncbef59f4k1qe83o")

    type: Literal["mattermost"]
    token: Token


class RocketChat(Hosted):
    """An incoming webhook; its token has two parts with a slash between them."""

    takes = Form(r"@[A-Za-z0-9._-]{1,64}|#[A-Za-z0-9_-]{1,64}", "@anna.vogel")

    type: Literal["rocketchat"]
    url: Server
    token: Annotated[SecretStr, Field(max_length=400), _like(r"[A-Za-z0-9]{8,64}/[A-Za-z0-9]{8,128}"), _MASKED]


class MatrixChat(Hosted):
    takes = Form(r"![A-Za-z0-9._~=+/-]{1,120}(:[A-Za-z0-9.:-]{1,70})?", "!abcdef:example.org")

    type: Literal["matrix"]
    token: Token


class Telegram(_Channel):
    takes = Form(r"-?[1-9][0-9]{3,20}", "123456789")

    type: Literal["telegram"]
    token: Annotated[SecretStr, Field(max_length=400), _like(r"[0-9]{6,14}:[A-Za-z0-9_-]{30,60}"), _MASKED]


class Ntfy(Hosted):
    takes = Form(r"[A-Za-z0-9_-]{1,64}", "oncall-anna")

    type: Literal["ntfy"]
    url: Server
    token: Token | None = None


class Gotify(Hosted):
    type: Literal["gotify"]
    token: Token


class Twilio(_Channel):
    """Sends a text, or calls and reads it out."""

    takes = _PHONE

    type: Literal["twilio"]
    account: Annotated[str, StringConstraints(pattern=r"^AC[0-9a-f]{32}$", max_length=34)]
    token: Annotated[SecretStr, Field(max_length=400), _like(r"[A-Za-z0-9]{16,64}"), _MASKED]
    sender: Sender
    method: Literal["sms", "call"] = "sms"


class Sinch(_Channel):
    takes = _PHONE

    type: Literal["sinch"]
    plan: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$", max_length=64)]
    token: Annotated[SecretStr, Field(max_length=400), _like(r"[0-9a-f]{8,64}"), _MASKED]
    sender: Sender
    region: Literal["us", "eu"] = "eu"


class ClickSend(_Channel):
    takes = _PHONE

    type: Literal["clicksend"]
    user: Line
    key: Token


class Seven(_Channel):
    takes = _PHONE

    type: Literal["seven"]
    key: Token
    sender: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]{1,11}|\+?[0-9]{6,15})$", max_length=16)] | None = (
        None
    )


AnyChannel = Annotated[
    Mail
    | Webhook
    | Slack
    | MsTeams
    | Mattermost
    | RocketChat
    | MatrixChat
    | Telegram
    | Ntfy
    | Gotify
    | Twilio
    | Sinch
    | ClickSend
    | Seven,
    Field(discriminator="type"),
]
# An error that repeats what was given could carry a secret into a log.
CHANNEL: TypeAdapter[AnyChannel] = TypeAdapter(AnyChannel, config=ConfigDict(hide_input_in_errors=True))
