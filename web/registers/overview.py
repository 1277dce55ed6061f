"""All registers that a reader may look into."""

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.policy import Operation
from web.rendering import page
from web.session import Here, Reader

router = APIRouter(include_in_schema=False)
REGISTERS = "/registers"


class RegisterEntrance(NamedTuple):
    """Its names are those of words of the pages."""

    address: str
    name: str
    about: str
    operation: Operation


ALL = (
    RegisterEntrance("/assets", "assets", "about_assets", Operation.READ_ASSETS),
    RegisterEntrance("/people", "people", "about_people", Operation.READ_PEOPLE),
    RegisterEntrance("/vendors", "vendors", "about_vendors", Operation.READ_VENDORS),
    RegisterEntrance("/waste", "waste", "about_waste", Operation.READ_ORDERS),
    RegisterEntrance("/contracts", "menu_contracts", "about_contracts", Operation.READ_CONTRACTS),
    RegisterEntrance("/keys", "api_keys", "about_keys", Operation.MANAGE_KEYS),
)


@router.get(REGISTERS, name="registersPage")
async def show_registers(request: Request, reader: Here) -> Response:
    return page(request, "registers.html", reader.look, {"registers": registers_of(reader)}, reader=reader)


def registers_of(reader: Reader) -> tuple[RegisterEntrance, ...]:
    return tuple(one for one in ALL if reader.may(one.operation))
