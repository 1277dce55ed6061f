"""Saving by name: one at a time, never over what is another customer's, and only over what the caller has seen."""

import hashlib
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Tables
from db.engine import Database
from db.turns import saving_turn
from domain.keys import Key
from domain.refusals import Outdated, Problem, Refused, Unacceptable
from domain.values import Value

_ANY = "*"
_TAG = re.compile(r'"[!#-~]*"')
_TAGS = re.compile(r'(?:W/)?"[!#-~]*"(?:[ \t]*,[ \t]*(?:W/)?"[!#-~]*")*')
_WEAK = re.compile(r'W/"[!#-~]*"')
_LONG_ENOUGH = 1_000
_ABOUT = (
    "Save only over what an `ETag` of an earlier answer stands for, or one of several with commas between; `*` is "
    "whatever is there. Otherwise 412, and nothing has happened."
)

V = TypeVar("V", bound=Value)


class Owned(Protocol):
    """What belongs to a customer, or to the house."""

    @property
    def customer(self) -> str | None: ...


def tag_of(thing: Value, *hidden: str) -> str:
    """The version where there is one, else what is written; `hidden` is what answers do not show of it."""
    version = getattr(thing, "version", 0)
    if isinstance(version, int) and version > 0:
        return f'"{version}"'
    written = "\n".join((thing.model_dump_json(), *hidden))
    return f'"{hashlib.sha256(written.encode()).hexdigest()[:20]}"'


def tagged(response: Response, thing: V, *hidden: str) -> V:
    response.headers["ETag"] = tag_of(thing, *hidden)
    return thing


@dataclass(frozen=True)
class Saving:
    """`wanted` are the tags of which the kept thing must bear one; None is any, and nothing too."""

    database: Database
    response: Response
    wanted: frozenset[str] | None

    def turn(self, name: str, customer: str | None) -> AbstractAsyncContextManager[AsyncSession]:
        """As `saving_turn`: what is read in it stays as it is until the thing is saved."""
        return saving_turn(self.database, name, customer)

    def over(self, kept: Owned | None, new: Owned, caller: Key) -> None:
        """Refuse what another customer owns, what would change hands, and what the caller has not seen."""
        must_stay(kept, new, caller)
        self.must_match(kept if isinstance(kept, Value) else None)

    def must_match(self, kept: Value | None, *hidden: str) -> None:
        if self.wanted is None:
            return
        if kept is None:
            raise Outdated(Problem(code="nothing_to_match", at="/header/if-match"))
        if self.wanted.isdisjoint((_ANY, tag_of(kept, *hidden))):
            raise Outdated(Problem(code="changed_since_read", at="/header/if-match"))

    def answer(self, saved: V, *hidden: str) -> V:
        return tagged(self.response, saved, *hidden)


def must_stay(kept: Owned | None, new: Owned, caller: Key, at: str = "") -> None:
    """A name belongs to whom it first belonged to. Whoever may not see it learns only that it is not free."""
    if kept is None:
        return
    if not caller.sees(kept.customer):
        raise Refused(Problem(code="name_taken", at=f"{at}/id"))
    if kept.customer != new.customer:
        raise Refused(Problem(code="owner_fixed", at=f"{at}/customer", values={"customer": kept.customer or "-"}))


async def _saving(
    database: Tables,
    response: Response,
    if_match: Annotated[str | None, Header(description=_ABOUT, max_length=_LONG_ENOUGH)] = None,
) -> Saving:
    return Saving(database, response, _wanted(if_match))


def _wanted(written: str | None) -> frozenset[str] | None:
    if written is None:
        return None
    listed = written.strip()
    if listed == _ANY:
        return frozenset({_ANY})
    if not _TAGS.fullmatch(listed):
        raise Unacceptable(Problem(code="if_match_malformed", at="/header/if-match"))
    # A weak tag never matches here (RFC 9110, 13.1.1): it does not say that everything is the same.
    return frozenset(_TAG.findall(_WEAK.sub("", listed)))


BySaving = Annotated[Saving, Depends(_saving)]
