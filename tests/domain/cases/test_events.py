"""What of an incident's journal its customer gets to see."""

import pytest

from domain.cases.events import Event, Happening, is_for_customers
from domain.people import MACHINE
from tests.stories.stage import MONDAY


@pytest.mark.parametrize(
    ("what", "values", "shown"),
    [
        pytest.param("respond", {}, True, id="somebody has answered"),
        pytest.param(Happening.DEADLINE_MISSED, {"clock": "response"}, True, id="a promise to the customer broke"),
        pytest.param(Happening.DEADLINE_MISSED, {"clock": "vendor-1-resolution"}, False, id="a vendor is late"),
        pytest.param(Happening.DEADLINE_MISSED, {"clock": "update"}, False, id="our own interval is over"),
        pytest.param(Happening.PAGE_SENT, {"cause": "reported"}, False, id="somebody is called at night"),
        pytest.param(Happening.VENDOR_ASKED, {"vendor": "Pune"}, False, id="a vendor is asked"),
    ],
)
def test_customers_see_their_incident_and_not_our_house(what: str, values: dict[str, str], *, shown: bool) -> None:
    event = Event(seq=1, at=MONDAY, what=what, actor=MACHINE, values=values)

    assert is_for_customers(event) == shown
