"""What is said of an order that has ended: a file beside it, with an instruction that its run cannot hear any more."""

from dataclasses import replace
from hashlib import sha256

from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context
from api.orders.paper_desk import PaperDesk, keep
from connectors.holidays import with_holidays
from db.assets.asset import assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.papers import HandedInRow, all_handed_in
from documents.wording import in_all_languages, word
from domain.cases.instructions import Instruction
from domain.cases.lookups import PaperFound
from domain.cases.order_commands import AddPaper
from domain.incidents.incident import Incident
from domain.incidents.missing_goods import CATEGORY, MissingOpening, missing_incident
from domain.keys import Key
from domain.orders.decisions.decide import decide_late
from domain.orders.erasures import name_of
from domain.orders.progress import MissingGoods
from domain.orders.protocols import late_cases, protocol
from domain.orders.standing import OrderStanding, late_case
from domain.papers import KeptPaper, PaperKind
from domain.people import MACHINE
from workflows.client import CaseExists


async def whole(no: str, caller: Key, context: Context) -> OrderStanding:
    """The order with what was said of it after its end. Raises `Unknown` as for any order."""
    return await with_late_said(await KNOWN_ORDERS.seen(no, caller, context), context)


async def with_late_said(standing: OrderStanding, context: Context) -> OrderStanding:
    if not standing.progress.is_over:
        return standing
    async with context.database.reading() as session:
        no = standing.order.no
        found = await all_handed_in(session, [late_case(no), *late_cases(no)])
    said = [await _said(standing, row, paper, context) for row, paper in found]
    return standing.with_late(one for one in said if one is not None)


async def _said(standing: OrderStanding, row: HandedInRow, paper: KeptPaper, context: Context) -> Instruction | None:
    """What stands in the file; a protocol follows from what the order had, so no person has said it."""
    meant = late_cases(standing.order.no).get(row.case)
    if meant is None:
        content = await context.papers.get(paper.digest)
        return Instruction.model_validate_json(content) if content is not None else None
    kind, language = meant
    command = AddPaper(
        digest=paper.digest,
        kind=PaperKind.DOCUMENT,
        step=protocol(standing.order, standing.progress, kind).step,
        reason=word("protocol", kind, language),
    )
    found = PaperFound(paper=paper)
    return Instruction(
        command=command, actor=MACHINE, given_at=row.at, request_id=f"late-{paper.digest[:32]}", looked_up=found
    )


async def say_late(standing: OrderStanding, given: Instruction, caller: Key, papers: PaperDesk) -> OrderStanding:
    """As it stands with that. Said twice, it is said once. Raises `Refused`, and then nothing is kept.

    The file that it names is kept already. What is missing is looked for before anything says that it is: whoever is
    cut off in between does it again, for the same incident.
    """
    context = papers.context
    now = replace(standing, progress=decide_late(standing.order, standing.progress, given))
    for goods in now.progress.missing[len(standing.progress.missing) :]:
        if goods.incident is not None:
            await _look_for(goods, goods.incident, now, given, context)
    if now.progress.given != standing.progress.given:
        record = given.model_dump_json().encode()
        paper = KeptPaper(digest=sha256(record).hexdigest(), media_type="text/plain", size=len(record))
        await keep(late_case(standing.order.no), paper, record, caller, papers)
    return now


async def _look_for(
    goods: MissingGoods, no: str, standing: OrderStanding, given: Instruction, context: Context
) -> None:
    incident = await _incident(goods, no, standing, given, context)
    try:
        await context.temporal.start_incident(incident)
    except CaseExists:
        return


async def _incident(
    goods: MissingGoods, no: str, standing: OrderStanding, given: Instruction, context: Context
) -> Incident:
    order, assets = standing.order, standing.progress.assets
    asked = MissingOpening(
        no=no,
        order=order.no,
        customer=order.customer,
        contract=order.terms.contract,
        site=order.request.site,
        serials=goods.data_bearing,
        tags=tuple(asset.tag for asset in assets if name_of(asset) in goods.data_bearing),
        by=given.actor.person,
        at=given.given_at,
    )
    async with context.database.reading() as session:
        contract = await contract_in_force(session, asked.contract)
        sites = await sites_by_id(session, [asked.site])
        found = await assets_by_tag(session, asked.customer, asked.tags) if len(asked.tags) == 1 else ()
    in_hours = contract is not None and with_holidays(contract.calendar, asked.at).is_open(asked.at)
    called = in_all_languages("happening", CATEGORY)
    return missing_incident(asked, contract, sites, found, called=called, in_hours=in_hours)
