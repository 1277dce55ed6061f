"""API keys: what one lets its holder do. Of the secret only a hash is kept, so a key can be shown just once."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.people import Role
from domain.refusals import NotAllowed, Problem, Refused, Unacceptable, Unknown
from domain.times import Instant
from domain.values import Slug, Value

_WRITTEN = re.compile(r"imac_([0-9a-f]{10})_[A-Za-z0-9_-]{43}")
_LINK = re.compile(r"([0-9a-f]{10})\.[A-Za-z0-9_-]{43}", re.ASCII)
# Whoever acts for a customer must never see another one.
USUAL_LIFE, LONGEST_LIFE = timedelta(days=365), timedelta(days=731)
# How long a proposal waits for a second administrator, and a link for whom it was sent to.
PROPOSAL_LIFE, LINK_LIFE = timedelta(days=7), timedelta(minutes=10)
# The maker of keys that no person has made: the stack of `imac up` for itself and for the people of the example.
STACK = "imacflow"
# The maker of keys of those who sign in by what their issuer of OpenID Connect says of them.
OPENID = "openid"
# Nobody we know has such an id.
_NO_PERSON, _NO_PERSONS = "key-", frozenset({STACK, OPENID, "admin"})
CUSTOMERS_OWN = frozenset({Role.REQUESTER, Role.APPROVER, Role.CONTACT})


class Grant(Value):
    """What a key is to allow: acting as one person in one role. `customer` None means every customer.

    Without a person the key acts under its own name, `key-…`, which no contract names. Without an end it lasts for a
    year.
    """

    role: Role
    person: Slug | None = None
    customer: Slug | None = None
    expires_at: Instant | None = None

    def until(self, leaves_at: datetime | None) -> "Grant":
        """It ends with whoever acts by it."""
        if leaves_at is None or (self.expires_at is not None and self.expires_at <= leaves_at):
            return self
        return self.but(expires_at=leaves_at)


class KeyStanding(StrEnum):
    """`proposed` waits for a second administrator, `sent` for its person to take it; `lapsed` has waited too long."""

    PROPOSED = "proposed"
    SENT = "sent"
    LAPSED = "lapsed"
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Key(Grant):
    """One that was proposed or offered waits until `offered_until` and opens nothing before it is issued."""

    id: Slug
    person: Slug
    created_at: Instant
    made_by: Slug | None = None
    issued_at: Instant | None = None
    offered_until: Instant | None = None
    by_link: bool = False
    last_used_at: Instant | None = None
    last_used_from: str | None = None
    revoked_at: Instant | None = None

    @property
    def administers_all(self) -> bool:
        return self.role == Role.ADMIN and self.customer is None

    def is_valid_at(self, at: datetime) -> bool:
        return self.standing_at(at) == KeyStanding.VALID

    def standing_at(self, at: datetime) -> KeyStanding:
        if self.revoked_at is not None:
            return KeyStanding.REVOKED
        if self.expires_at is not None and self.expires_at <= at:
            return KeyStanding.EXPIRED
        if self.issued_at is not None or self.offered_until is None:
            return KeyStanding.VALID
        if self.offered_until <= at:
            return KeyStanding.LAPSED
        return KeyStanding.SENT if self.by_link else KeyStanding.PROPOSED

    @property
    def is_by_issuer(self) -> bool:
        return self.made_by == OPENID

    @property
    def customers(self) -> tuple[str, ...] | None:
        """The customers it sees; None is all of them."""
        return None if self.customer is None else (self.customer,)

    def sees(self, customer: str | None) -> bool:
        return self.customer is None or customer == self.customer

    @property
    def is_somebodys(self) -> bool:
        """Whether a person stands behind it: only then is it a pair of eyes."""
        return self.role != Role.SYSTEM and not is_nobodys_id(self.person)


class NewKey(Key):
    """A key just made, with the text that nobody can show again."""

    key: str


class Secret(NamedTuple):
    id: str
    text: str
    digest: str


def make(key_id: str | None = None) -> Secret:
    """A secret for a new key, or for one that waits for its own."""
    key_id = key_id or secrets.token_hex(5)
    text = f"imac_{key_id}_{secrets.token_urlsafe(32)}"
    return Secret(key_id, text, digest(text))


def key_id_of(text: str) -> str | None:
    """None when this cannot be one of our keys."""
    written = _WRITTEN.fullmatch(text)
    return written and written.group(1)


def digest(text: str) -> str:
    # 256 random bits need neither salt nor a slow hash.
    return hashlib.sha256(text.encode()).hexdigest()


def link_token(key_id: str) -> str:
    return f"{key_id}.{secrets.token_urlsafe(32)}"


def link_key_id_of(token: str) -> str | None:
    """None when this cannot be the token of a link of ours."""
    written = _LINK.fullmatch(token)
    return written and written.group(1)


def check(text: str, kept: str) -> bool:
    return hmac.compare_digest(digest(text), kept)


def is_nobodys_id(person: str) -> bool:
    """What keys without a person act as; people cannot be called so."""
    return person.startswith(_NO_PERSON) or person in _NO_PERSONS


def name_without_person(key_id: str) -> str:
    return f"{_NO_PERSON}{key_id}"


def granted(by: Key, grant: Grant, at: datetime) -> Grant:
    """The grant with its end, if this key's holder may give it: nobody gives away more than they have."""
    problems = _role_problems(grant)
    if by.customer is not None and grant.customer != by.customer:
        problems.append(Problem(code="scope_too_wide", at="/customer", values={"customer": by.customer}))
    elif grant.role in CUSTOMERS_OWN and grant.customer is None:
        problems.append(Problem(code="customer_needed", at="/customer", values={"role": grant.role}))
    ends = grant.expires_at or at + USUAL_LIFE
    if ends <= at:
        problems.append(Problem(code="in_the_past", at="/expires_at"))
    if ends > at + LONGEST_LIFE:
        problems.append(Problem(code="key_lasts_too_long", at="/expires_at"))
    if problems:
        raise Unacceptable(*problems)
    return grant.but(expires_at=ends)


def _role_problems(grant: Grant) -> list[Problem]:
    if grant.role == Role.ASSIGNEE:
        return [Problem(code="role_not_held", at="/role", values={"role": grant.role})]
    if grant.role == Role.SYSTEM and grant.person is not None:
        return [Problem(code="system_is_no_person", at="/person")]
    if grant.role in (Role.APPROVER, Role.ADMIN) and grant.person is None:
        return [Problem(code="key_needs_person", at="/person", values={"role": grant.role})]
    return []


def check_proposer(by: Key) -> None:
    """Raises `NotAllowed`: of two who have to agree, each must be a person."""
    if not by.is_somebodys:
        raise NotAllowed(Problem(code="proposer_no_person"))


def check_second(by: Key, key: Key, at: datetime) -> None:
    """Whether this key's holder may confirm a proposal. Raises `Refused` or `NotAllowed`."""
    standing = key.standing_at(at)
    if standing != KeyStanding.PROPOSED:
        raise Refused(Problem(code="key_not_proposed", values={"key": key.id, "standing": standing}))
    if not by.is_somebodys:
        raise NotAllowed(Problem(code="personal_key_needed"))
    if by.person == key.made_by:
        raise Refused(Problem(code="second_administrator_needed"))


def must_see(caller: Key, customer: str | None, otherwise: Unknown) -> None:
    """The one place where scope is checked: what another customer owns is as unknown as what does not exist."""
    if not caller.sees(customer):
        raise otherwise
