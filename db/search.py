"""What things are found by: normal forms of numbers, names and places, each beside the thing, written with it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Index, String, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from domain.search import LONGEST_WORD, FoundKind, SearchField, SearchWord

# By code point on both databases: only then is a beginning a range.
_BY_SIGN = String(LONGEST_WORD).with_variant(String(LONGEST_WORD, collation="C"), "postgresql")
_PROVIDERS = ""
_LAST_SIGN = "\U0010ffff"
# What one statement may name, or bind.
_AT_ONCE = 500


class SearchWordRow(SQLModel, table=True):
    """One word by which one thing is found; `customer` is empty for what is the provider's."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index("ix_search_words_word", "word", "rank", "kind", "customer"),
        Index("ix_search_words_customer", "customer", "word", "rank", "kind"),
    )

    kind: str = Field(primary_key=True, max_length=16)
    customer: str = Field(primary_key=True, max_length=64)
    ref: str = Field(primary_key=True, max_length=64)
    field: str = Field(primary_key=True, max_length=16)
    word: str = Field(primary_key=True, sa_type=_BY_SIGN)
    rank: int


class Thing(NamedTuple):
    """What is found; a person of the provider's has no customer."""

    kind: FoundKind
    customer: str | None
    ref: str


class Hit(NamedTuple):
    thing: Thing
    field: SearchField
    is_exact: bool


def order_thing(no: str, customer: str) -> Thing:
    return Thing(FoundKind.ORDER, customer, no)


def asset_thing(customer: str, tag: str) -> Thing:
    return Thing(FoundKind.ASSET, customer, tag)


async def find_by(session: AsyncSession, things: Iterable[tuple[Thing, Iterable[SearchWord]]]) -> None:
    """These are found by these words as well."""
    new = [_row(thing, word) for thing, words in things for word in words]
    for first in range(0, len(new), _AT_ONCE):
        on_postgres = session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert(SearchWordRow) if on_postgres else sqlite.insert(SearchWordRow)
        await session.execute(insert.on_conflict_do_nothing(), new[first : first + _AT_ONCE])


async def find_no_more_by(session: AsyncSession, thing: Thing, words: Iterable[SearchWord]) -> None:
    gone: dict[SearchField, list[str]] = {}
    for field, word in words:
        gone.setdefault(field, []).append(word)
    for field, some in gone.items():
        these = (col(SearchWordRow.field) == field, col(SearchWordRow.word).in_(some))
        await session.execute(delete(SearchWordRow).where(*_is(thing), *these))


async def find_only_by(session: AsyncSession, thing: Thing, words: frozenset[SearchWord]) -> None:
    query = select(SearchWordRow.field, SearchWordRow.word)
    found = await session.execute(query.where(*_is(thing)))
    known = {SearchWord(SearchField(field), word) for field, word in found}
    await find_no_more_by(session, thing, known - words)
    await find_by(session, [(thing, words - known)])


async def hits(
    session: AsyncSession,
    looked_for: Sequence[str],
    kinds: Sequence[FoundKind],
    customers: tuple[str, ...] | None,
    most: int,
) -> list[Hit]:
    """Those that begin so, exact ones first; among these numbers first. At most so many of each that is looked for."""
    found: list[Hit] = []
    for text in looked_for:
        begins = (col(SearchWordRow.word) >= text, col(SearchWordRow.word) < text + _LAST_SIGN)
        query = select(SearchWordRow).where(*begins, col(SearchWordRow.kind).in_(kinds))
        if customers is not None:
            query = query.where(col(SearchWordRow.customer).in_(customers))
        query = query.order_by(col(SearchWordRow.word), col(SearchWordRow.rank)).limit(most)
        for row in (await session.execute(query)).scalars():
            thing = Thing(FoundKind(row.kind), row.customer or None, row.ref)
            found.append(Hit(thing, SearchField(row.field), row.word == text))
    return sorted(found, key=lambda hit: (not hit.is_exact, hit.field.rank))


def _is(thing: Thing) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SearchWordRow.kind) == thing.kind,
        col(SearchWordRow.customer) == (thing.customer or _PROVIDERS),
        col(SearchWordRow.ref) == thing.ref,
    )


def _row(thing: Thing, word: SearchWord) -> dict[str, str | int]:
    return {
        "kind": thing.kind,
        "customer": thing.customer or _PROVIDERS,
        "ref": thing.ref,
        "field": word.field,
        "word": word.word,
        "rank": word.field.rank,
    }
