"""A bundle of four orders, of which the last comes after the others; told to whoever plays or records it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from domain.cases.order_commands import Accept, Approve, Cancel, Complete, Retry
from domain.contracts.catalogue import Item, ItemPart, ItemQuestion
from domain.contracts.tailoring import Tailoring
from domain.ids import part_order_no
from domain.kinds import OrderKind
from domain.orders.order import OrderRequest
from domain.orders.progress import Progress, StepStatus
from tests.patience import until
from tests.stories import scripts
from tests.stories.stage import OrderDesk
from tests.world import APPROVER, CONTRACT, COORDINATOR, DESK, REQUESTER, TECHNICIAN, request


def words(text: str) -> Any:  # noqa: ANN401  # both languages
    return {"de": text, "en": f"{text} (en)"}


MODEL = [{"model": "ThinkPad T14"}]
NOTEBOOK = Item(
    id="notebook",
    name=words("Notebook"),
    kind=OrderKind.INSTALL,
    questions=(ItemQuestion(id="first-day", text=words("Wann?"), needed=False),),
)
# What fails is undone at once.
PHONE = Item(
    id="phone",
    name=words("Telefon"),
    kind=OrderKind.ASSIST,
    price=Decimal("25.00"),
    chain=Tailoring(drop=("appointment",), set={"work": {"on_failure": "compensate"}}),
)
TALK = PHONE.but(id="talk", name=words("Einweisung"), chain=Tailoring(drop=("appointment",)))
NEWCOMER = Item(
    id="newcomer",
    name=words("Neue Mitarbeiterin"),
    kind=OrderKind.ASSIST,
    target_minutes=5400,
    items=(
        ItemPart.model_validate({"item": "notebook", "wanted": MODEL}),
        ItemPart.model_validate({"item": "notebook", "id": "spare", "wanted": MODEL}),
        ItemPart(item="phone"),
        ItemPart(item="talk", after=("notebook", "phone")),
    ),
)
BACK = Item(id="back", name=words("Gerät zurückgeben"), kind=OrderKind.REMOVE)
SCRAP = Item(id="scrap", name=words("Gerät entsorgen"), kind=OrderKind.DISPOSE)
LEAVER = Item(
    id="leaver",
    name=words("Jemand geht"),
    kind=OrderKind.ASSIST,
    target_minutes=5400,
    items=(
        ItemPart(item="phone"),
        ItemPart(item="back", assets=True),
        ItemPart(item="scrap", assets=True, after=("back",)),
    ),
)
BUNDLED = CONTRACT.but(catalogue=(NOTEBOOK, PHONE, TALK, NEWCOMER))
LEFT = CONTRACT.but(catalogue=(PHONE, BACK, SCRAP, LEAVER))


def wished(**fields: object) -> OrderRequest:
    usual = {"item": "newcomer", "target": DESK, "holder": "Nora Falk", "answers": {"notebook_first-day": "Montag"}}
    return request(OrderKind.ASSIST, **usual | fields)


class BundleDesk:
    """The people round a bundle, who also sit at the desks of its orders."""

    def __init__(self, desk: OrderDesk) -> None:
        self.desk = desk

    async def until(self, holds: Callable[[Progress], object]) -> Progress:
        """What its orders tell it reaches it on a way of its own."""
        return await until(self.desk.progress, holds)

    async def part(self, step: str, attempt: int = 1) -> OrderDesk:
        """As soon as it has been placed."""
        bundle = self.desk.order
        no = part_order_no(bundle.no, step, attempt)
        order = next(part for part in bundle.parts if part.bundle is not None and part.bundle.step == step)
        desk = OrderDesk(self.desk.stage, order.but(no=no))
        await self.until(lambda progress: no in {part.order for part in progress.parts})
        await until(desk.written)
        return desk

    async def status(self, step: str, status: StepStatus) -> None:
        await self.until(lambda progress: progress.step(step).status == status)


async def approved(desk: OrderDesk) -> BundleDesk:
    await desk.say(APPROVER, Approve(step="approval"))
    return BundleDesk(desk)


async def installed(desk: OrderDesk) -> None:
    await desk.say(COORDINATOR, scripts.visit(await desk.now()))
    await talked(desk)


async def talked(desk: OrderDesk) -> None:
    await desk.say(TECHNICIAN, Complete(minutes=30))
    await desk.say(REQUESTER, Accept())


async def one_fails_and_is_tried_again(desk: OrderDesk) -> None:
    bundle = await approved(desk)
    await (await bundle.part("phone")).say(TECHNICIAN, Complete(outcome="failed", reason="no line"))
    for step in ("notebook", "spare"):
        await installed(await bundle.part(step))
        await bundle.status(step, StepStatus.DONE)
    await bundle.status("phone", StepStatus.STUCK)
    await desk.say(COORDINATOR, Retry(step="phone"))
    await talked(await bundle.part("phone", attempt=2))
    await talked(await bundle.part("talk"))


async def called_off(desk: OrderDesk) -> None:
    """Some of it can be, and what is done by then cannot."""
    bundle = await approved(desk)
    phone = await bundle.part("phone")
    await phone.say(TECHNICIAN, Complete(minutes=30))
    await desk.say(REQUESTER, Cancel(reason="she does not come", rest="cancel"))
    await bundle.status("phone", StepStatus.STUCK)
    await phone.say(REQUESTER, Accept())


async def left_for_good(desk: OrderDesk) -> None:
    """What somebody leaves behind is fetched, erased and disposed of."""
    (serial,) = (asset.serial for asset in desk.order.assets)
    assert serial is not None
    bundle = await approved(desk)
    await talked(await bundle.part("phone"))
    back = await bundle.part("back")
    await back.say(COORDINATOR, scripts.visit(await back.now()))
    await back.say(TECHNICIAN, Complete(minutes=30))
    await scripts.erased(back, serial)
    await scripts.handed_over(back, serial)
    await bundle.status("back", StepStatus.DONE)
    scrap = await bundle.part("scrap")
    await scripts.erased(scrap, serial)
    await scripts.handed_over(scrap, serial)
    await scrap.say(COORDINATOR, scripts.PROOF.but(serials=(serial,)))


def leaving() -> OrderRequest:
    return request(OrderKind.ASSIST, item="leaver", assets=["NB-200"])
