"""The HTTP API. Reads come from the tables, so it starts and answers them with Temporal away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from api import (
    alert_rules,
    alerts,
    assets,
    channels,
    commands,
    contract_checks,
    contracts,
    customers,
    directories,
    docs,
    events,
    gantt,
    health,
    imports,
    incident_commands,
    incident_orders,
    incidents,
    keys,
    launches,
    links,
    maintenance,
    matrix,
    orders,
    pages,
    plans,
    project_reports,
    projects,
    rehearsal_packs,
    rehearsals,
    rotas,
    sla,
    vendors,
)
from api.channels import WaysOut
from api.dependencies import AlertDesk
from api.headers import SafeHeaders
from api.intake import BodyLimit
from api.openapi import PROBLEMS, TAGS, describe
from api.pace import Pace
from api.problems import answer_problems
from api.relay import AlertRelay
from api.tail import JournalTail
from connectors import house_mail
from connectors.door import Door
from connectors.links import links as links_of
from db.engine import open_database
from settings import Settings
from workflows.client import Temporal, connect


def create_app(settings: Settings | None = None) -> FastAPI:
    used = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = open_database(used.database_url)
        app.state.temporal = Temporal(await connect(lazy=True), used.task_queue)
        app.state.links = links_of(used)
        app.state.tail = JournalTail(app.state.database)
        app.state.ways_out = WaysOut(mail=house_mail.channel(used), door=Door(used.allow_private_hosts))
        app.state.alarm = AlertDesk(AlertRelay(app.state.database, app.state.temporal), Pace(used.alert_rate))
        app.state.alarm.relay.start()
        yield
        await app.state.alarm.relay.close()
        await app.state.tail.close()
        await app.state.database.close()

    app = FastAPI(
        title="imacflow",
        version=version("imacflow"),
        summary="IT service work: orders (install, move, add, change, remove, dispose, break/fix) and incidents.",
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    v1 = APIRouter(prefix="/api/v1", responses=PROBLEMS)
    cases = (orders, commands, incidents, incident_commands, incident_orders, pages, launches)
    agreed = (contracts, contract_checks, matrix, sla, rotas, vendors, directories)
    moves = (projects, plans, rehearsal_packs, rehearsals, gantt, project_reports)
    registers = (assets, imports, customers, channels, keys)
    monitoring = (alerts, alert_rules, maintenance)
    for noun in (*cases, *agreed, *monitoring, *moves, *registers, events):
        v1.include_router(noun.router)
    for router in (v1, links.router, health.router, docs.router):
        app.include_router(router)
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders)
    answer_problems(app)
    describe(app)
    return app
