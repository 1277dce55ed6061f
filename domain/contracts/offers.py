"""What the items of a catalogue come to under their contract, and what keeps a catalogue from being saved."""

from collections.abc import Iterator, Mapping, Sequence

from domain.contracts.bundles import bundle_chain, bundle_problems, questions_of
from domain.contracts.catalogue import LANGUAGES, Item, ItemQuestion, OfferedItem, Pricing, QuestionKind
from domain.contracts.chains import LABOUR, Chain, Custody, Step, VendorDispatch, Work
from domain.contracts.contract import Contract
from domain.contracts.tailoring import certified, unhanded
from domain.people import Language, Role
from domain.refusals import Problem, Refused
from domain.values import Slug


def offered(contract: Contract) -> tuple[OfferedItem, ...]:
    return tuple(offer_of(contract, item) for item in contract.items())


def offer_of(contract: Contract, item: Item) -> OfferedItem:
    """What the contract says of a kind holds for its items, as far as they say nothing else."""
    flat = contract.prices.flat.get(item.kind) if item.price is None else item.price
    pricing = item.pricing or (Pricing.BY_TIME if flat is None else Pricing.FLAT)
    if item.items:
        pricing = Pricing.BY_ITEMS
    approvers = contract.approvers if item.approvers is None else item.approvers
    return OfferedItem(
        id=item.id,
        name=item.name,
        description=item.description,
        kind=item.kind,
        withdrawn=item.withdrawn,
        requesters=contract.requesters if item.requesters is None else item.requesters,
        approvers=approvers if item.approval else (),
        target_minutes=item.target_minutes or contract.targets.get(item.kind, 0),
        estimate_minutes=item.estimate_minutes,
        pricing=pricing,
        price=flat if pricing == Pricing.FLAT else None,
        questions=questions_of(contract, item),
        chain=chain_of(contract, item),
        items=item.items,
    )


def chain_of(contract: Contract, item: Item) -> Chain:
    """Raises `Unacceptable` if the tailoring is wrong."""
    if item.items:
        return bundle_chain(contract, item)
    return certified(item.chain_on(contract.chain(item.kind)), contract.certificate)


def named_custodians(contract: Contract) -> dict[str, Slug]:
    """The vendors of the directory that its chains name, by their places. Chains that cannot run name none."""
    named: dict[str, Slug] = {}
    for n, item in enumerate(contract.items()):
        at = f"/catalogue/{n}/chain" if contract.catalogue and item.chain is not None else f"/chains/{item.kind}"
        try:
            steps = chain_of(contract, item).steps
        except Refused:
            continue
        named |= {f"{at}/{one.id}/vendor": vendor for one in steps if (vendor := _of_directory(one))}
    return named


def _of_directory(step: Step) -> Slug | None:
    """Of jobs that are offered to nobody the vendor is a person."""
    match step:
        case Custody(vendor=vendor) | VendorDispatch(offered=True, vendor=vendor):
            return vendor
    return None


def catalogue_problems(contract: Contract) -> list[Problem]:
    """All that is wrong with its items, each at its place."""
    ids = [item.id for item in contract.catalogue]
    problems: list[Problem] = []
    for n, item in enumerate(contract.catalogue):
        at = f"/catalogue/{n}"
        if ids.index(item.id) != n:
            problems.append(Problem(code="item_twice", at=f"{at}/id", values={"item": item.id}))
        problems += _unnamed(item.name, f"{at}/name")
        problems += _unnamed(item.description, f"{at}/description") if item.description else ()
        problems += _strangers(contract, item, at)
        problems += _promise_problems(contract, item, at)
        problems += _question_problems(item.questions, f"{at}/questions")
    return problems


def _unnamed(words: Mapping[Language, str], at: str) -> Iterator[Problem]:
    """What people read is there in every language they read."""
    for language in LANGUAGES:
        if language not in words:
            yield Problem(code="words_missing", at=f"{at}/{language}", values={"language": language})


def _strangers(contract: Contract, item: Item, at: str) -> Iterator[Problem]:
    """An item narrows down who orders and approves; whom the contract does not name nobody would look for."""
    named = (("requesters", item.requesters, contract.requesters), ("approvers", item.approvers, contract.approvers))
    for field, people, known in named:
        if people == ():
            yield Problem(code="item_without_people", at=f"{at}/{field}", values={"item": item.id})
        for n, person in enumerate(people or ()):
            if person not in known:
                values = {"person": person, "role": Role.REQUESTER if field == "requesters" else Role.APPROVER}
                yield Problem(code="not_named_as", at=f"{at}/{field}/{n}", values=values)


def _promise_problems(contract: Contract, item: Item, at: str) -> Iterator[Problem]:
    """An item needs a time, a price and a chain that can run, its own or the kind's."""
    if item.target_minutes is None and item.kind not in contract.targets:
        yield Problem(code="item_without_target", at=f"{at}/target_minutes", values={"item": item.id})
    if item.items:
        yield from bundle_problems(contract, item, at)
        return
    if item.pricing == Pricing.BY_ITEMS:
        yield Problem(code="item_without_items", at=f"{at}/pricing", values={"item": item.id})
    if item.price is not None and item.pricing not in (None, Pricing.FLAT):
        yield Problem(code="price_needless", at=f"{at}/price", values={"pricing": item.pricing})
    try:
        promised = contract.chain(item.kind)
    except Refused:
        return  # what is wrong with the kind's chain is said where it is written
    try:
        chain = item.chain_on(promised, f"{at}/chain")
    except Refused as refused:
        yield from refused.problems
        return
    yield from unhanded(chain, f"{at}/chain", contract.certificate)
    # Its chain may call another step so, or do nothing that could wait for an answer.
    if not {(one.id, one.role) for one in item.asked} <= {(one.id, one.role) for one in chain.approvals}:
        yield Problem(code="item_cannot_ask", at=f"{at}/chain", values={"item": item.id})
    flat = item.price if item.price is not None else contract.prices.flat.get(item.kind)
    # What is quoted at most is charged by time below that.
    by_time = item.pricing in (Pricing.BY_TIME, Pricing.BY_QUOTE) or (item.pricing is None and flat is None)
    if (item.pricing == Pricing.FLAT and flat is None) or (by_time and not _has_rates(contract, chain)):
        yield Problem(code="item_without_price", at=f"{at}/price", values={"item": item.id})


def _has_rates(contract: Contract, chain: Chain) -> bool:
    labour = (step for step in chain.steps if isinstance(step, LABOUR))
    roles = {step.role if isinstance(step, Work) else Role.TECHNICIAN for step in labour}
    return roles <= contract.prices.hourly.keys()


def _question_problems(questions: Sequence[ItemQuestion], at: str) -> Iterator[Problem]:
    ids: list[Slug] = [question.id for question in questions]
    for n, question in enumerate(questions):
        here = f"{at}/{n}"
        if ids.index(question.id) != n:
            yield Problem(code="question_twice", at=f"{here}/id", values={"question": question.id})
        yield from _unnamed(question.text, f"{here}/text")
        if (question.kind == QuestionKind.CHOICE) != bool(question.choices):
            code = "choices_missing" if question.kind == QuestionKind.CHOICE else "choices_needless"
            yield Problem(code=code, at=f"{here}/choices", values={"question": question.id})
        choices = [choice.id for choice in question.choices]
        for m, choice in enumerate(question.choices):
            if choices.index(choice.id) != m:
                yield Problem(code="choice_twice", at=f"{here}/choices/{m}/id", values={"choice": choice.id})
            yield from _unnamed(choice.name, f"{here}/choices/{m}/name")
