"""The people of the demonstration: each acts with an API key of their own, kept for the next time."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import httpx2

from cli.http import Api, ApiRefused, connected, parsed, path
from cli.moments import now
from domain.contracts.contract import Contract
from domain.keys import NewKey
from domain.orders.sheets import OrderSheet
from domain.people import Language, Role

VALID_FOR = timedelta(days=90)


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

    def __init__(self, admin: Api, customer: str, folder: Path, language: Language) -> None:
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

    async def acting_as(self, person: str, role: Role) -> Api:
        async with self._making:
            if (person, role) not in self._apis:
                self._apis[person, role] = await self._connect(person, role)
        return self._apis[person, role]

    async def _connect(self, person: str, role: Role) -> Api:
        file = self.folder / f"{person}-{role}.key"
        if file.exists():
            api = await self._with(file.read_text().strip())
            if await is_valid(api):
                return api
        body = {
            "role": role,
            "person": person,
            "customer": self.customer,
            "expires_at": (now() + VALID_FOR).isoformat(),
        }
        made = parsed(NewKey, await self.admin.post(path("keys"), body))
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as kept:
            kept.write(f"{made.key}\n")
        return await self._with(made.key)

    async def _with(self, key: str) -> Api:
        return await self._open.enter_async_context(connected(f"{self.admin.client.base_url}", key, self.language))


async def is_valid(api: Api) -> bool:
    try:
        await api.get(path("customers"))
    except ApiRefused as refused:
        if refused.status == httpx2.codes.UNAUTHORIZED:
            return False
        raise
    return True
