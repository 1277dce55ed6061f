"""`imac contract`: customers with what was agreed with them."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import httpx2
from pydantic import JsonValue
from rich.console import RenderableType

from cli.arguments import ContractId, ContractVersion
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import Api, ApiRefused, parsed, path, version_seen
from cli.moments import hours
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from connectors.contract_files import read_customer_file
from documents.wording import sentence, word
from domain.contracts.contract import Contract
from domain.customer_files import CustomerFile
from domain.oncall.rota import Rota
from domain.people import Language, Role
from domain.refusals import Refused

T = TypeVar("T")


async def import_file(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Import a customer file: the customer, its sites, people, rotas and contracts.

    Unchanged entries stay as they are. Existing rotas are kept, as overrides and swaps may have changed them. A
    contract whose file names its version is refused if somebody has changed it since.

    Parameters
    ----------
    file
        YAML, as in examples/adler.yaml.
    """
    brought = read(read_customer_file, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        saved = await bring_in(api, brought)
    if asking.json:
        sys.stdout.write(f"{saved.model_dump_json()}\n")
        return
    asking.console.print(contracts_table(saved.contracts, asking.language))
    counts = {"sites": len(saved.sites), "people": len(saved.people)}
    asking.console.print(phrase("saved_too", asking.language, **counts))


async def check(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Validate the contracts of a customer file without saving. Exits with 1 if there are problems.

    Parameters
    ----------
    file
        YAML, as in examples/adler.yaml.
    """
    brought = read(read_customer_file, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        await api.post(path("contract-checks"), brought.model_dump(mode="json"))
    if not asking.json:
        asking.console.print(phrase("all_well", asking.language, file=file.name), markup=False)


def content_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CliError("file_unreadable", Exit.USAGE, file=file, reason=error.strerror) from None


def json_in(file: Path) -> JsonValue:
    try:
        read: JsonValue = json.loads(content_of(file))
    except json.JSONDecodeError as error:
        raise CliError("file_not_json", Exit.USAGE, file=file, line=error.lineno, column=error.colno) from None
    except UnicodeDecodeError:
        raise CliError("file_not_text", Exit.USAGE, file=file) from None
    return read


def read(reader: Callable[[bytes], T], content: bytes, name: str, language: Language) -> T:
    try:
        return reader(content)
    except Refused as refused:
        lines = [f"{problem.at or '-'}: {sentence(problem, language)}" for problem in refused.problems]
        raise CliError("file_refused", Exit.REFUSED, file=name, lines="\n".join(lines)) from None


async def bring_in(api: Api, brought: CustomerFile) -> CustomerFile:
    """Everything as the API has saved it, contracts with their versions. Each is whole or not saved at all."""
    if brought.customer is not None:
        await api.put(path("customers", brought.customer.id), brought.customer)
    for site in brought.sites:
        await api.put(path("sites", site.id), site)
    for person in brought.people:
        await api.put(path("people", person.id), person)
    for rota in brought.rotas:
        await begin(api, rota)
    saved = [
        parsed(Contract, await api.put(path("contracts", one.id), one, version=version_seen(one)))
        for one in brought.contracts
    ]
    return brought.but(contracts=tuple(saved))


async def begin(api: Api, rota: Rota) -> None:
    """Save a rota that is not there yet."""
    try:
        await api.get(path("rotas", rota.id))
    except ApiRefused as refused:
        if refused.status != httpx2.codes.NOT_FOUND:
            raise
        await api.put(path("rotas", rota.id), rota)


async def list_contracts(*, asking: Asking = ASKING) -> None:
    """List the contracts in force."""
    async with asking.api() as api:
        answer = await api.get(path("contracts"))
    asking.show(answer, lambda: contracts_table(parsed(tuple[Contract, ...], answer), asking.language))


async def show(contract: ContractId, /, *, version: ContractVersion = None, asking: Asking = ASKING) -> None:
    """Show a contract: requesters, approvers, targets and prices."""
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract), {"version": version})
    asking.show(answer, lambda: picture(parsed(Contract, answer), asking.language))


def contracts_table(contracts: Sequence[Contract], language: Language) -> RenderableType:
    return filled(
        table(language, "id", "version", "name", "customer", "valid_from", "valid_until", "kinds"),
        (
            (c.id, c.version, c.name, c.customer, c.valid_from, c.valid_until, ", ".join(kinds(c, language)))
            for c in contracts
        ),
    )


def kinds(contract: Contract, language: Language) -> list[str]:
    return [word("order_kind", kind, language) for kind in contract.targets]


def picture(contract: Contract, language: Language) -> RenderableType:
    people = ((word("role", role, language), ", ".join(named)) for role in Role if (named := contract.people(role)))
    return stacked(
        contracts_table([contract], language),
        filled(table(language, "role", "person"), people),
        filled(table(language, "kind", ">target", "charges", "state"), promises(contract, language)),
    )


def promises(contract: Contract, language: Language) -> Iterator[tuple[str, ...]]:
    for kind, minutes in contract.targets.items():
        flat = contract.prices.flat.get(kind)
        price = f"{flat:.2f} EUR" if flat is not None else word("charge_reason", "time", language)
        chain = heading("tailored", language) if kind in contract.chains else ""
        yield word("order_kind", kind, language), hours(timedelta(minutes=minutes)), price, chain
