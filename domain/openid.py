"""Signing in by OpenID Connect: what an issuer says of somebody, and what we take it to mean."""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import Field, JsonValue

from domain.keys import CUSTOMERS_OWN, Grant
from domain.people import Person, Role
from domain.refusals import NotAllowed, Problem
from domain.sessions import FLOOR_LIFE, LIFE
from domain.times import Instant
from domain.values import Slug, Value

# Between the issuer's clock and ours.
LEEWAY = timedelta(seconds=60)
# How long somebody may take at their issuer.
BEGUN_LIFE = timedelta(minutes=10)
EMAIL = "email"
# Roles that no person holds.
_NOBODYS = frozenset({Role.SYSTEM, Role.ASSIGNEE, Role.VENDOR})
_Random = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
# As long as the standard lets it be.
_LONGEST_SUBJECT = 255

Claims = Mapping[str, JsonValue]


class SignInRefused(NotAllowed):
    """Nobody is let in by what their issuer has said. `code` is also what the log of the door says."""

    def __init__(self, code: str) -> None:
        super().__init__(Problem(code=code))
        self.code = code


class Begun(Value):
    """What a browser keeps while somebody is at their issuer; what comes back has to fit."""

    state: _Random
    nonce: _Random
    verifier: _Random
    next: Annotated[str, Field(max_length=2000)]
    at: Instant

    def must_go_on_at(self, at: datetime) -> None:
        """Raises `SignInRefused` for what was begun too long ago."""
        if not self.at - LEEWAY <= at < self.at + BEGUN_LIFE:
            raise SignInRefused("openid_not_begun")


def begin(wanted: str, at: datetime) -> Begun:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Begun(state=state, nonce=nonce, verifier=verifier, next=wanted, at=at)


class RoleRule(Value):
    """Whom the issuer counts among this group may act in this role; `customer` None is every customer."""

    group: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role
    customer: Slug | None = None


def role_rule(text: str) -> RoleRule:
    """`group=role` or `group=role@customer`. Raises `ValueError`."""
    group, _, granted = text.rpartition("=")
    name, _, customer = granted.partition("@")
    rule = RoleRule(group=group, role=Role(name), customer=customer or None)
    if rule.role in _NOBODYS:
        raise ValueError(f"no person has the role {name}")
    if rule.role in CUSTOMERS_OWN and rule.customer is None:
        raise ValueError(f"{name} is a role within a customer: {group}={name}@customer")
    return rule


class Trust(Value):
    """Whose word counts, and for what. `person` is the claim that says who somebody is, `roles` the one with groups.

    `trusts_email`: that nothing is said of whether an address is verified is as good as that it is.
    """

    issuer: str
    client: str
    person: str
    roles: str
    trusts_email: bool = False
    rules: tuple[RoleRule, ...]


def check_claims(claims: Claims, trust: Trust, nonce: str, at: datetime) -> None:
    """Whether the issuer says this, to us, now, and of the sign-in that was begun. Raises `SignInRefused`."""
    audience = claims.get("aud")
    told = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", trust.client if len(told) == 1 else None)
    if claims.get("iss") != trust.issuer or trust.client not in told or party != trust.client:
        raise SignInRefused("openid_not_for_us")
    now, leeway = at.timestamp(), LEEWAY.total_seconds()
    ends, began, counts = _number(claims, "exp"), _number(claims, "iat"), _number(claims, "nbf", 0)
    # Turned round, what is no number would pass.
    if not (ends + leeway > now and began - leeway <= now and counts - leeway <= now):
        raise SignInRefused("openid_out_of_time")
    if not hmac.compare_digest(f"{claims.get('nonce', '')}".encode(), nonce.encode()):
        raise SignInRefused("openid_not_begun")


def _number(claims: Claims, name: str, otherwise: float | None = None) -> float:
    value = claims.get(name, otherwise)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def subject_of(claims: Claims) -> str:
    """By what the issuer tells people apart, whatever they are called. Raises `SignInRefused`."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise SignInRefused("openid_not_for_us")
    return sha256(f"{claims['iss']}\n{subject}".encode("utf-8", "replace")).hexdigest()


def name_in(claims: Claims, trust: Trust) -> str:
    """What the issuer says who somebody is. Raises `SignInRefused` where they have only said so themselves."""
    name = claims.get(trust.person)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_SUBJECT:
        raise SignInRefused("openid_nobody")
    if trust.person == EMAIL and claims.get("email_verified", trust.trusts_email) is not True:
        raise SignInRefused("openid_unverified")
    return name


def person_of(found: Iterable[Person], at: datetime) -> Person:
    """Raises `SignInRefused` where there is nobody, more than one, or only somebody who has left."""
    people = list(found)
    if len(people) != 1 or people[0].is_gone_by(at):
        raise SignInRefused("openid_nobody")
    return people[0]


def grants_of(claims: Claims, trust: Trust, person: Person, at: datetime) -> tuple[Grant, ...]:
    """What the person may act as today, first what is named first. Raises `SignInRefused` where that is nothing."""
    said = claims.get(trust.roles)
    groups = said if isinstance(said, list) else [said]
    rules = [rule for rule in trust.rules if rule.group in groups and person.customer in (None, rule.customer)]
    given = dict.fromkeys((rule.role, rule.customer) for rule in rules)
    if not given:
        raise SignInRefused("openid_no_role")
    return tuple(
        Grant(role=role, person=person.id, customer=customer, expires_at=at + _life(role)).until(person.leaves_at)
        for role, customer in given
    )


def _life(role: Role) -> timedelta:
    """What a phone is kept for the day of its technician by lasts as long as that."""
    return FLOOR_LIFE if role == Role.TECHNICIAN else LIFE
