"""What is left to chance in a rehearsal."""

from datetime import datetime, timedelta
from random import Random

from domain.moves.rehearsals.rehearsal import Distributions


class Dice:
    """What is drawn hangs on what it is for, not on when: a row has the same luck whatever befalls the others."""

    def __init__(self, seed: int, chances: Distributions) -> None:
        self.chances = chances
        self._seed = seed

    def minutes(self, middle: float, *what: object) -> timedelta:
        """How long something takes that usually takes so long."""
        return self._span(middle * self.chances.pace, self.chances.spread, *what)

    def answer(self, middle: float, *what: object) -> timedelta:
        """How long it takes until somebody answers."""
        return self._span(middle, self.chances.answer_spread, *what)

    def happens(self, chance: float, *what: object) -> bool:
        return self._random(*what).random() < chance

    def outages(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """When the asset register does not answer."""
        random, found, at = self._random("outages"), [], start
        while (at := at + timedelta(days=random.expovariate(1 / self.chances.outage_days))) < end:
            away = self.chances.outage_minutes * random.lognormvariate(0, self.chances.answer_spread)
            found.append((at, at + timedelta(minutes=away)))
        return tuple(found)

    def _span(self, middle: float, spread: float, *what: object) -> timedelta:
        return timedelta(minutes=middle * self._random(*what).lognormvariate(0, spread))

    def _random(self, *what: object) -> Random:
        return Random("/".join(map(str, (self._seed, *what))))
