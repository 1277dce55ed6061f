"""What is wrong with a case stands on its sheet, in the lists and in the stream, for the provider's own people only."""

from datetime import UTC, datetime, timedelta

import pytest

from db.cases.faults import mark
from db.incidents import incident_row
from db.orders import order_row
from domain.cases.faults import CaseFault, FaultKind
from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import House, body, write_incident, write_order
from tests.world import DESK, incident, order, request, trouble

NOW = datetime.now(UTC)
BILLING = CaseFault(kind=FaultKind.UNANSWERED, since=NOW - timedelta(hours=3), about="post_charges", tries=37)


@pytest.fixture
async def faulty(house: House) -> dict[str, str]:
    """Where the cases of one customer are, whose billing does not answer."""
    database = house.database
    placed = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber"), NOW)
    reported = incident(trouble(priority="major"), NOW)
    await write_order(database, placed)
    await write_incident(database, reported)
    async with database.writing() as session:
        for row in (await order_row(session, placed.no), await incident_row(session, reported.no)):
            assert row is not None
            await mark(session, row, [BILLING], NOW)
    return {f"/api/v1/orders/{placed.no}": "/api/v1/orders", f"/api/v1/incidents/{reported.no}": "/api/v1/incidents"}


async def test_sheets_and_lists_say_what_is_wrong_but_not_to_customers(house: House, faulty: dict[str, str]) -> None:
    ours = await house.caller(Role.COORDINATOR, "p-koch")
    theirs = await house.caller(Role.APPROVER, "p-vogel", "adler")
    for sheet, listed in faulty.items():
        known = [body(await ours.get(sheet)), *body(await ours.get(listed))["items"]]
        shown = [body(await theirs.get(sheet)), *body(await theirs.get(listed))["items"]]

        assert [[fault["about"] for fault in one["faults"]] for one in known] == [["post_charges"]] * 2
        assert [one["faults"] for one in shown] == [[]] * 2


async def test_faulty_cases_are_listed_for_whom_they_concern(house: House, faulty: dict[str, str]) -> None:
    await house.second_customer()
    ours = await house.caller(Role.SDM, "p-sommer")
    elsewhere = await house.caller(Role.SDM, "p-sommer", "falke")
    customer = await house.caller(Role.APPROVER, "p-vogel", "adler")

    listed, none, refused = [await caller.get("/api/v1/checks") for caller in (ours, elsewhere, customer)]

    assert len(body(listed)["faulty"]) == len(faulty)
    assert body(none)["faulty"] == []
    assert refused.status_code == 403


async def test_checking_needs_temporal_and_says_so(cut_off: House) -> None:
    answer = await (await cut_off.caller(Role.SDM, "p-sommer")).post("/api/v1/checks", json={})

    assert (answer.status_code, body(answer)["type"]) == (503, "urn:imacflow:problem:temporal_away")
