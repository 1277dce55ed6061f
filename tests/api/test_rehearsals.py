"""What a rehearsal has found is kept beside its plan, and shown where the plan is drawn."""

from http import HTTPStatus
from typing import Any

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_plans import MONDAY, PLANS, REQUEST, codes
from tests.api.test_projects import PROJECT, RIGHT, bring, desk_of

END = f"{MONDAY}T08:00:00Z"
FOUND: dict[str, Any] = {
    "project": "floors",
    "plan": 1,
    "runs": 20,
    "seed": 7,
    "finished": 20,
    "planned_end": END,
    "p50": END,
    "p90": f"{MONDAY}T09:30:00Z",
    "waves": [{"wave": "w1", "planned_end": END, "p50": END, "p90": f"{MONDAY}T09:30:00Z", "ended": 20}],
    **{name: [] for name in ("missed", "loads", "paths", "rows")},
    **dict.fromkeys(("exceptions_p90", "messages_p50", "minutes_p50", "minutes_p90"), 3),
    **dict.fromkeys(("amount_p50", "amount_p90"), "96.00"),
}


async def test_the_newest_rehearsal_of_a_plan_is_kept_and_drawn(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT)
    await desk.post(PLANS, json=REQUEST)
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")
    stranger = await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")

    none = await desk.get(f"{PLANS}/1/rehearsal")
    kept = [await desk.put(f"{PLANS}/1/rehearsal", json=FOUND | {"runs": runs}) for runs in (10, 20)]
    read = await technician.get(f"{PLANS}/1/rehearsal")
    drawn = body(await technician.get(f"{PROJECT}/gantt"))
    strange = [await stranger.get(f"{PLANS}/1/rehearsal"), await stranger.put(f"{PLANS}/1/rehearsal", json=FOUND)]

    assert codes(none) == ["rehearsal_unknown"]
    assert [answer.status_code for answer in kept] == [HTTPStatus.OK] * 2
    assert body(read)["runs"] == 20
    assert (drawn["plan"], drawn["waves"][0]["rehearsed"]["p90"]) == (1, f"{MONDAY}T09:30:00Z")
    assert (drawn["waves"][0]["gate"], drawn["loads"][0]["minutes"]) == (None, 60)
    assert [answer.status_code for answer in strange] == [HTTPStatus.NOT_FOUND] * 2


async def test_what_does_not_belong_to_the_plan_is_refused(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT)
    early = await desk.get(f"{PROJECT}/gantt")
    await desk.post(PLANS, json=REQUEST)
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")

    other = await desk.put(f"{PLANS}/1/rehearsal", json=FOUND | {"project": "else", "plan": 2})
    unknown = await desk.put(f"{PLANS}/2/rehearsal", json=FOUND | {"plan": 2})
    not_theirs = await technician.put(f"{PLANS}/1/rehearsal", json=FOUND)
    report = await desk.get(f"{PROJECT}/report")

    assert codes(early) == ["no_plan"]
    assert [(error["code"], error["at"]) for error in body(other)["errors"]] == [
        ("id_differs", "/project"),
        ("id_differs", "/plan"),
    ]
    assert (codes(unknown), not_theirs.status_code) == (["plan_unknown"], HTTPStatus.FORBIDDEN)
    assert (report.status_code, codes(report)) == (HTTPStatus.NOT_FOUND, ["launch_unknown"])
