"""What a later plan of a project has changed: workplaces that came, went, or have another wave or time."""

from collections import defaultdict

from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import ProjectPlan
from domain.times import Instant
from domain.values import Slug, Value


class PlannedRow(Value):
    """`row` is where it stands in the list, for what was withdrawn in the list before."""

    workplace: Slug
    row: int


class Slot(Value):
    wave: Slug
    start: Instant
    technician: Slug


class MovedRow(PlannedRow):
    """`before` and `after` are when its work begins; with them it is another technician who comes, too."""

    before: Slot
    after: Slot


class PlanChanges(Value):
    since: int
    version: int
    added: tuple[PlannedRow, ...] = ()
    withdrawn: tuple[PlannedRow, ...] = ()
    moved: tuple[MovedRow, ...] = ()
    unchanged: tuple[PlannedRow, ...] = ()


def changes_between(before: ProjectPlan, after: ProjectPlan) -> PlanChanges:
    """What left over has no time, so it counts as withdrawn, and as added once it has one."""
    old, new = _legs(before), _legs(after)
    rows = {row.key: row.row for row in after.basis.workplaces}
    old_rows = {row.key: row.row for row in before.basis.workplaces}
    kept = [key for key in new if key in old]
    return PlanChanges(
        since=before.version,
        version=after.version,
        added=tuple(PlannedRow(workplace=key, row=rows[key]) for key in new if key not in old),
        withdrawn=tuple(PlannedRow(workplace=key, row=old_rows[key]) for key in old if key not in new),
        moved=tuple(
            MovedRow(workplace=key, row=rows[key], before=_slot(old[key][0]), after=_slot(new[key][0]))
            for key in kept
            if old[key] != new[key]
        ),
        unchanged=tuple(PlannedRow(workplace=key, row=rows[key]) for key in kept if old[key] == new[key]),
    )


def _legs(plan: ProjectPlan) -> dict[str, list[Assignment]]:
    legs: dict[str, list[Assignment]] = defaultdict(list)
    for entry in plan.plan.assignments:
        legs[entry.workplace].append(entry)
    return legs


def _slot(entry: Assignment) -> Slot:
    return Slot(wave=entry.wave, start=entry.start, technician=entry.technician)
