"""What is read of a move that has been carried out: its report, its course, and who may see what it cost."""

import io
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import openpyxl
import pytest

from domain.cases.move_commands import Close, Go
from domain.cases.wave_briefs import Gate
from domain.moves.launched.project_progress import ProjectState
from domain.people import Role
from settings import Settings
from tests.api.conftest import free_port
from tests.api.house import House, body, opened
from tests.stories.move_stage import PROJECT, MoveDesk, away, wave
from tests.stories.stage import MONDAY, Stage
from tests.world import APPROVER, COORDINATOR

URL = f"/api/v1/projects/{PROJECT.id}"


async def carried_out(desk: MoveDesk) -> None:
    """Two rows in a gated wave: one moves, the other one fails and is left so."""
    await desk.furnish(2)
    await desk.bring(away(1), away(2))
    await desk.launch(await desk.plan(wave("w1", MONDAY + timedelta(hours=1), gate=Gate(by=APPROVER.person))))
    await desk.say(APPROVER, Go(wave="w1"))
    await desk.work(1)
    await desk.fail(2)


async def read_while_under_way(house: House) -> None:
    coordinator = await house.coordinator()

    interim = body(await coordinator.get(f"{URL}/report"))

    assert (interim["interim"], interim["state"]) == (True, "settling")


async def read_when_it_is_over(house: House) -> None:
    coordinator = await house.coordinator()
    requester = await house.caller(Role.REQUESTER, "p-vogel", "adler")
    technician = await house.caller(Role.TECHNICIAN, "p-lang")
    await house.second_customer()
    stranger = await house.caller(Role.REQUESTER, "p-vogel", "falke")

    read = body(await requester.get(f"{URL}/report"))
    without = body(await technician.get(f"{URL}/report"))
    paper = await requester.get(f"{URL}/report.pdf", params={"lang": "de"})
    again = await requester.get(f"{URL}/report.pdf", params={"lang": "de"})
    book = await technician.get(f"{URL}/report.xlsx", params={"lang": "en"})
    drawn = body(await coordinator.get(f"{URL}/gantt"))
    strange = [await stranger.get(f"{URL}/{what}") for what in ("report", "report.pdf", "report.xlsx", "gantt")]

    rows = read["rows"]
    assert (read["interim"], read["state"], read["total"]["counts"]["ok"]) == (False, "done_with_exceptions", 1)
    assert [(row["state"], row["minutes"], [why["code"] for why in row["why"]]) for row in rows] == [
        ("ok", 40, []),
        ("failed", 0, ["work_failed"]),
    ]
    # Two visits of twenty minutes are charged by the quarter of an hour, and the way there.
    assert [(line["reason"], line["amount"]) for line in read["charges"]] == [
        *(("time", "48.00"), ("time", "48.00"), ("travel", "35.00")),
    ]
    assert (read["total"]["amount"], read["exceptions"][0]["owner"]) == ("131.00", "p-koch")
    assert [(said["wave"], said["what"], read["names"][said["by"]]) for said in read["gates"]] == [
        ("w1", "go", "Max Huber")
    ]
    assert (without["charges"], without["total"]["amount"], without["total"]["minutes"]) == (None, None, 40)
    assert (paper.content, 'filename="report-haus-b-de.pdf"' in paper.headers["Content-Disposition"]) == (
        again.content,
        True,
    )
    assert openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames == ["Summary", "Rows", "Exceptions"]
    assert [(bar["state"], bar["started_at"] is not None) for bar in drawn["waves"][0]["bars"]] == [
        ("ok", True),
        ("failed", True),
    ]
    assert {answer.status_code for answer in strange} == {HTTPStatus.NOT_FOUND}


async def test_a_move_is_reported_while_it_is_under_way_and_when_it_is_over(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"localhost:{free_port()}")
    settings = Settings(data_dir=tmp_path, database_url=stage.database.url, task_queue="nobody")
    desk = MoveDesk(stage)
    await carried_out(desk)
    await desk.comes_to(ProjectState.SETTLING)
    async with opened(settings, stage.database) as house:
        await read_while_under_way(house)
        await desk.say(COORDINATOR, Close(reason="the rest is done by hand"))
        await desk.comes_to(ProjectState.DONE_WITH_EXCEPTIONS)
        await desk.ended()
        await read_when_it_is_over(house)
