"""What forms have been answered: sent twice, they are carried out once, and answered alike."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from http import HTTPStatus

from fastapi import Request, Response

_KEPT = 200


def whole_form(request: Request, session: str, typed: Mapping[str, Sequence[str]]) -> Hashable:
    """All that was typed, where and by whom: a form in which anything is another is another one."""
    return session, request.url.path, tuple((name, *typed[name]) for name in sorted(typed))


class Answers:
    """Those of this process. What was refused may be sent again as it is."""

    def __init__(self) -> None:
        self._given: OrderedDict[Hashable, asyncio.Future[Response | None]] = OrderedDict()

    async def alike(self, form: Hashable, make: Callable[[], Awaitable[Response]]) -> Response:
        """`form` is all of it, with whose it is. Whoever sends it while it is answered waits for that answer."""
        while (first := self._given.get(form)) is not None:
            if (given := await asyncio.shield(first)) is not None:
                return Response(given.body, given.status_code, dict(given.headers))
        answer = self._given[form] = asyncio.get_running_loop().create_future()
        made = None
        try:
            made = await make()
            return made
        finally:
            if made is None or made.status_code != HTTPStatus.SEE_OTHER:
                del self._given[form]
            # Whoever went away while it was made has kept nobody from doing it.
            answer.set_result(made)
            while len(self._given) > _KEPT:
                self._given.popitem(last=False)
