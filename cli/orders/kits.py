"""What of an order was found at its target, as it is typed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from cli.cases import Several
from cli.errors import CliError, Exit
from domain.cases.order_commands import Found
from domain.orders.sheets import OrderSheet
from domain.places import Place

PARTS = ("building", "floor", "room", "desk")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Kit:
    """What is named neither way is missing."""

    tags: Annotated[tuple[str, ...], Parameter(name="--tag"), Several] = ()
    "What stands at the target, as TAG or TAG:SERIAL."
    elsewhere: Annotated[tuple[str, ...], Several] = ()
    "What was found elsewhere, as TAG:DESK or TAG:BUILDING/FLOOR/ROOM/DESK, as many parts as differ from the target."
    whole: Annotated[bool, Parameter(name="--all", negative="")] = False
    "Everything of the order was found."

    def found(self, sheet: OrderSheet) -> Iterator[Found]:
        named = [*map(_at_target, self.tags), *(_elsewhere(sheet, typed) for typed in self.elsewhere)]
        if not named and not self.whole:
            raise CliError("no_kit_item_named", Exit.USAGE)
        yield from named
        if self.whole:
            tags = {found.tag for found in named}
            yield from (Found(tag=asset.tag) for asset in sheet.assets if asset.tag not in tags)


def _at_target(typed: str) -> Found:
    tag, _, serial = typed.partition(":")
    return Found(tag=tag, serial=serial or None)


def _elsewhere(sheet: OrderSheet, typed: str) -> Found:
    tag, _, written = typed.partition(":")
    parts = [part.strip() for part in written.split("/")]
    if not all(parts) or len(parts) > len(PARTS):
        raise CliError("place_unreadable", Exit.USAGE, typed=typed)
    target = sheet.request.target or Place(site=sheet.site)
    return Found(tag=tag, place=target.but(**dict(zip(PARTS[-len(parts) :], parts, strict=True))))
