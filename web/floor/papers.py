"""Photos, signatures and documents by pages: handed in at an order or at a stop, and looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import JsonValue
from starlette.datastructures import UploadFile

from api.dependencies import InContext
from api.orders.late import whole
from api.orders.paper_desk import PaperDesk, Papers
from api.orders.papers import Brought, PaperQuery, add_paper, show_paper
from api.policy import Operation
from domain.cases.events import Event
from web.floor.day import FloorDesk, Speaking
from web.order_forms import FILE
from web.orders import ORDERS, OrderDesk
from web.session import Reader, Signed
from web.telling import tell

router = APIRouter(include_in_schema=False)
COMMAND = "add_paper"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_ORDERS))]


@dataclass(frozen=True, kw_only=True)
class _Bringing(OrderDesk):
    """What is handed in takes nothing back that was said meanwhile."""

    papers: PaperDesk
    kind: Any = PaperQuery

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: value for name, value in body.items() if name != FILE}

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # a `PaperQuery`
        file = (await self.request.form()).get(FILE)
        content = await file.read() if isinstance(file, UploadFile) else b""
        brought = Brought(content, said, key)
        await add_paper(self.standing.order.no, brought, self.reader.key, self.papers)

    async def events(self) -> Sequence[Event]:
        return ()


@dataclass(frozen=True, kw_only=True)
class _BringingToAStop(_Bringing, FloorDesk):
    """At a stop."""


async def _desk(request: Request, no: str, reader: Commanding, context: InContext, papers: Papers) -> _Bringing:
    standing = await whole(no, reader.key, context)
    return _Bringing(request, reader, context, standing, papers=papers)


async def _floor_desk(request: Request, no: str, reader: Speaking, context: InContext, papers: Papers) -> _Bringing:
    standing = await whole(no, reader.key, context)
    return _BringingToAStop(request, reader, context, standing, papers=papers)


AtDesk = Annotated[_Bringing, Depends(_desk)]
OnTheFloor = Annotated[_Bringing, Depends(_floor_desk)]


@router.post(f"{ORDERS}/{{no}}/{COMMAND}", name="addPaper")
async def bring_paper(desk: AtDesk, response: Response) -> Response:
    return await tell(desk, COMMAND, response)


@router.post(f"/my-day/{{no}}/{COMMAND}", name="addPaperOnTheFloor")
async def bring_paper_on_the_floor(desk: OnTheFloor, response: Response) -> Response:
    return await tell(desk, COMMAND, response)


@router.get(f"{ORDERS}/{{no}}/papers/{{digest}}", name="paperPage")
async def paper_page(no: str, digest: str, reader: Reading, papers: Papers) -> Response:
    return await show_paper(no, digest, reader.key, papers)
