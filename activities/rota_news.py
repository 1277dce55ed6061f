"""Who is to hear of shifts that have changed or begin soon."""

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.notices import Outgoing
from connectors.holidays import all_dated
from db.contracts import list_contracts
from db.engine import Database
from db.oncall.rotas import list_rotas, versions_since
from domain.cases.events import Message
from domain.key_ends import NO_CONTRACT
from domain.oncall.rota import Rota
from domain.oncall.rota_news import TOLD_WITHIN, changes_told, reminders
from domain.times import Instant
from domain.values import Slug, Value


class LookAtRotas(Value):
    at: Instant


class RotaNews:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def rota_news_due(self, look: LookAtRotas) -> Outgoing:
        """What is to be told by then; telling it again changes nothing."""
        async with self._database.reading() as session:
            contracts = {contract.customer: contract.id for contract in await list_contracts(session, None)}
            messages = [
                message
                for rota in await list_rotas(session, None)
                for message in await _of_rota(session, rota, look, contracts.get(rota.customer or "", NO_CONTRACT))
            ]
        return Outgoing(messages=tuple(messages))


async def _of_rota(session: AsyncSession, rota: Rota, look: LookAtRotas, contract: Slug) -> list[Message]:
    # Reminders ask who knew what as long before as the longest of them is sent.
    since = look.at - TOLD_WITHIN
    versions = all_dated(await versions_since(session, rota.id, since), look.at)
    changed = [message for one in versions if one.since > since for message in changes_told(one, contract)]
    return [*changed, *reminders(versions, look.at, contract)]
