"""What secrets all processes share, as digests that are slow to guess from: whoever comes first sets them."""

import hashlib
import hmac
import os

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from db.engine import Database
from db.turns import saving_turn

# A secret that a person has thought of must not be found from a copy of the table in an afternoon.
_COST, _BLOCK, _WAYS = 2**14, 8, 1


class SharedSecretRow(SQLModel, table=True):
    __tablename__ = "shared_secrets"

    name: str = Field(primary_key=True, max_length=32)
    salt: str = Field(max_length=32)
    digest: str = Field(max_length=64, repr=False)


async def is_shared(database: Database, name: str, secret: str) -> bool:
    """Whether this is the secret that all have; it is from now on, where there was none."""
    async with database.reading() as session:
        row = await session.get(SharedSecretRow, name)
    if row is None:
        async with saving_turn(database, f"secret/{name}", None) as session:
            row = await session.get(SharedSecretRow, name)
            if row is None:
                row = _row(name, secret)
                session.add(row)
    return hmac.compare_digest(_digest(secret, row.salt), row.digest)


async def is_same(session: AsyncSession, name: str, secret: str) -> bool:
    """Whether this is the secret that all have, or would be the first; nothing is kept."""
    row = await session.get(SharedSecretRow, name)
    return row is None or hmac.compare_digest(_digest(secret, row.salt), row.digest)


async def share_anew(database: Database, name: str, secret: str) -> None:
    async with saving_turn(database, f"secret/{name}", None) as session:
        await session.merge(_row(name, secret))


def _row(name: str, secret: str) -> SharedSecretRow:
    salt = os.urandom(16).hex()
    return SharedSecretRow(name=name, salt=salt, digest=_digest(secret, salt))


def _digest(secret: str, salt: str) -> str:
    kept = hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=_WAYS, dklen=32)
    return kept.hex()
