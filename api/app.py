"""The HTTP API. Reads come from the tables, so it starts and answers them with Temporal away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from starlette.types import Lifespan

from api import awaited, channels, customers, docs, events, health, leaving, search, sla
from api.access import door, keys, sign_in
from api.access import links as key_links
from api.alerts import alert as alerts
from api.alerts import maintenance
from api.alerts import rules as alert_rules
from api.alerts import spells as alert_spells
from api.assets import asset as assets
from api.assets import imports, labels
from api.assets import papers as asset_papers
from api.assets import words as list_words
from api.beginnings import tell_beginnings
from api.cases import checks
from api.channels import WaysOut
from api.contracts import catalogue, costs, manuals, matrix, simulations
from api.contracts import checks as contract_checks
from api.contracts import contract as contracts
from api.dependencies import AlertIntake
from api.door.book import DoorBook
from api.door.log import AccessLog
from api.door.paces import Paces
from api.door.strangers import Strangers
from api.door.watch import WatchedAnswers
from api.figures import asks_of
from api.gate.arrivals import PacedArrivals
from api.gate.bytes import BodyLimit
from api.headers import SafeHeaders
from api.incidents import batches as incident_batches
from api.incidents import commands as incident_commands
from api.incidents import incident as incidents
from api.incidents import links as answer_links
from api.incidents import orders as incident_orders
from api.moves import doors, gantt, plans, rehearsal_packs, rehearsals
from api.moves import launched as launches
from api.moves import project as projects
from api.moves import reports as project_reports
from api.oncall import feeds, links, stand_ins
from api.oncall import page as pages
from api.oncall import rota as rotas
from api.openapi import PROBLEMS, TAGS, describe
from api.orders import commands, erasures, protocols, recycler_lists, run_sheets, waste
from api.orders import order as orders
from api.orders import papers as order_papers
from api.pace import Pace
from api.paper_store import paper_store
from api.problems import answer_problems
from api.relay import AlertRelay
from api.tail import JournalTail
from api.unnoted import Unnoted
from api.vendors import certificates, directories
from api.vendors import vendor as vendors
from connectors import house_mail
from connectors.figures import Requests
from connectors.guarded_http import GuardedHttp
from connectors.health_port import health_port
from connectors.keyring import keyring
from connectors.links import links as links_of
from connectors.logs import keep_logs
from connectors.openid import open_id
from connectors.space import space_of
from connectors.workshop.lines import ForemanLine
from connectors.workshop.workshop import Workshop
from db.channels import keep_channels_sealed
from db.damage import DatabaseDamaged, FileWatch, check_file
from db.engine import open_database
from settings import Settings, traces_are_taken
from workflows.client import Temporal, connect

# What jobs are made of: the foreman loads it, and the API needs no more of it than its names. What reads strangers'
# files comes first, and in pieces: a refusal soon after a start waits for none of the rest.
JOBS = (
    *(
        "connectors.spreadsheets",
        "connectors.files.papers",
        "domain.assets.lists",
        "domain.moves.lists.staging",
        "domain.moves.reports.report",
    ),
    *(
        "documents.matrix",
        "documents.project_reports",
        "api.jobs",
        "documents.move_lists",
        "documents.project_workbooks",
    ),
)


def life_under(used: Settings, foreman: ForemanLine | None = None) -> Lifespan[FastAPI]:
    """Everything of an app that depends on settings: it is opened when the app starts and closed when it ends.

    A foreman that is handed in is not ended with it: others go on using it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _workshop(foreman) as app.state.workshop, _house(app, used), _metrics(app, used):
            yield

    return lifespan


