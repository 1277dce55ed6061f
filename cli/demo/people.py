"""The people of the demonstration: each acts with an API key of their own, kept for the next time.

Nobody proposes and confirms the keys of invented people: the stack of this machine makes them itself, and the log of
the door says so.
"""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cli.errors import CliError, Exit
from cli.http import LOOPBACK, Api, connected, path
from cli.moments import now
from cli.stack.ground import database_trouble, opened
from db.access.keys import ensure_key, kept_key
from db.engine import Database
from domain.contracts.contract import Contract
from domain.contracts.customers import Customer
from domain.keys import Grant, key_id_of
from domain.orders.sheets import OrderSheet
from domain.people import Language, Role
from settings import Settings

VALID_FOR = timedelta(days=90)


async def demo_refusal(admin: Api, key: str, customer: str, settings: Settings) -> CliError | None:
    """Why keys of invented people may not be made in the tables behind the API.

    The stack of this machine is there for it. One on a database server is while nobody but the example's customer is at
    home there, and where the tables are those of the API: they know the key we ask with.
    """
    url = f"{admin.client.base_url}"
    if urlsplit(url).hostname not in LOOPBACK:
        return CliError("demo_elsewhere", Exit.USAGE, url=url)
    if settings.database_url.startswith("sqlite"):
        return None
    customers = await admin.read(tuple[Customer, ...], path("customers"))
    others = [one.id for one in customers if one.id != customer]
    if others:
        return CliError("demo_beside_others", Exit.USAGE, customer=others[0])
    async with opened(settings) as database:
        trouble = await database_trouble(database)
        if trouble is not None:
            return trouble
        async with database.glancing() as glance:
            known = await kept_key(glance, key_id_of(key) or "")
    return None if known else CliError("demo_other_database", Exit.USAGE, url=url)


class Cast:
    """Who plays which part: those the contract names, and for what two must do, two."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract

    def player(self, role: Role, sheet: OrderSheet) -> str:
        """The work is done by whoever has the appointment."""
        if role == Role.TECHNICIAN and sheet.appointment is not None and sheet.appointment.technician is not None:
            return sheet.appointment.technician
        return sheet.request.requester if role == Role.REQUESTER else self.contract.people(role)[0]

    def role_of(self, person: str) -> Role:
        """As what somebody whom the contract names acts."""
        roles = (role for role, people in self.contract.team.items() if person in people)
        return next(roles, Role.APPROVER)

    def second(self, first: str) -> str:
        return next(one for one in self.contract.people(Role.TECHNICIAN) if one != first)

    @property
    def recycler(self) -> str:
        """The example contract names the recycler's driver last."""
        return self.contract.people(Role.TECHNICIAN)[-1]


class Keys:
    """Connections by person and role. Keys lie in a folder that only its owner may read."""

    def __init__(self, admin: Api, customer: str, database: Database, folder: Path, language: Language) -> None:
        self._database = database
        self.admin = admin
        self.customer = customer
        self.folder = folder
        self.language = language
        self._open = AsyncExitStack()
        self._apis: dict[tuple[str, Role], Api] = {}
        self._making = asyncio.Lock()

    async def __aenter__(self) -> "Keys":
        self.folder.mkdir(mode=0o700, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()
        await self._database.close()

    async def acting_as(self, person: str, role: Role) -> Api:
        async with self._making:
            if (person, role) not in self._apis:
                self._apis[person, role] = await self._connect(person, role)
        return self._apis[person, role]

    async def _connect(self, person: str, role: Role) -> Api:
        file = self.folder / f"{person}-{role}.key"
        grant = Grant(role=role, person=person, customer=self.customer, expires_at=now() + VALID_FOR)
        return await self._open.enter_async_context(self.api(await ensure_key(self._database, file, grant)))

    def api(self, key: str) -> AbstractAsyncContextManager[Api]:
        """Where the administrator asks as well."""
        return connected(f"{self.admin.client.base_url}", key, self.language)
