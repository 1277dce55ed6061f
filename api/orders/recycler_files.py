"""Lists of recyclers, read where files of strangers are read, and held against what has left."""

from api.dependencies import Context
from api.jobs import compared_list, read_list
from domain.cases.recycler_lists import RecyclerList
from domain.orders.departures import departed, leaving_step
from domain.orders.standing import OrderStanding
from domain.papers import MediaType
from domain.refusals import conflict

_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
# The first file in an open document says what it is, uncompressed.
_SAID_WITHIN = 200


async def list_in(content: bytes, standing: OrderStanding, context: Context, name: str = "list") -> RecyclerList:
    """Raises `Unacceptable` with all that is wrong with it, `Refused` as long as nothing has left."""
    step = leaving_step(standing.order, standing.progress)
    if step is None:
        raise conflict("nothing_has_left")
    left = [asset.model_dump_json() for asset in departed(standing.progress, step)]
    parcel = await context.workshop.read(read_list, name, content)
    return await context.workshop.make(compared_list, parcel, left)


def type_of(content: bytes) -> MediaType:
    """Of a list that was read."""
    if not content.startswith(b"PK"):
        return "text/csv"
    if _OPEN_DOCUMENT in content[:_SAID_WITHIN]:
        return "application/vnd.oasis.opendocument.spreadsheet"
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
