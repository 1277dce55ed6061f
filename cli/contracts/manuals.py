"""`imac contract print`: the operating manual of a contract, for its customer."""

from pathlib import Path

from cli.arguments import ContractId, ContractVersion
from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.http import path


async def save(
    contract: ContractId, /, *, out: Path | None = None, version: ContractVersion = None, asking: Asking = ASKING
) -> None:
    """Save the operating manual as PDF/A, in the language of --lang: hours, people, matrix, catalogue, prices.

    Parameters
    ----------
    out
        Output file; without one its name is made from the contract's. The same version always gives the same bytes.
    """
    async with asking.api() as api:
        query = {"version": version, "lang": asking.language}
        answer = await api.get(path("contracts", contract, "manual.pdf"), query)
    file = out or Path(f"manual-{contract}-{asking.language}.pdf")
    write(file, answer.content)
    if not asking.json:
        asking.console.print(f"{file}", markup=False)
