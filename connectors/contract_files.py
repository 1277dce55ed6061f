"""Contracts, whole customers, orders, calendars, rotas, vendors, channels, alert rules and plans as YAML files."""

from collections.abc import Iterator

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import to_json

from connectors.yaml_files import read_yaml
from domain.alerts.rules import AlertRule
from domain.channels.channel import CHANNEL, AnyChannel
from domain.clocks.calendars import Calendar
from domain.contracts.contract import Contract
from domain.contracts.tailoring import Tailoring, tailored
from domain.customer_files import CustomerFile
from domain.kinds import OrderKind
from domain.moves.plans.versions import PlanRequest
from domain.oncall.rota import Rota
from domain.orders.order import OrderRequest
from domain.refusals import Problem, Refused, Unacceptable
from domain.vendors.directories import VendorFile

_ORDERS: TypeAdapter[tuple[OrderRequest, ...]] = TypeAdapter(tuple[OrderRequest, ...])
_RULES: TypeAdapter[tuple[AlertRule, ...]] = TypeAdapter(tuple[AlertRule, ...])
_KINDS = frozenset(OrderKind)


def read_contract(content: bytes) -> Contract:
    """Raises `Unacceptable` naming every field and every chain that is wrong, each with its path."""
    data = read_yaml(content)
    try:
        return Contract.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error), *_chain_problems(data, "")) from error


def read_customer_file(content: bytes) -> CustomerFile:
    """A customer with sites, people and contracts in one document, or a single contract. Raises as `read_contract`."""
    data = read_yaml(content)
    if isinstance(data, dict) and "calendar" in data:
        return CustomerFile(contracts=(read_contract(content),))
    try:
        return CustomerFile.model_validate_json(to_json(data))
    except ValidationError as error:
        contracts = data.get("contracts") if isinstance(data, dict) else None
        chains = [
            problem
            for position, contract in enumerate(contracts if isinstance(contracts, list) else ())
            for problem in _chain_problems(contract, f"/contracts/{position}")
        ]
        raise Unacceptable(*_faults(error), *chains) from error


def read_orders(content: bytes) -> tuple[OrderRequest, ...]:
    data = read_yaml(content)
    try:
        return _ORDERS.validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def read_rota(content: bytes) -> Rota:
    data = read_yaml(content)
    try:
        return Rota.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def read_vendor_file(content: bytes) -> VendorFile:
    data = read_yaml(content)
    try:
        return VendorFile.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def read_channel(content: bytes) -> AnyChannel:
    data = read_yaml(content)
    try:
        return CHANNEL.validate_json(to_json(data))
    except ValidationError as error:
        # Not from the error: it holds what was written, secrets too.
        raise Unacceptable(*_faults(error)) from None


def read_calendar(content: bytes) -> Calendar:
    data = read_yaml(content)
    try:
        return Calendar.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def read_plan_request(content: bytes) -> PlanRequest:
    data = read_yaml(content)
    try:
        return PlanRequest.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def read_alert_rules(content: bytes) -> tuple[AlertRule, ...]:
    data = read_yaml(content)
    try:
        return _RULES.validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error)) from error


def _faults(error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors():
        yield Problem(
            code="field_wrong",
            at="".join(f"/{part}" for part in fault["loc"]),
            values={
                **{name: str(value) for name, value in fault.get("ctx", {}).items()},
                "fault": fault["type"],
                "message": fault["msg"],
            },
        )


def _chain_problems(contract: JsonValue, path: str) -> Iterator[Problem]:
    """What is wrong with the chains of a contract that is wrong elsewhere as well, so that nobody has to ask twice."""
    chains = contract.get("chains") if isinstance(contract, dict) else None
    for kind, written in chains.items() if isinstance(chains, dict) else ():
        if kind not in _KINDS:
            continue
        try:
            tailored(OrderKind(kind), Tailoring.model_validate_json(to_json(written)))
        except ValidationError:
            # A tailoring that cannot be read is among the faults of the fields.
            continue
        except Refused as refused:
            for problem in refused.problems:
                yield problem.but(at=f"{path}{problem.at}")
