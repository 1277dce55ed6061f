"""Telling people: who they are is resolved now, every attempt is written down, nobody is told twice."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.attempts import Attempts, Result
from activities.channels import Switchboard
from activities.failures import impossible
from connectors.channels import Letter
from connectors.links import Links
from db.cases.notices import Attempt, NoticeRow, attempts_for, knows
from db.contracts import contract_in_force, people_by_id
from db.engine import Database
from documents.notices import Written, write
from domain.cases.events import Message
from domain.cases.notices import DeliveryOutcome
from domain.channels.channel import MAIL
from domain.channels.contacts import ways_to
from domain.contracts.contract import Contract
from domain.ids import case_no_of
from domain.incidents.links import LIFETIME, AnswerLink
from domain.people import NAMED_BY_CASE, Contact, Person, Role
from domain.refusals import Problem, Refused
from domain.values import Value


class Outgoing(Value):
    messages: tuple[Message, ...]


class StillToSend(ApplicationError):
    """Somebody could not be reached yet. It names nobody: what activities raise is kept in clear text."""

    def __init__(self, templates: str, *, wait: timedelta | None) -> None:
        super().__init__(templates, type=type(self).__name__, next_retry_delay=wait)


# What may still come of a message.
OPEN = frozenset((DeliveryOutcome.FAILED, DeliveryOutcome.CLAIMED))


@dataclass(frozen=True)
class Audience:
    """Whom a message goes to now, whom it should have gone to, and every attempt to reach one of them."""

    people: tuple[Person, ...]
    missing: tuple[str, ...]
    past: list[NoticeRow]

    def outcomes(self, person: str) -> dict[str, DeliveryOutcome]:
        """How the last attempt by each channel ended."""
        return {row.channel: DeliveryOutcome(row.outcome) for row in self.past if row.person == person}


# To these the customer may have something to say; with their links they can.
ANSWERABLE = frozenset(
    {
        "incident_received",
        "incident_responded",
        "incident_update",
        "incident_held",
        "incident_promised",
        "incident_priority_changed",
        "incident_solved",
        "incident_closes_soon",
        "incident_confirmed",
        "incident_unsolved",
    }
)


# Of one's own shifts and keys nobody else is told.
PERSONAL = ("rota/", "key/")


class Notices:
    def __init__(self, database: Database, switchboard: Switchboard, links: Links | None = None) -> None:
        self._database = database
        self._switchboard = switchboard
        self._links = links
        self._attempts = Attempts(database)

    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        """Raises as long as a repeat may reach somebody; after that once more, for good, if not all were reached."""
        if _is_too_hasty(outgoing):
            raise StillToSend(", ".join(message.template for message in outgoing.messages), wait=None)
        results = [(message.template, await self._deliver(message)) for message in outgoing.messages]
        waiting = [template for template, told in results if any(one.outcome in OPEN for one in told)]
        if waiting:
            failed = [one.wait for _, told in results for one in told if one.outcome in OPEN]
            known = [wait for wait in failed if wait is not None]
            raise StillToSend(", ".join(waiting), wait=min(known) if len(known) == len(failed) else None)
        lost = [template for template, told in results if _is_lost({one.outcome for one in told})]
        if lost:
            raise impossible(Refused(Problem(code="notice_undeliverable", values={"notices": ", ".join(lost)})))

    async def attempts_remembered(self, message: Message, outcome: DeliveryOutcome) -> list[Attempt]:
        """What is not written of a message that has ended so; by whom it was heard is as far as that is known now.

        Whoever cannot be reached by any way is not tried by any of them again.
        """
        audience = await self._audience(message)
        found = []
        for person in audience.people:
            ways = ways_to(person, message.channels)
            ended = ways[:1] if outcome == DeliveryOutcome.SENT else ways
            attempts = (_attempt(message, person.id, way.channel) for way in ended)
            found += [attempt for attempt in attempts if not knows(audience.past, attempt, outcome)]
        return found

    async def _deliver(self, message: Message) -> list[Result]:
        audience = await self._audience(message)
        for name in audience.missing:
            if DeliveryOutcome.NOBODY not in audience.outcomes(name).values():
                await self._attempts.note(_attempt(message, name, MAIL), DeliveryOutcome.NOBODY)
        told = [await self._tell(message, audience.outcomes(person.id), person) for person in audience.people]
        return [*told, *(Result(DeliveryOutcome.NOBODY) for _ in audience.missing)]

    async def _tell(self, message: Message, before: dict[str, DeliveryOutcome], person: Person) -> Result:
        """By the first way that works; the next one is tried at once, and all that may still work again later."""
        if DeliveryOutcome.SENT in before.values():
            return Result(DeliveryOutcome.SENT)
        failed = []
        for way in ways_to(person, message.channels):
            if before.get(way.channel) == DeliveryOutcome.UNDELIVERABLE:
                continue
            result = await self._send(message, person, way)
            if result.outcome in (DeliveryOutcome.SENT, DeliveryOutcome.CLAIMED):
                return result
            failed += [result] if result.outcome == DeliveryOutcome.FAILED else []
        return min(failed, key=_how_long, default=Result(DeliveryOutcome.UNDELIVERABLE))

    async def _send(self, message: Message, person: Person, way: Contact) -> Result:
        async def send() -> None:
            await self._switchboard.send(way.channel, way.address, self._letter(message, person))

        return await self._attempts.make(_attempt(message, person.id, way.channel), send)

    def _letter(self, message: Message, person: Person) -> Letter:
        values = message.values | self._answering(message, person)
        return _letter(message, write(message.template, values, name=person.name, language=person.language), person)

    def _answering(self, message: Message, person: Person) -> dict[str, str]:
        """How the customer answers. Made here: histories and tables hold no links."""
        if self._links is None or person.customer is None or message.template not in ANSWERABLE:
            return {}
        _, no = case_no_of(message.case)
        link = AnswerLink(incident=no, person=person.id, expires_at=datetime.now(UTC) + LIFETIME)
        return {"answer_link": self._links.answer_url(link)}

    async def _audience(self, message: Message) -> Audience:
        async with self._database.reading() as session:
            contract = await contract_in_force(session, message.contract)
            wanted, missing = list(message.people), []
            for role in message.roles:
                # They are among the message's people already; the contract's other requesters are not meant.
                if role in NAMED_BY_CASE:
                    continue
                named = contract.people(role) if contract else ()
                wanted += named
                missing += [] if named else [f"role:{role}"]
            now = datetime.now(UTC)
            people, gone = _by_whether_gone(_own(await people_by_id(session, wanted), contract), now)
            if any(person.customer is None for person in gone) and not message.case.startswith(PERSONAL):
                # What was theirs to see to is the service desk's.
                desk = contract.people(Role.SERVICE_DESK) if contract else ()
                others = await people_by_id(session, [person for person in desk if person not in wanted])
                people += _by_whether_gone(_own(others, contract), now)[0]
            past = list(await attempts_for(session, message.key))
        known = {person.id for person in people}
        missing += [person for person in dict.fromkeys(wanted) if person not in known]
        return Audience(people=people, missing=tuple(missing), past=past)


def _attempt(message: Message, person: str, channel: str) -> Attempt:
    return Attempt(message.key, message.case, message.template, person, channel)


def _is_too_hasty(outgoing: Outgoing) -> bool:
    """Providers may need longer than a quick try is given, and one that is cut off may have sent all the same."""
    named = any(message.channels for message in outgoing.messages)
    return named and activity.in_activity() and activity.info().is_local


def _how_long(result: Result) -> timedelta:
    return result.wait or timedelta(0)


def _is_lost(outcomes: set[DeliveryOutcome]) -> bool:
    return DeliveryOutcome.UNDELIVERABLE in outcomes or outcomes <= {DeliveryOutcome.NOBODY}


def _letter(message: Message, written: Written, person: Person) -> Letter:
    return Letter(
        key=message.key,
        person=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        subject=written.subject,
        text=written.text,
    )


def _by_whether_gone(people: tuple[Person, ...], at: datetime) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Who is still there, and who has left."""
    there = tuple(person for person in people if not person.is_gone_by(at))
    return there, tuple(person for person in people if person.is_gone_by(at))


def _own(people: tuple[Person, ...], contract: Contract | None) -> tuple[Person, ...]:
    """The provider's people and the customer's own: what concerns one customer never reaches another's people."""
    owner = contract.customer if contract else None
    return tuple(person for person in people if person.customer in (None, owner))
