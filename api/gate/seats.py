"""Who of those connected is served: so many altogether, and no more than a part of these from one address."""

from collections import Counter
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Protocol

from domain.door import household

# Whoever takes all they get leaves room for others.
PART_OF_ONE_ADDRESS = 4
# Who comes when there is no seat is told so. When so many wait to be told, one is let go without a word: who comes, if
# from the same address enough do, or else whoever has waited longest.
MOST_STANDING = 100
MOST_STANDING_OF_ONE_ADDRESS = 25


class Guest(Protocol):
    """`home` is nothing for a proxy: it speaks for many, and says itself how much one of them may have."""

    home: str | None


class Seats:
    """Counted as they come and go: to look at all for each who comes would cost more than serving them."""

    def __init__(self, most: int, proxies: str = "") -> None:
        self._most = most
        self._most_of_one = max(1, most // PART_OF_ONE_ADDRESS)
        self._proxies = tuple(ip_network(written, strict=False) for written in filter(None, proxies.split(",")))
        self._seated: set[Guest] = set()
        # In the order in which they came.
        self._standing: dict[Guest, None] = {}
        self._seated_of: Counter[str] = Counter()
        self._standing_of: Counter[str] = Counter()

    def home_of(self, address: str) -> str | None:
        return None if _is_among(self._proxies, address) else household(address)

    def has_one_for(self, guest: Guest) -> bool:
        """Who has one keeps it until they leave."""
        if guest in self._seated:
            return True
        home = guest.home
        if len(self._seated) >= self._most or (home is not None and self._seated_of[home] >= self._most_of_one):
            return False
        self.leave(guest)
        self._seated.add(guest)
        if home is not None:
            self._seated_of[home] += 1
        return True

    def one_to_leave_for(self, guest: Guest) -> Guest | None:
        """It stands from now on, unless it is the one."""
        home = guest.home
        if home is not None and self._standing_of[home] >= MOST_STANDING_OF_ONE_ADDRESS:
            return guest
        leaving = next(iter(self._standing)) if len(self._standing) >= MOST_STANDING else None
        self._standing[guest] = None
        if home is not None:
            self._standing_of[home] += 1
        return leaving

    def leave(self, guest: Guest) -> None:
        counts = self._seated_of if guest in self._seated else self._standing_of
        if guest.home is not None and (guest in self._seated or guest in self._standing):
            counts[guest.home] -= 1
            # What is at nought would otherwise stay for every address that ever came.
            if not counts[guest.home]:
                del counts[guest.home]
        self._seated.discard(guest)
        self._standing.pop(guest, None)


def _is_among(networks: tuple[IPv4Network | IPv6Network, ...], address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)
