"""Workers die by SIGKILL; orders end all the same, and nothing happens twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from db.assets.asset import AssetLifeRow, assets_by_tag
from db.cases.journal import timeline
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from db.ledger import entries_of
from db.orders import OrderRow, order_row
from db.vendors.directories import save_directory
from db.vendors.vendor import save_vendor
from domain.assets.asset import AssetStatus
from domain.cases import incident_commands as told
from domain.cases import order_commands as commands
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import CustodianFound
from domain.contracts.tailoring import Tailoring
from domain.ids import incident_workflow_id, order_workflow_id, part_order_no
from domain.incidents.progress import IncidentState
from domain.kinds import OrderKind, OrderState
from domain.people import Actor
from domain.times import FIRST_DAY, LAST_DAY
from domain.vendors.certificates import CertificateKind, DatedCertificate, VendorCertificate
from domain.vendors.directories import Directory, Responsibility
from domain.vendors.jobs import JobStatus
from domain.vendors.vendor import VendorWork
from tests.faults.undying import all_died_over, insist, letters, surroundings, undying
from tests.patience import until
from tests.stories.bundle_scripts import BUNDLED, wished
from tests.stories.incident_scripts import PUNE
from tests.stories.scripts import BACK, LISTING, NAMED, OWN_IT, THEIRS
from tests.world import (
    APPROVER,
    CONTRACT,
    COORDINATOR,
    DESK,
    DESK_AGENT,
    RECYCLER,
    REQUESTER,
    TECHNICIAN,
    furnish,
    incident,
    order,
    request,
    trouble,
    usually_found,
)
from workflows.client import Temporal

WHEN = datetime.now(UTC) + timedelta(hours=1)
SAID: list[tuple[Actor, commands.Command]] = [
    (APPROVER, commands.Approve()),
    (COORDINATOR, commands.Book(window=commands.Window(start=WHEN, end=WHEN + timedelta(hours=2)))),
    (TECHNICIAN, commands.Start()),
    (TECHNICIAN, commands.Complete(minutes=75)),
    (REQUESTER, commands.Accept()),
]


async def test_an_order_survives_a_worker_dying_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    placed = order(asked, datetime.now(UTC))
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(SAID):
            said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")
            await insist(temporal, order_workflow_id(placed.no), said)
        receipt = await dev_server.client.get_workflow_handle(order_workflow_id(placed.no)).result()
        await all_died_over(deaths, "record", "reserve_assets", "change_assets", "post_charges")

    assert receipt["state"] == OrderState.COMPLETED
    async with database.reading() as session:
        row = await order_row(session, placed.no)
        charges = await entries_of(session, placed.no)
        (asset,) = await assets_by_tag(session, "adler", ["NB-100"])
        life = (await session.execute(select(AssetLifeRow).where(AssetLifeRow.tag == "NB-100"))).scalars().all()
        journal = [entry.what for entry in await timeline(session, order_workflow_id(placed.no))]
    assert row is not None
    assert row.state == OrderState.COMPLETED
    assert [charge.reason for charge in charges] == ["flat"]
    assert asset.status == AssetStatus.DEPLOYED
    assert [line.under.rpartition("/")[2] for line in life] == ["example", "reservation", "asset_update"]
    assert [journal.count(command.type) for _, command in SAID] == [1] * len(SAID)
    assert journal.count("completed") == 1


AGREED: list[tuple[Actor, commands.Command]] = [
    (APPROVER, commands.Approve(step="approval")),
    (COORDINATOR, commands.Approve(step="quote", price=Decimal("450.00"))),
    (REQUESTER, commands.Approve(step="consent")),
    (COORDINATOR, commands.Book(window=commands.Window(start=WHEN, end=WHEN + timedelta(hours=2)))),
    (TECHNICIAN, commands.Complete(minutes=600)),
    (REQUESTER, commands.Accept()),
]


@pytest.mark.slow
async def test_what_is_quoted_is_asked_and_charged_once_though_workers_die_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    placed = order(request(OrderKind.ASSIST, item="advice"), datetime.now(UTC), LISTING)
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(AGREED):
            said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")
            await insist(temporal, case, said)
        receipt = await dev_server.client.get_workflow_handle(case).result()
        await all_died_over(deaths, "record", "deliver", "post_charges")

    assert receipt["state"] == OrderState.COMPLETED
    async with database.reading() as session:
        charges = await entries_of(session, placed.no)
        journal = [entry.what for entry in await timeline(session, case)]
    assert [(charge.reason, charge.amount) for charge in charges] == [("flat", Decimal("450.00"))]
    assert journal.count("approve") == 3
    sent = await letters(database, case)
    assert (sent["quote_asked"], sent["consent_asked"], sent["order_completed"]) == (1, 1, 1)


SHARED: list[tuple[Actor, commands.Command]] = [
    *SAID[:2],
    (COORDINATOR, THEIRS),
    (OWN_IT, BACK),
    *SAID[3:],
]


@pytest.mark.slow
async def test_the_customers_own_people_are_told_once_and_counted_once_though_workers_die_over_it(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    placed = order(asked, datetime.now(UTC), NAMED)
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(SHARED):
            said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")
            await insist(temporal, case, said)
        receipt = await dev_server.client.get_workflow_handle(case).result()
        await all_died_over(deaths, "record", "post_charges", "deliver")

    assert receipt["state"] == OrderState.COMPLETED
    async with database.reading() as session:
        row = await order_row(session, placed.no)
        charges = [entry.reason for entry in await entries_of(session, placed.no)]
        journal = [entry.what for entry in await timeline(session, case)]
    assert row is not None
    assert [one.minutes is not None for one in row.as_progress().own_people] == [True]
    assert (charges, journal.count("hand_over")) == (["flat"], 2)
    assert (await letters(database, case))["step_with_customer"] == 1


def left() -> list[tuple[Actor, commands.Command]]:
    """Until a notebook has left that does not arrive."""
    erased = {"serial": "SN900", "method": "purge", "tool": "nwipe", "passed": True, "verification": "sampled"}
    erased |= {"operator": TECHNICIAN.person, "verifier": COORDINATOR.person, "place": "Werkstatt"}
    return [
        (APPROVER, commands.Approve()),
        (TECHNICIAN, commands.RecordErasure.model_validate(erased | {"done_at": datetime.now(UTC)})),
        (TECHNICIAN, commands.ConfirmCustody(side="giver", serials=("SN900",))),
        (RECYCLER, commands.ConfirmCustody(side="taker", serials=("SN900",))),
        (COORDINATOR, commands.AddRecyclerList(digest="a" * 64)),
        (RECYCLER, commands.AddRecyclerList(digest="b" * 64)),
    ]


@pytest.mark.slow
async def test_what_is_missing_is_looked_for_once_though_workers_die_over_it(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    placed = order(request(OrderKind.DISPOSE, assets=["NB-900"]), datetime.now(UTC))
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")

    async def looking() -> list[str]:
        async with database.reading() as session:
            return list((await session.execute(select(IncidentRow.no))).scalars())

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(left()):
            said = Instruction(
                command=command,
                actor=actor,
                given_at=datetime.now(UTC),
                request_id=f"said-{number}",
                looked_up=usually_found(command),
            )
            await insist(temporal, case, said)
        await until(looking)
        await all_died_over(deaths, "record", "incident_of_missing", "record_incident", "deliver")
        notices = await until(lambda: letters(database, case), lambda notices: "item_missing" in notices)
    found = await looking()
    for workflow_id in (case, *map(incident_workflow_id, found)):
        await dev_server.client.get_workflow_handle(workflow_id).terminate()

    async with database.reading() as session:
        journal = [entry.what for entry in await timeline(session, case)]
    assert len(found) == 1
    assert (journal.count("item_missing"), journal.count("left_control")) == (1, 1)
    # One letter for each person of the two roles, and none of them twice.
    assert notices["item_missing"] == 1


DONE: list[tuple[Actor, commands.Command]] = [
    (TECHNICIAN, commands.Complete(minutes=30)),
    (REQUESTER, commands.Accept()),
]
INSTALLED: list[tuple[Actor, commands.Command]] = [AGREED[3], *DONE]
FAILED: list[tuple[Actor, commands.Command]] = [
    (TECHNICIAN, commands.Complete(outcome="failed", reason="no line")),
]


@pytest.mark.slow
async def test_of_a_bundle_nothing_is_placed_or_charged_twice_though_workers_die_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Four orders; one fails and is placed anew, the last one comes after the others."""
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    placed = order(wished(), datetime.now(UTC), BUNDLED)
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")

    async def tell(no: str, said: list[tuple[Actor, commands.Command]]) -> None:
        await until(lambda: temporal.has_order(no))
        for number, (actor, command) in enumerate(said):
            given = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"{no}-{number}")
            await insist(temporal, order_workflow_id(no), given)

    async def waits_for_a_decision() -> bool:
        async with database.reading() as session:
            row = await order_row(session, placed.no)
        return row is not None and row.stuck

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        await tell(placed.no, [(APPROVER, commands.Approve(step="approval"))])
        await tell(part_order_no(placed.no, "phone", 1), FAILED)
        for step in ("notebook", "spare"):
            await tell(part_order_no(placed.no, step, 1), INSTALLED)
        await until(waits_for_a_decision)
        retry = Instruction(
            command=commands.Retry(step="phone"), actor=COORDINATOR, given_at=datetime.now(UTC), request_id="retry"
        )
        await insist(temporal, case, retry)
        await tell(part_order_no(placed.no, "phone", 2), DONE)
        await tell(part_order_no(placed.no, "talk", 1), DONE)
        receipt = await dev_server.client.get_workflow_handle(case).result()
        await all_died_over(
            deaths, "record", "place_part", "reserve_assets", "change_assets", "post_charges", "deliver"
        )

    assert receipt["state"] == OrderState.COMPLETED
    parts = [part_order_no(placed.no, *one) for one in (("notebook", 1), ("spare", 1), ("phone", 2), ("talk", 1))]
    async with database.reading() as session:
        charges = [[entry.reason for entry in await entries_of(session, no)] for no in parts]
        journal = [entry.what for entry in await timeline(session, case)]
        assets = await assets_by_tag(session, "adler", ["NB-100", "NB-101"])
        orders = (await session.execute(select(OrderRow.no))).scalars().all()
    assert charges == [["flat"]] * 4
    assert {asset.status for asset in assets} == {AssetStatus.DEPLOYED}
    assert sorted(orders) == sorted([placed.no, part_order_no(placed.no, "phone", 1), *parts])
    assert (journal.count("part_placed"), journal.count("order_ended"), journal.count("completed")) == (5, 5, 1)


