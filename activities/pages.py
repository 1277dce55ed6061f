"""Calling people: who they are is resolved now, each is called once by each method, every attempt is written down."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.attempts import LOOK_AGAIN, Attempts
from activities.duty import on_call_at
from connectors.channels import Letter, Undeliverable
from connectors.links import Links
from db.cases.notices import Attempt, attempts_for
from db.contracts import contract_in_force, people_by_id
from db.engine import Database
from documents.notices import write
from domain.cases.notices import DeliveryOutcome
from domain.channels.channel import MAIL
from domain.contracts.paging import OnDuty
from domain.oncall.links import LIFETIME, PageLink
from domain.oncall.page import Callee, Method, Page
from domain.people import Contact, Person, Role
from domain.times import Instant
from domain.values import Slug, Value

# Whoever is asked to answer for an unanswered page when nobody has the policy's role.
STAND_INS = (Role.SDM, Role.BRM, Role.COORDINATOR, Role.MANAGEMENT, Role.SERVICE_DESK)


class Exchange(Protocol):
    """What sends a letter by the operator's channel of this name."""

    async def send(self, channel_id: str, address: str, letter: Letter) -> None:
        """One attempt. Raises `Undeliverable` or `Unreached`."""
        ...


class StepAsked(Value):
    page: Page
    step: int
    at: Instant


class StepPeople(Value):
    """`owner` keeps the rota, if there is one."""

    people: tuple[Callee, ...]
    owner: Slug | None


class CallAsked(Value):
    page: Page
    round: int
    step: int
    person: Slug
    method: Method
    at: Instant

    @property
    def key(self) -> str:
        return f"page:{self.page.name}/{self.round}/{self.step}/{self.person}/{self.method.name}"


class Ringing(ApplicationError):
    """Somebody else is making this call."""

    def __init__(self) -> None:
        super().__init__("being called", type=type(self).__name__, next_retry_delay=LOOK_AGAIN)


class Pages:
    def __init__(self, database: Database, exchange: Exchange, links: Links) -> None:
        self._database = database
        self._attempts = Attempts(database)
        self._exchange = exchange
        self._links = links

    @activity.defn
    async def people_of_step(self, asked: StepAsked) -> StepPeople:
        policy = asked.page.policy
        to = policy.steps[asked.step].to
        async with self._database.reading() as session:
            on_call = await on_call_at(session, policy.rota, asked.at) if policy.rota else None
            if isinstance(to, Role):
                named = await _in_role(session, asked.page, to)
            else:
                person = on_call and (on_call.primary if to == OnDuty.PRIMARY else on_call.backup)
                named = (person,) if person else ()
            people = await _reachable(session, asked.page, named, asked.at)
        return StepPeople(people=tuple(map(callee, people)), owner=on_call.owner if on_call else None)

    @activity.defn
    async def final_owner(self, asked: StepAsked) -> Callee | None:
        """Somebody, whenever there is anybody: in the policy's role, keeping the rota, or in charge of the contract."""
        policy = asked.page.policy
        async with self._database.reading() as session:
            wanted = list(await _in_role(session, asked.page, policy.final_owner))
            on_call = await on_call_at(session, policy.rota, asked.at) if policy.rota else None
            wanted += [on_call.owner] if on_call else []
            for role in STAND_INS:
                wanted += await _in_role(session, asked.page, role)
            people = await _reachable(session, asked.page, wanted, asked.at)
        return callee(people[0]) if people else None

    @activity.defn
    async def call(self, asked: CallAsked) -> bool:
        """Whether the person was reached. A repeat answers what came of it the first time."""
        async with self._database.reading() as session:
            past = await attempts_for(session, asked.key)
            people = await _reachable(session, asked.page, (asked.person,), asked.at)
        if past and not past[-1].is_undecided:
            return past[-1].outcome == DeliveryOutcome.SENT
        if not people:
            await self._attempts.note(attempt_of(asked), DeliveryOutcome.NOBODY)
            return False
        result = await self._attempts.make(attempt_of(asked), partial(self._send, asked, people[0]))
        if result.outcome == DeliveryOutcome.CLAIMED:
            raise Ringing
        return result.outcome == DeliveryOutcome.SENT

    async def _send(self, asked: CallAsked, person: Person) -> None:
        contact = contact_for(person, asked.method)
        if contact is None:
            raise Undeliverable("the person has no such contact any more")
        await self._exchange.send(contact.channel, contact.address, self._letter(asked, person))

    def _letter(self, asked: CallAsked, person: Person) -> Letter:
        page = asked.page
        expires = asked.at + LIFETIME
        link = PageLink(incident=page.incident, page=page.no, round=asked.round, person=person.id, expires_at=expires)
        values = page.background | {"link": self._links.url(link), "round": str(asked.round)}
        written = write(template_for(asked.method), values, name=person.name, language=person.language)
        return Letter(
            key=asked.key,
            person=person.id,
            name=person.name,
            email=person.email,
            language=person.language,
            subject=written.subject,
            text=written.text,
        )


def attempt_of(asked: CallAsked) -> Attempt:
    return Attempt(asked.key, asked.page.case, template_for(asked.method), asked.person, asked.method.channel)


def template_for(method: Method) -> str:
    """Only mail has room for more than a line."""
    return "page_call" if method.channel == MAIL else "page_call_short"


def callee(person: Person) -> Callee:
    seen: list[str] = []
    methods = []
    for contact in contacts_of(person):
        seen.append(contact.channel)
        nth = seen.count(contact.channel)
        methods.append(Method(channel=contact.channel, nth=nth, after_minutes=contact.after_minutes))
    return Callee(person=person.id, name=person.name, methods=tuple(methods))


def contact_for(person: Person, method: Method) -> Contact | None:
    on_channel = [contact for contact in contacts_of(person) if contact.channel == method.channel]
    return on_channel[method.nth - 1] if len(on_channel) >= method.nth else None


def contacts_of(person: Person) -> tuple[Contact, ...]:
    return person.contacts or (Contact(channel=MAIL, address=person.email),)


async def _in_role(session: AsyncSession, page: Page, role: Role) -> tuple[str, ...]:
    contract = await contract_in_force(session, page.contract)
    return contract.people(role) if contract else ()


async def _reachable(session: AsyncSession, page: Page, wanted: Sequence[str], at: datetime) -> tuple[Person, ...]:
    """In the order wanted: the provider's people and the customer's own, as long as they are there."""
    found = {person.id: person for person in await people_by_id(session, wanted) if not person.is_gone_by(at)}
    known = (found[person] for person in dict.fromkeys(wanted) if person in found)
    return tuple(person for person in known if person.customer in (None, page.customer))
