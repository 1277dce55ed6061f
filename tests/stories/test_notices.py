"""Orders that go every way there is, and everybody hears of it in their own language."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.cases.journal import timeline
from db.cases.notices import NoticeRow, notices_of
from db.contracts import save_contract, save_person
from db.engine import Database
from db.vendors.directories import save_directory
from db.vendors.vendor import save_vendor
from documents.notices import order_templates
from domain.cases import order_commands as commands
from domain.cases.events import TELLS, Happening
from domain.cases.notices import DeliveryOutcome
from domain.clocks.holds import HoldReason
from domain.contracts.chains import ErasureMethod, Notice, VendorDispatch
from domain.contracts.tailoring import Insertion, Tailoring
from domain.kinds import OrderKind, OrderState
from domain.orders.order import OrderRequest
from domain.people import Language
from domain.vendors.directories import Directory, Responsibility
from tests.mail_sink import Sink
from tests.stories import scripts
from tests.stories.stage import MONDAY
from tests.stories.vendor_scripts import CABLES, ON_SITE
from tests.world import (
    APPROVER,
    CONTRACT,
    COORDINATOR,
    DESK,
    NEW_DESK,
    PEOPLE,
    RECYCLER,
    REQUESTER,
    TECHNICIAN,
    Desk,
    furnish,
    order,
    request,
)
from worker import activities, order_worker

TAILORED = CONTRACT.but(
    chains={
        OrderKind.CHANGE: Tailoring(
            add=(
                Insertion(step=Notice(id="news", template="order_progress", after=("approval",))),
                Insertion(step=VendorDispatch(id="vendor", vendor="p-wolf", after=("appointment",)), before=("work",)),
                Insertion(step=Notice(id="prepare", template="prepare_workplace", after=("appointment",))),
            )
        ),
        OrderKind.BREAK_FIX: Tailoring(
            add=(Insertion(step=VendorDispatch(id="repair", offered=True, after=("appointment",)), before=("work",)),)
        ),
    },
    catalogue=(scripts.ADVICE,),
    team=scripts.NAMED.team,
)


# It has more than two weeks, for which no order waits.
SLOW = CABLES.but(contracts=(ON_SITE.but(resolution_minutes=5_000),))


async def book(desk: Desk) -> None:
    start = await desk.now() + timedelta(days=2)
    window = commands.Window(start=start, end=start + timedelta(hours=2))
    await desk.say(COORDINATOR, commands.Book(window=window, technician="p-lang"))


async def held_then_silently_accepted(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    until = await desk.now() + timedelta(days=1)
    await desk.say(COORDINATOR, commands.Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="Schlüssel"))
    await desk.later(days=1, minutes=1)
    await book(desk)
    await desk.say(COORDINATOR, scripts.THEIRS)
    await desk.say(TECHNICIAN, commands.Complete(minutes=60))
    await desk.later(days=10)


async def rejected(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Reject(reason="Kein Bedarf mehr"))


async def cancelled_on_the_way(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    await book(desk)
    await desk.say(TECHNICIAN, commands.Complete(minutes=30))
    await desk.say(TECHNICIAN, commands.ConfirmCustody(side="giver", serials=("SN200",)))
    await desk.say(RECYCLER, commands.ConfirmCustody(side="taker", serials=("SN200",)))
    await desk.say(REQUESTER, commands.Cancel(reason="Umzug verschoben"))


async def failed_with_a_vendor(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    await book(desk)
    await desk.say(COORDINATOR, commands.Start(step="vendor", ticket="V-1"))
    await desk.say(COORDINATOR, commands.Complete(step="vendor"))
    await desk.say(TECHNICIAN, commands.Complete(outcome="failed", reason="Mainboard defekt"))


async def stuck_until_overdue(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    await desk.later(days=14)
    await desk.say(COORDINATOR, commands.Cancel(reason="Nicht lieferbar"))


async def waiting_for_proof(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    erased = {"serial": "SN900", "method": ErasureMethod.PURGE, "tool": "eraser", "passed": True}
    done = {"verification": "10 %", "operator": "p-lang", "verifier": "p-koch", "place": "Lager"}
    record = {"type": "record_erasure", "done_at": await desk.now()} | erased | done
    await desk.say(TECHNICIAN, commands.RecordErasure.model_validate(record))
    left = ("SN900", "RAM-1")
    await desk.say(TECHNICIAN, commands.ConfirmCustody(side="giver", serials=left, vendor="lindner"))
    await desk.say(RECYCLER, commands.ConfirmCustody(side="taker", serials=left, vendor="lindner"))
    await desk.say(TECHNICIAN, commands.DoubtCertificate(reason="withdrawn"))
    await desk.say(COORDINATOR, commands.SettleCertificate(finding="by mistake"))
    # What bears no data is missed without an incident, which would have letters of its own.
    await desk.say(RECYCLER, commands.AddRecyclerList(digest="a" * 64), looked_up=scripts.listed("SN900"))
    await desk.later(days=20)
    arrived = scripts.listed(*left, digest="b" * 64)
    await desk.say(RECYCLER, commands.AddRecyclerList(digest="b" * 64), looked_up=arrived)
    proof = commands.AddEvidence(document="disposal_proof", document_no="EN-1", serials=left)
    await desk.say(COORDINATOR, proof)


async def called_off_while_a_slow_vendor_is_asked(desk: Desk) -> None:
    await book(desk)
    await desk.say(REQUESTER, commands.Cancel(reason="Es geht wieder"))


async def quoted_too_high(desk: Desk) -> None:
    await desk.say(APPROVER, commands.Approve())
    await desk.say(COORDINATOR, commands.Approve(price=Decimal("4500.00"), at_most=True))
    await desk.say(REQUESTER, commands.Reject(reason="zu teuer"))


WAYS: list[tuple[OrderRequest, Callable[[Desk], Awaitable[None]]]] = [
    (request(OrderKind.INSTALL, target=DESK, assets=["NB-100"]), held_then_silently_accepted),
    (request(OrderKind.MOVE, target=NEW_DESK, assets=["NB-200"]), rejected),
    (request(OrderKind.MOVE, target=NEW_DESK, assets=["NB-200"], reference="Großraum 7"), cancelled_on_the_way),
    (request(OrderKind.CHANGE, assets=["NB-200"]), failed_with_a_vendor),
    (request(OrderKind.INSTALL, target=DESK, wanted=[{"model": "Unobtainium"}]), stuck_until_overdue),
    (request(OrderKind.DISPOSE, assets=["NB-900", "RAM-1"]), waiting_for_proof),
    (request(OrderKind.ASSIST, item="advice"), quoted_too_high),
    (request(OrderKind.BREAK_FIX, assets=["NB-200"]), called_off_while_a_slow_vendor_is_asked),
]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_message_reaches_everybody_it_is_meant_for(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path, language: Language
) -> None:
    await furnish(database)
    async with database.writing() as session:
        await save_contract(session, TAILORED)
        for person in PEOPLE:
            await save_person(session, person.but(language=language))
        await save_vendor(session, SLOW, by="p-koch", at=MONDAY)
        await save_directory(session, Directory(rows=(Responsibility(vendor=SLOW.id),)), by="p-koch", at=MONDAY)
    outbox = OutboxChannel(folder=tmp_path / "outbox", sender="imacflow@localhost")

    rows: list[NoticeRow] = []
    async with order_worker(skipping.client, "stories", activities(database, outbox)):
        for asked, way in WAYS:
            desk = await Desk(skipping, order(asked, await skipping.get_current_time(), TAILORED)).place()
            await way(desk)
            await desk.ended()
            async with database.reading() as session:
                rows += await notices_of(session, f"order/{desk.order.no}")

    assert [(row.template, row.person, row.detail) for row in rows if row.outcome != DeliveryOutcome.SENT] == []
    assert {row.template for row in rows} == order_templates()
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in outbox.folder.iterdir()]
    assert len(mails) == len(rows)
    assert {mail["Content-Language"] for mail in mails} == {language}
    for mail in mails:
        assert "…" not in mail.get_content()


async def test_an_order_goes_on_while_mail_is_away_and_nobody_misses_anything(
    skipping: WorkflowEnvironment, database: Database
) -> None:
    await furnish(database)
    sink = Sink()
    async with sink.open():
        pass
    asked = request(OrderKind.MOVE, target=NEW_DESK, assets=["NB-200"])

    async with order_worker(skipping.client, "stories", activities(database, sink.channel)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        await rejected(desk)
        async with sink.open():
            receipt = await desk.ended()

    assert receipt.state == OrderState.REJECTED
    assert sorted(sink.receivers) == ["anna.vogel@adler.example"] * 2 + ["max.huber@adler.example"]


async def test_that_somebody_cannot_be_reached_stands_in_the_timeline(
    skipping: WorkflowEnvironment, database: Database
) -> None:
    await furnish(database)
    sink = Sink()
    sink.answers["max.huber@adler.example"] = "550 5.1.1 no such user"
    asked = request(OrderKind.MOVE, target=NEW_DESK, assets=["NB-200"])

    async with sink.open(), order_worker(skipping.client, "stories", activities(database, sink.channel)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        await rejected(desk)
        await desk.ended()

    async with database.reading() as session:
        rows = await timeline(session, f"order/{desk.order.no}")
    (told,) = [row for row in rows if row.what == Happening.NOTICE_UNDELIVERABLE]
    assert "approval_asked" in told.event
    assert "@" not in told.event


def test_whoever_is_told_something_is_told_it_with_a_message_that_exists() -> None:
    assert {template for told in TELLS.values() for template, _ in told} <= order_templates()
