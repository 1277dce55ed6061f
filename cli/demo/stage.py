"""Where demonstrations play: the example customer with its assets, loaded where they are not there yet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rich.console import Console

import examples
from cli import vendors
from cli.asking import ASKING, Asking
from cli.contracts.contract import bring_in, read
from cli.demo.case import RECYCLER
from cli.demo.people import Keys, demo_refusal
from cli.demo.words import said
from cli.http import Api, Query, callers_key, connected, if_there, parsed, path
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from connectors.contract_files import read_customer_file, read_vendor_file
from db.engine import open_database
from documents.wording import word
from domain.assets.imports import ImportResult
from domain.contracts.contract import Contract
from domain.keys import LINK_LIFE
from domain.people import Language, Role
from domain.sessions import SignInLink
from domain.times import MINUTE
from domain.vendors.vendor import Vendor

CUSTOMER = "adler"
CUSTOMER_FILE, ASSET_FILE, VENDOR_FILE, KEYS = "adler.yaml", "adler-assets.csv", "vendors.yaml", "demo-keys"
PLAYED = (Role.REQUESTER, Role.APPROVER, Role.SERVICE_DESK, Role.COORDINATOR, Role.TECHNICIAN)


@dataclass(frozen=True)
class Stage:
    admin: Api
    keys: Keys
    contract: Contract
    console: Console
    language: Language
    data_dir: Path

    def say(self, what: str, **values: object) -> None:
        """A step of the demonstration, in the language of whoever watches."""
        self.console.print(said(what, self.language, **values))

    async def import_assets(self) -> None:
        query: Query = {"customer": self.contract.customer, "dry_run": False}
        answer = await self.admin.upload(path("imports", "assets"), query, ASSET_FILE, example_file(ASSET_FILE))
        result = parsed(ImportResult, answer)
        there = result.unchanged + result.kept
        self.say("assets_loaded", file=ASSET_FILE, added=result.added, there=there, wrong=result.with_problems)

    async def give_keys(self) -> None:
        """So that whoever watches can go on as any of them."""
        for role in PLAYED:
            await self.acting_as(role)
        self.say("keys_made", people=len(PLAYED), folder=self.keys.folder)

    async def open_doors(self) -> None:
        """A link for each of them, by which whoever watches signs in at the pages."""
        self.say("doors", minutes=LINK_LIFE // MINUTE)
        for role in PLAYED:
            api = await self.acting_as(role)
            link = parsed(SignInLink, await api.post(path("sign-in-links"), {}))
            self.say("sign_in", name=link.person, role=word("role", link.role, self.language), url=link.url)

    async def acting_as(self, role: Role) -> Api:
        """The first whom the contract names."""
        return await self.keys.acting_as(self.contract.people(role)[0], role)


async def load(*, asking: Asking = ASKING) -> None:
    """Load the example customer with its assets, and make its people's keys, for trying things out by hand."""
    settings = read_settings(asking.data_dir)
    console = asking.console
    async with open_stage(api_url(settings), settings.data_dir, console, asking.language) as stage:
        await stage.import_assets()
        await stage.give_keys()


@asynccontextmanager
async def open_stage(url: str, data_dir: Path, console: Console, language: Language) -> AsyncIterator[Stage]:
    settings = read_settings(data_dir)
    key = callers_key(settings, url)
    async with connected(url, key, language) as admin:
        # Before anything is brought there: where it is refused it leaves nothing behind.
        refusal = await demo_refusal(admin, key, CUSTOMER, settings)
        if refusal is not None:
            raise refusal
        contract = await bring_example(admin, console, language)
        await bring_vendors(admin, console, language)
        database, folder = open_database(settings.database_url), settings.data_dir / KEYS
        async with Keys(admin, contract.customer, database, folder, language) as keys:
            yield Stage(admin, keys, contract, console, language, data_dir)


async def bring_example(admin: Api, console: Console, language: Language) -> Contract:
    """The example contract; with everything it needs, where it is not there yet. It is saved last."""
    example = read(read_customer_file, example_file(CUSTOMER_FILE), CUSTOMER_FILE, language)
    (contract,) = example.contracts
    known = await if_there(admin.read(Contract, path("contracts", contract.id)), None)
    if known is not None:
        return known
    (saved,) = (await bring_in(admin, example)).contracts
    counts = {"sites": len(example.sites), "people": len(example.people), "contract": saved.id}
    console.print(said("customer_loaded", language, file=CUSTOMER_FILE, **counts))
    return saved


async def bring_vendors(admin: Api, console: Console, language: Language) -> None:
    """Whoever repairs and recycles for the example customer, with their certificates; what is there already stays."""
    if await if_there(admin.read(Vendor, path("vendors", RECYCLER)), None) is not None:
        return
    saved = await vendors.bring_in(admin, read(read_vendor_file, example_file(VENDOR_FILE), VENDOR_FILE, language))
    counts = {"vendors": len(saved.vendors), "certificates": sum(len(one.certificates) for one in saved.vendors)}
    console.print(said("vendors_loaded", language, file=VENDOR_FILE, **counts))


def example_file(name: str) -> bytes:
    return files(examples).joinpath(name).read_bytes()
