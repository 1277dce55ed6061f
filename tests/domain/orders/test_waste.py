"""As what goods leave: the proposed code and why, what somebody has declared, and the tonnage of a year."""

from datetime import UTC, datetime

import pytest

from domain.assets.asset import Asset
from domain.assets.waste import Battery, WasteCode, WasteReason, proposed
from domain.cases.order_commands import DeclareWaste, WasteItem
from domain.kinds import OrderKind
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.orders.waste import left_at, waste_of, waste_report
from tests.domain.orders.paper import Paper, placed
from tests.world import TECHNICIAN


@pytest.mark.parametrize(
    ("category", "battery", "code", "reason"),
    [
        ("Notebook", Battery.INSIDE, WasteCode.DEVICE_HAZARDOUS, WasteReason.BATTERY_INSIDE),
        ("Notebook", Battery.TAKEN_OUT, WasteCode.DEVICE, WasteReason.NOTHING_HAZARDOUS),
        ("Dockingstation", Battery.NONE, WasteCode.DEVICE, WasteReason.NOTHING_HAZARDOUS),
        (None, Battery.NONE, WasteCode.DEVICE, WasteReason.NOTHING_HAZARDOUS),
        ("Monitor", Battery.NONE, WasteCode.DEVICE_HAZARDOUS, WasteReason.MERCURY_LAMP),
        ("Bildschirm", Battery.INSIDE, WasteCode.DEVICE_HAZARDOUS, WasteReason.BATTERY_INSIDE),
        ("Akku", Battery.INSIDE, WasteCode.OTHER_BATTERY, WasteReason.OTHER_BATTERY),
        ("USV", Battery.INSIDE, WasteCode.LEAD_BATTERY, WasteReason.LEAD_BATTERY),
        ("Festplatte", Battery.NONE, WasteCode.PART, WasteReason.PART),
    ],
)
def test_a_code_is_proposed_with_its_reason(
    category: str | None, battery: Battery, code: WasteCode, reason: WasteReason
) -> None:
    found = proposed(Asset(tag="X-1", customer="adler", category=category), battery)

    assert (found.code, found.reason) == (code, reason)


def of_three() -> Order:
    """Two notebooks and a monitor."""
    order = placed(OrderKind.DISPOSE)
    (first,) = order.assets
    notebook = first.but(category="Notebook")
    screen = first.but(tag="MO-1", serial=None, category="Monitor", data_bearing=False)
    return order.but(assets=(notebook, notebook.but(tag="NB-901", serial="SN901"), screen))


def item(serial: str, code: WasteCode, grams: int = 1500, battery: Battery = Battery.TAKEN_OUT) -> WasteItem:
    return WasteItem(serial=serial, code=code, grams=grams, battery=battery)


def test_all_that_is_wrong_with_a_declaration_is_said_at_once() -> None:
    paper = Paper(of_three()).until("handover")
    items = (
        item("SN900", WasteCode.DEVICE),
        item("SN900", WasteCode.DEVICE),
        item("SN999", WasteCode.DEVICE),
        item("SN901", WasteCode.DEVICE_HAZARDOUS),
    )

    assert paper.codes(TECHNICIAN, DeclareWaste(items=items)) == [
        "serial_listed_twice",
        "serial_not_listed",
        "waste_code_needs_reason",
    ]


def test_nothing_is_no_declaration() -> None:
    paper = Paper(of_three()).until("handover")

    assert paper.codes(TECHNICIAN, DeclareWaste(items=())) == ["missing"]


def test_another_code_than_the_proposed_one_needs_a_reason() -> None:
    paper = Paper(of_three()).until("handover")

    paper.say(
        TECHNICIAN, DeclareWaste(items=(item("MO-1", WasteCode.DEVICE, 6200, Battery.NONE),), reason="LED, von 2019")
    )

    (line,) = (line for line in waste_of(paper.order, paper.progress) if line.tag == "MO-1")
    assert (line.code, line.hazardous, line.grams, line.reason) == (WasteCode.DEVICE, False, 6200, "LED, von 2019")
    assert line.proposals[Battery.NONE].code == WasteCode.DEVICE_HAZARDOUS


@pytest.mark.parametrize("step", ["approval", "erasure"])
def test_what_does_not_leave_yet_can_be_declared_already(step: str) -> None:
    paper = Paper(of_three()).until(step)

    paper.say(TECHNICIAN, DeclareWaste(items=(item("SN900", WasteCode.DEVICE),)))

    assert left_at(paper.order, paper.progress) is None
    assert [line.code for line in waste_of(paper.order, paper.progress)] == [WasteCode.DEVICE, None, None]


def test_where_nothing_leaves_there_is_no_waste() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("transport")

    assert paper.codes(TECHNICIAN, DeclareWaste(items=(item("SN200", WasteCode.DEVICE),))) == ["nothing_leaves"]


def gone(at: datetime, *declared: WasteItem) -> tuple[Order, Progress]:
    """Handed over at that time."""
    paper = Paper(of_three()).until("handover")
    if declared:
        paper.say(TECHNICIAN, DeclareWaste(items=declared))
    paper.finish()
    steps = tuple(step.but(closed_at=at) if step.id == "handover" else step for step in paper.progress.steps)
    return paper.order, paper.progress.but(steps=steps)


def test_a_year_is_added_up_by_code_in_the_time_of_the_site() -> None:
    # Half an hour before midnight in UTC it is New Year in Augsburg already.
    eve, summer = datetime(2025, 12, 31, 23, 30, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    declared = (
        item("SN900", WasteCode.DEVICE_HAZARDOUS, 1480, Battery.INSIDE),
        item("SN901", WasteCode.DEVICE, 1320),
        item("MO-1", WasteCode.DEVICE_HAZARDOUS, 6205, Battery.NONE),
    )
    cases = [
        gone(eve, *declared),
        gone(summer, item("SN900", WasteCode.DEVICE, 1400)),
        gone(datetime(2027, 1, 1, tzinfo=UTC)),
    ]

    report = waste_report(cases, "adler", 2026)

    # 1480 + 6205, and 1320 + 1400; of the second order two were never declared.
    assert [(one.code, one.hazardous, one.items, one.grams) for one in report.totals] == [
        (WasteCode.DEVICE_HAZARDOUS, True, 2, 7685),
        (WasteCode.DEVICE, False, 2, 2720),
    ]
    assert (report.grams, report.undeclared, len(report.lines)) == (10_405, 2, 6)
    assert len(waste_report(cases, "adler", 2027).lines) == 3
    assert waste_report(cases, "adler", 2025).lines == ()
