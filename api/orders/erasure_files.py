"""Reports of erasure tools, read where files of strangers are read."""

from api.dependencies import Context
from api.jobs import read_erasure_report
from connectors.files.erasure_reports import unpacked_report
from domain.cases.erasures import ErasureReport
from domain.orders.order import Order
from domain.papers import MediaType


async def report_in(content: bytes, order: Order, context: Context) -> tuple[MediaType, ErasureReport]:
    """What the file is and what it says; clocks without a zone stood at the site. Raises `Unacceptable`."""
    return unpacked_report(await context.workshop.read(read_erasure_report, content, order.terms.access.zone))
