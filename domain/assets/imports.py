"""Bringing a list into the register: what each row adds or changes, and what the life of an asset forbids."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from domain.assets.asset import Asset, AssetChange, AssetStatus
from domain.assets.lists import AssetList, StatedAsset, StatedRow
from domain.lists import DataIssue, Table
from domain.names import look_of, same_tag
from domain.people import Actor
from domain.places import Place
from domain.times import Instant
from domain.unknown_columns import UnknownColumn
from domain.values import AssetTag, Line, Slug, Value


class ImportOutcome(StrEnum):
    """`kept`: an order has changed the asset since, and the register knows better than the list."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT = "kept"
    PROBLEM = "problem"


class RowOutcome(Value):
    """`changed` names the fields of the asset that are different now, or would be but for the `order`.

    `old` and `new` are what stood in them and what stands there now; what is empty is left out.
    """

    row: int
    tag: AssetTag | None = None
    outcome: ImportOutcome
    changed: tuple[Slug, ...] = ()
    order: Slug | None = None
    old: dict[Slug, str] = {}
    new: dict[Slug, str] = {}


class ImportResult(Value):
    """What became of a list. A dry run says what would have become of it."""

    id: Slug
    customer: Slug
    file_name: Line
    at: Instant
    actor: Actor
    dry_run: bool = False
    added: int
    changed: int
    unchanged: int
    kept: int = 0
    with_problems: int
    rows: tuple[RowOutcome, ...]
    issues: tuple[DataIssue, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    unread_sheets: tuple[str, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    unknown_columns: tuple[UnknownColumn, ...] = ()


class Register(NamedTuple):
    """What the register knows of the things in a list, by tag; `serials` says which tag bears a serial.

    `orders` names the order that has changed an asset last, if any; `alike` has all tags by their normal form.
    `owners` are the assets by tag whose serials are listed, if a list may give them new tags; `named` are the orders
    under way that name one of them.
    """

    assets: Mapping[str, Asset]
    serials: Mapping[str, str]
    orders: Mapping[str, str]
    alike: Mapping[str, str] = {}
    owners: Mapping[str, Asset] = {}
    named: Mapping[str, str] = {}

    def owner(self, serial: str | None) -> str | None:
        """The tag of what bears the serial, in capital letters or small ones."""
        return None if serial is None else self.serials.get(serial) or self.serials.get(same_tag(serial))


class ImportPlan(NamedTuple):
    """`changes` are pairs of before and after; before is None for what is new."""

    changes: tuple[tuple[Asset | None, Asset], ...]
    rows: tuple[RowOutcome, ...]
    issues: tuple[DataIssue, ...]

    def count(self, outcome: ImportOutcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)


def import_id(customer: str, digest: str) -> str:
    """The same file for the same customer is the same import."""
    return hashlib.sha256(f"{customer}/{digest}".encode()).hexdigest()[:32]


class _Change(NamedTuple):
    stated: StatedRow
    before: Asset | None
    after: Asset


_NOT_YET_OUT = frozenset({AssetStatus.ORDERED, AssetStatus.IN_STOCK})
# What orders bring about; a list from last week must not take back what was done since.
_DONE_BY_ORDERS = frozenset({"status", "place", "holder", "part_of", "erased_by"})


def plan(found: AssetList, customer: str, register: Register, *, overrule: bool) -> ImportPlan:
    """What importing the list does to the register. Rows with problems do nothing.

    Nor do rows that contradict what an order has done since, or give one asset's serial to another, unless the list is
    to overrule it.
    """
    changes: dict[int, _Change] = {}
    outcomes: dict[int, RowOutcome] = {}
    issues = list(found.issues)
    listed = {row.stated.tag for row in found.rows}
    looks = {look_of(tag): tag for tag in register.alike.values()} if not overrule else {}
    for row in found.rows:
        before = register.assets.get(row.stated.tag) or _retagged(row, register, listed)
        after = _after(row.stated, before, customer)
        became = _outcome(row, before, after, None if overrule else register.orders.get(after.tag))
        if became.outcome in (ImportOutcome.ADDED, ImportOutcome.CHANGED):
            refusals = _forbidden(found.table, row, before, after, register)
            refusals += _borne_elsewhere(found.table, row, before, register, listed)
            refusals += _alike(found.table, row, register) if before is None else []
            if before is None and not overrule and not refusals:
                refusals += _looking_alike(found.table, row, looks)
            issues += refusals
            if refusals:
                continue
            changes[row.row.number] = _Change(row, before, after)
        outcomes[row.row.number] = became
    while twice := _borne_twice(changes, register):
        for number, owner in twice.items():
            issues.append(found.table.issue(changes.pop(number).stated.row, "serial", "serial_taken", tag=owner))
            del outcomes[number]
    for number, other in () if overrule else _passed_on(changes, register).items():
        issues.append(found.table.issue(changes.pop(number).stated.row, "serial", "serial_passed_on", tag=other))
        del outcomes[number]
    rows = tuple(
        outcomes.get(row.number, RowOutcome(row=row.number, outcome=ImportOutcome.PROBLEM)) for row in found.table.rows
    )
    both = tuple((change.before, change.after) for change in changes.values())
    return ImportPlan(both, rows, tuple(sorted(issues, key=lambda issue: issue.row)))


def _outcome(row: StatedRow, before: Asset | None, after: Asset, order: str | None) -> RowOutcome:
    number = row.row.number
    if before is None:
        return RowOutcome(row=number, tag=after.tag, outcome=ImportOutcome.ADDED)
    if after == before:
        return RowOutcome(row=number, tag=after.tag, outcome=ImportOutcome.UNCHANGED)
    changed = _differences(before, after)
    if order is not None and before.reserved_for is None and _DONE_BY_ORDERS.intersection(changed):
        return RowOutcome(row=number, tag=after.tag, outcome=ImportOutcome.KEPT, changed=changed, order=order)
    old, new = ({field: f"{value}" for field in changed if (value := getattr(one, field))} for one in (before, after))
    return RowOutcome(row=number, tag=after.tag, outcome=ImportOutcome.CHANGED, changed=changed, old=old, new=new)


def _after(stated: StatedAsset, before: Asset | None, customer: str) -> Asset:
    said = {
        field: value
        for field in ("serial", "model", "manufacturer", "category", "holder", "data_bearing")
        if (value := getattr(stated, field)) is not None
    }
    if before is None:
        new = Asset(tag=stated.tag, customer=customer, place=stated.place)
        return new.but(**said, status=stated.status or _meant(stated) or AssetStatus.IN_STOCK)
    returns = stated.status == AssetStatus.IN_STOCK and before.status != AssetStatus.IN_STOCK
    place = stated.place
    if place is not None and not returns and _says_no_more(place, before.place):
        place = None
    status = stated.status or (_meant(stated) if before.status in _NOT_YET_OUT else None)
    change = AssetChange(tag=before.tag, status=status, place=place, vacate=returns)
    return change.applied_to(before).but(**said, tag=stated.tag)


def _meant(stated: StatedAsset) -> AssetStatus | None:
    """What somebody holds is in use, unless the list says otherwise."""
    return AssetStatus.DEPLOYED if stated.holder else None


def _says_no_more(place: Place, known: Place | None) -> bool:
    """Whether a list that only knows the site, say, agrees with the room and desk we know already."""
    return known is not None and place.model_dump(exclude_none=True).items() <= known.model_dump().items()


def _forbidden(table: Table, row: StatedRow, before: Asset | None, after: Asset, register: Register) -> list[DataIssue]:
    status = row.stated.status
    if status == AssetStatus.RESERVED and (before is None or before.status != status):
        return [table.issue(row.row, "status", "only_orders_reserve", tag=after.tag)]
    if before is None or before == after:
        return []
    if before.reserved_for is not None or before.status == AssetStatus.RESERVED:
        # Cancelling the order puts back what it reserved, and refuses when somebody has changed it since.
        values = {"tag": before.tag, "order": before.reserved_for or ""}
        return [table.issue(row.row, "tag", "asset_held_by_order", **values)]
    order = register.named.get(before.tag)
    if order is not None and before.tag != after.tag:
        # It would go on looking for the old tag.
        return [table.issue(row.row, "tag", "asset_named_by_order", tag=before.tag, order=order)]
    problem = AssetChange(tag=before.tag, status=status).problem_with(before)
    return [table.issue(row.row, "status", problem.code, **problem.values)] if problem else []


def _retagged(row: StatedRow, register: Register, listed: set[str]) -> Asset | None:
    """What bears the serial, and is to have the tag of the row from now on."""
    owner = register.owners.get(register.owner(row.stated.serial) or "")
    return None if owner is None or owner.tag in listed else owner


def _borne_elsewhere(
    table: Table, row: StatedRow, before: Asset | None, register: Register, listed: set[str]
) -> list[DataIssue]:
    """A serial that another asset bears in the register; whether one in the list gives it away is seen at the end."""
    owner = register.owner(row.stated.serial)
    if owner is None or owner in listed or owner in (row.stated.tag, before.tag if before else None):
        return []
    return [table.issue(row.row, "serial", "serial_taken", tag=owner)]


def _borne_twice(changes: Mapping[int, _Change], register: Register) -> dict[int, str]:
    """Rows whose serial another asset would still bear: its own row says none, or does nothing."""
    become = {change.before.tag: change.after for change in changes.values() if change.before is not None}
    found = {}
    for number, (stated, before, after) in changes.items():
        owner = register.owner(stated.stated.serial)
        if owner is None or owner in (after.tag, before.tag if before else None):
            continue
        heir = become.get(owner)
        if heir is None or same_tag(heir.serial or "") == same_tag(after.serial or ""):
            found[number] = owner
    return found


def _passed_on(changes: Mapping[int, _Change], register: Register) -> dict[int, str]:
    """Rows that pass a serial from one listed asset to another: once a column is sorted by itself, all of them do."""
    number_of = {change.before.tag: number for number, change in changes.items() if change.before is not None}
    found: dict[int, str] = {}
    for number, (stated, before, after) in changes.items():
        owner = register.owner(stated.stated.serial)
        if owner is None or owner in (after.tag, before.tag if before else None):
            continue
        found[number] = owner
        if owner in number_of:
            found.setdefault(number_of[owner], after.tag)
    return found


def _alike(table: Table, row: StatedRow, register: Register) -> list[DataIssue]:
    """A new tag that differs from a known one by its letters' case alone is the known one, mistyped."""
    known = register.alike.get(same_tag(row.stated.tag))
    if known is None:
        return []
    return [table.issue(row.row, "tag", "tag_known_in_other_letters", other=known)]


def _looking_alike(table: Table, row: StatedRow, looks: dict[str, str]) -> list[DataIssue]:
    """A new tag that may be another one, known or listed before, with a letter for a digit or another stroke."""
    other = looks.setdefault(look_of(row.stated.tag), row.stated.tag)
    if other == row.stated.tag:
        return []
    return [table.issue(row.row, "tag", "tag_looks_like", other=other)]


def _differences(before: Asset, after: Asset) -> tuple[str, ...]:
    return tuple(field for field in Asset.model_fields if getattr(before, field) != getattr(after, field))
