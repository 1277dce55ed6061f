"""Channels as they are kept: whoever has the database, or a backup of it, cannot send in our name."""

import os
from base64 import b64encode
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from connectors.keyring import Keyring
from db.access.door import DoorQuery, door_entries
from db.channels import (
    ChannelRow,
    channel_by_id,
    check_readable,
    keep_channels_sealed,
    list_channels,
    save_channel,
    seal_channels,
)
from db.engine import Database, open_database
from domain.channels.channel import CHANNEL, TO_KEEP
from domain.channels.sealing import Sealed, SecretsLocked

CANARY = "canary-4711-token-of-the-provider"
NTFY = CHANNEL.validate_python(
    {"id": "push", "name": "Push", "type": "ntfy", "url": "https://ntfy.example.org", "token": CANARY}
)
NOW = datetime(2027, 3, 1, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "var" / "secrets.key")


@pytest.fixture
async def sealed(database: Database, keys: Keyring) -> AsyncIterator[Database]:
    sealed = open_database(database.url, keys)
    yield sealed
    await sealed.close()


async def keep(database: Database, *names: str) -> None:
    async with database.writing() as session:
        for name in names or ("push",):
            await save_channel(session, NTFY.model_copy(update={"id": name}), by="p-sommer", at=NOW)


async def everything_in(database: Database) -> str:
    async with database.reading() as session:
        return repr((await session.execute(text("SELECT * FROM channels"))).all())


def file_of(database: Database) -> bytes:
    file = Path(database.url.split("///")[1])
    return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))


def code_of(locked: pytest.ExceptionInfo[SecretsLocked]) -> str:
    return locked.value.problems[0].code


async def test_what_is_kept_says_nothing_and_is_read_as_it_was(sealed: Database, keys: Keyring) -> None:
    await keep(sealed)

    async with sealed.reading() as session:
        channel = await channel_by_id(session, "push")
    kept = await everything_in(sealed)

    assert channel == NTFY
    assert CANARY not in kept
    assert "ntfy.example.org" not in kept
    assert keys.file.stat().st_mode & 0o777 == 0o600


async def test_what_was_kept_in_clear_is_encrypted_at_the_next_start_and_forgotten(
    database: Database, sealed: Database
) -> None:
    await keep(database, "push", "pull")
    in_clear = await everything_in(database)
    await database.close()

    await keep_channels_sealed(sealed)
    await keep_channels_sealed(sealed)

    async with sealed.reading() as session:
        channels = await list_channels(session)
        entries = await door_entries(session, DoorQuery(customers=None, limit=10))
    assert CANARY in in_clear
    assert CANARY not in await everything_in(sealed)
    assert [channel.model_dump(context=TO_KEEP, mode="json")["token"] for channel in channels] == [CANARY] * 2
    assert [(entry.what, entry.why) for entry in entries] == [("secrets_sealed", "at_start")]
    if database.url.startswith("sqlite"):
        assert CANARY.encode() not in file_of(database)


async def test_a_row_that_is_put_in_the_place_of_another_cannot_be_opened(sealed: Database) -> None:
    await keep(sealed, "push", "pull")
    async with sealed.writing() as session:
        push, pull = await session.get(ChannelRow, "push"), await session.get(ChannelRow, "pull")
        assert push is not None
        assert pull is not None
        push.channel = pull.channel

    with pytest.raises(SecretsLocked) as locked:
        async with sealed.reading() as session:
            await channel_by_id(session, "push")

    assert code_of(locked) == "secret_unreadable"


async def test_a_row_that_was_changed_cannot_be_opened(sealed: Database) -> None:
    await keep(sealed)
    async with sealed.writing() as session:
        row = await session.get(ChannelRow, "push")
        assert row is not None
        row.channel = ("A" if row.channel[0] != "A" else "B") + row.channel[1:]

    with pytest.raises(SecretsLocked):
        async with sealed.reading() as session:
            await channel_by_id(session, "push")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(b64encode(os.urandom(32)).decode(), "secrets_key_wrong", id="another key"),
        pytest.param("", "secrets_key_missing", id="no key"),
        pytest.param("no key at all", "secrets_key_malformed", id="something else"),
        pytest.param(b64encode(b"short").decode(), "secrets_key_malformed", id="too short a key"),
    ],
)
async def test_without_its_key_nothing_is_read_and_nothing_added(
    sealed: Database, tmp_path: Path, given: str, code: str
) -> None:
    await keep(sealed)
    other = open_database(sealed.url, Keyring(tmp_path / "missing.key", SecretStr(given)))

    with pytest.raises(SecretsLocked) as locked:
        async with other.reading() as session:
            await list_channels(session)
    for refused in (check_readable, lambda session: save_channel(session, NTFY, by="x", at=NOW)):
        with pytest.raises(SecretsLocked):
            async with other.writing() as session:
                await refused(session)
    await other.close()

    assert code_of(locked) == code


async def test_after_a_rotation_the_new_key_alone_is_enough(sealed: Database, keys: Keyring) -> None:
    await keep(sealed)
    before = await everything_in(sealed)

    newest = keys.renew()
    async with sealed.reading() as session:
        assert await channel_by_id(session, "push") == NTFY
    async with sealed.writing() as session:
        count = await seal_channels(session, all_of_them=True)
    first, *earlier = keys.file.read_text().split()
    keys.file.write_text(first)

    async with sealed.reading() as session:
        assert await channel_by_id(session, "push") == NTFY
        row = await session.get(ChannelRow, "push")
    assert (count, len(earlier)) == (1, 1)
    assert row is not None
    assert row.key_id == newest
    assert await everything_in(sealed) != before
    assert keys.file.stat().st_mode & 0o777 == 0o600


def test_of_many_who_rotate_at_once_nobody_writes_away_the_key_of_another(keys: Keyring) -> None:
    sealed = [keys.seal("token", "sms")]

    def renewed_and_sealed(_: int) -> Sealed:
        keys.renew()
        return keys.seal("token", "sms")

    with ThreadPoolExecutor(16) as rotating:
        sealed += rotating.map(renewed_and_sealed, range(48))

    assert {keys.open(each, "sms") for each in sealed} == {"token"}
    assert len(keys.file.read_text().split()) == 49


def test_the_same_is_never_encrypted_alike_twice(keys: Keyring) -> None:
    assert keys.seal("a", "channels/x").text != keys.seal("a", "channels/x").text
