"""Rows beside each other: those that contradict each other, say the same twice, or belong to one workplace."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from domain.assets.asset import MOST_ASSETS
from domain.lists import DataIssue
from domain.moves.lists.kits import KitMove, Kits, subject
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.rows import MoveList, StatedMove
from domain.moves.project import Project
from domain.names import same_name
from domain.place_names import PARTS, same, spot


class Resolved(NamedTuple):
    """What the rows mean; a row with an issue has no move. `joined` rows belong to another one that takes their kit."""

    moves: Mapping[int, KitMove]
    issues: list[DataIssue]
    joined: Mapping[int, int]


def resolve(
    found: MoveList, project: Project, known: PeopleAndAssets, today: date, begun: Collection[str] = ()
) -> Resolved:
    """The moves of all rows that are right by themselves and beside each other, and everything that is wrong.

    Rows that have `begun` stay as they are: nothing joins them, and they join nothing.
    """
    kits = Kits(found.table, project, known, today)
    moving = [stated for stated in found.rows if stated.stays is None]
    stated = {one.row.number: one for one in moving}
    moves = {number: move for number, one in stated.items() if (move := kits.move(one)) is not None}
    rows = _Neighbours(found, stated, {issue.row for issue in found.issues})
    rows.say_twice()
    rows.say_contradictions(moves)
    joined = rows.join(moves, frozenset(begun))
    right = {number: move for number, move in moves.items() if number not in rows.broken and number not in joined}
    return Resolved(_in_one_spelling(right), [*found.issues, *kits.issues, *rows.issues], joined)


def _in_one_spelling(moves: Mapping[int, KitMove]) -> Mapping[int, KitMove]:
    """A building, floor or room that the list writes in several ways comes into the register in the first of them."""
    written: dict[tuple[str, str, str], str] = {}
    found = {}
    for number, move in moves.items():
        goal = move.target
        if goal is not None:
            said = {part: text for part in PARTS[1:-1] if (text := getattr(goal, part))}
            parts = {part: written.setdefault((goal.site, part, same(part, text)), text) for part, text in said.items()}
            goal = goal.but(**parts)
        found[number] = move.but(target=goal)
    return found


class _Neighbours:
    def __init__(self, found: MoveList, stated: Mapping[int, StatedMove], broken: Collection[int]) -> None:
        self.issues: list[DataIssue] = []
        self.broken = set(broken)
        self._twice: set[int] = set()
        self._found = found
        self._stated = stated

    def say_twice(self) -> None:
        first: dict[str, int] = {}
        for number, stated in self._stated.items():
            before = first.setdefault(stated.key, number)
            if before == number:
                continue
            if _differing(self._stated[before], stated):
                self._contradict(before, number)
            else:
                self._twice.add(number)
                self._say(number, "row_twice", row=self._name(before))

    def say_contradictions(self, moves: Mapping[int, KitMove]) -> None:
        """One thing cannot go two ways: whoever has made the list has to say which of the rows is right."""
        moved: dict[str, list[int]] = defaultdict(list)
        for number, move in moves.items():
            for tag in move.assets if number not in self._twice else ():
                moved[tag].append(number)
        for tag, numbers in moved.items():
            if len({way(moves[number]) for number in numbers}) > 1:
                for number in numbers:
                    other = next(at for at in numbers if way(moves[at]) != way(moves[number]))
                    self._say(number, "asset_in_two_rows", tag=tag, row=self._name(other))

    def join(self, moves: dict[int, KitMove], begun: Collection[str]) -> dict[int, int]:
        """Rows with the same person, source and target become one: the first takes the kits of all."""
        together: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for number, move in moves.items():
            if number not in self.broken and move.holder and self._stated[number].key not in begun:
                together[way(move)].append(number)
        joined: dict[int, int] = {}
        for numbers in together.values():
            alike = {_when(self._stated[number]): number for number in reversed(numbers)}
            for number in numbers if len(alike) > 1 else ():
                other = next((at for at in alike.values() if _differing(self._stated[at], self._stated[number])), None)
                if other is not None:
                    self._say(number, "rows_contradict", row=self._name(other))
            right = [number for number in numbers if number not in self.broken]
            if len(right) > 1:
                joined |= self._joined(right, moves)
        return joined

    def _joined(self, numbers: Sequence[int], moves: dict[int, KitMove]) -> dict[int, int]:
        first, *others = numbers
        tags = tuple(dict.fromkeys(tag for number in numbers for tag in moves[number].assets))
        if len(tags) > MOST_ASSETS:
            self._say(first, "too_many_assets", assets=str(len(tags)), most=str(MOST_ASSETS))
            return {}
        said = {
            field: next((value for number in numbers if (value := getattr(moves[number], field)) is not None), None)
            for field in ("day", "hour", "wave", "person")
        }
        moves[first] = moves[first].but(assets=tags, **said)
        return dict.fromkeys(others, first)

    def _contradict(self, one: int, other: int) -> None:
        self._say(one, "rows_contradict", row=self._name(other))
        self._say(other, "rows_contradict", row=self._name(one))

    def _name(self, number: int) -> str:
        return self._stated[number].row.name

    def _say(self, number: int, code: str, /, **values: str) -> None:
        self.broken.add(number)
        stated = self._stated[number]
        self.issues.append(self._found.table.issue(stated.row, subject(stated), code, **values))


def way(move: KitMove) -> tuple[object, ...]:
    """Who goes from where to where."""
    ends = (spot(place) if place is not None else () for place in (move.source, move.target))
    return move.kind, same_name(move.holder or ""), *ends


def _when(stated: StatedMove) -> tuple[object, ...]:
    return stated.day, stated.hour, stated.wave


def _differing(one: StatedMove, other: StatedMove) -> bool:
    """Whether two rows of one workplace say different things of when it moves."""
    pairs = zip(_when(one), _when(other), strict=True)
    return any(mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs)
