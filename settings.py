"""Every setting but the connection to Temporal, which has variables of its own (temporalio.envconfig)."""

import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork, SecretStr, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from domain.openid import RoleRule, role_rule

PREFIX = "IMAC_"
LONGEST_SECRET = 65_536
# Written as others write it, the address still means the one driver that we have for it.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}

# OpenTelemetry's own: where traces go, if anywhere.
TRACES_GO_TO = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def traces_are_asked_for() -> bool:
    return any(os.environ.get(name) for name in TRACES_GO_TO)


def traces_are_taken() -> bool:
    """What it takes is a dependency set of its own (`imacflow[tracing]`)."""
    return traces_are_asked_for() and find_spec("opentelemetry.sdk") is not None


# Above it there is no limit that anything could count to.
MOST_A_SECOND = 1_000_000


def _not_everybody(network: IPvAnyNetwork) -> IPvAnyNetwork:
    """A proxy may say for whom it speaks: where everybody is one, everybody chooses their own address."""
    if network.prefixlen == 0:
        raise ValueError("everybody would be a proxy")
    return network


Proxies = Annotated[IPvAnyNetwork, AfterValidator(_not_everybody)]
Port = Annotated[int, Field(ge=1, le=65535)]
VersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
BuildId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "text"]


def _listed(written: object) -> object:
    return [part.strip() for part in written.split(",") if part.strip()] if isinstance(written, str) else written


@dataclass(frozen=True)
class SecretFile:
    """Where a secret is to be read, and whether it was also given itself."""

    path: Path
    also_given: bool


def _kept(given: object) -> object:
    """What the file holds that was named instead of a secret."""
    if not isinstance(given, SecretFile):
        return given
    if given.also_given:
        raise PydanticCustomError("secret_given_twice", "given itself and as a file")
    file = {"file": f"{given.path}"}
    try:
        with given.path.open("rb") as opened:
            written = opened.read(LONGEST_SECRET + 1)
        text = written.decode().strip()
    except UnicodeDecodeError:
        raise PydanticCustomError("secret_file_no_text", "{file} holds no text", file) from None
    except OSError as error:
        why = file | {"reason": error.strerror or type(error).__name__}
        raise PydanticCustomError("secret_file_unreadable", "{file}: {reason}", why) from None
    if not text or len(written) > LONGEST_SECRET or "\0" in text:
        raise PydanticCustomError("secret_file_no_text", "{file} holds no secret", file)
    return text


def _database(address: str, others: ValidationInfo) -> str:
    """The address with its driver, and with the password if that was given apart."""
    scheme, _, rest = address.partition("://")
    scheme = DRIVERS.get(scheme, scheme)
    if not rest or scheme not in DRIVERS.values():
        raise PydanticCustomError("database_url_malformed", "no address of SQLite or PostgreSQL")
    password: SecretStr | None = others.data.get("database_password")
    if scheme.startswith("sqlite"):
        return f"{scheme}://{rest}"
    try:
        at = urlsplit(f"{scheme}://{rest}")
        port_is_number = at.port is None or at.port > 0
    except ValueError:
        port_is_number = False
    if not port_is_number:
        raise PydanticCustomError("database_url_malformed", "no address of SQLite or PostgreSQL")
    if password is None:
        return f"{scheme}://{rest}"
    if at.password is not None:
        raise PydanticCustomError("secret_given_twice", "given in the address and apart")
    if not at.username:
        raise PydanticCustomError("database_url_without_user", "whose password is it")
    _, _, behind = rest.partition("@")
    return f"{scheme}://{at.username}:{quote(password.get_secret_value(), safe='')}@{behind}"


_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
G = TypeVar("G")


def is_trusted_line(address: str) -> bool:
    """Whether nobody on the way can read or change what is asked there."""
    at = urlsplit(address)
    return bool(at.hostname) and (at.scheme == "https" or (at.scheme == "http" and at.hostname in _HERE))


def _issuer(address: str) -> str:
    if not is_trusted_line(address):
        raise ValueError("an issuer's address begins with https://")
    return address


def _asked_by_issuer(given: G, others: ValidationInfo) -> G:
    if others.data.get("openid_issuer") is not None and not given:
        raise ValueError("needed with IMAC_OPENID_ISSUER")
    return given


def _rule(given: object) -> object:
    return role_rule(given) if isinstance(given, str) else given


