"""`imac key`: who may talk to the API, in which role, for which customer and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.moments import clock_at, date_and_time, now
from cli.tables import filled, table
from cli.words import heading, phrase
from documents.wording import word
from domain.keys import Key, NewKey
from domain.people import Language, Role


async def create(
    *, role: Role, person: str, customer: str | None = None, expires: str | None = None, asking: Asking = ASKING
) -> None:
    """Make a key. It is shown this once and kept as a hash only.

    Parameters
    ----------
    role
        Role in which its bearer acts.
    person
        Whose key it is: the person named in everything done with it.
    customer
        Sees this customer only; left out, all.
    expires
        A date (the key ends with that day, UTC) or an instant with its offset; left out, never.
    """
    body: dict[str, JsonValue] = {"role": role, "person": person, "customer": customer}
    body["expires_at"] = ending(expires).isoformat() if expires else None
    async with asking.api() as api:
        answer = await api.post(path("keys"), {name: value for name, value in body.items() if value is not None})
    asking.show(answer, lambda: shown_once(parsed(NewKey, answer), asking.language))


def ending(written: str) -> datetime:
    try:
        at = date_and_time(written)
    except ValueError:
        at = None
    if at is not None and at.tzinfo is None and at.time() == time.min:
        return at.replace(tzinfo=UTC) + timedelta(days=1)
    if at is None or at.tzinfo is None:
        raise CliError("date_unreadable", Exit.USAGE, typed=written)
    return at


def shown_once(key: NewKey, language: Language) -> RenderableType:
    # On a line of its own, so that a double click or a pipe takes it whole.
    return Group(keys_table([key], language), Text(key.key, "bold"))


async def list_keys(*, asking: Asking = ASKING) -> None:
    """List keys; secrets are not kept and cannot be shown."""
    async with asking.api() as api:
        answer = await api.get(path("keys"))
    asking.show(answer, lambda: keys_table(parsed(tuple[Key, ...], answer), asking.language))


async def revoke(key_id: str, /, *, asking: Asking = ASKING) -> None:
    """Revoke a key at once.

    Parameters
    ----------
    key_id
        The key's id, as `imac key list` shows it.
    """
    async with asking.api() as api:
        await api.delete(path("keys", key_id))
    if not asking.json:
        asking.console.print(phrase("is_revoked", asking.language, key=key_id), markup=False)


def keys_table(keys: Iterable[Key], language: Language) -> RenderableType:
    return filled(
        table(language, "id", "role", "person", "customer", "expires", "state"),
        (
            (key.id, word("role", key.role, language), key.person, key.customer, *validity(key, language))
            for key in keys
        ),
    )


def validity(key: Key, language: Language) -> tuple[str, str]:
    ends = clock_at(key.expires_at, "UTC") if key.expires_at else ""
    if key.revoked_at is not None:
        return ends, phrase("revoked_at", language, at=clock_at(key.revoked_at, "UTC"))
    is_over = key.expires_at is not None and key.expires_at <= now()
    return ends, heading("expired" if is_over else "valid", language)
