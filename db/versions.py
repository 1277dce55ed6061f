"""What is saved under one name again and again: every version stays, and what changes nothing makes none."""

from typing import Protocol, Self, TypeVar


class KeptByVersion(Protocol):
    @property
    def version(self) -> int: ...

    def but(self, **changes: object) -> Self: ...


V = TypeVar("V", bound=KeptByVersion)


def next_version(new: V, kept: V | None) -> V:
    """The new under the version after the kept one, or the kept one itself where nothing has changed."""
    if kept is None:
        return new.but(version=1)
    return kept if kept == new.but(version=kept.version) else new.but(version=kept.version + 1)
