"""Secrets as they are kept: encrypted under a key that is not in the database, and bound to the row they belong to."""

from typing import Protocol

from domain.refusals import Refused
from domain.values import Value


class SecretsLocked(Refused):
    """What is kept cannot be read here: the key is missing, is another one, or the row was changed."""

    status = 503


class Sealed(Value):
    """`key` is the id of the key it is encrypted under."""

    key: str
    text: str


class Sealer(Protocol):
    """`about` names the row: what is moved to another row cannot be opened there."""

    def knows(self, key_id: str) -> bool: ...

    def seal(self, text: str, about: str) -> Sealed:
        """Under the newest key. Raises `SecretsLocked`."""
        ...

    def open(self, sealed: Sealed, about: str) -> str:
        """Raises `SecretsLocked`."""
        ...
