"""`imac asset labels`: labels of assets, on sheets of A4 and on rolls."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.http import path
from domain.assets.labels import LabelFormat


async def labels(  # options as they are typed
    *tags: Annotated[str, Parameter(help="Asset tags, in the order of printing.")],
    out: Path,
    customer: str | None = None,
    format_: Annotated[LabelFormat, Parameter(name="--format")] = LabelFormat.A4_70X36,
    start: int = 1,
    asking: Asking = ASKING,
) -> None:
    """Print labels with a QR code that leads to the asset. Print the PDF at its actual size.

    Parameters
    ----------
    out
        Output file, such as labels.pdf.
    customer
        Owner of the assets.
    format_
        Width by height of a label, in mm.
    start
        First free label of a sheet that was used before, from 1, row by row.
    """
    query = {"customer": customer, "tag": tags, "format": format_, "start": start, "lang": asking.language}
    async with asking.api() as api:
        answer = await api.get(path("labels", "pdf"), query)
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)
