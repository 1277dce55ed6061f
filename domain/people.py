"""People and the roles in which they act."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

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

    `contacts` are tried in their order when the person is paged; without any, e-mail is all there is.
    """

    id: Slug
    name: Line
    email: EmailAddress
    language: Language = "de"
    customer: Slug | None = None
    contacts: tuple[Contact, ...] = Field(default=(), max_length=10)

    def acts_for(self, customer: str) -> bool:
        """Whether they are the customer's own or the provider's: another customer's people are unknown here."""
        return self.customer in (None, customer)


class PersonName(Value):
    """Of a person what everybody may know who works with them: no addresses."""

    id: Slug
    name: Line


class Actor(Value):
    """Who gave a command, in which role. Names and addresses stay in the people table."""

    person: Slug
    role: Role


MACHINE = Actor(person="imacflow", role=Role.SYSTEM)