def soon_ended(at: datetime) -> CustodianFound:
    """A certificate that holds when it is said, and a second later no more."""
    asked = CustodianFound(vendor="lindner", name="Lindner Recycling", version=1)
    held = VendorCertificate(
        kind=CertificateKind.WASTE_SPECIALIST, number="EfB-1", valid_from=FIRST_DAY, valid_until=LAST_DAY, scope="16 02"
    )
    dated = DatedCertificate(certificate=held, begins_at=at - timedelta(days=1), ends_at=at + timedelta(seconds=1))
    return asked.but(certificates=(dated,))


async def test_a_certificate_that_ends_is_told_of_once_though_workers_die_over_it(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    contract = CONTRACT.but(certificate=CertificateKind.WASTE_SPECIALIST)
    placed = order(request(OrderKind.DISPOSE, assets=["NB-900"]), datetime.now(UTC), contract)
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(left()[:4]):
            now = datetime.now(UTC)
            said = Instruction(
                command=command,
                actor=actor,
                given_at=now,
                request_id=f"said-{number}",
                looked_up=soon_ended(now) if isinstance(command, commands.ConfirmCustody) else usually_found(command),
            )
            await insist(temporal, case, said)
        await all_died_over(deaths, "record", "find_custodian", "deliver")
        notices = await until(lambda: letters(database, case), lambda notices: "certificate_in_question" in notices)
    await dev_server.client.get_workflow_handle(case).terminate()

    async with database.reading() as session:
        journal = [entry.what for entry in await timeline(session, case)]
        row = await order_row(session, placed.no)
    assert (journal.count("certificate_expired"), journal.count("left_control")) == (1, 1)
    assert notices["certificate_in_question"] == 1
    assert row is not None
    progress = row.as_progress()
    assert (len(progress.custodians), len(progress.exceptions)) == (1, 1)


TAKES = PUNE.but(id="lindner", name="Lindner Recycling", contracts=(PUNE.contracts[0].but(work=VendorWork.DISPOSAL),))
OFFERING = CONTRACT.but(chains={OrderKind.DISPOSE: Tailoring.model_validate({"set": {"handover": {"offered": True}}})})


@pytest.mark.slow
async def test_a_vendor_is_asked_once_and_goods_go_to_it_though_workers_die_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    async with database.writing() as session:
        await save_vendor(session, TAKES, by="p-sommer", at=WHEN)
        rows = (Responsibility(vendor=TAKES.id),)
        await save_directory(session, Directory(rows=rows), by="p-sommer", at=WHEN)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    placed = order(request(OrderKind.DISPOSE, assets=["NB-900"]), datetime.now(UTC), OFFERING)
    case = order_workflow_id(placed.no)
    temporal = Temporal(dev_server.client, "dying")
    approved, erased, given, taken = left()[:4]
    accepted = (COORDINATOR, commands.ReportVendor(status="accepted", ticket="LR-7"))

    async def tell(*told: tuple[Actor, commands.Command]) -> None:
        for actor, command in told:
            said = Instruction(
                command=command,
                actor=actor,
                given_at=datetime.now(UTC),
                request_id=f"{command.type}-{actor.person}",
                looked_up=CustodianFound(vendor=TAKES.id, name=TAKES.name, version=1),
            )
            await insist(temporal, case, said)

    async def is_asked() -> bool:
        async with database.reading() as session:
            row = await order_row(session, placed.no)
        return row is not None and [job.status for job in row.as_progress().jobs] == [JobStatus.OFFERED]

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        await tell(approved, erased)
        await until(is_asked)
        await tell(accepted, given, taken)
        await all_died_over(deaths, "record", "find_vendor", "deliver")
        notices = await until(lambda: letters(database, case), lambda notices: "order_vendor_asked" in notices)
    await dev_server.client.get_workflow_handle(case).terminate()

    async with database.reading() as session:
        row = await order_row(session, placed.no)
        journal = [entry.what for entry in await timeline(session, case)]
    assert row is not None
    (job,) = row.as_progress().jobs
    assert (job.vendor, job.status, job.ticket) == (TAKES.id, JobStatus.DONE, "LR-7")
    assert [journal.count(what) for what in ("vendor_asked", "report_vendor", "left_control")] == [1, 1, 1]
    assert notices["order_vendor_asked"] == 1


TOLD: list[tuple[Actor, AnyCommand]] = [
    (DESK_AGENT, told.Respond(message="Wir sehen nach.")),
    (DESK_AGENT, commands.Dispatch(vendor="pune")),
    (TECHNICIAN, commands.ReportVendor(status="accepted", ticket="PPS-1")),
    (TECHNICIAN, commands.ReportVendor(status="done")),
    (DESK_AGENT, told.Resolve(solution="Fixiereinheit getauscht")),
    (REQUESTER, told.Confirm()),
]


async def test_an_incident_survives_a_worker_dying_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    async with database.writing() as session:
        await save_vendor(session, PUNE, by="p-sommer", at=WHEN)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    reported = incident(trouble(priority="major", category="printer"), datetime.now(UTC))
    case = incident_workflow_id(reported.no)
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_incident(reported)
        for number, (actor, command) in enumerate(TOLD):
            said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")
            await insist(temporal, case, said)
        notices = await solution_told(database, case)
        await all_died_over(deaths, "record_incident", "find_vendor", "deliver")
    await dev_server.client.get_workflow_handle(case).terminate()

    async with database.reading() as session:
        row = await incident_row(session, reported.no)
        journal = [entry.what for entry in await timeline(session, case)]
    assert row is not None
    assert (row.state, row.as_progress().job.ticket) == (IncidentState.CLOSED, "PPS-1")  # type: ignore[union-attr]
    assert [journal.count(command.type) for _, command in TOLD] == [1, 1, 2, 2, 1, 1]
    assert journal.count("vendor_asked") == 1
    assert set(notices.values()) == {1}


async def solution_told(database: Database, case: str) -> dict[str, int]:
    """The messages that went out, once the last of them is among them."""
    return await until(lambda: letters(database, case), lambda notices: "incident_solved" in notices)
