"""People and the roles in which they act."""

from enum import StrEnum
from typing import Literal

from domain.values import EmailAddress, Line, Slug, Value

Language = Literal["de", "en"]


class Role(StrEnum):
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


class Person(Value):
    """Somebody we may write to. `customer` is None for the provider's own people."""

    id: Slug
    name: Line
    email: EmailAddress
    language: Language = "de"
    customer: Slug | None = None


class Actor(Value):
    """Who gave a command, in which role. Names and addresses stay in the people table."""

    person: Slug
    role: Role


MACHINE = Actor(person="imacflow", role=Role.SYSTEM)
