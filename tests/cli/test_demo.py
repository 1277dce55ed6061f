from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from cli.demo.report import Report
from domain.incidents.progress import IncidentState
from domain.incidents.sheets import IncidentSheet
from domain.kinds import OrderKind, OrderState
from domain.people import Role
from domain.priorities import Priority
from tests.cli.conftest import House, Terminal


@pytest.fixture
def report(terminal: Terminal) -> Report:
    """What `imac demo orders` says after it was killed in the middle of its work and started again."""
    said = terminal.type("demo", "orders", "--json")
    assert said.code == 0, said.err
    return Report.model_validate_json(said.out)


def test_a_killed_demonstration_goes_on_and_places_nothing_twice(report: Report) -> None:
    assert report.placed == 0
    assert [order.sheet.kind for order in report.orders] == list(OrderKind)
    assert {order.sheet.state for order in report.orders} == {OrderState.COMPLETED}


def test_whatever_was_said_before_the_kill_has_happened_once(report: Report) -> None:
    for order in report.orders:
        told = [(event.what, event.step, event.command) for event in order.events if event.command is not None]
        assert len(told) == len({f"{one}" for one in told})
        # Work begun before the service hours opened is charged in two parts.
        keys = [(entry.reason, entry.text, entry.factor) for entry in order.charges]
        assert len(keys) == len(set(keys))


def test_everybody_acts_in_their_own_name(report: Report) -> None:
    acting = {event.actor.role for order in report.orders for event in order.events}

    assert acting == {Role.REQUESTER, Role.APPROVER, Role.COORDINATOR, Role.TECHNICIAN, Role.SDM, Role.SYSTEM}


def test_assets_stand_where_the_orders_say(report: Report) -> None:
    moved = {turn.after.tag: turn for order in report.orders for turn in order.moves}

    assert f"{moved['NB-200'].after.place}" == "adler-hq / B / 1 / 1.02 / 7"
    assert statuses(report, "NB-221") == ["deployed", "in_stock"]
    assert statuses(report, "NB-900") == ["retired", "disposed"]


def statuses(report: Report, tag: str) -> Sequence[str]:
    (turn,) = [turn for order in report.orders for turn in order.moves if turn.after.tag == tag]
    assert turn.before is not None
    return [turn.before.status, turn.after.status]


def test_a_second_run_shows_the_same_and_says_that_nothing_was_placed(terminal: Terminal, report: Report) -> None:
    again = terminal.type("demo", "orders")

    assert again.code == 0
    assert "Nothing was placed" in again.out
    assert all(order.sheet.no in again.out for order in report.orders)
    for table in ("Orders", "Events", "Assets", "Charges", "Messages"):
        assert f"\n{table}" in f"\n{again.out}"


@pytest.mark.usefixtures("report")
def test_keys_of_the_people_are_for_their_owner_only(house: House) -> None:
    files = [house.data_dir / "admin.key", *(house.data_dir / "demo-keys").iterdir()]

    assert len(files) > 5
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_incidents_are_solved_wait_are_answered_return_worsen_and_escalate(terminal: Terminal) -> None:
    first, second = [terminal.type("demo", "incidents", "--json") for _ in range(2)]

    assert (first.code, second.code) == (0, 0), first.err + second.err
    shown = TypeAdapter(list[IncidentSheet]).validate_json(first.out)
    again = TypeAdapter(list[IncidentSheet]).validate_json(second.out)
    assert [sheet.no for sheet in again] == [sheet.no for sheet in shown]
    assert [(sheet.state, sheet.missed) for sheet in shown] == [
        (IncidentState.CLOSED, False),
        (IncidentState.ON_HOLD, False),
        (IncidentState.IN_PROGRESS, False),
        (IncidentState.IN_PROGRESS, False),
        (IncidentState.CLASSIFIED, True),
        (IncidentState.RESOLVED, False),
        (IncidentState.CLASSIFIED, False),
        (IncidentState.CLASSIFIED, False),
    ]
    solved, follows, worse = shown[5:]
    assert follows.request.follows == solved.no
    assert (worse.request.priority, worse.priority) == (Priority.MINOR, Priority.CRITICAL)
    assert [page.cause for page in worse.pages] == ["priority_raised"]


def test_what_it_orders_by_its_name_hands_over_its_papers(terminal: Terminal, house: House, report: Report) -> None:
    again = terminal.type("demo", "orders")
    dispose = next(order.sheet.no for order in report.orders if order.sheet.kind == OrderKind.DISPOSE)
    folder = house.data_dir / "demo-papers"
    there = {file.name: file.read_bytes() for file in folder.iterdir()}

    assert f"{folder}" in "".join(again.out.split("\n"))
    assert {name for name in there if name.startswith(dispose)} == {
        f"{dispose}-{paper}-en.pdf" for paper in ("handover-protocol", "erasure-certificate", "disposal-list")
    }
    assert all(content.startswith(b"%PDF-") for content in there.values())


def test_what_it_disposes_of_goes_to_a_certified_vendor(report: Report) -> None:
    (sheet,) = (order.sheet for order in report.orders if order.sheet.kind == OrderKind.DISPOSE)

    assert sheet.item == "scrap"
    (custodian,) = sheet.custodians
    assert (custodian.vendor, custodian.certificate is not None) == ("lindner", True)
