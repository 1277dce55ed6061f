"""Order numbers and workflow ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import order_no, order_no_of, order_workflow_id


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
