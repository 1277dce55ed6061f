"""What changes and no journal notes, such as a rota: told at once to whoever has it open in this process."""

from collections.abc import Callable

from domain.keys import Key

MayKnow = Callable[[Key], bool]


class Unnoted:
    """Who hears nothing of it sees it when they look."""

    def __init__(self) -> None:
        self._hearers: list[Callable[[str, MayKnow], None]] = []

    def hear(self, told: Callable[[str, MayKnow], None]) -> None:
        self._hearers.append(told)

    def tell(self, case: str, may_know: MayKnow) -> None:
        for told in self._hearers:
            told(case, may_know)
