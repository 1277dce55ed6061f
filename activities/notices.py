"""Telling people: who they are is resolved now, every attempt is written down, nobody is told twice."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Switchboard
from activities.failures import impossible
from connectors.channels import Letter, Undeliverable, Unreached
from db.cases.notices import NoticeRow, attempts_for
from db.contracts import contract_in_force, people_by_id
from db.engine import Database
from documents.notices import Unwritable, write
from domain.cases.events import Message
from domain.cases.notices import DeliveryOutcome
from domain.channels.channel import MAIL
from domain.channels.contacts import ways_to
from domain.contracts.contract import Contract
from domain.people import NAMED_BY_CASE, Contact, Person
from domain.refusals import Problem, Refused
from domain.values import Value


class Outgoing(Value):
    messages: tuple[Message, ...]


class StillToSend(ApplicationError):
    """Somebody could not be reached yet. It names nobody: what activities raise is kept in clear text."""

    def __init__(self, templates: str, *, wait: timedelta | None) -> None:
        super().__init__(templates, type=type(self).__name__, next_retry_delay=wait)


class Result(NamedTuple):
    """`wait` is how long the other side wants to be left alone before it is asked again."""

    outcome: DeliveryOutcome
    wait: timedelta | None = None


@dataclass(frozen=True)
class Audience:
    """Whom a message goes to now, whom it should have gone to, and every attempt to reach one of them."""

    people: tuple[Person, ...]
    missing: tuple[str, ...]
    past: list[NoticeRow]

    def outcomes(self, person: str) -> dict[str, DeliveryOutcome]:
        """How the last attempt by each channel ended."""
        return {row.channel: DeliveryOutcome(row.outcome) for row in self.past if row.person == person}

    def attempts(self, person: str) -> int:
        return sum(row.person == person for row in self.past)


class Notices:
    def __init__(self, database: Database, switchboard: Switchboard) -> None:
        self._database = database
        self._switchboard = switchboard

    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        """Raises as long as a repeat may reach somebody; after that once more, for good, if not all were reached."""
        if _is_too_hasty(outgoing):
            raise StillToSend(", ".join(message.template for message in outgoing.messages), wait=None)
        results = [(message.template, await self._deliver(message)) for message in outgoing.messages]
        waiting = [template for template, told in results if any(one.outcome == DeliveryOutcome.FAILED for one in told)]
        if waiting:
            failed = [one.wait for _, told in results for one in told if one.outcome == DeliveryOutcome.FAILED]
            known = [wait for wait in failed if wait is not None]
            raise StillToSend(", ".join(waiting), wait=min(known) if len(known) == len(failed) else None)
        lost = [template for template, told in results if _is_lost({one.outcome for one in told})]
        if lost:
            raise impossible(Refused(Problem(code="notice_undeliverable", values={"notices": ", ".join(lost)})))

    async def _deliver(self, message: Message) -> list[Result]:
        audience = await self._audience(message)
        for name in audience.missing:
            if DeliveryOutcome.NOBODY not in audience.outcomes(name).values():
                await self._write(message, audience, name, MAIL, DeliveryOutcome.NOBODY)
        told = [await self._tell(message, audience, person) for person in audience.people]
        return [*told, *(Result(DeliveryOutcome.NOBODY) for _ in audience.missing)]

    async def _tell(self, message: Message, audience: Audience, person: Person) -> Result:
        """By the first way that works; the next one is tried at once, and all that may still work again later."""
        before = audience.outcomes(person.id)
        if DeliveryOutcome.SENT in before.values():
            return Result(DeliveryOutcome.SENT)
        failed = []
        for way in ways_to(person, message.channels):
            if before.get(way.channel) == DeliveryOutcome.UNDELIVERABLE:
                continue
            result = await self._send(message, audience, person, way)
            if result.outcome == DeliveryOutcome.SENT:
                return result
            failed += [result] if result.outcome == DeliveryOutcome.FAILED else []
        return min(failed, key=_how_long, default=Result(DeliveryOutcome.UNDELIVERABLE))

    async def _send(self, message: Message, audience: Audience, person: Person, way: Contact) -> Result:
        result, detail = Result(DeliveryOutcome.SENT), None
        try:
            await self._switchboard.send(way.channel, way.address, _letter(message, person))
        except (Undeliverable, Unwritable) as error:
            result, detail = Result(DeliveryOutcome.UNDELIVERABLE), str(error)
        except Unreached as error:
            result, detail = Result(DeliveryOutcome.FAILED, error.retry_after), str(error)
        await self._write(message, audience, person.id, way.channel, result.outcome, detail)
        return result

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
            people = _own(await people_by_id(session, wanted), contract)
            past = list(await attempts_for(session, message.key))
        known = {person.id for person in people}
        missing += [person for person in dict.fromkeys(wanted) if person not in known]
        return Audience(people=people, missing=tuple(missing), past=past)

    async def _write(
        self,
        message: Message,
        audience: Audience,
        person: str,
        channel: str,
        outcome: DeliveryOutcome,
        detail: str | None = None,
    ) -> None:
        row = NoticeRow(
            key=message.key,
            case=message.case,
            template=message.template,
            person=person,
            channel=channel,
            attempt=audience.attempts(person) + 1,
            outcome=outcome,
            detail=detail,
            at=datetime.now(UTC),
        )
        async with self._database.writing() as session:
            session.add(row)
        audience.past.append(row)


def _is_too_hasty(outgoing: Outgoing) -> bool:
    """Providers may need longer than a quick try is given, and one that is cut off may have sent all the same."""
    named = any(message.channels for message in outgoing.messages)
    return named and activity.in_activity() and activity.info().is_local


def _how_long(result: Result) -> timedelta:
    return result.wait or timedelta(0)


def _is_lost(outcomes: set[DeliveryOutcome]) -> bool:
    return DeliveryOutcome.UNDELIVERABLE in outcomes or outcomes <= {DeliveryOutcome.NOBODY}


def _letter(message: Message, person: Person) -> Letter:
    written = write(message.template, message.values, name=person.name, language=person.language)
    return Letter(
        key=message.key,
        person=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        subject=written.subject,
        text=written.text,
    )


def _own(people: tuple[Person, ...], contract: Contract | None) -> tuple[Person, ...]:
    """The provider's people and the customer's own: what concerns one customer never reaches another's people."""
    owner = contract.customer if contract else None
    return tuple(person for person in people if person.customer in (None, owner))
