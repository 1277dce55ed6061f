"""Taking over what one is called about: by a link without logging in, and by the API."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import httpx2
import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from activities.channels import Switchboard
from activities.notices import Notices
from activities.records import Records
from connectors.house_mail import channel
from connectors.links import kept_secret, links
from db.contracts import people_by_id, save_person
from db.oncall.rotas import on_call_at
from domain.contracts.paging import PagingPolicy
from domain.oncall.links import PageLink, signed
from domain.oncall.page import Page, PageProgress, StopPage
from domain.people import Role
from tests.api.house import House, body
from tests.stories.paging_stage import VALUES
from tests.stories.phones import Phones
from tests.world import ROTA, furnish_on_call
from worker import page_activities, paging_worker
from workflows.client import connect
from workflows.paging import PageWorkflow
from workflows.receipts import Receipt
from workflows.runner import workflow_runner

PAGES = "/api/v1/pages"


class Night:
    """Somebody is paged; the people who are called have phones and browsers."""

    def __init__(self, house: House, phones: Phones, handle: WorkflowHandle[PageWorkflow, Receipt]) -> None:
        self.house = house
        self.phones = phones
        self.handle = handle
        self.incident = handle.id.split("/")[1]
        self.api = f"{PAGES}/{self.incident}/1"

    async def link_of(self, person: str) -> str:
        """The path in the message that the person was sent, as soon as it has come."""
        for _ in range(2_000):
            for letter in self.phones.letters:
                if letter.person == person and (found := re.search(r"(/p/\S+)", letter.text)):
                    return found[1]
            await self.handle.query("progress", result_type=PageProgress)
        raise AssertionError(f"{person} was sent nothing")

    def rung(self) -> list[str]:
        return [person for person, _ in self.phones.rung]

    async def state(self, caller: httpx2.AsyncClient) -> str:
        return str(body(await caller.get(self.api))["state"])


async def on_call(night: Night) -> tuple[str, str]:
    """Who is the primary today and who the backup."""
    async with night.house.database.reading() as session:
        found = await on_call_at(session, ROTA.id, datetime.now(UTC))
    assert found is not None
    assert found.primary is not None
    assert found.backup is not None
    return found.primary, found.backup


def expired(night: Night) -> str:
    link = PageLink(incident=night.incident, page=1, round=1, person="p-koch", expires_at=datetime.now(UTC))
    return signed(link, links(night.house.settings).secret)


@pytest.fixture
async def night(house: House) -> AsyncIterator[Night]:
    async with paged(house) as night:
        yield night


@asynccontextmanager
async def paged(house: House) -> AsyncIterator[Night]:
    await furnish_on_call(house.database)
    client, phones = await connect(lazy=False), Phones()
    worker = Worker(
        client,
        task_queue=house.settings.task_queue,
        workflows=[PageWorkflow],
        activities=[
            Records(house.database).record_page,
            *page_activities(house.database, phones, links(house.settings)),
            Notices(house.database, Switchboard(house.database, channel(house.settings))).deliver,
        ],
        workflow_runner=workflow_runner(),
    )
    page = Page(
        no=1,
        case=f"incident/I-{uuid4().hex[:10]}",
        customer="adler",
        contract="adler-2026",
        policy=PagingPolicy(rota=ROTA.id),
        cause="response_75",
        values=VALUES | {"title": "<b>Mail</b> & Kalender"},
        started_at=datetime.now(UTC),
    )
    calls = page_activities(house.database, phones, links(house.settings))
    async with worker, paging_worker(client, house.settings.task_queue, calls):
        handle = await client.start_workflow(
            PageWorkflow.run, page, id=f"{page.case}/page/1", task_queue=house.settings.task_queue
        )
        yield Night(house, phones, handle)


async def test_a_link_answers_once_and_only_when_the_button_is_pressed(night: Night) -> None:
    primary, second = await on_call(night)
    browser, desk = await night.house.client(), await night.house.coordinator()
    link = await night.link_of(primary)

    opened = [await browser.get(link), await browser.head(link), await browser.get(link)]
    assert {answer.status_code for answer in opened} == {200}
    assert await night.state(desk) == "calling"
    declined = await browser.post(link, data={"answer": "decline"})
    assert declined.status_code == 200
    again, changed = [await browser.post(link, data={"answer": answer}) for answer in ("decline", "acknowledge")]
    assert {again.status_code, changed.status_code} == {409}
    assert "<button" not in changed.text

    other = await night.link_of(second)
    assert "<button" in (await browser.get(other)).text
    nothing = await browser.post(other, data={"answer": "perhaps"})
    assert (nothing.status_code, await night.state(desk)) == (422, "calling")
    taken = await browser.post(other, data={"answer": "acknowledge"})

    german, english = ("Sie haben übernommen", "You have acknowledged this incident")
    assert (german if second == "p-koch" else english) in taken.text
    sheet = body(await desk.get(night.api))
    assert (sheet["state"], sheet["owner"], sheet["declined"]) == ("acknowledged", second, [primary])
    assert night.rung() == [primary, second]


async def test_of_all_who_answer_a_page_at_once_one_has_it(night: Night) -> None:
    primary, backup = await on_call(night)
    link = await night.link_of(primary)
    browser, desk = await night.house.client(), await night.house.caller(Role.SERVICE_DESK, "p-koch")
    callers = [await night.house.caller(Role.TECHNICIAN, person) for person in (primary, backup) for _ in range(2)]

    answers = await asyncio.gather(
        *(caller.post(f"{night.api}/answers", json={"type": "acknowledge"}) for caller in callers),
        *(browser.post(link, data={"answer": "acknowledge"}) for _ in range(2)),
    )

    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    assert any(answer.is_success for answer in answers)
    sheet = body(await desk.get(night.api))
    assert (sheet["state"], sheet["owner"] in (primary, backup)) == ("acknowledged", True)


async def test_what_a_link_shows_is_safe_to_show(night: Night) -> None:
    primary, _ = await on_call(night)
    browser = await night.house.client()

    shown = await browser.get(await night.link_of(primary))

    assert "&lt;b&gt;Mail&lt;/b&gt; &amp; Kalender" in shown.text
    assert "<script" not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    policy = shown.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'" in policy
    style = shown.text.partition("<style>")[2].partition("</style>")[0]
    assert b64encode(sha256(style.encode()).digest()).decode() in policy
    forged = signed(
        PageLink(
            incident=night.incident, page=1, round=1, person="p-koch", expires_at=datetime.now(UTC) + timedelta(days=1)
        ),
        "a guess",
    )
    for path, status in ((f"/p/{forged}", 404), ("/p/x", 404), (f"/p/{expired(night)}", 409)):
        refused = await browser.get(path, headers={"Accept-Language": "de"})
        assert refused.status_code == status
        assert "Mail" not in refused.text
        assert "Link" in refused.text
        assert (await browser.post(path, data={"answer": "acknowledge"})).status_code == status


async def test_whoever_has_left_while_it_rings_does_not_take_it_by_their_link(night: Night) -> None:
    primary, _ = await on_call(night)
    path, browser = await night.link_of(primary), await night.house.client()
    async with night.house.database.writing() as session:
        (person,) = await people_by_id(session, [primary])
        await save_person(session, person.but(leaves_at=datetime.now(UTC)))

    answers = [await browser.get(path), await browser.post(path, data={"answer": "acknowledge"})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert (await night.handle.query("progress", result_type=PageProgress)).owner is None


async def test_the_api_shows_pages_and_takes_them_over(night: Night) -> None:
    primary, _ = await on_call(night)
    await night.link_of(primary)
    desk = await night.house.caller(Role.SERVICE_DESK, "p-koch")
    stranger = await night.house.caller(Role.COORDINATOR, customer="falke")
    requester = await night.house.caller(Role.REQUESTER, "p-vogel", "adler")

    open_now = body(await desk.get(PAGES, params={"open": True}))
    assert [(page["incident"], page["cause"]) for page in open_now["items"]] == [(night.incident, "response_75")]
    assert body(await desk.get(PAGES, params={"open": False}))["items"] == []
    assert body(await stranger.get(PAGES))["items"] == []
    assert [(await caller.get(night.api)).status_code for caller in (stranger, requester)] == [404, 403]
    assert (await desk.get(f"{PAGES}/{night.incident}/2")).status_code == 404
    assert (await desk.get(PAGES, params={"cursor": "garbage"})).status_code == 422

    key = {"Idempotency-Key": "mine"}
    first, second = [
        await desk.post(f"{night.api}/answers", json={"type": "acknowledge"}, headers=key) for _ in range(2)
    ]
    assert (first.status_code, body(first)["owner"], body(second)) == (200, "p-koch", body(first))
    refused = await desk.post(f"{night.api}/answers", json={"type": "acknowledge"})
    assert (refused.status_code, body(refused)["errors"][0]["code"]) == (409, "page_is_yours")

    await night.handle.signal(PageWorkflow.stop, StopPage(event_id="e-1", why="responded"))
    await night.handle.result()
    over = await desk.post(f"{night.api}/answers", json={"type": "decline"})
    assert (over.status_code, body(over)["errors"][0]["code"]) == (409, "page_is_over")
    listed = body(await desk.get(PAGES, params={"open": False, "incident": night.incident}))["items"]
    assert [page["stopped"] for page in listed] == ["responded"]
    assert "<button" not in (await (await night.house.client()).get(await night.link_of(primary))).text


def test_worker_and_api_find_the_same_secret(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("data") / "var" / "link.key"

    first, second = kept_secret(file), kept_secret(file)

    assert first == second
    assert len(first) > 30
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["link.key"]
