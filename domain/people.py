"""People and the roles in which they act."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from domain.refusals import Problem
from domain.times import Instant
from domain.values import Address, EmailAddress, Line, Slug, Value

Language = Literal["de", "en"]


class Role(StrEnum):
    """`assignee` is whoever owns a case at the moment: people are told as such, nobody acts as such."""

    REQUESTER = "requester"
    APPROVER = "approver"
    CONTACT = "contact"
    SERVICE_DESK = "service_desk"
    COORDINATOR = "coordinator"
    TECHNICIAN = "technician"
    SDM = "sdm"
    BRM = "brm"
    AUDITOR = "auditor"
    SYSTEM = "system"
    ADMIN = "admin"
    ASSIGNEE = "assignee"
    TEAM_LEAD = "team_lead"
    MANAGEMENT = "management"
    VENDOR = "vendor"


# Whom a case names itself: who reported or asked for it, who owns it, the vendor it was given to.
NAMED_BY_CASE = frozenset({Role.REQUESTER, Role.ASSIGNEE, Role.VENDOR})


class Contact(Value):
    """A way to reach a person in a hurry: by which of the operator's channels, at which address, how soon.

    Some channels lead to one place only and take no address. `after_minutes` count from when the person is paged
    (proposal: chat 0, SMS 2, voice 5).
    """

    channel: Slug
    address: Address = ""
    after_minutes: int = Field(default=0, ge=0, le=1440)


class Person(Value):
    """Somebody we may write to. `customer` is None for the provider's own people.

    `contacts` are tried in their order when the person is paged; without any, e-mail is all there is. From `leaves_at`
    on nobody counts on them; it is kept when a person is saved without it.
    """

    id: Slug
    name: Line
    email: EmailAddress
    language: Language = "de"
    customer: Slug | None = None
    contacts: tuple[Contact, ...] = Field(default=(), max_length=10)
    leaves_at: Instant | None = None

    def is_gone_by(self, at: datetime) -> bool:
        return self.leaves_at is not None and self.leaves_at <= at

    def acts_for(self, customer: str) -> bool:
        """Whether they are the customer's own or the provider's: another customer's people are unknown here."""
        return self.customer in (None, customer)


def leavers(named: Mapping[str, str | None], people: Iterable[Person], by: datetime | None = None) -> list[Problem]:
    """Those of the people named, by where they are, on whom nobody can count then; without a time, whoever leaves."""
    found = ((one.id, one.leaves_at) for one in people)
    leaving = {one: at.isoformat() for one, at in found if at is not None and (by is None or at <= by)}
    return [
        Problem(code="person_leaves", at=at, values={"person": person, "from": leaving[person]})
        for at, person in named.items()
        if person in leaving
    ]


class PersonName(Value):
    """Of a person what everybody may know who works with them: no addresses."""

    id: Slug
    name: Line


class Actor(Value):
    """Who gave a command, in which role. Names and addresses stay in the people table."""

    person: Slug
    role: Role


MACHINE = Actor(person="imacflow", role=Role.SYSTEM)


class MachineReason(StrEnum):
    """Why a case is told something by nobody: a code, which each reader reads in their own language."""

    NOTHING_GOES_ON = "nothing_goes_on"
