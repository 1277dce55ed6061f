"""The agreed cases: promises and outages with what must come of them, word for word."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.levels.simulations import LevelCase, simulate

CASES = json.loads((Path(__file__).parents[1] / "golden" / "availability-golden.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_an_agreed_case_comes_to_what_it_must(case: Any) -> None:  # noqa: ANN401  # JSON
    came = json.loads(simulate(LevelCase.model_validate(case)).model_dump_json())

    assert came == case["right"]
