"""Runs the workflows and everything they do: wires activities to the systems they act on, drains on SIGTERM."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig

from activities.alert_cleaning import KEPT_FOR, AlertCleaning
from activities.alert_groups import AlertGroups
from activities.assets import Assets
from activities.billing import Billing
from activities.bundles import Bundles
from activities.calendars import Calendars
from activities.channels import Switchboard
from activities.checks import Checks
from activities.in_figures import Lateness
from activities.in_logs import CaseInLogs
from activities.keys import KeyEnds
from activities.missing_goods import MissingGoodsDesk
from activities.moves import Moves, Orders
from activities.notices import Notices
from activities.pages import Exchange, Pages
from activities.records import Records
from activities.rota_news import RotaNews
from activities.rounds import Rounds
from activities.vendors import Vendors
from connectors.channels import Channel
from connectors.figures import WORK, gauge
from connectors.guarded_http import PUBLIC, GuardedHttp
from connectors.health_port import health_port
from connectors.house_mail import channel
from connectors.keyring import keyring
from connectors.links import Links, links
from connectors.logs import keep_logs
from connectors.worker_health import WorkerHealth
from db.assets.register import OwnRegister
from db.channels import keep_channels_sealed
from db.damage import DatabaseDamaged, check_file
from db.engine import Database, answers, open_database
from db.ledger import Ledger
from domain.refusals import Refused
from settings import Settings
from workflows.client import Temporal, connect
from workflows.engine.admission import Admission
from workflows.engine.build import this_build
from workflows.engine.places import tuner
from workflows.engine.runs import Runs
from workflows.engine.versions import Versions
from workflows.readiness import UnfailingTasks, is_polling
from workflows.recurring.schedules import keep_schedules
from workflows.runner import REGISTERED, workflow_runner
from workflows.starting import paging_queue
from workflows.telemetry import Figures, one_runtime

log = structlog.get_logger()

GRACE = timedelta(seconds=25)
# What goes on even after it was cancelled is left: Temporal has it done again by another worker.
LEAVE_WITHIN = timedelta(seconds=30)
# Above the number of active cases: an order that is not cached costs eight times the CPU per task.
CACHED = 5_000


def activities(
    database: Database,
    channel: Channel,
    door: GuardedHttp = PUBLIC,
    answers: Links | None = None,
    *,
    alerts_kept_for: timedelta = KEPT_FOR,
) -> Sequence[Callable[..., Any]]:
    """Every activity, wired to the database and to the ways out for messages."""
    calendars, records = Calendars(), Records(database)
    assets, billing = Assets(OwnRegister(database)), Billing(Ledger(database))
    notices = Notices(database, Switchboard(database, channel, door), answers)
    vendors = Vendors(database, calendars)
    groups = AlertGroups(database)
    cleaning = AlertCleaning(database, alerts_kept_for)
    return [
        calendars.service_hours,
        calendars.after_working_days,
        records.record,
        records.record_incident,
        records.goes_on_in,
        records.record_page,
        records.record_project,
        records.record_wave,
        assets.reserve_assets,
        assets.change_assets,
        assets.undo_assets,
        billing.post_charges,
        billing.reverse_charges,
        notices.deliver,
        KeyEnds(database).warnings_due,
        RotaNews(database).rota_news_due,
        vendors.find_vendor,
        vendors.find_custodian,
        groups.look_at_group,
        groups.look_after_solution,
        groups.incident_of_group,
        MissingGoodsDesk(database).incident_of_missing,
        groups.note_group,
        cleaning.clean_old_alerts,
        cleaning.note_unmatched_silence,
    ]


def page_activities(database: Database, exchange: Exchange, links: Links) -> Sequence[Callable[..., Any]]:
    """Calling people, wired to the ways by which they are called."""
    pages = Pages(database, exchange, links)
    return [pages.people_of_step, pages.final_owner, pages.call]


def move_activities(database: Database, orders: Orders) -> Sequence[Callable[..., Any]]:
    """What waves and bundles have done for them, wired to the door to orders."""
    moves = Moves(database, orders)
    placing = Bundles(orders).place_part
    return [moves.legs_of_wave, moves.show_outlook, moves.place_order, moves.lost_orders, moves.tell_order, placing]


def check_activities(database: Database, runs: Runs) -> Sequence[Callable[..., Any]]:
    """Whether all cases are run and get on."""
    checks = Checks(database, runs)
    return [checks.check_part, checks.write_missing, checks.note_told]


def identity() -> str:
    return f"imacflow-worker/{socket.gethostname()}/{os.getpid()}"


def order_worker(
    client: Client, task_queue: str, acts: Sequence[Callable[..., Any]], version: WorkerDeploymentConfig | None = None
) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=REGISTERED,
        activities=acts,
        interceptors=[CaseInLogs(), Lateness()],
        workflow_runner=workflow_runner(),
        identity=identity(),
        deployment_config=version,
        max_cached_workflows=CACHED,
        tuner=tuner(),
        graceful_shutdown_timeout=GRACE,
        workflow_failure_exception_types=[Refused],
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        # A worker that was killed is noticed after a second, not after ten.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )


def paging_worker(
    client: Client, task_queue: str, acts: Sequence[Callable[..., Any]], version: WorkerDeploymentConfig | None = None
) -> Worker:
    """Calls people, and has places for nothing else: however slow mail is, it cannot take them."""
    return Worker(
        client,
        task_queue=paging_queue(task_queue),
        activities=acts,
        identity=f"imacflow-paging/{socket.gethostname()}/{os.getpid()}",
        deployment_config=version,
        graceful_shutdown_timeout=GRACE,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )


@asynccontextmanager
async def crew(
    client: Client,
    task_queue: str,
    acts: Sequence[Callable[..., Any]],
    paging: Sequence[Callable[..., Any]],
    version: WorkerDeploymentConfig | None = None,
) -> AsyncIterator[None]:
    """Everybody who works on one queue. Calls that were asked for before paging had its own are made as well."""
    async with (
        paging_worker(client, task_queue, paging, version),
        order_worker(client, task_queue, [*acts, *paging], version),
    ):
        yield


def told_to_stop(leave_within: timedelta) -> asyncio.Event:
    """Set at SIGTERM or SIGINT; what then still runs after so long ends with the process, whatever it does.

    Not by the loop: neither an activity that stands in its way nor one that heeds no cancelling keeps the worker.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def leave(_number: int, _frame: FrameType | None) -> None:
        last = threading.Timer(leave_within.total_seconds(), give_up)
        last.daemon = True
        last.start()
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    return stop


