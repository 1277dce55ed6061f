"""What keeps a rota from being saved, and where it leaves fewer than two people on call."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from domain.oncall.hours_checks import hours_problems
from domain.oncall.rota import Override, Rota, RotaTurn, shown
from domain.oncall.shifts import Gap, GapReason, Layer
from domain.refusals import Problem
from domain.times import utc
from domain.values import Slug

# Somebody must be on call for so long when a rota is saved.
AHEAD = timedelta(days=14)


def gaps(rota: Rota, start: datetime, end: datetime, reachable: Collection[str]) -> list[Gap]:
    """Where coverage is asked for and there are not two different people who can be reached."""
    since, until = utc(start), utc(end)
    opens = rota.coverage.timetable.between(since, until)
    lines = {layer: [(s.start, s.end, s.person) for s in rota.stretches(layer, since, until)] for layer in Layer}
    edges = {since, until, *opens.starts, *opens.ends}
    edges |= {begin for line in lines.values() for begin, _, _ in line if since < begin < until}
    found: dict[tuple[Layer, GapReason, str | None], list[Gap]] = {}
    for begin, finish in pairwise(sorted(edges)):
        opening = bisect_right(opens.starts, begin) - 1
        if opening < 0 or opens.ends[opening] <= begin:
            continue
        people = {layer: line[bisect_right(line, begin, key=lambda s: s[0]) - 1][2] for layer, line in lines.items()}
        for layer, why in _troubles(people, reachable):
            gap = Gap(start=begin, end=finish, layer=layer, why=why, person=people[layer])
            alike = found.setdefault((layer, why, gap.person), [])
            if alike and alike[-1].end == begin:
                gap = gap.but(start=alike.pop().start)
            alike.append(gap)
    return sorted((gap for alike in found.values() for gap in alike), key=lambda gap: (gap.start, gap.layer))


def _troubles(people: Mapping[Layer, str | None], reachable: Collection[str]) -> Iterator[tuple[Layer, GapReason]]:
    for layer, person in people.items():
        if person is None:
            yield layer, GapReason.NOBODY
        elif person not in reachable:
            yield layer, GapReason.UNREACHABLE
    if people[Layer.PRIMARY] is not None and people[Layer.PRIMARY] == people[Layer.BACKUP]:
        yield Layer.BACKUP, GapReason.SAME_PERSON


def gap_problems(rota: Rota, found: Collection[Gap]) -> list[Problem]:
    return [
        Problem(
            code="rota_gap",
            at=f"/{gap.layer}",
            values={
                "start": shown(gap.start, rota),
                "end": shown(gap.end, rota),
                "layer": gap.layer,
                "person": gap.person or "–",
                "why": gap.why,
            },
        )
        for gap in found
    ]


def problems_of(rota: Rota, now: datetime, known: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a rota as it is written, its gaps aside."""
    return [
        *(problem for at, _, rotation in rota.places() for problem in rotation.problems(at)),
        *hours_problems(rota, now),
        *_override_problems(rota),
        *_swap_problems(rota, now),
        *(
            Problem(code="person_unknown", at=at, values={"person": person})
            for at, person in people_named(rota).items()
            if person not in known
        ),
    ]


def counted_on(rota: Rota, leaves_at: Mapping[Slug, datetime]) -> Iterator[Problem]:
    """Whoever is named for a time after they leave; what comes then of the shifts of those it knows to be leaving
    is settled.
    """
    settled = {one.person for one in rota.leaving}
    for at, person in people_named(rota).items():
        leaves = leaves_at.get(person)
        if leaves is not None and not _is_settled(rota, at, leaves, settled):
            yield Problem(code="person_leaves", at=at, values={"person": person, "from": leaves.isoformat()})


def _is_settled(rota: Rota, at: str, leaves: datetime, settled: Collection[Slug]) -> bool:
    _, part, *place = at.split("/")
    if part == "overrides":
        return rota.overrides[int(place[0])].end <= leaves
    return part != "owner" and people_named(rota)[at] in settled


def people_named(rota: Rota) -> dict[str, Slug]:
    """Everybody the rota names, by where it does."""
    named = {"/owner": rota.owner}
    for at, _, rotation in rota.places():
        named |= {f"{at}/members/{n}": member for n, member in enumerate(rotation.members)}
        if rotation.under_way:
            named[f"{at}/under_way/person"] = rotation.under_way.person
    named |= {f"/leaving/{n}/successor": one.successor for n, one in enumerate(rota.leaving) if one.successor}
    named |= {f"/overrides/{n}/person": override.person for n, override in enumerate(rota.overrides)}
    for n, swap in enumerate(rota.swaps):
        named |= {f"/swaps/{n}/first/person": swap.first.person, f"/swaps/{n}/second/person": swap.second.person}
    return named


def _override_problems(rota: Rota) -> Iterator[Problem]:
    by_start = sorted(enumerate(rota.overrides), key=lambda numbered: numbered[1].start)
    longest: dict[Layer, tuple[int, Override]] = {}
    for n, override in by_start:
        layer = override.layer
        if override.end <= override.start:
            yield Problem(code="period_reversed", at=f"/overrides/{n}/end")
            continue
        other, before = longest.get(layer, (n, override))
        if before is not override and override.start < before.end:
            # Of two that overlap, the one written later is wrong.
            wrong, right = (n, before) if n > other else (other, override)
            values = {"layer": layer, "person": right.person, "start": shown(right.start, rota)}
            yield Problem(code="overrides_overlap", at=f"/overrides/{wrong}", values=values)
        if override.end >= before.end:
            longest[layer] = n, override


def _swap_problems(rota: Rota, now: datetime) -> Iterator[Problem]:
    """Swaps are followed in their order: who swapped a shift away no longer has it."""
    holders: dict[tuple[Layer, int, datetime], str] = {}
    for n, swap in enumerate(rota.swaps):
        first, second = (_shift_key(rota, turn) for turn in (swap.first, swap.second))
        if first == second:
            yield Problem(code="swap_of_one_shift", at=f"/swaps/{n}")
        elif swap.first.person == swap.second.person:
            yield Problem(code="swap_with_oneself", at=f"/swaps/{n}", values={"person": swap.first.person})
        for side, turn, shift in (("first", swap.first, first), ("second", swap.second, second)):
            holder = holders.get(shift, _planned(rota, turn))
            # Of what is over, earlier versions know more than this one.
            if holder != turn.person and rota.shift_of(turn)[1] > now:
                values = {
                    "person": turn.person,
                    "layer": turn.layer,
                    "at": shown(turn.at, rota),
                    "holder": holder or "–",
                }
                yield Problem(code="shift_not_theirs", at=f"/swaps/{n}/{side}/person", values=values)
        holders |= {first: swap.second.person, second: swap.first.person}


def _shift_key(rota: Rota, turn: RotaTurn) -> tuple[Layer, int, datetime]:
    place, (_, start, _) = rota.turn_of(turn)
    return turn.layer, place, start


def _planned(rota: Rota, turn: RotaTurn) -> str | None:
    return rota.turn_of(turn)[1].person
