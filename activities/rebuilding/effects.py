"""What was done in the register and in the ledger, under its business keys."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from activities.assets import ChangeAssets, Reserve, Undo
from activities.billing import Post, Reverse
from activities.rebuilding.deeds import Deed, RememberedCase, in_order
from activities.rebuilding.tallies import RebuildTally
from db.assets.asset import RegisterEntry
from db.assets.rebuilt import RegisterChange, bring_change_back, changed_by, held_change
from db.engine import Database
from db.ledger import LedgerRow, can_be_taken_back, charged, counter_entry, entries_of, write_entries
from db.turns import take_journal_turn
from domain.assets.asset import Asset
from domain.ids import case_no_of, order_workflow_id

AT_ONCE = 500


class Effects:
    def __init__(self, database: Database, tally: RebuildTally, *, writes: bool) -> None:
        self._database = database
        self._tally = tally
        self._writes = writes
        self._changes: list[Deed] = []
        self._orders: list[str] = []

    async def take(self, case: RememberedCase) -> None:
        """Of one case. Charges are brought back at once, what was done in the register when all orders are known."""
        done = [deed for deed in case.deeds if deed.problem is None]
        self._orders.append(case.case)
        self._changes += [deed for deed in done if isinstance(deed.asked, Reserve | ChangeAssets | Undo)]
        money = [deed.asked for deed in done if isinstance(deed.asked, Post | Reverse)]
        await self._hold_charges(case_no_of(case.case)[1], money)

    async def finish(self) -> None:
        """Orders may have had the same asset one after the other: each change begins where the last one ended."""
        wanted: dict[str, RegisterChange] = {}
        for deed in in_order(self._changes):
            change = _change_of(deed, wanted)
            if change is not None:
                wanted.setdefault(change.entry.under, change)
        for change in wanted.values():
            await self._hold_change(change)
        await self._count_unknown(wanted)

    async def _hold_change(self, change: RegisterChange) -> None:
        async with self._database.reading() as session:
            held = await held_change(session, change)
        if self._writes and held.missing:
            async with self._database.writing() as session:
                await bring_change_back(session, change)
        self._tally.add("asset_life", same=held.same, missing=held.missing, different=held.different)

    async def _count_unknown(self, wanted: dict[str, RegisterChange]) -> None:
        """What these orders have changed and their histories do not hold."""
        async with self._database.reading() as session:
            for first in range(0, len(self._orders), AT_ONCE):
                unders = await changed_by(session, self._orders[first : first + AT_ONCE])
                self._tally.add("asset_life", unknown=sum(under not in wanted for under in unders))

    async def _hold_charges(self, order: str, deeds: Sequence[Post | Reverse]) -> None:
        async with self._database.reading() as session:
            kept = {entry.key: entry for entry in await entries_of(session, order)}
            wanted = _entries(deeds, kept)
        missing = [entry for entry in wanted if entry.key not in kept]
        if self._writes and missing:
            async with self._database.writing() as session:
                await take_journal_turn(session)
                await self._write_charges(session, order, deeds)
        different = [one for one in wanted if one.key in kept and one.model_dump() != kept[one.key].model_dump()]
        unknown = kept.keys() - {entry.key for entry in wanted}
        same = len(wanted) - len(missing) - len(different)
        self._tally.add("ledger", same=same, missing=len(missing), different=len(different), unknown=len(unknown))

    async def _write_charges(self, session: AsyncSession, order: str, deeds: Sequence[Post | Reverse]) -> None:
        kept = {entry.key: entry for entry in await entries_of(session, order)}
        await write_entries(session, [entry for entry in _entries(deeds, kept) if entry.key not in kept])


def _entries(deeds: Sequence[Post | Reverse], kept: dict[str, LedgerRow]) -> list[LedgerRow]:
    """What is taken back is all that was charged before, be it in history or in the ledger only."""
    posts = [deed for deed in deeds if isinstance(deed, Post)]
    told = {entry.key for deed in posts for entry in charged(deed.charges, deed.at, kept.values())}
    entries: dict[str, LedgerRow] = {}
    for deed in deeds:
        if isinstance(deed, Post):
            for entry in charged(deed.charges, deed.at, (kept | entries).values()):
                entries.setdefault(entry.key, entry)
            continue
        untold = [entry for entry in kept.values() if entry.key not in told and entry.at <= deed.at]
        for entry in (*entries.values(), *untold):
            if can_be_taken_back(entry, deed.spared):
                taken_back = counter_entry(entry, deed.at)
                entries.setdefault(taken_back.key, taken_back)
    return list(entries.values())


def _change_of(deed: Deed, known: dict[str, RegisterChange]) -> RegisterChange | None:
    """None for putting back what was never done."""
    match deed.asked:
        case Reserve() | ChangeAssets() as asked:
            assert isinstance(deed.answer, tuple | list)
            afters = tuple(Asset.model_validate(asset) for asset in deed.answer)
            entry = RegisterEntry(asked.key, order_workflow_id(asked.order_no), asked.at)
            return RegisterChange(entry, asked.customer, afters)
        case Undo() as asked if (undone := known.get(asked.key)) is not None:
            entry = RegisterEntry(f"{asked.key}/undo", undone.entry.source, asked.at)
            return RegisterChange(entry, undone.customer, undone.afters, undoes=asked.key)
    return None
