"""How a person is reached: which contacts lead somewhere, and which are used for a message."""

from collections.abc import Mapping

from domain.channels.channel import MAIL, AnyChannel, Mail
from domain.people import Contact, Person
from domain.refusals import Problem


def ways_to(person: Person, channels: tuple[str, ...]) -> tuple[Contact, ...]:
    """How the person is told: by those of the channels that reach them, in the person's order, and by mail at last."""
    mail = Contact(channel=MAIL, address=person.email)
    named = tuple(
        contact.but(address=contact.address or person.email) if contact.channel == MAIL else contact
        for contact in person.contacts
        if contact.channel in channels
    )
    return named if any(contact.channel == MAIL for contact in named) else (*named, mail)


def contact_problems(person: Person, known: Mapping[str, AnyChannel]) -> list[Problem]:
    """Ways to reach a person that lead nowhere, or where another leads already."""
    problems = []
    for position, contact in enumerate(person.contacts):
        at, before = f"/contacts/{position}", person.contacts[:position]
        named = {"channel": contact.channel}
        channel = known.get(contact.channel)
        if any((other.channel, other.address) == (contact.channel, contact.address) for other in before):
            problems.append(Problem(code="contact_twice", at=at, values=named))
        if channel is None:
            problems.append(Problem(code="channel_unknown", at=f"{at}/channel", values=named))
        else:
            problems += address_problems(channel, contact.address, f"{at}/address")
    return problems


def address_problems(channel: AnyChannel, address: str, at: str) -> list[Problem]:
    if channel.takes is None:
        return [Problem(code="address_needless", at=at, values={"channel": channel.id})] if address else []
    # By mail, no address means the person's own.
    if channel.takes.fits(address) or (isinstance(channel, Mail) and not address):
        return []
    return [Problem(code="address_wrong", at=at, values={"channel": channel.id, "example": channel.takes.example})]
