"""Record the histories anew: `python -m tests.histories.record [name …]`.

A new name beside the old ones is the rule. Recording an old name again says that no such order is under way any more.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from activities.billing import Billing
from connectors.channels import OutboxChannel
from db.engine import open_database
from db.schema import migrate
from db.vendors.vendor import save_vendor
from domain.cases.incident_commands import Resolve
from domain.cases.order_commands import AddRecyclerList, Cancel, Complete, DoubtCertificate, SettleCertificate
from domain.cases.page_commands import Acknowledge, Decline
from domain.contracts.contract import Contract
from domain.contracts.prices import Charges
from domain.kinds import OrderKind
from domain.orders.departures import custodian_found
from domain.vendors.certificates import CertificateKind
from tests.histories import keep
from tests.servers import time_skipping_server
from tests.stories import bundle_scripts, incident_scripts, move_scripts, paging_stage, scripts, vendor_scripts
from tests.stories.monitoring import RULE, Monitoring, alert, over
from tests.stories.move_stage import MoveDesk
from tests.stories.paging_stage import PageDesk
from tests.stories.row_stage import hearing
from tests.stories.scripts import HELD, LINDNER
from tests.stories.stage import IncidentDesk, OrderDesk, Stage, opened
from tests.world import CONTRACT, COORDINATOR, REQUESTER, TECHNICIAN


class AwayAtFirst:
    """A billing system that does not answer the first three times."""

    def __init__(self) -> None:
        self._asked = 0

    async def charge(self, charges: Charges, at: datetime) -> None:
        self._asked += 1
        if self._asked <= 3:
            raise ConnectionError("billing is away")

    async def reverse(self, order_no: str, at: datetime, spared: int | None = None) -> None:
        raise NotImplementedError


async def too_late(desk: OrderDesk) -> None:
    await desk.later(days=30)
    await desk.say(REQUESTER, Cancel(reason="nobody ever came"))


async def signed_by_nobody(desk: OrderDesk) -> None:
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=20))
    await desk.later(days=10)


async def missed_then_found(desk: OrderDesk) -> None:
    """What the recycler's first list lacks is on its second; meanwhile an incident looks for it."""
    await scripts.left(desk)
    await desk.later(days=16)
    for digest, received in (("a" * 64, ()), ("b" * 64, ("SN900",))):
        await desk.say(TECHNICIAN, AddRecyclerList(digest=digest), looked_up=scripts.listed(*received, digest=digest))
    await desk.later(days=1)
    await desk.say(COORDINATOR, scripts.PROOF)


