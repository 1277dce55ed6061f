"""Telling people: who they are is resolved now, every attempt is written down, nobody is told twice."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity

from activities.failures import impossible
from connectors.channels import Channel, Letter, Undeliverable, Unreached
from db.contracts import contract_in_force, people_by_id
from db.engine import Database
from db.notices import NoticeRow, Outcome, attempts_for
from documents.notices import Unwritable, write
from domain.contracts import Contract
from domain.events import Message
from domain.people import Person, Role
from domain.refusals import Problem, Refused
from domain.values import Value

OVER = (Outcome.SENT, Outcome.UNDELIVERABLE)


class Outgoing(Value):
    messages: tuple[Message, ...]


class StillToSend(Exception):
    """Somebody could not be reached yet. It names nobody: what activities raise is kept in clear text."""


@dataclass(frozen=True)
class Audience:
    """Whom a message goes to now, whom it should have gone to, and the last attempt to reach each."""

    people: tuple[Person, ...]
    missing: tuple[str, ...]
    past: dict[str, NoticeRow]

    def last(self, person: str) -> Outcome | None:
        return Outcome(self.past[person].outcome) if person in self.past else None


class Notices:
    def __init__(self, database: Database, channel: Channel) -> None:
        self._database = database
        self._channel = channel

    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        """Raises as long as a repeat may reach somebody; after that once more, for good, if not all were reached."""
        outcomes = [(message.template, await self._deliver(message)) for message in outgoing.messages]
        waiting = [template for template, outcome in outcomes if Outcome.FAILED in outcome]
        if waiting:
            raise StillToSend(", ".join(waiting))
        lost = [template for template, outcome in outcomes if Outcome.UNDELIVERABLE in outcome or _is_unheard(outcome)]
        if lost:
            raise impossible(Refused(Problem(code="notice_undeliverable", values={"notices": ", ".join(lost)})))

    async def _deliver(self, message: Message) -> set[Outcome]:
        audience = await self._audience(message)
        outcomes = set()
        for name in audience.missing:
            outcomes.add(Outcome.NOBODY)
            if audience.last(name) != Outcome.NOBODY:
                await self._write(message, audience, name, Outcome.NOBODY)
        for person in audience.people:
            last = audience.last(person.id)
            outcomes.add(last if last in OVER else await self._send(message, audience, person))
        return outcomes

    async def _send(self, message: Message, audience: Audience, person: Person) -> Outcome:
        outcome, detail = Outcome.SENT, None
        try:
            await self._channel.send(_letter(message, person))
        except (Undeliverable, Unwritable) as error:
            outcome, detail = Outcome.UNDELIVERABLE, str(error)
        except Unreached as error:
            outcome, detail = Outcome.FAILED, str(error)
        await self._write(message, audience, person.id, outcome, detail)
        return outcome

    async def _audience(self, message: Message) -> Audience:
        async with self._database.reading() as session:
            contract = await contract_in_force(session, message.contract)
            wanted, missing = list(message.people), []
            for role in message.roles:
                # Whoever asked for this order is named already; the contract's other requesters are not meant.
                if role == Role.REQUESTER:
                    continue
                named = contract.people(role) if contract else ()
                wanted += named
                missing += [] if named else [f"role:{role}"]
            people = _own(await people_by_id(session, wanted), contract)
            past = {row.person: row for row in await attempts_for(session, message.key)}
        known = {person.id for person in people}
        missing += [person for person in dict.fromkeys(wanted) if person not in known]
        return Audience(people=people, missing=tuple(missing), past=past)

    async def _write(
        self, message: Message, audience: Audience, person: str, outcome: Outcome, detail: str | None = None
    ) -> None:
        before = audience.past.get(person)
        row = NoticeRow(
            key=message.key,
            case=message.case,
            template=message.template,
            person=person,
            channel=self._channel.name,
            attempt=before.attempt + 1 if before else 1,
            outcome=outcome,
            detail=detail,
            at=datetime.now(UTC),
        )
        async with self._database.writing() as session:
            session.add(row)


def _is_unheard(outcomes: set[Outcome]) -> bool:
    return outcomes <= {Outcome.NOBODY}


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
