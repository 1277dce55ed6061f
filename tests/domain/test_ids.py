"""Order numbers and workflow ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import (
    case_no_of,
    incident_workflow_id,
    order_no,
    order_no_of,
    order_workflow_id,
    page_workflow_id,
    project_of,
    project_workflow_id,
    wave_of,
    wave_workflow_id,
)


@given(st.text())
def test_the_same_seed_gives_the_same_number_and_nothing_of_the_seed_shows(seed: str) -> None:
    assert order_no(seed) == order_no(seed)
    assert re.fullmatch(r"O-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", order_no(seed))


def test_numbers_differ_by_seed_and_without_one() -> None:
    assert len({order_no(str(seed)) for seed in range(2000)}) == 2000
    assert order_no() != order_no()


def test_a_workflow_id_leads_back_to_its_order() -> None:
    assert order_no_of(order_workflow_id("O-ABCDE-12345")) == "O-ABCDE-12345"


@pytest.mark.parametrize("other", ["incident/I-1", "order/", "O-1"])
def test_other_ids_are_no_orders(other: str) -> None:
    with pytest.raises(ValueError, match=re.escape(other)):
        order_no_of(other)


def test_a_workflow_id_leads_back_to_its_project_and_wave() -> None:
    assert project_of(project_workflow_id("adler-2027")) == "adler-2027"
    assert wave_of(wave_workflow_id("adler-2027", "w.1-north")) == ("adler-2027", "w.1-north")


@pytest.mark.parametrize("other", ["order/O-1", "project/", "project/P/wave/W", "P"])
def test_other_ids_are_no_projects(other: str) -> None:
    with pytest.raises(ValueError, match=re.escape(other)):
        project_of(other)


@pytest.mark.parametrize("other", ["project/P", "project/P/wave/", "/wave/W", "W"])
def test_other_ids_are_no_waves(other: str) -> None:
    with pytest.raises(ValueError, match=re.escape(other)):
        wave_of(other)


@pytest.mark.parametrize(
    ("workflow_id", "kind", "no"),
    [
        (order_workflow_id("O-1"), "order", "O-1"),
        (page_workflow_id(incident_workflow_id("I-1"), 2), "page", "I-1/page/2"),
        (project_workflow_id("P"), "project", "P"),
        (wave_workflow_id("P", "W"), "wave", "P/wave/W"),
    ],
)
def test_a_case_is_known_by_its_workflow_id(workflow_id: str, kind: str, no: str) -> None:
    assert case_no_of(workflow_id) == (kind, no)
