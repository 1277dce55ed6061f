"""Browsers without a screen: what they send, and what they keep."""

from dataclasses import dataclass

import httpx2

from domain.people import Role
from tests.api.house import House

AT_HOME = "http://localhost"
# What every browser of today says of a form that one of our own pages has sent.
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}


@dataclass
class Site:
    house: House

    async def browser(self, base: str = AT_HOME, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(self.house.app, raise_app_exceptions=False)
        made = httpx2.AsyncClient(transport=transport, base_url=base, headers=BROWSER | FROM_HERE | (headers or {}))
        return await self.house.closing.enter_async_context(made)

    async def signed_in(
        self, role: Role = Role.COORDINATOR, person: str | None = "p-koch", customer: str | None = None
    ) -> httpx2.AsyncClient:
        browser = await self.browser()
        key = await self.house.key(role, person, customer)
        answer = await browser.post("/sign-in", data={"key": key})
        assert answer.status_code == httpx2.codes.SEE_OTHER, answer.text
        # Most people of the example speak German.
        await browser.post("/me/look", data={"language": "en"})
        return browser
