"""`imac chain`: what a contract promises for a kind of order, before anything starts."""

from collections.abc import Mapping
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.http import if_allowed, parsed, path
from cli.moments import hours
from cli.names import told
from cli.tables import filled, table
from cli.words import heading, phrase
from documents.wording import names_of_steps, word
from domain.contracts.chains import Chain, Step, StepBase
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.people import Language


async def show(kind: OrderKind, /, *, contract: str, asking: Asking = ASKING) -> None:
    """Show the service chain for one kind of order: steps, dependencies, parameters, cut-off and clocks.

    Parameters
    ----------
    kind
        Kind of order.
    contract
        Contract with its own version of the chain.
    """
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract, "chains", kind))
        # Whoever may not read prices may still read the chain.
        terms = await if_allowed(api.read(Contract, path("contracts", contract)), None)
    asking.show(answer, lambda: picture(parsed(Chain, answer), terms, asking.language))


def picture(chain: Chain, contract: Contract | None, language: Language) -> RenderableType:
    made = table(language, "step", "type", "after", "details", ">target", "note", "--step")
    names = names_of_steps(chain, language)
    filled(made, (row(step, names, language) for step in chain.in_order()))
    facts = [f"{heading('cancel_until', language)}: {names[chain.cutoff] if chain.cutoff else '–'}"]
    if contract is not None:
        target = contract.targets.get(chain.kind)
        promise = hours(timedelta(minutes=target)) if target else heading("not_offered", language)
        facts += [
            f"{heading('target', language)}: {promise}",
            phrase("version_of", language, contract=contract.id, version=contract.version),
        ]
    return Group(Text(word("order_kind", chain.kind, language), "bold"), Text("    ".join(facts), "dim"), made)


def row(step: Step, names: Mapping[str, str], language: Language) -> tuple[str, ...]:
    target = hours(timedelta(minutes=step.target_minutes)) if step.target_minutes else ""
    note = heading("irreversible", language) if step.irreversible else ""
    kind = word("step_type", step.type, language)
    after = ", ".join(names[before] for before in step.after)
    return names[step.id], kind, after, parameters(step, language), target, note, step.id


def parameters(step: Step, language: Language) -> str:
    """What makes this step what it is; the fields that every step has stand in columns of their own."""
    shown = step.model_dump(exclude={*StepBase.model_fields, "type"}, exclude_none=True)
    return "; ".join(told(name, value, language) for name, value in shown.items() if value not in ((), [], {}))