Hidden = Annotated[SecretStr, BeforeValidator(_kept)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path("var"), description="Where the embedded stack keeps everything."
    )
    database_password: Hidden | None = Field(
        default=None, description="Password for the database, where its address holds none."
    )
    database_url: Annotated[str, BeforeValidator(_kept), AfterValidator(_database)] = Field(
        default_factory=lambda data: f"sqlite+aiosqlite:///{data['data_dir']}/imacflow.db",
        description="SQLAlchemy address of our own tables; may hold a password.",
        repr=False,
    )
    database_connections: int = Field(
        default=30, ge=2, description="Connections to PostgreSQL that one process may have open at the same time."
    )
    retention_days: int = Field(
        default=30, ge=1, le=3650, description="Days for which Temporal must keep what has ended."
    )
    task_queue: str = Field(default="imacflow", description="Task queue that workers poll.")
    deployment: VersionName = Field(
        default_factory=lambda data: re.sub(r"[^A-Za-z0-9_-]", "-", data["task_queue"])[:64],
        description="Name under which Temporal knows these workers as versions of one; without it the task queue's.",
    )
    build_id: BuildId | None = Field(
        default=None,
        description="Name of this version of the code at Temporal; without it the package's version and a digest.",
    )

    api_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    api_port: Port = Field(default=8080, description="Port the API listens on.")
    health_port: Port | None = Field(
        default=None, description="Port on which a worker says how it is, and what it counts; without it, it has none."
    )
    metrics_port: Port | None = Field(
        default=None, description="Port on which an API says what it counts; without it, nowhere."
    )
    public_url: str | None = Field(
        default=None, description="Where people reach the API, for links in messages; without it the address above."
    )
    link_secret: Hidden | None = Field(
        default=None, description="Signs links in messages; without it `link.key` in the data directory does."
    )
    secrets_key: Hidden | None = Field(
        default=None,
        description="Encrypts channels where they are kept, the newest key first, with commas between; without it "
        "`secrets.key` in the data directory does.",
    )
    alert_rate: float = Field(
        default=200,
        gt=0,
        le=MOST_A_SECOND,
        description="Requests with alerts per second from one key above which it is asked to wait.",
    )
    alert_days: int = Field(
        default=400,
        ge=30,
        le=3650,
        description="Days after which alerts and groups are removed that no open incident needs; spells stay.",
    )
    write_rate: float = Field(
        default=1000,
        gt=0,
        le=MOST_A_SECOND,
        description="Requests that change something per second from one key, on average of ten.",
    )
    computing_rate: int = Field(
        default=120, ge=1, description="Requests per minute from one key that read files, plan, compare or print."
    )
    search_rate: int = Field(default=1200, ge=1, description="Searches per minute from one key.")
    streams: int = Field(default=20, ge=1, description="Event streams that one key may hold at the same time.")
    wrong_keys: int = Field(
        default=600, ge=1, description="Wrong keys and links from one address in three minutes before it has to wait."
    )
    connections: int = Field(
        default=800,
        ge=10,
        description="Connections of one API process at the same time; whoever comes then is asked to wait.",
    )
    trusted_proxies: Annotated[tuple[Proxies, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="Addresses and networks of proxies that say whom they speak for, with commas between."
    )
    url: str | None = Field(
        default=None, description="API that commands talk to; without it the stack of the data directory."
    )

    openid_issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        default=None,
        description="Issuer of OpenID Connect at which people sign in to the pages; without one, nobody does.",
    )
    openid_client: Annotated[str | None, AfterValidator(_asked_by_issuer)] = Field(
        default=None, validate_default=True, description="Name of imacflow at the issuer (client id)."
    )
    openid_secret: Hidden | None = Field(
        default=None, description="What imacflow shows the issuer; without it, it is a public client."
    )
    openid_scopes: str = Field(
        default="openid profile email", pattern=r"^(\S+ )*openid( \S+)*$", description="What the issuer is asked for."
    )
    openid_person: str = Field(
        default="email",
        min_length=1,
        description="Claim that says who somebody is: `email` is a person's address, any other their id.",
    )
    openid_trust_email: bool = Field(
        default=False,
        description="Take an e-mail address also where the issuer does not say whether it is verified; never where it "
        "says that it is not.",
    )
    openid_groups: str = Field(default="groups", min_length=1, description="Claim with the groups somebody belongs to.")
    openid_roles: Annotated[
        tuple[Annotated[RoleRule, BeforeValidator(_rule)], ...],
        NoDecode,
        BeforeValidator(_listed),
        AfterValidator(_asked_by_issuer),
    ] = Field(
        default=(),
        validate_default=True,
        description="Who may act as what, with commas between: `group=role` or `group=role@customer`.",
    )

    key: Hidden | None = Field(
        default=None, description="API key of commands; without it the admin key of the data directory."
    )

    smtp_host: str | None = Field(
        default=None, description="Mail server; without one, messages are files in the outbox."
    )
    smtp_port: Port = Field(default=587, description="Port of the mail server.")
    smtp_user: str | None = Field(default=None, description="Name to log in to the mail server with.")
    smtp_password: Hidden | None = Field(default=None, description="Password for the mail server.")
    smtp_starttls: bool = Field(default=True, description="Encrypt the connection to the mail server.")
    mail_from: str = Field(default="imacflow@localhost", description="Sender of every message.")
    outbox_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "outbox",
        description="Where messages are written when there is no mail server.",
    )

    log_level: LogLevel = Field(default="info", description="The least that is logged.")
    log_format: LogFormat = Field(
        default="auto", description="`json` or `text`; `auto` is text on a terminal and JSON everywhere else."
    )

    free_space_mb: int = Field(
        default=512, ge=0, description="MiB that must be free where we write; with less, nothing new is taken in."
    )

    allow_private_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="Names and networks of private hosts that channels may reach, with commas between."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, SecretFiles(settings_cls), env_settings


SECRETS = ("database_url", "database_password", "link_secret", "secrets_key", "openid_secret", "key", "smtp_password")


class SecretFiles(PydanticBaseSettingsSource):
    """Each secret may be named by a file that holds it: IMAC_SMTP_PASSWORD_FILE stands for IMAC_SMTP_PASSWORD."""

    def get_field_value(self, _: FieldInfo, field_name: str) -> tuple[SecretFile | None, str, bool]:
        variable = f"{PREFIX}{field_name.upper()}"
        named = os.environ.get(f"{variable}_FILE") if field_name in SECRETS else None
        found = SecretFile(Path(named), bool(os.environ.get(variable))) if named else None
        return found, field_name, False

    def __call__(self) -> dict[str, SecretFile]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: file for name, file in found.items() if file is not None}
