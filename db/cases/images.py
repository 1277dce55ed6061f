"""A case as its histories have it, held against its row and its entries in the journal, and brought back there."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.cases.case import CaseRow
from db.cases.journal import JournalRow, alike, journal_row, withdraw, write_events
from db.turns import take_journal_turn
from domain.cases.events import Event

# Whoever looks for faults writes them; no history holds them.
_NOT_FROM_HISTORY = frozenset({"faults"})


class CaseImage(NamedTuple):
    """`events` by their numbers; `documents` are the columns that hold a model's text."""

    row: CaseRow
    events: Mapping[int, Event]
    documents: Mapping[str, type[BaseModel]]


class RowStanding(StrEnum):
    """Ahead: the tables know more of the case than its history."""

    SAME = "same"
    MISSING = "missing"
    OLD = "old"
    AHEAD = "ahead"


class HeldCase(NamedTuple):
    """What came of holding a case against the tables; `surplus` entries never happened, as far as history knows."""

    row: RowStanding
    seq: int
    updated_at: datetime | None
    same: int
    missing: int
    different: int
    surplus: int


async def held_against(session: AsyncSession, image: CaseImage) -> HeldCase:
    row = await session.get(type(image.row), image.row.no, populate_existing=True)
    query = select(JournalRow).where(col(JournalRow.workflow_id) == image.row.workflow_id, col(JournalRow.seq) > 0)
    written = {entry.seq: entry.as_event() for entry in (await session.execute(query)).scalars()}
    there = image.events.keys() & written.keys()
    different = sum(not alike(image.events[seq], written[seq]) for seq in there)
    return HeldCase(
        row=RowStanding.MISSING if row is None else _standing(row, image),
        seq=row.seq if row else 0,
        updated_at=row.updated_at if row else None,
        same=len(there) - different,
        missing=len(image.events) - len(there),
        different=different,
        surplus=len(written) - len(there),
    )


async def bring_back(session: AsyncSession, image: CaseImage) -> HeldCase:
    """Write what is missing and old; what came of holding it against the tables before that.

    Where the tables know more, only entries that are missing are added: whoever runs the case writes the rest.
    """
    await take_journal_turn(session)
    held = await held_against(session, image)
    if held.row == RowStanding.AHEAD:
        if held.missing and not held.different:
            await _add_missing(session, image)
        return held
    if held.surplus:
        await withdraw(session, image.row.workflow_id, image.row.seq + 1)
    if held.missing or held.different:
        events = [image.events[seq] for seq in sorted(image.events)]
        await write_events(session, image.row.workflow_id, image.row.customer, events)
    if held.row != RowStanding.SAME:
        await _write_row(session, image.row)
    return held


async def _add_missing(session: AsyncSession, image: CaseImage) -> None:
    case = image.row.workflow_id
    known = set((await session.execute(select(JournalRow.seq).where(col(JournalRow.workflow_id) == case))).scalars())
    missing = (event for seq, event in sorted(image.events.items()) if seq not in known)
    session.add_all(journal_row(case, image.row.customer, event) for event in missing)


async def _write_row(session: AsyncSession, row: CaseRow) -> None:
    kept = await session.get(type(row), row.no)
    if kept is None:
        session.add(type(row)(**row.model_dump()))
        return
    for name, value in row.model_dump(exclude=set(_NOT_FROM_HISTORY)).items():
        setattr(kept, name, value)


def _standing(row: CaseRow, image: CaseImage) -> RowStanding:
    ours, theirs = image.row, row
    if theirs.seq > ours.seq:
        return RowStanding.AHEAD
    if (theirs.seq, theirs.updated_at) > (ours.seq, ours.updated_at):
        # It has written itself down anew since, without anything having happened.
        return RowStanding.SAME
    is_same = (theirs.seq, theirs.updated_at) == (ours.seq, ours.updated_at) and _says_the_same(row, image)
    return RowStanding.SAME if is_same else RowStanding.OLD


def _says_the_same(row: CaseRow, image: CaseImage) -> bool:
    """An earlier version may have written the same in other words."""
    for name in type(row).model_fields.keys() - _NOT_FROM_HISTORY:
        ours, theirs = getattr(image.row, name), getattr(row, name)
        if ours == theirs:
            continue
        model = image.documents.get(name)
        if model is None or not _means_the_same(model, ours, theirs):
            return False
    return True


def _means_the_same(model: type[BaseModel], ours: str, theirs: str) -> bool:
    try:
        return model.model_validate_json(ours) == model.model_validate_json(theirs)
    except ValidationError:
        return False
