"""`imac key`: who may talk to the API, in which role, for which customer and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import httpx2
from cyclopts import Parameter
from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.moments import clock_at, date_and_time, now
from cli.tables import filled, table
from cli.words import phrase
from documents.wording import word
from domain.keys import Key, NewKey
from domain.people import Language, Role
from domain.sessions import SignInLink
from domain.times import FIRST_DAY, LAST_DAY


async def create(
    *,
    role: Role,
    person: str | None = None,
    customer: str | None = None,
    expires: str | None = None,
    link: Annotated[bool, Parameter(negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """Create a key. It is shown once; only its hash is stored.

    A key with which someone else approves or administers needs a second administrator, or is collected by link.

    Parameters
    ----------
    role
        Role of the key.
    person
        Owner of the key, named in everything done with it. System keys have none.
    customer
        Limit the key to one customer; defaults to all.
    expires
        Expiry date (end of day, UTC) or time with offset; defaults to one year from now.
    link
        Send the person a link to collect the key themselves, once and within ten minutes.
    """
    body: dict[str, JsonValue] = {"role": role, "person": person, "customer": customer}
    body["expires_at"] = ending(expires).isoformat() if expires else None
    async with asking.api() as api:
        answer = await api.post(
            path("keys") + ("?link=true" if link else ""),
            {name: value for name, value in body.items() if value is not None},
        )
    asking.show(answer, lambda: made_or_waiting(answer, asking.language))


async def confirm(key_id: str, /, *, asking: Asking = ASKING) -> None:
    """Confirm a key proposed by another administrator. It is shown once.

    Parameters
    ----------
    key_id
        The key's id, as `imac key list` shows it.
    """
    async with asking.api() as api:
        answer = await api.post(path("keys", key_id, "confirmation"), {})
    asking.show(answer, lambda: shown_once(parsed(NewKey, answer), asking.language))


def made_or_waiting(answer: httpx2.Response, language: Language) -> RenderableType:
    if answer.status_code != httpx2.codes.ACCEPTED:
        return shown_once(parsed(NewKey, answer), language)
    key = parsed(Key, answer)
    until = clock_at(key.offered_until, "UTC") if key.offered_until else ""
    waits = "key_link_sent" if key.by_link else "key_proposed"
    said = phrase(waits, language, person=key.person, key=key.id, until=until)
    return Group(keys_table([key], language), Text(said))


def ending(written: str) -> datetime:
    try:
        at = date_and_time(written)
    except ValueError:
        at = None
    if at is not None and not FIRST_DAY <= at.date() <= LAST_DAY:
        raise CliError("year_out_of_reach", Exit.USAGE, typed=written, first=FIRST_DAY.year, last=LAST_DAY.year)
    if at is not None and at.tzinfo is None and at.time() == time.min:
        return at.replace(tzinfo=UTC) + timedelta(days=1)
    if at is None or at.tzinfo is None:
        raise CliError("date_unreadable", Exit.USAGE, typed=written)
    return at


def shown_once(key: NewKey, language: Language) -> RenderableType:
    # On a line of its own, so that a double click or a pipe takes it whole.
    return Group(keys_table([key], language), Text(key.key, "bold"))


async def list_keys(*, asking: Asking = ASKING) -> None:
    """List keys: owner, creator, last use and expiry."""
    async with asking.api() as api:
        answer = await api.get(path("keys"))
    asking.show(answer, lambda: keys_table(parsed(tuple[Key, ...], answer), asking.language))


async def sign_in(*, asking: Asking = ASKING) -> None:
    """Print a link that signs you in at the pages as the key in use, once and within ten minutes."""
    async with asking.api() as api:
        answer = await api.post(path("sign-in-links"), {})
    asking.show(answer, lambda: Text(parsed(SignInLink, answer).url))


async def revoke(key_id: str, /, *, asking: Asking = ASKING) -> None:
    """Revoke a key immediately.

    Parameters
    ----------
    key_id
        Key id, as shown by `imac key list`.
    """
    async with asking.api() as api:
        await api.delete(path("keys", key_id))
    if not asking.json:
        asking.console.print(phrase("is_revoked", asking.language, key=key_id), markup=False)


def keys_table(keys: Iterable[Key], language: Language) -> RenderableType:
    headings = ("id", "role", "person", "customer", "made_by", "last_used", "expires", "state")
    return filled(
        table(language, *headings),
        (
            (key.id, word("role", key.role, language), key.person, key.customer, key.made_by, *course_of(key, language))
            for key in keys
        ),
    )


def course_of(key: Key, language: Language) -> tuple[str, str, str]:
    """When it was used last and from where, when it ends, and how it stands."""
    used = f"{clock_at(key.last_used_at, 'UTC')} {key.last_used_from or ''}".strip() if key.last_used_at else ""
    ends = clock_at(key.expires_at, "UTC") if key.expires_at else ""
    if key.revoked_at is not None:
        return used, ends, phrase("revoked_at", language, at=clock_at(key.revoked_at, "UTC"))
    return used, ends, word("key_standing", key.standing_at(now()), language)
