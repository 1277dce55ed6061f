"""`imac demo`: one order of each kind, worked to its end through the API by the people it takes."""

import asyncio
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import httpx2
from cyclopts import App
from rich.console import Console

import examples
from cli import demo_report
from cli.answers import Page
from cli.asking import ASKING, Asking, spoken_here
from cli.contracts import bring_in, read
from cli.demo_board import Board
from cli.demo_case import Case
from cli.demo_people import Cast, Keys
from cli.demo_report import Report, report_on
from cli.errors import CliError, Exit
from cli.http import Api, ApiRefused, Query, callers_key, connected, parsed, path
from cli.programs import read_settings
from cli.stack_file import api_url
from connectors.contract_files import read_customer_file, read_orders
from domain.chains import Chain
from domain.contracts import Contract
from domain.imports import ImportResult
from domain.orders import OrderRequest
from domain.people import Language, Role
from domain.places import Site
from domain.sheets import OrderLine, OrderSheet

app = App(name="demo")
app.command("cli.demo_incidents:incidents", name="incidents", help="Report three incidents; one escalates by itself.")

CUSTOMER_FILE, ASSET_FILE, ORDER_FILE = "adler.yaml", "adler-assets.csv", "orders.yaml"


@app.default
async def demo(*, asking: Asking = ASKING) -> None:
    """Load the example customer, place one order of each kind, and work them all to their end.

    What is there already stays: run again, it goes on where it stopped and places nothing twice.
    """
    settings = read_settings(asking.data_dir)
    console = Console(quiet=True) if asking.json else asking.console
    report = await Demo(api_url(settings), settings.data_dir, console, asking.language).run()
    if asking.json:
        sys.stdout.write(f"{report.model_dump_json()}\n")
    if not report.is_whole:
        sys.exit(Exit.REFUSED)


async def run(url: str, data_dir: Path, console: Console) -> None:
    """What `imac up --demo` does; trouble is reported and leaves the stack running."""
    try:
        await Demo(url, data_dir, console, spoken_here()).run()
    except CliError as error:
        console.print(error.message, style="bold red", markup=False)
        console.print(f"{error.hint}\nTo go on: imac demo", markup=False)


class Demo:
    def __init__(self, url: str, data_dir: Path, console: Console, language: Language) -> None:
        self.url = url
        self.data_dir = data_dir
        self.console = console
        self.language = language

    async def run(self) -> Report:
        key = callers_key(read_settings(self.data_dir), self.url)
        async with connected(self.url, key, self.language) as admin:
            contract = await self.load(admin)
            folder = self.data_dir / "demo-keys"
            async with Keys(admin, contract.customer, folder, self.language) as keys:
                return await self.perform(admin, keys, contract)

    async def load(self, admin: Api) -> Contract:
        """The example contract; with everything it needs, where it is not there yet. It is saved last."""
        example = read(read_customer_file, example_file(CUSTOMER_FILE), CUSTOMER_FILE, self.language)
        (contract,) = example.contracts
        try:
            return await admin.read(Contract, path("contracts", contract.id))
        except ApiRefused as refused:
            if refused.status != httpx2.codes.NOT_FOUND:
                raise
        (saved,) = (await bring_in(admin, example)).contracts
        facts = f"{len(example.sites)} sites, {len(example.people)} people, contract {saved.id}"
        self.console.print(f"[green]loaded[/]  {CUSTOMER_FILE}: {facts}")
        return saved

    async def perform(self, admin: Api, keys: Keys, contract: Contract) -> Report:
        requests = example_orders()
        known = [await placed_before(admin, request) for request in requests]
        if not all(known):
            await self.import_assets(admin, contract.customer)
        sheets = [no_or_new or await place(keys, request) for no_or_new, request in zip(known, requests, strict=True)]
        cast = Cast(contract)
        cases = [await case_of(admin, sheet, cast) for sheet in sheets]
        await self.work(cases, keys)
        reports = [await report_on(admin, case.sheet) for case in cases]
        report = Report(zone=cases[0].site.access.zone, placed=known.count(None), orders=tuple(reports))
        self.tell(report)
        return report

    async def import_assets(self, admin: Api, customer: str) -> None:
        query: Query = {"customer": customer, "dry_run": False}
        answer = await admin.upload(path("imports", "assets"), query, ASSET_FILE, example_file(ASSET_FILE))
        result = parsed(ImportResult, answer)
        there = result.unchanged + result.kept
        facts = f"{result.added} assets added, {there} there already, {result.with_problems} with problems"
        self.console.print(f"[green]loaded[/]  {ASSET_FILE}: {facts}")

    async def work(self, cases: Sequence[Case], keys: Keys) -> None:
        """All at once, as it would be; the first trouble stops all of them."""
        board = Board(cases, self.console, self.language)
        # A TaskGroup would leave its caller counted as being cancelled, deaf to the signals that end the stack.
        tasks = [asyncio.create_task(case.work(keys, board.tell)) for case in cases]
        try:
            with board.shown():
                await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def tell(self, report: Report) -> None:
        self.console.print(demo_report.picture(report, self.language))
        if not report.placed:
            self.console.print("Nothing was placed: all orders of the demonstration are there already.")
        for order in report.orders:
            if not order.sheet.state.is_final:
                self.console.print(f"{order.sheet.no} needs help: imac order show {order.sheet.no}", style="yellow")


def example_file(name: str) -> bytes:
    return files(examples).joinpath(name).read_bytes()


def example_orders() -> tuple[OrderRequest, ...]:
    """Each with a reference by which it is found again."""
    requests = read_orders(example_file(ORDER_FILE))
    return tuple(request.but(reference=request.reference or f"demo-{request.kind}") for request in requests)


async def placed_before(admin: Api, request: OrderRequest) -> OrderSheet | None:
    query = {"contract": request.contract, "kind": request.kind, "reference": request.reference}
    found = await admin.read(Page[OrderLine], path("orders"), query)
    return await admin.read(OrderSheet, path("orders", found.items[-1].no)) if found.items else None


async def place(keys: Keys, request: OrderRequest) -> OrderSheet:
    requester = await keys.acting_as(request.requester, Role.REQUESTER)
    body = request.model_dump(mode="json", exclude_none=True)
    return parsed(OrderSheet, await requester.post(path("orders"), body, key=f"demo-{request.kind}"))


async def case_of(admin: Api, sheet: OrderSheet, cast: Cast) -> Case:
    chain = await admin.read(Chain, path("orders", sheet.no, "chain"))
    return Case(sheet, chain, await admin.read(Site, path("sites", sheet.site)), cast)
