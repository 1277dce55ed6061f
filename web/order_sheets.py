"""What the page of one order shows: its question first, then chain, devices, promise and history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from api.dependencies import Context
from api.orders.order import show_charges, show_clocks, show_timeline
from api.policy import Operation
from db.contracts import contract_in_force, contract_version, site
from db.engine import Database
from db.names import names_within
from db.vendors.vendor import list_vendors
from documents.protocols import certificate_said
from documents.wording import names_of_steps
from domain.keys import CUSTOMERS_OWN
from domain.orders.awaited import what_is_questionable
from domain.orders.departures import still_to_name, takers
from domain.orders.progress import PartStanding, StepProgress, StepStatus
from domain.orders.protocols import ready_protocols
from domain.orders.sheets import Awaited
from domain.orders.sheets import awaited as awaited_of
from domain.orders.standing import OrderStanding
from web.forms import Options, PageForm
from web.goods.shown import goods_of
from web.order_forms import GRAVE, ON_A_PAGE, STEERING, Choices, Takers, command_form, open_commands
from web.rendering import Values
from web.session import Reader

# Papers stand where papers are, and what proves something of goods where goods are.
_ELSEWHERE = ("add_paper", "add_erasure_report", "declare_waste", "add_recycler_list")
_STUCK = (StepStatus.STUCK, StepStatus.FAILED)
# So many people are asked for by name at once.
_NAMES_AT_ONCE = 50
# No person's id is longer.
LONGEST_ID = 64


@dataclass(frozen=True)
class Question:
    """A step that waits for somebody: who it is, and what this reader can answer here or on a page."""

    step: StepProgress
    awaited: tuple[Awaited, ...]
    forms: tuple[PageForm, ...]
    pages: tuple[str, ...]

    @property
    def is_stuck(self) -> bool:
        return self.step.status in _STUCK


async def names_of(people: Iterable[str], reader: Reader, database: Database) -> Mapping[str, str]:
    """Of whoever acts in what the reader sees; others stay ids."""
    asked = sorted(set(people))
    names: dict[str, str] = {}
    async with database.reading() as session:
        for start in range(0, len(asked), _NAMES_AT_ONCE):
            found = await names_within(session, asked[start : start + _NAMES_AT_ONCE], reader.key.customers)
            names |= {one.id: one.name for one in found}
    return names


async def takers_of(standings: Iterable[OrderStanding], reader: Reader, database: Database) -> Takers:
    """To whom of the directory goods can be given now, by order and step, with the certificates that say so."""
    asked = [(one, step) for one in standings for step in still_to_name(one.order, one.progress)]
    if not asked or reader.key.role in CUSTOMERS_OWN:
        return {}
    async with database.reading() as session:
        known = await list_vendors(session, tuple({one.customer for one, _ in asked}))
    language = reader.look.language
    found: dict[tuple[str, str], Options] = {}
    for one, step in asked:
        assert step.certificate is not None
        serving = [vendor for vendor in known if vendor.serves(one.customer)]
        zone = one.order.terms.access.zone
        found[one.order.no, step.id] = tuple(
            (taker.vendor, f"{taker.name}: {certificate_said(taker.certificate, language)}")
            for taker in takers(serving, step.certificate, zone, reader.now)
        )
    return found


async def contract_named(contract: str, version: int | None, reader: Reader, database: Database) -> str | None:
    """As this version calls it, or the one in force; None for whoever may not read contracts."""
    if not reader.may(Operation.READ_CONTRACTS):
        return None
    async with database.reading() as session:
        found = await (
            contract_version(session, contract, version) if version else contract_in_force(session, contract)
        )
    return found.name if found is not None and reader.key.sees(found.customer) else None


async def sheet_values(
    standing: OrderStanding, reader: Reader, context: Context, people: Iterable[str] = ()
) -> dict[str, object]:
    """What every page about this order shows at its head."""
    sheet = standing.sheet(reader.key, context.now)
    async with context.database.reading() as session:
        place = await site(session, sheet.site)
    team = {person for named in standing.order.terms.team.values() for person in named}
    named = await contract_named(sheet.contract, sheet.contract_version, reader, context.database)
    answers = {one.answer for one in sheet.answered if not one.name and len(one.answer) <= LONGEST_ID}
    involved = answers | {sheet.request.requester, *standing.order.terms.approvers, *team, *people}
    return {
        "order": standing.order,
        "sheet": sheet,
        "site": place,
        "contract_name": named,
        "zone": standing.order.terms.access.zone,
        "names": await names_of(involved, reader, context.database),
        "steps": names_of_steps(standing.order.chain, reader.look.language),
        "now": context.now,
    }


async def order_values(
    standing: OrderStanding,
    reader: Reader,
    context: Context,
    parts: Iterable[PartStanding],
    certified: Takers,
) -> Values:
    no = standing.order.no
    timeline = await show_timeline(no, reader.key, context)
    charges = await show_charges(no, reader.key, context) if reader.may(Operation.READ_CHARGES) else ()
    values = await sheet_values(standing, reader, context, [event.actor.person for event in timeline])
    names = values["names"]
    assert isinstance(names, dict)
    choices = Choices(names, reader.look.language, certified)
    open_now = open_commands(standing, reader.key)
    questions = tuple(_questions(standing, open_now, choices))
    asked = {form.command for question in questions for form in question.forms}
    return {
        **values,
        "parts": {part.step: part for part in parts},
        "timeline": tuple(reversed(timeline)),
        "charges": charges,
        "clocks": await show_clocks(no, reader.key, context),
        "questions": questions,
        "steering": [name for name in STEERING if name in open_now and name not in asked],
        "others": [name for name in open_now if name not in asked and name not in (*STEERING, *_ELSEWHERE)],
        "may_print_labels": reader.may(Operation.READ_ASSETS),
        "label_query": [("customer", standing.customer), *(("tag", one.tag) for one in standing.progress.assets)],
        "may_add_paper": "add_paper" in open_now,
        "goods": goods_of(standing, reader.key, frozenset(open_now)),
        "may_read_vendors": reader.may(Operation.READ_VENDORS),
        "questioned": [(one, what_is_questionable(one)) for one in standing.progress.in_question],
        "ready": ready_protocols(standing.order, standing.progress),
        "grave": GRAVE,
        "live": f"order/{no}",
    }


def _questions(
    standing: OrderStanding, open_now: Mapping[str, tuple[str, ...]], choices: Choices
) -> Iterable[Question]:
    awaited: dict[str, list[Awaited]] = {}
    for one in awaited_of(standing.order, standing.progress):
        awaited.setdefault(one.step, []).append(one)
    for step, waiting in awaited.items():
        may = [one.command for one in waiting if step in open_now.get(one.command, ())]
        forms = tuple(
            command_form(standing, name, open_now[name], choices, step) for name in may if name not in ON_A_PAGE
        )
        pages = tuple(name for name in may if name in ON_A_PAGE)
        yield Question(standing.progress.step(step), tuple(waiting), forms, pages)
