"""Files that prove what has become of goods, by pages: reports of erasing tools, and lists of recyclers."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from fastapi import APIRouter, Request, Response, UploadFile
from pydantic import JsonValue
from starlette.datastructures import UploadFile as HandedIn

from api.dependencies import InContext
from api.orders.erasures import ErasureReportQuery, SaidOfReport, bring_report
from api.orders.late import whole
from api.orders.paper_desk import PaperDesk, Papers
from api.orders.recycler_lists import RecyclerListQuery, SaidOfList, bring_list
from domain.cases.events import Event
from domain.refusals import Refused
from web.order_forms import FILE
from web.orders import ORDERS, Commanding, OrderDesk
from web.telling import tell

router = APIRouter(include_in_schema=False)
_QUERY = "/query"


@dataclass(frozen=True, kw_only=True)
class _Proving(OrderDesk):
    """A file says what it says, whatever has happened meanwhile."""

    papers: PaperDesk

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {name: value for name, value in body.items() if name != FILE}

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # of `kind`
        file = (await self.request.form()).get(FILE)
        brought = UploadFile(BytesIO())
        if isinstance(file, HandedIn):
            brought = UploadFile(file.file, filename=file.filename)
        try:
            await self.bring(brought, said, key, response)
        except Refused as refused:
            # What stands in a query there stands in a field here.
            beside = (problem.but(at=problem.at.removeprefix(_QUERY)) for problem in refused.problems)
            raise type(refused)(*beside) from None

    @abstractmethod
    async def bring(self, file: UploadFile, said: Any, key: str, response: Response) -> None: ...  # noqa: ANN401  # of `kind`

    async def events(self) -> Sequence[Event]:
        return ()


@dataclass(frozen=True, kw_only=True)
class _ReportDesk(_Proving):
    kind: Any = ErasureReportQuery

    async def bring(self, file: UploadFile, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # of `kind`
        await bring_report(
            self.standing.order.no, file, SaidOfReport(said, key), self.reader.key, self.papers, response
        )


@dataclass(frozen=True, kw_only=True)
class _ListDesk(_Proving):
    kind: Any = RecyclerListQuery

    async def bring(self, file: UploadFile, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # of `kind`
        await bring_list(self.standing.order.no, file, SaidOfList(said, key), self.reader.key, self.papers, response)


@router.post(f"{ORDERS}/{{no}}/add_erasure_report", name="addErasureReportByPage")
async def bring_report_by_page(
    request: Request, no: str, reader: Commanding, context: InContext, papers: Papers, response: Response
) -> Response:
    desk = _ReportDesk(request, reader, context, await whole(no, reader.key, context), papers=papers)
    return await tell(desk, "add_erasure_report", response)


@router.post(f"{ORDERS}/{{no}}/add_recycler_list", name="addRecyclerListByPage")
async def bring_list_by_page(
    request: Request, no: str, reader: Commanding, context: InContext, papers: Papers, response: Response
) -> Response:
    desk = _ListDesk(request, reader, context, await whole(no, reader.key, context), papers=papers)
    return await tell(desk, "add_recycler_list", response)
