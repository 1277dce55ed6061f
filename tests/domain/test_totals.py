"""Tables over closed sets are total: whoever adds a member hears of every table that lacks it."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import StrEnum

import pytest

import activities
import api
import cli
import connectors
import db
import documents
import domain
import rehearsal
import workflows
from api.examples import ORDERS
from domain.kinds import OrderKind
from domain.moves.launched.events import WAVE_TELLS

ROOTS = (activities, api, cli, connectors, db, documents, domain, rehearsal, workflows)
Table = Mapping[StrEnum, object]
# What these tables leave out on purpose, member by member: a new one is on no list. None is over kinds of order.
LEFT_OUT: Mapping[str, set[str]] = {
    # Without a colour of their own.
    "cli.clocks.pictures.COLOURS": {"closed", "holiday"},
    "cli.incidents.sheet.COLOURS": {"minor"},
    "cli.oncall.page.COLOURS": {"stopped"},
    "documents.move_lists._COLOURS": {"ready", "joined", "stays"},
    "documents.project_workbooks._COLOURS": {"waiting", "in_flight", "skipped"},
    # Any other kind of cell can be read.
    "domain.lists._FAULTS": {"text", "number", "empty"},
    # A database that is as it should be is no trouble.
    "api.health._WRONG": {"current"},
    # The demonstration erases for good.
    "cli.demo.case.TOOLS": {"clear"},
    "cli.demo.case.CHECKS": {"clear"},
    # The customer pays less for these alone.
    "domain.costs.reading._BREACHES": {"step", "certificate", "promised", "update", "vendor", "exception"},
    # Only these states of a log hold its clock.
    "domain.incidents.logs.logged.HELD": {"New", "Active", "Awaiting Vendor", "Resolved", "Closed"},
    # From everywhere else an order only goes forward.
    "domain.kinds._BACK": {"requested", "approved", "on_hold", "completed", "rejected", "cancelled", "failed"},
}


def _tables() -> Iterator[tuple[str, type[StrEnum], Table]]:
    """Every mapping at the top of a module whose keys are members of one closed set, where it is defined."""
    seen: set[int] = set()
    for root in ROOTS:
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            for name, value in vars(importlib.import_module(found.name)).items():
                keys = [*value] if isinstance(value, Mapping) else []
                kinds = {type(key) for key in keys if isinstance(key, StrEnum)}
                if len(kinds) == 1 and {*map(type, keys)} == kinds and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{found.name}.{name}", kinds.pop(), value


TABLES = {name: (kind, table) for name, kind, table in _tables()}


@pytest.mark.parametrize("name", [name for name, (_, table) in TABLES.items() if table is not WAVE_TELLS])
def test_a_table_has_every_member_of_its_set(name: str) -> None:
    kind, table = TABLES[name]

    assert {str(member) for member in kind if member not in table} == LEFT_OUT.get(name, set())


def test_tables_over_kinds_of_order_are_total_without_exception() -> None:
    over_kinds = {name: table for name, (kind, table) in TABLES.items() if kind is OrderKind}

    assert len(over_kinds) >= 3
    assert all(table.keys() == {*OrderKind} for table in over_kinds.values())
    assert ORDERS.keys() == {*map(str, OrderKind)}
