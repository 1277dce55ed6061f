"""Ways by which a letter leaves the house: a mail server, or a folder where there is none."""

import asyncio
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from email.charset import QP, Charset
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, parseaddr
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

import aiosmtplib

from domain.people import Language
from domain.values import Value

TIMEOUT_SECONDS = 10
IMPLICIT_TLS = 465
PERMANENT = range(500, 600)
_QUOTED = Charset("utf-8")
_QUOTED.body_encoding = QP


class Undeliverable(Exception):
    """This recipient cannot be reached by this channel, however often it is tried."""


class Unreached(Exception):
    """It did not work now; sending the same letter again, after `retry_after` if that is said, does no harm."""

    def __init__(self, detail: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Letter(Value):
    """One message to one person. Key and person name it: whatever receives it twice can tell."""

    key: str
    person: str
    name: str
    email: str
    language: Language
    subject: str
    text: str

    @property
    def digest(self) -> str:
        return sha256(f"{self.key}\n{self.person}".encode()).hexdigest()[:32]


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    async def send(self, letter: Letter) -> None:
        """Raises `Undeliverable` or `Unreached`."""
        ...


@dataclass(frozen=True)
class SmtpChannel:
    host: str
    port: int
    sender: str
    starttls: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    name: str = "mail"

    async def send(self, letter: Letter) -> None:
        message = mail(letter, self.sender)
        implicit = self.port == IMPLICIT_TLS
        try:
            await aiosmtplib.send(
                message,
                recipients=[_address(letter.email)],
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=implicit,
                start_tls=self.starttls and not implicit,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            (refused,) = error.recipients
            said = f"{refused.code} {refused.message}"
            raise (Undeliverable if refused.code in PERMANENT else Unreached)(said) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unreached(f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class OutboxChannel:
    """Letters become `.eml` files; the same letter again becomes the same file."""

    folder: Path
    sender: str
    name: str = "outbox"

    async def send(self, letter: Letter) -> None:
        written = mail(letter, self.sender).as_bytes()
        try:
            await asyncio.to_thread(self._put, _file_name(letter), written)
        except OSError as error:
            raise Unreached(f"{type(error).__name__}: {error}") from error

    def _put(self, name: str, written: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
            file.write(written)
        os.replace(file.name, self.folder / name)


def mail(letter: Letter, sender: str) -> MIMEText:
    """Headers are single lines whatever the letter says. Raises `Undeliverable` for an impossible address."""
    # The older classes: EmailMessage doubles spaces where it folds a subject with umlauts (Python 3.11).
    message = MIMEText(letter.text, _charset=_QUOTED)  # type: ignore[arg-type]  # a Charset is taken as well
    name, address = parseaddr(sender)
    message["From"] = formataddr((name, address))
    message["To"] = formataddr((_line(letter.name), _address(letter.email)))
    message["Subject"] = Header(_line(letter.subject), header_name="Subject")  # type: ignore[assignment]  # and a Header
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{letter.digest}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    return message


def _address(written: str) -> str:
    """As SMTP knows it: the domain in ASCII."""
    local, _, domain = written.rpartition("@")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}".encode("ascii").decode()).addr_spec
    except (ValueError, MessageError) as error:
        raise Undeliverable("the address is not one that mail can be sent to") from error


def _line(text: str) -> str:
    return " ".join(text.split())


def _file_name(letter: Letter) -> str:
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', letter.key)}.{letter.digest}.eml"
