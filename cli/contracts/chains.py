"""`imac chain`: what a contract promises for a kind of order, before anything starts."""

from datetime import timedelta

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.http import if_allowed, parsed, path
from cli.moments import hours
from cli.tables import filled, table
from cli.words import heading
from documents.wording import word
from domain.contracts.chains import Chain, Step, StepBase
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.people import Language


async def show(kind: OrderKind, /, *, contract: str, asking: Asking = ASKING) -> None:
    """Show the service chain of one kind: steps, what each waits for, its parameters, cut-off and clocks.

    Parameters
    ----------
    kind
        Kind of order.
    contract
        Contract that may have tailored the chain.
    """
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract, "chains", kind))
        # Whoever may not read prices may still read the chain.
        terms = await if_allowed(api.read(Contract, path("contracts", contract)), None)
    asking.show(answer, lambda: picture(parsed(Chain, answer), terms, asking.language))


def picture(chain: Chain, contract: Contract | None, language: Language) -> RenderableType:
    made = table(language, "step", "type", "after", "details", ">target", "note")
    filled(made, (row(step, language) for step in chain.in_order()))
    facts = [f"{heading('cancel_until', language)}: {chain.cutoff or '–'}"]
    if contract is not None:
        target = contract.targets.get(chain.kind)
        promise = hours(timedelta(minutes=target)) if target else heading("not_offered", language)
        facts += [f"{heading('target', language)}: {promise}", f"{contract.id} (version {contract.version})"]
    return Group(Text(word("order_kind", chain.kind, language), "bold"), Text("    ".join(facts), "dim"), made)


def row(step: Step, language: Language) -> tuple[str, ...]:
    target = hours(timedelta(minutes=step.target_minutes)) if step.target_minutes else ""
    note = heading("irreversible", language) if step.irreversible else ""
    kind = word("step_type", step.type, language)
    return step.id, kind, ", ".join(step.after), parameters(step, language), target, note


def parameters(step: Step, language: Language) -> str:
    """What makes this step what it is; the fields that every step has stand in columns of their own."""
    shown = step.model_dump(mode="json", exclude={*StepBase.model_fields, "type"}, exclude_none=True)
    return "; ".join(f"{name}: {worded(value, language)}" for name, value in shown.items() if value not in ([], {}))


def worded(value: JsonValue, language: Language) -> str:
    if isinstance(value, bool):
        return heading("yes" if value else "no", language)
    return ", ".join(map(str, value)) if isinstance(value, list) else f"{value}"