async def under_two_certificates(desk: OrderDesk) -> None:
    """The first is renewed under way, the second ends, and what settles that is doubted and settled as well."""
    ends = HELD.valid_until
    second = HELD.but(number="EfB-2", valid_from=ends, valid_until=ends.replace(month=12, day=10))
    third = HELD.but(number="EfB-3", valid_from=second.valid_until, valid_until=ends.replace(month=12, day=31))
    now = await desk.now()
    async with desk.stage.database.writing() as session:
        first = await save_vendor(session, LINDNER, by="p-koch", at=now)
        await session.flush()
        renewed = await save_vendor(session, first.but(certificates=(HELD, second)), by="p-koch", at=now)
    await scripts.left_to(desk, custodian_found(first, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin"))
    await desk.later(days=20)
    again = renewed.but(version=3, certificates=(third,))
    found = custodian_found(again, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin")
    await desk.say(COORDINATOR, SettleCertificate(finding="renewed late"), looked_up=found)
    await desk.say(TECHNICIAN, DoubtCertificate(reason="another plant stands on it"))
    await desk.later(hours=5)
    await desk.say(COORDINATOR, SettleCertificate(finding="it names both plants"))
    await desk.say(COORDINATOR, scripts.PROOF)


@dataclass(frozen=True)
class Recording:
    kind: OrderKind
    script: scripts.Script
    risk: str = "low"
    stand_ins: Sequence[Callable[..., Any]] = ()
    item: str | None = None
    contract: Contract = CONTRACT


RECORDINGS: dict[str, Recording] = {str(kind): Recording(kind, script) for kind, script in scripts.USUAL.items()} | {
    "change-high-risk": Recording(OrderKind.CHANGE, scripts.change_at_high_risk, "high"),
    "change-held": Recording(OrderKind.CHANGE, scripts.held),
    "install-cancelled": Recording(OrderKind.INSTALL, scripts.cancelled),
    "change-cancelled-after-work": Recording(OrderKind.CHANGE, scripts.cancelled_after_work),
    "install-failed": Recording(OrderKind.INSTALL, scripts.failed),
    "install-wasted-visit": Recording(OrderKind.INSTALL, scripts.visited_for_nothing),
    "dispose-missing": Recording(OrderKind.DISPOSE, missed_then_found),
    "dispose-vendor": Recording(
        OrderKind.DISPOSE, vendor_scripts.taken_by_the_first_after_all, contract=vendor_scripts.OFFERING
    ),
    "dispose-vendor-late": Recording(
        OrderKind.DISPOSE, vendor_scripts.turned_away_after_all, contract=vendor_scripts.OFFERING
    ),
    "change-vendor": Recording(OrderKind.CHANGE, vendor_scripts.cabled, contract=vendor_scripts.CABLING),
    "dispose-certified": Recording(OrderKind.DISPOSE, under_two_certificates, contract=scripts.CERTIFYING),
    "change-with-own-people": Recording(
        OrderKind.CHANGE, scripts.given_back, contract=scripts.NAMED.but(contact_holds=True)
    ),
    "change-deadline-missed": Recording(OrderKind.CHANGE, too_late),
    "change-deemed-accepted": Recording(OrderKind.CHANGE, signed_by_nobody),
    "assist-quoted": Recording(OrderKind.ASSIST, scripts.quoted, item="advice"),
    "assist-quoted-too-high": Recording(OrderKind.ASSIST, scripts.quoted_too_high, item="advice"),
    "assist-wasted-visit": Recording(OrderKind.ASSIST, scripts.visited_for_nothing),
    "install-billing-away": Recording(
        OrderKind.INSTALL, scripts.install, stand_ins=(Billing(AwayAtFirst()).post_charges,)
    ),
}


# The bundle alone: its orders are such as are recorded by themselves.
BUNDLES: dict[str, scripts.Script] = {
    "bundle-one-fails": bundle_scripts.one_fails_and_is_tried_again,
    "bundle-called-off": bundle_scripts.called_off,
}


ROWS: dict[str, scripts.Script] = {"row": scripts.row, "row-failed": scripts.failed_at_the_target}


# A wave is named by its id.
MOVES = ("project-eventful", "w1-eventful", "w2-eventful", "project-called-off", "w1-called-off")


async def taken_by_the_backup(desk: PageDesk) -> None:
    """The primary's chat is away, so SMS and voice come sooner; then the backup is called and takes it."""
    await desk.later(minutes=31)
    await desk.say("p-koch", Acknowledge())
    await desk.stop("responded")


async def declined_then_red(desk: PageDesk) -> None:
    await desk.later(minutes=3)
    await desk.say("p-lang", Decline())
    await desk.later(hours=2)
    await desk.say("p-lang", Acknowledge())
    await desk.stop("resolved")


async def paged_again(desk: PageDesk) -> None:
    await desk.say("p-lang", Acknowledge())
    await desk.later(minutes=95)
    await desk.say("p-koch", Acknowledge())
    await desk.say("p-koch", Decline())
    await desk.say("p-sommer", Acknowledge())
    await desk.stop("cancelled")


async def red_round_after_round(desk: PageDesk) -> None:
    """Nobody takes it for three hours: everybody is called every hour, until somebody does."""
    await desk.later(hours=3, minutes=5)
    await desk.say("p-koch", Acknowledge())
    await desk.stop("responded")


async def called_off(desk: PageDesk) -> None:
    await desk.later(minutes=31)
    await desk.stop("priority_lowered")


PAGES: dict[str, Callable[[PageDesk], Awaitable[None]]] = {
    "page-taken-by-backup": taken_by_the_backup,
    "page-red": declined_then_red,
    "page-again": paged_again,
    "page-red-rounds": red_round_after_round,
    "page-called-off": called_off,
}


async def whose_alerts_go_on(stage: Stage) -> IncidentDesk:
    """Said to be solved while its alert fires and goes on firing, until another incident follows it."""
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("1"))
    await prom.later(seconds=10)
    desk = await prom.incident()
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await prom.later(minutes=40)
    following = await prom.incident()
    assert following.incident.request.follows == desk.incident.no
    await prom.says(*over(alert("1")))
    await following.say(TECHNICIAN, Resolve(solution="Netzteil getauscht"))
    await prom.later(minutes=10)
    return desk


OF_ALERTS: dict[str, incident_scripts.Script] = {"incident-alerts-go-on": whose_alerts_go_on}


async def record(recording: Recording, folder: Path) -> WorkflowHistory:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with (
        time_skipping_server() as environment,
        opened(environment, database, channel, *recording.stand_ins) as stage,
    ):
        contract = scripts.LISTING if recording.item else recording.contract
        desk = await scripts.placed(stage, recording.kind, contract, risk=recording.risk, item=recording.item)
        await recording.script(desk)
        await desk.ended()
        history = await desk.handle.fetch_history()
    await database.close()
    return history


async def record_incident(script: incident_scripts.Script, folder: Path) -> WorkflowHistory:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with time_skipping_server() as environment, opened(environment, database, channel) as stage:
        desk = await script(stage)
        # Weeks are long for a group of alerts that is looked at again and again; it is over or waits for nobody.
        if script not in OF_ALERTS.values():
            await desk.ended()
        history = await desk.handle.fetch_history()
    await database.close()
    return history


async def record_page(script: Callable[[PageDesk], Awaitable[None]], folder: Path) -> WorkflowHistory:
    outbox = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with time_skipping_server() as environment, paging_stage.opened(environment, database, outbox) as stage:
        stage.phones.dead = {"chat:p-lang"}
        desk = await stage.page()
        await script(desk)
        history = await desk.handle.fetch_history()
    await database.close()
    return history


async def record_bundle(script: scripts.Script, folder: Path) -> WorkflowHistory:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with time_skipping_server() as environment, opened(environment, database, channel) as stage:
        desk = await stage.place(bundle_scripts.wished(), bundle_scripts.BUNDLED)
        await script(desk)
        await desk.ended()
        history = await desk.handle.fetch_history()
    await database.close()
    return history


async def record_row(script: scripts.Script, folder: Path) -> WorkflowHistory:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with (
        time_skipping_server() as environment,
        opened(environment, database, channel) as stage,
        hearing(stage) as rows,
    ):
        desk = await rows.place()
        await script(desk)
        await desk.ended()
        history = await desk.handle.fetch_history()
    await database.close()
    return history


async def record_move(script: move_scripts.Script, case: str, folder: Path) -> WorkflowHistory:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    async with time_skipping_server() as environment, opened(environment, database, channel) as stage:
        desk = MoveDesk(stage)
        await script(desk)
        handle = desk.handle if case == "project" else desk.wave(case).handle
        await handle.result()
        history = await handle.fetch_history()
    await database.close()
    return history


def recording(name: str, folder: Path) -> Coroutine[Any, Any, WorkflowHistory]:
    if name in ROWS:
        return record_row(ROWS[name], folder)
    if name in BUNDLES:
        return record_bundle(BUNDLES[name], folder)
    if name in MOVES:
        case, _, script = name.partition("-")
        return record_move(move_scripts.SCRIPTS[script], case, folder)
    if name in PAGES:
        return record_page(PAGES[name], folder)
    if said := (incident_scripts.SCRIPTS | OF_ALERTS).get(name):
        return record_incident(said, folder)
    return record(RECORDINGS[name], folder)


def main(names: Sequence[str]) -> None:
    for name in names or (*RECORDINGS, *BUNDLES, *ROWS, *MOVES, *PAGES, *incident_scripts.SCRIPTS, *OF_ALERTS):
        with tempfile.TemporaryDirectory() as folder:
            migrate(f"sqlite+aiosqlite:///{folder}/imacflow.db")
            keep(name, asyncio.run(recording(name, Path(folder))))


if __name__ == "__main__":
    main(sys.argv[1:])
