"""What cannot be measured is refused: every problem, with its place."""

import pytest
from pydantic import ValidationError

from domain.levels.simulations import LevelCase, simulate
from domain.refusals import Unacceptable
from tests.domain.levels.documents import Document, document, maintained, outage


def refused(said: Document) -> set[tuple[str, str]]:
    with pytest.raises(Unacceptable) as caught:
        simulate(LevelCase.model_validate(said))
    return {(problem.code, problem.at) for problem in caught.value.problems}


def test_all_that_contradicts_itself_is_named_at_once() -> None:
    said = document(
        window={"zone": "Europe/Berlin", "weekly": {"mon": [["08:00", "08:00"]]}},
        outages=[outage("10 10:00", "10 10:00"), outage("10 10:00", "10 11:00", "web")],
        maintenance=[maintained("10 10:00", "09 10:00", None)],
        exclusions=[maintained("10 10:00", "10 11:00", None, of="web")],
        service={"since": "2026-09-02T00:00Z", "until": "2026-09-01T00:00Z"},
        now="2026-09-01T00:00Z",
    )

    assert refused(said) == {
        ("window_without_end", "/window/weekly/mon/0"),
        ("ends_before_begin", "/outages/0/until"),
        ("not_needed", "/outages/1/of"),
        ("ends_before_begin", "/maintenance/0/until"),
        ("not_needed", "/exclusions/0/of"),
        ("outage_to_come", "/outages/0/from"),
        ("outage_to_come", "/outages/1/from"),
        ("ends_before_begin", "/service/until"),
    }


def test_needs_have_an_end() -> None:
    needs: object = "s"
    for _ in range(11):
        needs = {"all": [needs]}

    assert refused(document(needs=needs)) == {("need_too_deep", "/needs")}


def test_needs_are_not_without_number() -> None:
    fifty = {"all": [f"h{number}" for number in range(50)]}

    assert refused(document(needs={"all": [fifty] * 5})) == {("too_long", "/needs")}


WRONG: dict[str, list[object]] = {
    "target": ["0", "-1", "100.000001", "NaN", "1e3", None, "99.12345678"],
    "needs": [
        "",
        {},
        {"all": []},
        {"at_least": 3, "of": ["a", "b"]},
        {"at_least": 0, "of": ["a"]},
        {"all": ["a"], "any": ["b"]},
        7,
        None,
    ],
    "period": [
        {"zone": "Europe/Berlin"},
        {"zone": "Europe/Berlin", "month": "2026-13"},
        {"zone": "Europe/Berlin", "month": "2026-09", "year": "2026"},
        {"zone": "Mars/Olympus", "month": "2026-09"},
        {"zone": "UTC", "year": "0000"},
        {"zone": "UTC", "year": "9999"},
        {"zone": "UTC", "quarter": "2026-Q5"},
    ],
    "window": [{"zone": "UTC"}, {"zone": "UTC", "always": True, "weekly": {"mon": [["08:00", "17:00"]]}}],
    "outages": [
        [outage("10 10:00", "10 11:00", factor="0")],
        [outage("10 10:00", "10 11:00", factor="1.5")],
        [{"of": "s", "from": "2026-09-10T10:00"}],
        [{"of": "s", "from": 7}],
        "s",
    ],
    "maintenance_is": ["gone"],
    "notice_minutes": [-1, 10**9],
    "nonsense": [1],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_field_that_says_nothing_possible_is_named(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        LevelCase.model_validate(document(**{field: value}))

    assert {error["loc"][0] for error in caught.value.errors()} == {field}