def give_up() -> None:
    log.error("worker leaves work unfinished")
    os._exit(os.EX_TEMPFAIL)


async def arrange_schedules(client: Client, task_queue: str) -> None:
    try:
        await keep_schedules(client, task_queue)
    except RPCError as error:
        # They are kept by Temporal; the next start of any worker arranges them again.
        log.warning("schedules cannot be arranged", cause=error)


@asynccontextmanager
async def watched(settings: Settings, health: WorkerHealth) -> AsyncIterator[None]:
    """Answer those who watch over the worker, if there is a port for them."""
    if settings.health_port is None:
        yield
        return
    async with health_port(settings.api_host, settings.health_port, health.asks), health.watching():
        yield


def health_of(
    client: Client, database: Database, task_queue: str, figures: Figures, admission: Admission
) -> WorkerHealth:
    checks = {
        "polls": partial(is_polling, client, task_queue, identity()),
        "database": partial(answers, database),
        "tasks": UnfailingTasks(figures).hold,
        "version": admission.is_in,
    }
    return WorkerHealth(checks, partial(figures_of, database, figures))


async def figures_of(database: Database, sdk: Figures) -> str:
    ours = [*WORK.lines(), *gauge("imacflow_pool_connections_in_use", database.in_use)]
    return "\n".join(ours) + f"\n{await sdk.text()}"


def admission_of(client: Client, settings: Settings) -> Admission:
    versions = Versions(client, settings.deployment, settings.task_queue)
    return Admission(versions, this_build(settings.build_id))


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT, then finish what is under way."""
    stop, figures = told_to_stop(LEAVE_WITHIN), one_runtime()
    database = open_database(settings.database_url, keyring(settings), settings.database_connections)
    await keep_channels_sealed(database)
    client = await connect(lazy=False)
    mail, door = channel(settings), GuardedHttp(settings.allow_private_hosts)
    ours = links(settings)
    paging = page_activities(database, Switchboard(database, mail, door), ours)
    temporal = Temporal(client, settings.task_queue)
    runs = Runs(client)
    checking = check_activities(database, runs)
    kept_for = timedelta(days=settings.alert_days)
    acting = activities(database, mail, door, ours, alerts_kept_for=kept_for)
    acts = (*acting, *move_activities(database, temporal), *checking)
    admission = admission_of(client, settings)
    health = health_of(client, database, settings.task_queue, figures, admission)
    working = crew(client, settings.task_queue, acts, paging, await admission.config())
    async with working, watched(settings, health):
        log.info("worker runs", task_queue=settings.task_queue, cpu_seconds=round(time.process_time(), 1))
        rounds = asyncio.create_task(Rounds(database, runs).keep())
        arranging = asyncio.create_task(arrange_schedules(client, settings.task_queue))
        seeking = asyncio.create_task(admission.seek())
        await stop.wait()
        health.drain()
        for task in (rounds, arranging, seeking):
            task.cancel()
        log.info("worker drains")
    await database.close()


def main(settings: Settings) -> None:
    keep_logs(settings.log_level, settings.log_format)
    try:
        check_file(settings.database_url)
    except DatabaseDamaged as damaged:
        raise SystemExit(str(damaged)) from None
    asyncio.run(run(settings))


if __name__ == "__main__":
    main(Settings())