def create_app(settings: Settings | None = None) -> FastAPI:
    used = settings or Settings()
    keep_logs(used.log_level, used.log_format)
    _must_be_whole(used.database_url)
    app = FastAPI(
        title="imacflow",
        version=version("imacflow"),
        summary="IT service orders (install, move, add, change, remove, dispose, break/fix) and incidents.",
        openapi_tags=TAGS,
        # Written down once (`api/docs.py`), not again for everybody who asks.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life_under(used),
    )
    app.state.queries = {}
    app.state.requests = Requests()
    app.state.document = None
    app.state.unnoted = Unnoted()
    _route(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(WatchedAnswers)
    app.add_middleware(PacedArrivals)
    app.add_middleware(SafeHeaders)
    app.add_middleware(AccessLog)
    if traces_are_taken():
        app.add_middleware(import_module("api.gate.traced").Traced)
    answer_problems(app)
    describe(app)
    return app


def _must_be_whole(database_url: str) -> None:
    try:
        check_file(database_url)
    except DatabaseDamaged as damaged:
        # Any other error would be shown with a traceback by whoever serves us.
        raise SystemExit(str(damaged)) from None


def _route(app: FastAPI) -> None:
    v1 = APIRouter(responses=PROBLEMS)
    cases = (
        orders,
        commands,
        order_papers,
        erasures,
        waste,
        protocols,
        recycler_lists,
        run_sheets,
        incidents,
        incident_commands,
        incident_batches,
        incident_orders,
        pages,
        launches,
    )
    agreed = (
        contracts,
        contract_checks,
        catalogue,
        matrix,
        manuals,
        costs,
        simulations,
        sla,
        rotas,
        stand_ins,
        feeds,
        vendors,
        certificates,
        directories,
    )
    moves = (projects, plans, rehearsal_packs, rehearsals, gantt, doors, project_reports)
    registers = (
        asset_papers,
        assets,
        labels,
        list_words,
        imports,
        customers,
        leaving,
        channels,
        keys,
        sign_in,
        door,
        checks,
    )
    monitoring = (alerts, alert_spells, alert_rules, maintenance)
    for noun in (*cases, *agreed, *monitoring, *moves, *registers, awaited, search, events):
        v1.include_router(noun.router)
    # The prefix here and not there: without one FastAPI makes all routes to look at their paths, and makes them again
    # for the first request.
    app.include_router(v1, prefix="/api/v1")
    for router in (links.router, answer_links.router, key_links.router, feeds.public, health.router, docs.router):
        app.include_router(router)


@asynccontextmanager
async def _house(app: FastAPI, used: Settings) -> AsyncIterator[None]:
    app.state.database = open_database(used.database_url, keyring(used), used.database_connections)
    await keep_channels_sealed(app.state.database)
    app.state.temporal = Temporal(await connect(lazy=True), used.task_queue)
    app.state.space = space_of(used)
    app.state.papers = paper_store(used, app.state.database)
    app.state.file = FileWatch(used.database_url)
    app.state.links = links_of(used)
    app.state.openid = open_id(used, app.state.links.base)
    app.state.tail = JournalTail(app.state.database)
    app.state.watch = app.state.tail.watch
    app.state.book = DoorBook(app.state.database, Strangers(app.state.database, used.wrong_keys))
    app.state.paces = Paces(used)
    app.state.book.start()
    app.state.ways_out = WaysOut(mail=house_mail.channel(used), door=GuardedHttp(used.allow_private_hosts))
    app.state.alarm = AlertIntake(AlertRelay(app.state.database, app.state.temporal), Pace(used.alert_rate))
    app.state.alarm.relay.start()
    beginning = asyncio.create_task(tell_beginnings(app.state.database, app.state.temporal))
    yield
    beginning.cancel()
    await app.state.alarm.relay.close()
    await app.state.tail.close()
    await app.state.file.close()
    await app.state.book.close()
    await app.state.database.close()
    if traces_are_taken():
        # uvicorn then goes by the signal that it was stopped by.
        await asyncio.to_thread(import_module("connectors.tracing").hand_over)


@asynccontextmanager
async def _metrics(app: FastAPI, used: Settings) -> AsyncIterator[None]:
    """At a port of their own: they are not for callers."""
    if used.metrics_port is None:
        yield
        return
    async with health_port(used.api_host, used.metrics_port, asks_of(app)):
        yield


@asynccontextmanager
async def _workshop(foreman: ForemanLine | None) -> AsyncIterator[Workshop]:
    crew = foreman or ForemanLine(*JOBS)
    crew.begin()
    yield Workshop(crew)
    if foreman is None:
        await asyncio.to_thread(crew.end)
