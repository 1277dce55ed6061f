"""Hours that can be read in two ways are asked about wherever hours are written, and never taken for 24 of them."""

from http import HTTPStatus
from typing import Any

import pytest

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_rotas import by_hours, codes, rota
from tests.api.test_vendors import uc, vendor
from tests.world import CONTRACT, HQ

API = "/api/v1"
SAME = {"zone": "UTC", "weekly": {"mon": [["09:00", "17:00"], ["18:00", "18:00"]], "tue": [["09:00", "17:00"]]}}
SHUT = {"zone": "UTC", "always": True, "closures": [{"date": "2027-01-04", "from": "08:00", "to": "08:00"}]}


def contract(hours: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = CONTRACT.model_dump(mode="json")
    return written | {"calendar": hours}


@pytest.mark.parametrize(
    ("path", "written", "at"),
    [
        pytest.param("contracts/adler-2026", contract(SAME), "/calendar/weekly/mon/1", id="of a contract"),
        pytest.param(
            "sites/adler-hq", HQ.model_dump(mode="json") | {"access": SAME}, "/access/weekly/mon/1", id="of a site"
        ),
        pytest.param("rotas/night", rota(coverage=SHUT), "/coverage/closures/0/to", id="that a rota covers"),
        pytest.param("rotas/night", rota(primary=by_hours(SAME)), "/primary/hours/weekly/mon/1", id="of a rotation"),
        pytest.param(
            "vendors/dakota",
            vendor(contracts=[uc(calendar=SAME)]),
            "/contracts/0/calendar/weekly/mon/1",
            id="of a vendor",
        ),
    ],
)
async def test_hours_from_a_time_to_the_same_time_are_asked_about(
    cut_off: House, path: str, written: dict[str, Any], at: str
) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")

    answer = await admin.put(f"{API}/{path}", json=written, headers={"Accept-Language": "en"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, answer.text
    assert ("window_without_end", at) in codes(answer)
    said = [error["message"] for error in body(answer)["errors"] if error["at"] == at]
    assert said[0].endswith("The whole day is 00:00 to 24:00.")


async def test_a_whole_day_is_written_as_one(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "p-sommer")
    whole = {"zone": "UTC", "weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}

    answer = await admin.put(f"{API}/sites/adler-hq", json=HQ.model_dump(mode="json") | {"access": whole})

    assert answer.status_code == HTTPStatus.OK, answer.text
