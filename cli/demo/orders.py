"""`imac demo orders`: one order of each kind, worked to its end through the API by the people it takes."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.demo import report as demo_report
from cli.demo.board import DemoBoard
from cli.demo.case import DemoCase, case_of
from cli.demo.people import Cast, Keys
from cli.demo.report import Report, report_on
from cli.demo.stage import Stage, example_file, open_stage
from cli.errors import Exit
from cli.http import Api, parsed, path
from cli.orders.papers import saved_papers
from cli.stack.programs import read_settings
from cli.stack_file import api_url
from connectors.contract_files import read_orders
from domain.orders.order import OrderRequest
from domain.orders.sheets import OrderLine, OrderSheet
from domain.people import Role

ORDER_FILE, PAPERS = "orders.yaml", "demo-papers"


async def orders(*, asking: Asking = ASKING) -> None:
    """Load the example customer, place one order of each kind, and work them all to their end.

    What is there already stays: run again, it goes on where it stopped and places nothing twice.
    """
    settings = read_settings(asking.data_dir)
    console = Console(quiet=True) if asking.json else asking.console
    async with open_stage(api_url(settings), settings.data_dir, console, asking.language) as stage:
        report = await perform(stage)
    if asking.json:
        sys.stdout.write(f"{report.model_dump_json()}\n")
    if not report.is_whole:
        sys.exit(Exit.REFUSED)


async def show_item(stage: Stage) -> Report:
    """What is ordered by its name in the catalogue, and the papers that come of it."""
    return await perform(stage, tuple(request for request in example_orders() if request.item is not None))


async def perform(stage: Stage, requests: Sequence[OrderRequest] | None = None) -> Report:
    admin, keys = stage.admin, stage.keys
    requests = example_orders() if requests is None else requests
    known = [await placed_before(admin, request) for request in requests]
    if not all(known):
        await stage.import_assets()
    sheets = [before or await place(keys, request) for before, request in zip(known, requests, strict=True)]
    cast = Cast(stage.contract)
    cases = [await case_of(admin, sheet, cast) for sheet in sheets]
    await work(cases, stage)
    reports = [await report_on(admin, case.sheet) for case in cases]
    report = Report(zone=cases[0].site.access.zone, placed=known.count(None), orders=tuple(reports))
    tell(report, stage)
    await hand_over_papers(report, stage)
    return report


async def hand_over_papers(report: Report, stage: Stage) -> None:
    """What can be put on paper of what was ordered by its name, and what was attached to it: saved to be looked at."""
    folder = stage.data_dir / PAPERS
    named = [order.sheet.no for order in report.orders if order.sheet.request.item is not None]
    # Papers are made so many in a while: those that lie there already are not made again.
    for no in (no for no in named if not papers_there(folder, no)):
        await saved_papers(stage.admin, no, folder, stage.language)
    stage.say("papers_saved", count=sum(len(papers_there(folder, no)) for no in named), folder=folder)


def papers_there(folder: Path, no: str) -> list[Path]:
    return sorted(folder.glob(f"{no}-*"))


async def work(cases: Sequence[DemoCase], stage: Stage) -> None:
    """All at once, as it would be; the first trouble stops all of them."""
    board = DemoBoard(cases, stage.console, stage.language)
    # A TaskGroup would leave its caller counted as being cancelled, deaf to the signals that end the stack.
    tasks = [asyncio.create_task(case.work(stage.keys, board.tell)) for case in cases]
    try:
        with board.shown():
            await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def tell(report: Report, stage: Stage) -> None:
    stage.console.print(demo_report.picture(report, stage.language))
    if not report.placed:
        stage.say("nothing_placed")
    for order in report.orders:
        if not order.sheet.state.is_final:
            stage.say("order_needs_help", order=order.sheet.no)


def example_orders() -> tuple[OrderRequest, ...]:
    """Each with a reference by which it is found again."""
    requests = read_orders(example_file(ORDER_FILE))
    return tuple(request.but(reference=request.reference or f"demo-{request.kind}") for request in requests)


async def placed_before(admin: Api, request: OrderRequest) -> OrderSheet | None:
    query = {"contract": request.contract, "kind": request.kind, "reference": request.reference}
    found = await admin.read(AnsweredPage[OrderLine], path("orders"), query)
    return await admin.read(OrderSheet, path("orders", found.items[-1].no)) if found.items else None


async def place(keys: Keys, request: OrderRequest) -> OrderSheet:
    requester = await keys.acting_as(request.requester, Role.REQUESTER)
    body = request.model_dump(mode="json", exclude_none=True)
    return parsed(OrderSheet, await requester.post(path("orders"), body, key=f"demo-{request.kind}"))
