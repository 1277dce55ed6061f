"""Documents of availability in short: September 2026 in Berlin, round the clock, 99.5 percent."""

from typing import Any

from domain.levels.simulations import LevelAnswer, LevelCase, simulate

Document = dict[str, Any]
OFFICE = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
ALWAYS = {"zone": "Europe/Berlin", "always": True}
FIVE_BY_NINE = {"zone": "Europe/Berlin", "weekly": OFFICE}


def document(**changes: object) -> Document:
    usual: Document = {
        "period": {"month": "2026-09", "zone": "Europe/Berlin"},
        "window": ALWAYS,
        "target": "99.5",
        "needs": "s",
        "now": "2027-12-31T00:00Z",
    }
    return usual | changes


def outage(since: str, until: str | None, of: str = "s", **more: object) -> Document:
    """In September by day and time, UTC: `10 14:00`."""
    return {"of": of, "from": instant(since), "until": until and instant(until), **more}


def maintained(since: str, until: str, announced: str | None, **more: object) -> Document:
    told = {"announced": instant(announced)} if announced else {}
    return {"from": instant(since), "until": instant(until), **told, **more}


def instant(written: str) -> str:
    day, time = written.rsplit(" ", 1)
    return f"{day if '-' in day else f'2026-09-{day}'}T{time}Z"


def answer(**changes: object) -> LevelAnswer:
    return simulate(LevelCase.model_validate(document(**changes)))


def told(found: LevelAnswer) -> dict[str, Any]:
    return found.model_dump(mode="json")
