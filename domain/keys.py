"""API keys: what one lets its holder do. Of the secret only a hash is kept, so a key can be shown just once."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime
from typing import NamedTuple

from domain.people import Role
from domain.refusals import Problem, Unacceptable, Unknown
from domain.times import Instant
from domain.values import Slug, Value

_WRITTEN = re.compile(r"imac_([0-9a-f]{10})_[A-Za-z0-9_-]{43}")
# Whoever acts for a customer must never see another one.
CUSTOMERS_OWN = frozenset({Role.REQUESTER, Role.APPROVER, Role.CONTACT})


class Grant(Value):
    """What a key is to allow: acting as one person in one role. `customer` None means every customer.

    Without a person the key acts under its own name, `key-…`, which no contract names.
    """

    role: Role
    person: Slug | None = None
    customer: Slug | None = None
    expires_at: Instant | None = None


class Key(Grant):
    id: Slug
    person: Slug
    created_at: Instant
    revoked_at: Instant | None = None

    def is_valid_at(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    @property
    def customers(self) -> tuple[str, ...] | None:
        """The customers it sees; None is all of them."""
        return None if self.customer is None else (self.customer,)

    def sees(self, customer: str | None) -> bool:
        return self.customer is None or customer == self.customer


class NewKey(Key):
    """A key just made, with the text that nobody can show again."""

    key: str


class Secret(NamedTuple):
    id: str
    text: str
    digest: str


def make() -> Secret:
    key_id = secrets.token_hex(5)
    text = f"imac_{key_id}_{secrets.token_urlsafe(32)}"
    return Secret(key_id, text, digest(text))


def key_id_of(text: str) -> str | None:
    """None when this cannot be one of our keys."""
    written = _WRITTEN.fullmatch(text)
    return written and written.group(1)


def digest(text: str) -> str:
    # 256 random bits need neither salt nor a slow hash.
    return hashlib.sha256(text.encode()).hexdigest()


def check(text: str, kept: str) -> bool:
    return hmac.compare_digest(digest(text), kept)


def granted(by: Key, grant: Grant, at: datetime) -> Grant:
    """The grant, if this key's holder may give it: nobody gives away more than they have."""
    problems = []
    if by.customer is not None and grant.customer != by.customer:
        problems.append(Problem(code="scope_too_wide", at="/customer", values={"customer": by.customer}))
    elif grant.role in CUSTOMERS_OWN and grant.customer is None:
        problems.append(Problem(code="customer_needed", at="/customer", values={"role": grant.role}))
    if grant.role == Role.ASSIGNEE:
        problems.append(Problem(code="role_not_held", at="/role", values={"role": grant.role}))
    if grant.expires_at is not None and grant.expires_at <= at:
        problems.append(Problem(code="in_the_past", at="/expires_at"))
    if problems:
        raise Unacceptable(*problems)
    return grant


def must_see(caller: Key, customer: str | None, otherwise: Unknown) -> None:
    """The one place where scope is checked: what another customer owns is as unknown as what does not exist."""
    if not caller.sees(customer):
        raise otherwise
