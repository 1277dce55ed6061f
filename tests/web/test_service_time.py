"""Service time is counted in hours: a day of it is shorter than one of the calendar, and no page may mix them up."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.people import Language
from domain.times import ZERO
from tests.api.house import write_incident
from tests.web.test_orders import written
from tests.web.visitors import Site
from tests.world import incident, trouble
from web.moments import hours
from web.words import say


@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_promise_of_45_hours_of_service_is_not_called_a_day_and_21_hours(
    site: Site, language: Language
) -> None:
    made, browser = await written(site), await site.signed_in()
    await browser.post("/me/look", data={"language": language})

    page = (await browser.get(f"/orders/{made.no}")).text

    assert say("of_service_time", language, length="45 h") in page
    assert not any(days in page for days in ("1 d 21 h", "1 T 21 h"))


async def test_what_is_left_of_a_promise_is_said_in_hours_of_service(site: Site) -> None:
    now = datetime.now(UTC)
    made = incident(trouble(title="Printer is on fire"), now)
    await write_incident(site.house.database, made)
    browser = await site.signed_in()

    page = (await browser.get(f"/incidents/{made.no}")).text

    assert "of service time left" in page


@pytest.mark.parametrize(
    ("length", "said"),
    [
        pytest.param(timedelta(hours=24), "24 h", id="no day"),
        pytest.param(timedelta(minutes=90), "1:30 h", id="with minutes"),
        pytest.param(-timedelta(minutes=90), "−1:30 h", id="less than nothing"),
        pytest.param(-timedelta(seconds=30), "0 h", id="no minute less than nothing"),
        pytest.param(ZERO, "0 h", id="nothing"),
    ],
)
def test_service_time_is_written_in_hours(length: timedelta, said: str) -> None:
    assert hours(length) == said
