"""Which keys end soon, and who is to hear of it."""

from collections.abc import Sequence

from temporalio import activity

from activities.notices import Outgoing
from db.access.keys import list_keys
from db.contracts import list_contracts, people_by_id
from db.engine import Database
from domain.key_ends import warning, warning_due
from domain.keys import Key, KeyStanding
from domain.people import Role
from domain.times import Instant
from domain.values import Value


class LookAtKeys(Value):
    at: Instant


class KeyEnds:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def warnings_due(self, look: LookAtKeys) -> Outgoing:
        """What is to be told by then; telling it again changes nothing."""
        async with self._database.reading() as session:
            keys = await list_keys(session)
            due = [(key, days) for key in keys if (days := warning_due(key, look.at)) is not None]
            contracts = {contract.customer: contract.id for contract in await list_contracts(session, None)}
            concerned = {key.id: _concerned(key, keys, look) for key, _ in due}
            asked = sorted(set().union(*concerned.values()))
            known = {person.id for person in await people_by_id(session, asked)}
        messages = [
            warning(key, days, known & concerned[key.id], contracts.get(key.customer or "")) for key, days in due
        ]
        return Outgoing(messages=tuple(message for message in messages if message.people))


def _concerned(key: Key, keys: Sequence[Key], look: LookAtKeys) -> set[str]:
    """Its maker, its person, and all who administer what it sees."""
    administer = {
        other.person
        for other in keys
        if other.role == Role.ADMIN and other.standing_at(look.at) == KeyStanding.VALID and other.sees(key.customer)
    }
    return administer | {key.person} | ({key.made_by} if key.made_by else set())
