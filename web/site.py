"""The whole house: the API with the pages beside it, in one process at one port."""

from fastapi import FastAPI

from api.app import create_app
from settings import Settings
from web import (
    incidents,
    live,
    me,
    move_desks,
    openid,
    orders,
    projects,
    search,
    sign_in,
    static_files,
    today,
)
from web.audit import cases
from web.contracts import costs, versions
from web.counters import incidents as reporting
from web.counters import orders as placing
from web.floor import day, papers, proofs
from web.live import Lives
from web.oncall import answers, changes, feeds, now
from web.outlines import Outlines
from web.preparing import beginning, page, rescheduling
from web.preparing.rehearsals import Rehearsals
from web.prints import doors, labels, protocols
from web.refusals import show_to_browsers
from web.registers import assets, keys, leaving, overview, people, vendors, waste
from web.rendering import Renders
from web.shared.answers import Answers
from web.shared.registers import NamesKept

NOUNS = (
    static_files,
    # A link could have any name but these.
    openid,
    sign_in,
    me,
    live,
    today,
    search,
    placing,
    # An incident could bear any name but this one.
    reporting,
    # An order, and a stop, could have a command of any name but this one.
    papers,
    proofs,
    protocols,
    orders,
    incidents,
    # An asset could have any tag but this one.
    labels,
    assets,
    overview,
    people,
    leaving,
    vendors,
    waste,
    keys,
    doors,
    # A command of a project or of a wave could bear any name but these.
    beginning,
    page,
    rescheduling,
    projects,
    move_desks,
    answers,
    now,
    # A rota could have a change of any name but this one.
    feeds,
    changes,
    day,
    versions,
    costs,
    cases,
)


def create_site(settings: Settings | None = None) -> FastAPI:
    app = create_app(settings)
    add_pages(app)
    return app


def add_pages(app: FastAPI) -> None:
    app.state.renders = Renders()
    app.state.registers = NamesKept()
    app.state.lives = Lives()
    app.state.outlines = Outlines()
    app.state.answers = Answers()
    app.state.unnoted.hear(app.state.lives.tell)
    app.state.rehearsals = Rehearsals(app.state.unnoted)
    for noun in NOUNS:
        app.include_router(noun.router)
    show_to_browsers(app)
