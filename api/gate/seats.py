"""Who of those connected is served: so many altogether, and no more than a part of these from one address."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Protocol

from domain.door import household

# Whoever takes all they get leaves room for others.
PART_OF_ONE_ADDRESS = 4
# Who comes when there is no seat is told so; who comes when so many wait to be told is let go without a word.
MOST_STANDING = 100
MOST_STANDING_OF_ONE_ADDRESS = 25


class Guest(Protocol):
    """`home` is nothing for a proxy: it speaks for many, and says itself how much one of them may have."""

    home: str | None
    is_seated: bool


class Seats:
    def __init__(self, most: int, proxies: str = "") -> None:
        self._most = most
        self._most_of_one = max(1, most // PART_OF_ONE_ADDRESS)
        self._proxies = tuple(ip_network(written, strict=False) for written in filter(None, proxies.split(",")))

    def home_of(self, address: str) -> str | None:
        return None if _is_among(self._proxies, address) else household(address)

    def has_one_for(self, guest: Guest, others: Iterable[Guest]) -> bool:
        seated = [other.home for other in others if other.is_seated]
        return len(seated) < self._most and (guest.home is None or seated.count(guest.home) < self._most_of_one)

    def may_stand(self, guest: Guest, others: Iterable[Guest]) -> bool:
        standing = [other.home for other in others if not other.is_seated and other is not guest]
        of_one = 0 if guest.home is None else standing.count(guest.home)
        return len(standing) < MOST_STANDING and of_one < MOST_STANDING_OF_ONE_ADDRESS


def _is_among(networks: tuple[IPv4Network | IPv6Network, ...], address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)
