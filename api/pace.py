"""How fast each caller may send: a bucket of tokens per key, filled as time goes by."""

from datetime import datetime
from typing import NamedTuple


class _Bucket(NamedTuple):
    tokens: float
    at: datetime


class Pace:
    """Of one API process; several processes let that many times as much in."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._buckets: dict[str, _Bucket] = {}

    def wait(self, caller: str, at: datetime) -> float:
        """Take a token; how many seconds to wait before the next, 0 for none. Who does not wait waits longer."""
        bucket = self._buckets.get(caller) or _Bucket(self._per_second, at)
        filled = bucket.tokens + max((at - bucket.at).total_seconds(), 0.0) * self._per_second
        # In debt for ten seconds at the most: a caller who has stopped is forgiven soon.
        left = max(min(filled, self._per_second) - 1, -10 * self._per_second)
        self._buckets[caller] = _Bucket(left, max(at, bucket.at))
        return max(-left / self._per_second, 0.0)
