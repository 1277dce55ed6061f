"""The agreed cases: contracts and facts with the invoices that must come of them, word for word."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.billing.agreement import Simulation
from domain.billing.rating import simulate

CASES = json.loads((Path(__file__).parents[1] / "golden" / "billing-golden.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_an_agreed_case_comes_to_what_it_must(case: Any) -> None:  # noqa: ANN401  # JSON
    came = json.loads(simulate(Simulation.model_validate(case)).model_dump_json(by_alias=True, exclude_defaults=True))

    assert in_any_order(came) == in_any_order(case["expect"])


def in_any_order(rated: Any) -> Any:  # noqa: ANN401  # JSON
    return (
        {
            name: sorted(value, key=json.dumps) if name == "lines" else in_any_order(value)
            for name, value in rated.items()
        }
        if isinstance(rated, dict)
        else [in_any_order(one) for one in rated]
        if isinstance(rated, list)
        else rated
    )
