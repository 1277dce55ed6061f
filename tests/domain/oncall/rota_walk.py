"""Who is on call, walked in half hours along the wall clock: a hand-over has happened once its time was shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.oncall.rota import Rota
from domain.oncall.shifts import Gap, Layer

STEP = timedelta(minutes=30)


@dataclass(frozen=True)
class Walk:
    """Numbers of both layers' shifts at each step, from well before the first hand-over on."""

    rota: Rota
    start: datetime
    steps: int

    def instants(self) -> list[datetime]:
        return [self.start + n * STEP for n in range(self.steps)]

    def numbers(self, layer: Layer) -> list[int]:
        rotation, place = self.rota.rotation(layer), ZoneInfo(self.rota.zone)
        first = datetime.combine(rotation.start, time.min) + timedelta(minutes=rotation.hand_over)
        latest = self.start.replace(year=1999, tzinfo=None)
        numbers = []
        for at in self.instants():
            latest = max(latest, at.astimezone(place).replace(tzinfo=None, fold=0))
            numbers.append((latest - first) // timedelta(days=rotation.days))
        return numbers

    def people(self, layer: Layer) -> list[str | None]:
        members = self.rota.rotation(layer).members
        numbers = self.numbers(layer)
        given: dict[int, str] = {}
        for swap in self.rota.swaps:
            for turn, other in ((swap.first, swap.second), (swap.second, swap.first)):
                if turn.layer == layer:
                    given[numbers[(turn.at - self.start) // STEP]] = other.person
        return [
            self._stand_in(layer, at) or (given.get(number, members[number % len(members)]) if number >= 0 else None)
            for at, number in zip(self.instants(), numbers, strict=True)
        ]

    def _stand_in(self, layer: Layer, at: datetime) -> str | None:
        found = [o.person for o in self.rota.overrides if o.layer == layer and o.start <= at < o.end]
        return found[0] if found else None

    def gaps(self, reachable: set[str]) -> set[tuple[datetime, Layer, str]]:
        return set(self._gaps(reachable))

    def _gaps(self, reachable: set[str]) -> Iterator[tuple[datetime, Layer, str]]:
        lines = zip(self.instants(), self.people(Layer.PRIMARY), self.people(Layer.BACKUP), strict=True)
        for at, primary, backup in lines:
            if not self.rota.coverage.is_open(at):
                continue
            for layer, person in ((Layer.PRIMARY, primary), (Layer.BACKUP, backup)):
                if person is None:
                    yield at, layer, "nobody"
                elif person not in reachable:
                    yield at, layer, "unreachable"
            if primary is not None and primary == backup:
                yield at, Layer.BACKUP, "same_person"


def stepped(gaps: list[Gap]) -> set[tuple[datetime, Layer, str]]:
    return {
        (gap.start + n * STEP, gap.layer, gap.why.value) for gap in gaps for n in range((gap.end - gap.start) // STEP)
    }
