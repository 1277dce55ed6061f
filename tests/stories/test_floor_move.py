"""A floor moves by the workbook that its coordinator keeps: from the file as it is to the end of the project."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from db.assets.asset import store_asset
from domain.cases.move_commands import Go
from domain.moves.launched.project_progress import ProjectState
from domain.moves.lists.staging import StagedRow
from domain.people import Role
from settings import Settings
from tests.api.conftest import free_port
from tests.api.house import House, body, opened
from tests.stories.move_stage import PROJECT, MoveDesk
from tests.stories.stage import MONDAY, Stage
from tests.workbooks import Shown, lines, saved, workbook
from tests.world import APPROVER

URL = f"/api/v1/projects/{PROJECT.id}"
HEADINGS = (
    "Nr.;Name, Vorname;Notebook;Monitor;von Etage;von Raum;von Platz;nach Gebäude;nach Etage;nach Raum;nach Platz;Welle"
)
STRUCK = "3;3, Person;PC-0003;;2. OG;2.20;AP 3;B;1. OG;1.03;1;1"
ROWS_OF_A_SHEET = 100_000


def floor_plan() -> bytes:
    """Two floors on two sheets, with a cover, merged titles, departments, colours, a struck row and totals."""
    struck = [Shown(text, struck=True) for text in STRUCK.split(";")]
    book = workbook(
        Deckblatt=lines("Umzug Haus B", "Ansprechpartner: Frau Brandt"),
        Etage2=[
            *lines("Umzugsliste 2. Obergeschoss", "Stand: 18.02.2027", "", HEADINGS, "Einkauf"),
            *lines("1;1, Person;pc-0001;MO-0001;2. OG;R 2.20;AP 1;Haus B;1. OG;R 1.01;AP 1;1"),
            *lines("2;2, Person;PC-0002;;2. OG;2.20;AP 2;bleibt", "Vertrieb"),
            struck,
            *lines("Summe;3"),
        ],
        Etage3=lines("Nachzügler", HEADINGS, "4;Person 4;PC-0004;;OG2;2.20;04;b;01;1.04;Platz 1;1"),
    )
    sheet = book["Etage2"]
    sheet.merge_cells("A1:L1")
    sheet.merge_cells("A5:L5")
    return saved(book)


async def furnish(desk: MoveDesk) -> None:
    await desk.furnish(4)
    monitor = (await desk.asset(1)).but(tag="MO-0001", serial=None, model="P2723DE")
    async with desk.stage.database.writing() as session:
        await store_asset(session, monitor, before=None, under="moves", source="example", at=await desk.now())


async def prepared(house: House, desk: MoveDesk) -> None:
    """As the coordinator types it: import, issues, accept, plan; and a second person approves."""
    coordinator = await house.coordinator()
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    brought = body(await coordinator.post(f"{URL}/lists", files={"file": ("Etagenumzug.xlsx", floor_plan())}))
    said = body(await coordinator.get(f"{URL}/issues"))
    rows = {row["row"]: row for row in body(await coordinator.get(f"{URL}/rows"))["items"]}

    assert (brought["rows"], brought["ready"], brought["with_issues"], brought["staying"]) == (4, 2, 0, 1), said
    assert [one["text"] for one in brought["left_out"]] == ["Einkauf", "Vertrieb"]
    assert brought["unread_sheets"] == ["Deckblatt"]
    late = 2 * ROWS_OF_A_SHEET + 3
    states = {row: found["state"] for row, found in rows.items()}
    assert states == {6: "ready", 7: "stays", 9: "conflict", late: "ready"}
    assert (rows[6]["move"]["assets"], rows[late]["move"]["target"]["desk"]) == (["PC-0001", "MO-0001"], "Platz 1")

    accepted = await coordinator.post(f"{URL}/conflicts/9", json={"reason": "gestrichen: zieht nicht um"})
    first = (MONDAY + timedelta(days=1)).date().isoformat()
    asked = {"cut_by": "column", "gates": {"w1": {"by": "p-huber"}}, "window": {"first": first}, "minutes": 30}
    planned = await coordinator.post(f"{URL}/plans", json=asked | {"technicians": [{"id": "p-lang"}]})
    approved = await approver.post(f"{URL}/plans/1/approval", json={})

    assert (accepted.status_code, body(accepted)["state"]) == (HTTPStatus.OK, "stays")
    assert (planned.status_code, approved.status_code) == (HTTPStatus.CREATED, HTTPStatus.OK), planned.text
    assert (body(planned)["planned"], body(planned)["plan"]["left_over"], body(planned)["not_planned"]) == (2, [], [])
    for row in map(StagedRow.model_validate, rows.values()):
        if row.move is not None:
            desk.people[row.key] = int(row.move.assets[0].removeprefix("PC-"))


async def test_a_floor_moves_by_the_workbook_its_coordinator_keeps(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"localhost:{free_port()}")
    settings = Settings(data_dir=tmp_path, database_url=stage.database.url, task_queue="nobody")
    desk = MoveDesk(stage)
    await furnish(desk)
    async with opened(settings, stage.database) as house:
        await prepared(house, desk)

    await desk.launch(await desk.newest_plan())
    await desk.say(APPROVER, Go(wave="w1"))
    await desk.later(days=1, hours=2)
    await desk.work(1)
    await desk.work(4)

    assert (await desk.comes_to(ProjectState.DONE)).open_points == 0
    places = [str((await desk.asset(who)).place) for who in (1, 2, 3, 4)]
    assert places == [
        "adler-hq / B / 1. OG / R 1.01 / AP 1",
        "adler-hq / A / 2 / 2.20 / 2",
        "adler-hq / A / 2 / 2.20 / 3",
        "adler-hq / B / 1. OG / 1.04 / Platz 1",
    ]
