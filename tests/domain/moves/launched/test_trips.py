"""What the order for one leg of a workplace asks for, and when there can be none."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.assets.asset import MOST_ASSETS
from domain.cases.order_commands import Book, Window
from domain.kinds import Leg
from domain.moves.launched.trips import Trip, request_for
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import StagedRow
from domain.moves.project import Project
from domain.places import Place
from domain.refusals import Refused
from tests.world import CONTRACT, COORDINATOR, HQ

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
LAB, NEW_LAB = Place(site=HQ.id, room="1.01"), Place(site=HQ.id, room="2.01")
VISIT = Book(window=Window(start=START, end=START + timedelta(hours=2)))
PROJECT = Project(id="haus-b", customer="adler", contract=CONTRACT.id, name="Umzug in Haus B", sites=(HQ.id,))


@pytest.mark.parametrize(("assets", "is_refused"), [(MOST_ASSETS, False), (MOST_ASSETS + 1, True)])
def test_a_room_with_more_things_than_an_order_takes_is_refused_and_not_tried_for_ever(
    assets: int, is_refused: bool
) -> None:
    move = KitMove(assets=tuple(f"PC-{n}" for n in range(assets)), source=LAB, target=NEW_LAB)
    row = StagedRow(row=1, key="lab", said={}, cells=(), move=move)
    trip = Trip(leg=Leg.WHOLE, source=LAB, target=NEW_LAB, visit=VISIT)

    if not is_refused:
        assert len(request_for(PROJECT, row, trip, COORDINATOR.person).assets) == assets
        return
    with pytest.raises(Refused, match="too_many_assets"):
        request_for(PROJECT, row, trip, COORDINATOR.person)
