"""Every setting but the connection to Temporal, which has variables of its own (temporalio.envconfig)."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Port = Annotated[int, Field(ge=1, le=65535)]


def _listed(written: object) -> object:
    return [part.strip() for part in written.split(",") if part.strip()] if isinstance(written, str) else written


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="IMAC_", env_ignore_empty=True, frozen=True)

    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path("var"), description="Where the embedded stack keeps everything."
    )
    database_url: str = Field(
        default_factory=lambda data: f"sqlite+aiosqlite:///{data['data_dir']}/imacflow.db",
        description="SQLAlchemy address of our own tables; may hold a password.",
        repr=False,
    )
    task_queue: str = Field(default="imacflow", description="Task queue that workers poll.")

    api_host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    api_port: Port = Field(default=8080, description="Port the API listens on.")
    public_url: str | None = Field(
        default=None, description="Where people reach the API, for links in messages; without it the address above."
    )
    link_secret: SecretStr | None = Field(
        default=None, description="Signs links in messages; without it `link.key` in the data directory does."
    )
    secrets_key: SecretStr | None = Field(
        default=None,
        description="Encrypts channels where they are kept, the newest key first, with commas between; without it "
        "`secrets.key` in the data directory does.",
    )
    alert_rate: float = Field(
        default=200, gt=0, description="Requests with alerts per second from one key above which it is asked to wait."
    )
    write_rate: float = Field(
        default=1000, gt=0, description="Requests that change something per second from one key, on average of ten."
    )
    computing_rate: int = Field(
        default=120, ge=1, description="Requests per minute from one key that read files, plan, compare or print."
    )
    streams: int = Field(default=20, ge=1, description="Event streams that one key may hold at the same time.")
    wrong_keys: int = Field(
        default=600, ge=1, description="Wrong keys and links from one address in three minutes before it has to wait."
    )
    connections: int = Field(
        default=800,
        ge=10,
        description="Connections of one API process at the same time; whoever comes then is asked to wait.",
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="Addresses and networks of proxies that say whom they speak for, with commas between."
    )
    url: str | None = Field(
        default=None, description="API that commands talk to; without it the stack of the data directory."
    )

    key: SecretStr | None = Field(
        default=None, description="API key of commands; without it the admin key of the data directory."
    )

    smtp_host: str | None = Field(
        default=None, description="Mail server; without one, messages are files in the outbox."
    )
    smtp_port: Port = Field(default=587, description="Port of the mail server.")
    smtp_user: str | None = Field(default=None, description="Name to log in to the mail server with.")
    smtp_password: SecretStr | None = Field(default=None, description="Password for the mail server.")
    smtp_starttls: bool = Field(default=True, description="Encrypt the connection to the mail server.")
    mail_from: str = Field(default="imacflow@localhost", description="Sender of every message.")
    outbox_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "outbox",
        description="Where messages are written when there is no mail server.",
    )

    free_space_mb: int = Field(
        default=512, ge=0, description="MiB that must be free where we write; with less, nothing new is taken in."
    )

    allow_private_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="Names and networks of private hosts that channels may reach, with commas between."
    )
