"""The run sheet: a technician's visits of one day, as they are taken along on paper."""

from collections.abc import Mapping

from domain.assets.asset import Asset
from domain.contracts.catalogue import LANGUAGES, ItemWords
from domain.contracts.chains import Custody, Erasure, StepBase, Verification, Work
from domain.kinds import OrderKind
from domain.orders.answers import ItemAnswer
from domain.orders.order import Order
from domain.orders.progress import SETTLED, Progress
from domain.orders.sheets import answers_of
from domain.people import Language, Role
from domain.places import Place
from domain.times import Day, Instant, ZoneName
from domain.values import Line, Slug, Text, Value


class RunStop(Value):
    """One visit. `steps` are what is still to be done on site, in order; `titles` what the contract calls its own.

    `item` is what was ordered, by its name.
    """

    no: Slug
    kind: OrderKind
    start: Instant
    end: Instant
    person: Line
    site: Slug
    whence: Place | None = None
    whither: Place | None = None
    note: Text | None = None
    assets: tuple[Asset, ...] = ()
    steps: tuple[Slug, ...] = ()
    titles: Mapping[Slug, Mapping[Language, Line]] = {}
    item: ItemWords = {}
    answered: tuple[ItemAnswer, ...] = ()

    @property
    def site_ids(self) -> set[str]:
        return {self.site, *(place.site for place in (self.whence, self.whither) if place is not None)}


class RunSheet(Value):
    """`zone` is that of the first stop's site; `sites` are the names of those on the sheet."""

    technician: Slug
    name: Line
    day: Day
    zone: ZoneName
    made_at: Instant
    stops: tuple[RunStop, ...] = ()
    sites: Mapping[Slug, Line] = {}


def run_stop(order: Order, progress: Progress, requester: str) -> RunStop | None:
    """None without a visit."""
    visit, request = progress.appointment, order.request
    if visit is None:
        return None
    steps = _steps_on_site(order, progress)
    whence = next((asset.place for asset in progress.assets if asset.place is not None), None)
    return RunStop(
        no=order.no,
        kind=request.kind,
        start=visit.window.start,
        end=visit.window.end,
        person=request.holder or requester,
        site=request.site,
        whence=None if whence == request.target else whence,
        whither=request.target,
        note=request.note,
        assets=progress.assets,
        steps=steps,
        titles={step: titles for step in steps if (titles := _titles(order.chain.step(step)))},
        item=order.item.name if order.item else {},
        answered=answers_of(order),
    )


def _titles(step: StepBase) -> dict[Language, str]:
    return {language: title for language in LANGUAGES if (title := step.called(language))}


def _steps_on_site(order: Order, progress: Progress) -> tuple[str, ...]:
    def is_on_site(step: object) -> bool:
        is_technicians = isinstance(step, Work) and step.role == Role.TECHNICIAN
        return is_technicians or isinstance(step, Verification | Custody | Erasure)

    return tuple(
        step.id for step in order.chain.steps if is_on_site(step) and progress.step(step.id).status not in SETTLED
    )
