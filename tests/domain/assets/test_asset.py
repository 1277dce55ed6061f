"""The life of an asset."""

import pytest

from domain.assets.asset import LIFE, Asset, AssetChange, AssetStatus
from tests.world import DESK, NEW_DESK

S = AssetStatus


def asset(status: AssetStatus, **fields: object) -> Asset:
    return Asset(tag="NB-1", customer="adler", status=status).but(**fields)


@pytest.mark.parametrize(
    ("status", "goal", "data_bearing", "way"),
    [
        pytest.param(S.IN_STOCK, S.DEPLOYED, True, (S.RESERVED, S.DEPLOYED), id="out of stock by way of reserved"),
        pytest.param(S.DEPLOYED, S.IN_STOCK, True, (S.RETIRED, S.WIPED, S.IN_STOCK), id="back to stock wiped"),
        pytest.param(S.DEPLOYED, S.IN_STOCK, False, (S.RETIRED, S.IN_STOCK), id="without data straight back"),
        pytest.param(S.RETIRED, S.DISPOSED, True, (S.WIPED, S.DISPOSED), id="disposed of wiped"),
        pytest.param(S.RETIRED, S.DISPOSED, False, (S.DISPOSED,), id="without data straight out"),
        pytest.param(S.IN_STOCK, S.DISPOSED, True, (S.RETIRED, S.WIPED, S.DISPOSED), id="from stock wiped as well"),
        pytest.param(S.IN_REPAIR, S.DEPLOYED, True, (S.DEPLOYED,), id="back from repair"),
        pytest.param(S.RESERVED, S.IN_STOCK, True, (S.IN_STOCK,), id="reservation released"),
        pytest.param(S.ORDERED, S.DEPLOYED, True, (S.IN_STOCK, S.RESERVED, S.DEPLOYED), id="from delivery to desk"),
        pytest.param(S.RETIRED, S.WIPED, False, None, id="nothing to wipe"),
        pytest.param(S.DISPOSED, S.IN_STOCK, True, None, id="nothing comes back"),
        pytest.param(S.DEPLOYED, S.DEPLOYED, True, (), id="already there"),
    ],
)
def test_the_way(
    status: AssetStatus, goal: AssetStatus, data_bearing: bool, way: tuple[AssetStatus, ...] | None
) -> None:
    assert asset(status, data_bearing=data_bearing).way_to(goal) == way


@pytest.mark.parametrize("status", AssetStatus)
def test_data_bearing_media_leave_service_only_wiped(status: AssetStatus) -> None:
    way = asset(status).way_to(S.DISPOSED)

    assert way is None or S.WIPED in (status, *way) or status == S.DISPOSED


@pytest.mark.parametrize("status", AssetStatus)
@pytest.mark.parametrize("goal", AssetStatus)
def test_every_step_of_a_way_is_in_the_table_of_life(status: AssetStatus, goal: AssetStatus) -> None:
    way = asset(status).way_to(goal)

    if way:
        assert all(after in LIFE[before] for before, after in zip((status, *way), way, strict=False))


@pytest.mark.parametrize(
    ("status", "change", "code"),
    [
        pytest.param(S.DISPOSED, AssetChange(tag="NB-1", status=S.DEPLOYED), "asset_status_forbids", id="gone is gone"),
        pytest.param(S.DEPLOYED, AssetChange(tag="NB-1", status=S.IN_STOCK), "erasure_missing", id="not proven"),
        pytest.param(S.DEPLOYED, AssetChange(tag="NB-1", status=S.IN_STOCK, erased_by="O-1"), None, id="proven"),
        pytest.param(S.IN_STOCK, AssetChange(tag="NB-1", status=S.RESERVED), None, id="reserved"),
        pytest.param(S.DISPOSED, AssetChange(tag="NB-1", place=DESK), None, id="only its place"),
    ],
)
def test_what_the_register_refuses(status: AssetStatus, change: AssetChange, code: str | None) -> None:
    problem = change.problem_with(asset(status))

    assert (problem.code if problem else None) == code


def test_proof_from_an_earlier_order_counts() -> None:
    change = AssetChange(tag="NB-1", status=S.DISPOSED)

    assert change.problem_with(asset(S.RETIRED, erased_by="O-0")) is None


def test_deploying_ends_reservation_and_proof_of_erasure() -> None:
    reserved = asset(S.RESERVED, reserved_for="O-1", erased_by="O-0")

    deployed = AssetChange(tag="NB-1", status=S.DEPLOYED, place=DESK, holder="Max Huber").applied_to(reserved)

    assert (deployed.reserved_for, deployed.erased_by) == (None, None)
    assert (deployed.place, deployed.holder) == (DESK, "Max Huber")


def test_vacating_clears_place_holder_and_host() -> None:
    part = asset(S.DEPLOYED, place=DESK, holder="Max Huber", part_of="NB-2", reserved_for="O-1")

    back = AssetChange(tag="NB-1", status=S.IN_STOCK, vacate=True, erased_by="O-1").applied_to(part)

    assert (back.place, back.holder, back.part_of, back.reserved_for) == (None, None, None, None)
    assert back.erased_by == "O-1"


def test_what_a_change_does_not_name_stays() -> None:
    before = asset(S.DEPLOYED, place=DESK, holder="Max Huber", model="T14")

    assert AssetChange(tag="NB-1", place=NEW_DESK).applied_to(before) == before.but(place=NEW_DESK)
