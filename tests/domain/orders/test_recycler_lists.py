"""A recycler's list, held against what has left: what is missing, extra or swapped, or why nothing of it is kept."""

import pytest

from connectors.spreadsheets import read_file
from domain.assets.asset import Asset
from domain.cases.lookups import RecyclerListFound
from domain.cases.order_commands import AddEvidence, AddRecyclerList
from domain.cases.recycler_lists import MOST_ROWS, RecyclerList, SwappedItem
from domain.orders.departures import comparisons, departed, leaving_step, missing_now
from domain.orders.order import Order
from domain.orders.papers import papers_of
from domain.orders.recycler_lists import recycler_list
from domain.papers import KeptKind, KeptPaper
from domain.refusals import Unacceptable
from tests.domain.orders.paper import Paper
from tests.domain.orders.test_erasures import of_notebooks
from tests.world import COORDINATOR, RECYCLER, TECHNICIAN

LEFT = (
    Asset(tag="NB-1", customer="adler", serial="SN10", data_bearing=True),
    Asset(tag="NB-2", customer="adler", serial="SN20", data_bearing=True),
    Asset(tag="MO-3", customer="adler", data_bearing=False),
)


def read(*lines: str, left: tuple[Asset, ...] = LEFT) -> RecyclerList:
    return recycler_list(read_file("list.csv", "\n".join(lines).encode()), left)


def refused(*lines: str, left: tuple[Asset, ...] = LEFT) -> list[tuple[str, str]]:
    with pytest.raises(Unacceptable) as why:
        read(*lines, left=left)
    return [(problem.at, problem.code) for problem in why.value.problems]


def test_what_is_on_the_list_was_received_whatever_letters_it_is_in() -> None:
    found = read("Pos;Seriennummer;Gewicht kg", "1;sn20;1,5", "2;SN10;1,4", "3;mo-3;6,2", "Summe;;9,1")

    assert (found.rows, found.received) == (3, ("SN20", "SN10", "MO-3"))
    assert (found.extra, found.swapped) == ((), ())


def test_a_list_may_be_nothing_but_serials() -> None:
    assert read("Seriennummer", "SN10", "SN30") == RecyclerList(rows=2, received=("SN10",), extra=("SN30",))


def test_tags_stand_for_serials_where_a_list_has_none() -> None:
    assert read("Inventarnummer;Modell", "NB-1;T14", "MO-3;B24").received == ("SN10", "MO-3")


def test_labels_that_were_swapped_are_named_and_the_serial_counts() -> None:
    found = read("Inventarnummer;Seriennummer", "NB-1;SN20", "NB-2;SN10")

    assert found.received == ("SN20", "SN10")
    assert found.swapped == (
        SwappedItem(tag="NB-1", serial="SN10", found="SN20"),
        SwappedItem(tag="NB-2", serial="SN20", found="SN10"),
    )


def test_another_device_under_our_label_is_not_ours() -> None:
    found = read("Inventarnummer;Seriennummer", "NB-1;SN10", "NB-2;XX77")

    assert found.received == ("SN10",)
    assert found.swapped == (SwappedItem(tag="NB-2", serial="SN20", found="XX77"),)


def test_all_that_is_wrong_with_a_list_is_said_at_once() -> None:
    assert refused("Inventarnummer;Seriennummer", "NB-1;SN10", ";sn10", ";SN2O", "-;-", f";{'9' * 201}", ";A\tB") == [
        ("/rows/3", "serial_in_two_rows"),
        ("/rows/4", "serial_looks_alike"),
        ("/rows/5", "row_without_serial"),
        ("/rows/6", "cell_too_long"),
        ("/rows/7", "control_characters"),
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        pytest.param(("Gewicht;Datum", "1;2"), "headings_not_found", id="no serials"),
        pytest.param(("Seriennummer",), "list_without_rows", id="no rows"),
        pytest.param(("Seriennummer;s/n", "SN10;SN20"), "column_twice", id="two columns of serials"),
    ],
)
def test_what_is_no_list_of_serials_is_refused(lines: tuple[str, ...], code: str) -> None:
    assert [code for _, code in refused(*lines)] == [code]


def test_thousands_of_serials_are_read_and_no_more() -> None:
    rows = [f"SN-{n}" for n in range(MOST_ROWS)]

    assert len(read("Seriennummer", *rows).extra) == MOST_ROWS
    assert refused("Seriennummer", *rows, "SN10") == [("/file", "list_too_long")]
    assert len(refused("Seriennummer", *rows[: MOST_ROWS // 2], *rows[: MOST_ROWS // 2])) == MOST_ROWS // 2


def of_three() -> Order:
    """Three notebooks, of which the last bears no data."""
    order = of_notebooks(3)
    return order.but(assets=(*order.assets[:2], order.assets[2].but(data_bearing=False)))


def left() -> Paper:
    return Paper(of_three()).until("proof")


def say(paper: Paper, *received: str, digest: str = "a" * 64) -> None:
    found = RecyclerListFound(
        paper=KeptPaper(digest=digest, media_type="text/csv", size=9),
        said=RecyclerList(rows=len(received), received=received),
    )
    paper.say(COORDINATOR, AddRecyclerList(digest=digest), looked_up=found)


def test_what_has_left_is_what_both_sides_have_confirmed() -> None:
    paper = Paper(of_three()).until("handover")
    assert leaving_step(paper.order, paper.progress) is None

    paper = left()

    assert leaving_step(paper.order, paper.progress) == "handover"
    assert [asset.serial for asset in departed(paper.progress, "handover")] == ["SN0", "SN1", "SN2"]


def test_before_anything_has_left_there_is_nothing_to_compare() -> None:
    for step in ("approval", "erasure", "handover"):
        paper = Paper(of_three()).until(step)
        assert paper.codes(COORDINATOR, AddRecyclerList(digest="a" * 64)) == ["no_such_step_open"]


def test_what_may_bear_data_is_looked_for_once() -> None:
    paper = left()

    say(paper, "SN1")
    say(paper, digest="b" * 64)
    say(paper, "SN0", digest="c" * 64)

    first, second = paper.progress.missing
    assert (first.serials, first.data_bearing) == (("SN0", "SN2"), ("SN0",))
    assert (second.serials, second.data_bearing) == (("SN1",), ("SN1",))
    assert first.incident != second.incident
    assert [item.incident for item in comparisons(paper.progress)[1].missing] == [
        first.incident,
        second.incident,
        None,
    ]
    assert missing_now(paper.progress) == {"SN1", "SN2"}
    assert [one.kind for one in papers_of(paper.progress)] == [KeptKind.RECYCLER_LIST] * 3


def test_what_bears_no_data_needs_no_incident() -> None:
    paper = left()

    say(paper, "SN0", "SN1")

    assert [(goods.serials, goods.incident) for goods in paper.progress.missing] == [(("SN2",), None)]


def test_the_same_file_is_one_list() -> None:
    paper = left()
    say(paper, "SN0", "SN1", "SN2")

    assert paper.codes(RECYCLER, AddRecyclerList(digest="a" * 64)) == ["paper_there"]
    assert paper.progress.missing == ()


def test_nothing_is_proven_disposed_of_that_has_not_arrived() -> None:
    paper = left()
    say(paper, "SN1", "SN2")
    proof = AddEvidence(document="disposal_proof", document_no="EN-1", serials=("SN0", "SN1", "SN2"))

    assert paper.codes(TECHNICIAN, proof) == ["missing_at_recycler"]

    say(paper, "SN0", "SN1", "SN2", digest="b" * 64)
    paper.say(TECHNICIAN, proof)
    assert paper.progress.is_chain_done
