"""Where links to us lead, and the secret they are signed with."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from domain.incidents import links as answers
from domain.incidents.links import AnswerLink
from domain.oncall.feeds import feed_of, feed_token
from domain.oncall.links import PageLink, read_link, signed
from settings import Settings

PAGES, KEYS, ANSWERS, FEEDS, SIGN_IN = "/p/", "/k/", "/a/", "/c/", "/sign-in/"


@dataclass(frozen=True)
class Links:
    base: str
    secret: str = field(repr=False)

    def url(self, link: PageLink) -> str:
        return f"{self.base}{PAGES}{signed(link, self.secret)}"

    def answer_url(self, link: AnswerLink) -> str:
        return f"{self.base}{ANSWERS}{answers.signed(link, self.secret)}"

    def read_answer(self, text: str, at: datetime) -> AnswerLink:
        """As `read`."""
        return answers.read_link(text, self.secret, at)

    def key_url(self, token: str) -> str:
        """Where somebody takes the key that waits for them."""
        return f"{self.base}{KEYS}{token}"

    def sign_in_url(self, token: str) -> str:
        """Where whoever has the link begins a session."""
        return f"{self.base}{SIGN_IN}{token}"

    def feed_url(self, feed: str) -> str:
        """Where a calendar program follows a rota."""
        return f"{self.base}{FEEDS}{feed_token(feed, self.secret)}.ics"

    def feed(self, text: str) -> str:
        """The feed's id. Raises `Unknown` for what we have not signed."""
        return feed_of(text, self.secret)

    def read(self, text: str, at: datetime) -> PageLink:
        """Raises `Unknown` for what we have not signed, `Refused` for what has expired."""
        return read_link(text, self.secret, at)


def links(settings: Settings) -> Links:
    own = settings.link_secret
    secret = own.get_secret_value() if own else kept_secret(settings.data_dir / "link.key")
    base = settings.public_url or f"http://{settings.api_host}:{settings.api_port}"
    return Links(base.rstrip("/"), secret)


def kept_secret(file: Path) -> str:
    """The secret in the file, made by whoever of worker and API comes first."""
    keep_if_missing(file, secrets.token_urlsafe(32))
    return file.read_text(encoding="ascii").strip()


def keep_if_missing(file: Path, secret: str) -> None:
    """Write a secret for its owner only, unless somebody has done so before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(secret)
    try:
        # Unlike a rename, a link never takes the place of a secret that is in use already.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
