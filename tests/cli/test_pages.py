"""Pages at the command line: what is open, who was called, and taking it over."""

import asyncio
import json
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.stack_file import read_stack
from domain.contracts.paging import PagingPolicy, PagingStep
from domain.oncall.page import Page
from domain.people import Role
from tests.cli.conftest import Terminal
from tests.stories.paging_stage import VALUES
from workflows.paging import PageWorkflow

CASE = "incident/I-CLI"


def page_somebody(terminal: Terminal) -> None:
    """On the stack of the terminal, as an incident does it."""
    stack = read_stack(terminal.house.data_dir)
    assert stack is not None
    page = Page(
        no=1,
        case=CASE,
        customer="adler",
        contract="adler-2026",
        policy=PagingPolicy(steps=(PagingStep(to=Role.TECHNICIAN),)),
        cause="reported",
        values=VALUES,
        started_at=datetime.now(UTC),
    )

    async def start() -> None:
        client = await Client.connect(
            stack.temporal_address, namespace=stack.temporal_namespace, data_converter=pydantic_data_converter
        )
        await client.start_workflow(PageWorkflow.run, page, id=f"{CASE}/page/1", task_queue="imacflow")

    asyncio.run(start())


def test_a_page_is_seen_declined_and_taken_over(terminal: Terminal) -> None:
    page_somebody(terminal)
    lang = terminal.key_of("p-lang", "technician")
    for _ in range(600):
        shown = terminal.type("page", "show", "I-CLI", "--json")
        if shown.code == 0 and json.loads(shown.out)["calls"]:
            break

    listed, german = terminal.type("page", "list"), terminal.type("page", "show", "I-CLI/1", "--lang", "de")
    assert "I-CLI/1" in listed.out
    assert "es wird gerufen" in german.out
    assert "p-lang" in german.out
    declined = terminal.type("page", "decline", "I-CLI", "--reason", "ill", key=lang)
    taken = terminal.type("page", "acknowledge", "I-CLI/1", key=lang)
    again = terminal.type("page", "acknowledge", "I-CLI/1", key=lang)
    nobody = terminal.type("page", "show", "I-NEVER")

    assert (declined.code, taken.code, again.code, nobody.code) == (0, 0, 1, 1)
    assert "declined" in declined.out
    assert "acknowledged" in taken.out
    assert "You have already acknowledged this incident." in again.err
    assert "Nobody was paged about I-NEVER." in nobody.err
