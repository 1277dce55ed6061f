"""A plan at the terminal: its waves, a Gantt picture of who works when, and why something is left over."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict
from rich.console import RenderableType
from rich.text import Text

from cli.moments import hours
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from domain.moves.plans.charts import critical_path
from domain.moves.plans.plan import Assignment, LeftOver
from domain.moves.plans.versions import ProjectPlan
from domain.moves.plans.waves import Wave
from domain.people import Language
from domain.times import zone

MOST_LINES = 60
MOST_ROWS = 12
WEEKDAYS = {"de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")}
# One sign stands for so much of a day.
SIGN = timedelta(minutes=20)


class WordedExplanation(BaseModel):
    """As the API words it."""

    model_config = ConfigDict(extra="ignore")

    message: str
    row: int | None = None


class AnsweredPlan(ProjectPlan):
    explanations: tuple[WordedExplanation, ...] = ()


def picture(plan: AnsweredPlan, language: Language) -> RenderableType:
    of_rows = phrase("of_rows", language, rows=plan.rows)
    title = f"{plan.project}, {heading('version', language)} {plan.version}: {plan.planned} {of_rows}"
    parts = [Text(title, "bold"), waves_table(plan, language), days_table(plan, language)]
    return stacked(*parts, explanations_table(plan, language)) if plan.explanations else stacked(*parts)


def waves_table(plan: ProjectPlan, language: Language) -> RenderableType:
    entries, left, critical = _by_wave(plan), _left_by_wave(plan), critical_path(plan.basis, plan.plan)
    made = table(language, "wave", "takes", "window", "after", ">workplaces", ">technicians", ">hours", ">left_over")
    for wave in plan.basis.waves:
        mine = entries[wave.id]
        name = Text(wave.id, "bold" if wave.id in critical else "")
        worked = hours(sum((entry.end - entry.start for entry in mine), timedelta()))
        counts = (len({entry.workplace for entry in mine}), len({entry.technician for entry in mine}), worked)
        none = Text(f"{len(left[wave.id])}", "red" if left[wave.id] else "")
        window = _window(wave, plan, language)
        filled(made, [(name, _takes(wave), window, ", ".join(wave.after), *counts, none)])
    return made


def _takes(wave: Wave) -> str:
    return " / ".join(part for part in (wave.group, wave.site, wave.floor) if part)


def _window(wave: Wave, plan: ProjectPlan, language: Language) -> str:
    start, end = (at.astimezone(zone(_zone(plan))) for at in (wave.start, wave.end))
    last = "" if end.date() == start.date() else f"{_day(end.date(), language)} "
    return f"{_day(start.date(), language)} {start:%H:%M} – {last}{end:%H:%M}"


def _day(day: date, language: Language) -> str:
    return f"{WEEKDAYS[language][day.weekday()]} {day.isoformat()}"


def _zone(plan: ProjectPlan) -> str:
    return plan.basis.sites[0].access.zone


def days_table(plan: ProjectPlan, language: Language) -> RenderableType:
    """One line for each wave, day and technician; every other workplace in another colour."""
    days = _by_day(plan)
    if not days:
        return Text()
    clock = [at.astimezone(zone(_zone(plan))) for entry in plan.plan.assignments for at in (entry.start, entry.end)]
    first, last = min(at.hour for at in clock), 1 + max(at.hour for at in clock)
    made = table(language, "wave", "date", "technician", ">workplaces", ">hours")
    made.add_column(Text(_scale(first, last)))
    for (wave, day, technician), entries in list(days.items())[:MOST_LINES]:
        worked = hours(sum((entry.end - entry.start for entry in entries), timedelta()))
        start = datetime.combine(day, time(first), zone(_zone(plan)))
        bar = _bar(entries, start, int(timedelta(hours=last - first) / SIGN))
        filled(made, [(wave, _day(day, language), technician, len(entries), worked, bar)])
    if len(days) > MOST_LINES:
        return stacked(made, Text(f"… {len(days) - MOST_LINES} {heading('more_lines', language)}", "dim"))
    return made


def _scale(first: int, last: int) -> str:
    width = int(timedelta(hours=1) / SIGN)
    return "".join(f"{hour:<{width}}" for hour in range(first, last))


def _bar(entries: Sequence[Assignment], start: datetime, width: int) -> Text:
    signs = [("·", "dim")] * width
    for number, entry in enumerate(entries):
        # A minute inside decides: a workplace that ends with a sign leaves the next one to others.
        begin, end = (max(0, int((at - start) / SIGN)) for at in (entry.start, entry.end - timedelta(minutes=1)))
        colour = ("cyan", "blue")[number % 2]
        signs[begin : end + 1] = [("█", colour)] * (min(end + 1, width) - begin)
    return Text.assemble(*signs)


def _by_wave(plan: ProjectPlan) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = defaultdict(list)
    for entry in plan.plan.assignments:
        found[entry.wave].append(entry)
    return found


def _by_day(plan: ProjectPlan) -> dict[tuple[str, date, str], list[Assignment]]:
    found: dict[tuple[str, date, str], list[Assignment]] = defaultdict(list)
    order = {wave.id: place for place, wave in enumerate(plan.basis.waves)}
    for entry in plan.plan.assignments:
        day = entry.start.astimezone(zone(_zone(plan))).date()
        found[entry.wave, day, entry.technician].append(entry)
    return dict(sorted(found.items(), key=lambda item: (order[item[0][0]], *item[0][1:])))


def _left_by_wave(plan: ProjectPlan) -> dict[str, list[LeftOver]]:
    """Under the wave that a workplace is bound to or, where it is bound to none, the first that could take it."""
    bound = {row.key: row.wave for row in plan.basis.workplaces}
    found: dict[str, list[LeftOver]] = defaultdict(list)
    for left in plan.plan.left_over:
        found[bound[left.workplace] or left.why[0].values.get("wave", "")].append(left)
    return found


def explanations_table(plan: AnsweredPlan, language: Language) -> RenderableType:
    """Rows with the same explanation together."""
    rows: dict[str, list[int]] = defaultdict(list)
    for one in plan.explanations:
        rows[one.message] += [one.row] if one.row is not None else []
    made = table(language, "rows", "problem", title="not_in_the_plan")
    return filled(made, ((", ".join(_some(mine)), message) for message, mine in rows.items()))


def _some(rows: list[int]) -> Iterator[str]:
    yield from map(str, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield f"… (+{len(rows) - MOST_ROWS})"
