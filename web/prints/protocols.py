"""Papers of an order, made of what it has: shown, and filed with it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.dependencies import InContext
from api.orders.paper_desk import Papers
from api.orders.protocols import PaperAsked, file_protocol, protocol_file
from api.policy import Operation
from domain.orders.protocols import ProtocolKind
from domain.refusals import Problem, Unknown
from web.orders import ORDERS
from web.refusals import see_other
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_ORDERS))]
PLACE = f"{ORDERS}/{{no}}/protocols/{{kind}}"


def _asked(no: str, kind: str, reader: Reader) -> PaperAsked:
    """In the language of whoever looks at it. Raises `Unknown`."""
    if kind not in list(ProtocolKind):
        raise Unknown(Problem(code="not_found"))
    return PaperAsked(no, ProtocolKind(kind), reader.look.language, None)


@router.get(PLACE, name="protocolPage")
async def protocol_page(no: str, kind: str, reader: Reading, context: InContext) -> Response:
    return await protocol_file(_asked(no, kind, reader), reader.key, context)


@router.post(PLACE, name="fileProtocolPage")
async def file_page(no: str, kind: str, reader: Commanding, papers: Papers) -> Response:
    await file_protocol(_asked(no, kind, reader), reader.key, papers)
    return see_other(f"{ORDERS}/{no}")
