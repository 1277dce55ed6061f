"""Goods that are away under a certificate: it ends, is renewed, is doubted, and somebody sees to that."""

from datetime import datetime, timedelta

from db.awaited import AwaitedFilter, list_awaited
from db.rebuilding import rebuild
from db.vendors.vendor import save_vendor
from domain.cases.awaited import AwaitedLine
from domain.cases.events import Happening
from domain.cases.order_commands import DoubtCertificate, Hold, SettleCertificate
from domain.clocks.holds import HoldReason
from domain.kinds import OrderKind, OrderState
from domain.orders.departures import custodian_found
from domain.vendors.certificates import CertificateKind, VendorCertificate
from domain.vendors.vendor import Vendor
from tests.patience import until
from tests.stories import scripts
from tests.stories.scripts import HELD, LINDNER, PROOF
from tests.stories.stage import MONDAY, OrderDesk, Stage
from tests.world import COORDINATOR, TECHNICIAN

ENDS = HELD.valid_until
RENEWED = HELD.but(number="EfB-2", valid_from=ENDS, valid_until=ENDS.replace(month=12, day=20))


async def saved(stage: Stage, *certificates: VendorCertificate) -> Vendor:
    async with stage.database.writing() as session:
        return await save_vendor(session, LINDNER.but(certificates=certificates), by="p-koch", at=MONDAY)


async def away(stage: Stage) -> OrderDesk:
    """Until the goods are with a vendor whose certificate ends in nine days."""
    vendor = await saved(stage, HELD)
    desk = await scripts.placed(stage, OrderKind.DISPOSE, scripts.CERTIFYING)
    await scripts.left_to(desk, custodian_found(vendor, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin"))
    return desk


async def noted(desk: OrderDesk, what: Happening) -> list[dict[str, str]]:
    return [event.values for event in await desk.events(what)]


async def test_a_certificate_that_ends_while_goods_are_away_is_an_exception_with_an_owner_and_a_clock(
    stage: Stage,
) -> None:
    desk = await away(stage)

    await desk.later(days=7)
    early = await noted(desk, Happening.CERTIFICATE_EXPIRED)
    await desk.later(days=2)
    ended = await until(lambda: noted(desk, Happening.CERTIFICATE_EXPIRED), bool)
    (open_,) = (await desk.progress()).in_question
    await desk.later(days=5)
    proof = await desk.tries(COORDINATOR, PROOF)
    await desk.say(COORDINATOR, SettleCertificate(finding="Treated on the day of the handover, says their log."))
    await desk.say(COORDINATOR, PROOF)

    assert early == []
    assert ended == [
        {
            "vendor": LINDNER.name,
            "version": "1",
            "certificate": "waste_specialist",
            "number": HELD.number,
            "until": ENDS.isoformat(),
        }
    ]
    assert open_.since == datetime.fromisoformat("2027-12-01T00:00:00+01:00")
    assert [message.roles for message in desk.told("certificate_in_question")] == [("coordinator", "sdm")]
    missed = [event.values["clock"] for event in await desk.events("deadline_missed")]
    assert open_.clock in missed
    assert proof == ["certificate_in_question"]
    assert (await desk.ended()).state == OrderState.COMPLETED


async def test_what_is_in_question_is_due_by_its_own_clock_and_by_none_while_the_order_is_held(stage: Stage) -> None:
    desk = await away(stage)
    await desk.later(days=9)
    await until(lambda: noted(desk, Happening.CERTIFICATE_EXPIRED), bool)
    before = await _exception(stage)
    month = await desk.now() + timedelta(days=30)

    await desk.say(COORDINATOR, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=month, reason="on leave"))
    held = await _exception(stage)
    await rebuild(stage.database)

    # Sixteen hours from Wednesday, 1 December, 00:00 on: nine of them that day, seven on Thursday from eight o'clock.
    assert before.due == datetime.fromisoformat("2027-12-02T15:00:00+01:00")
    assert before.due != (await desk.row()).promised
    assert (held.due, held.held) == (None, True)
    assert await _exception(stage) == held


async def test_a_certificate_that_was_renewed_in_time_is_nobodys_exception(stage: Stage) -> None:
    desk = await away(stage)
    await saved(stage, HELD, RENEWED)

    await desk.later(days=10)
    renewed = await until(lambda: noted(desk, Happening.CERTIFICATE_RENEWED), bool)
    progress = await desk.progress()

    assert progress.exceptions == ()
    assert [one.version for one in progress.custodians] == [1, 2]
    assert [values["number"] for values in renewed] == [RENEWED.number]
    assert await noted(desk, Happening.CERTIFICATE_EXPIRED) == []


async def test_what_is_settled_by_a_renewed_certificate_is_watched_until_that_ends(stage: Stage) -> None:
    desk = await away(stage)
    await desk.later(days=11)
    vendor = await saved(stage, HELD, RENEWED)
    found = custodian_found(vendor, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin")

    await desk.say(COORDINATOR, SettleCertificate(finding="Renewed late."), looked_up=found)
    await desk.later(days=20)

    ended = await until(lambda: noted(desk, Happening.CERTIFICATE_EXPIRED), lambda values: len(values) == 2)
    assert [values["number"] for values in ended] == ["EfB-1", "EfB-2"]


async def test_what_is_proven_in_time_says_nothing_more_of_its_certificate(stage: Stage) -> None:
    desk = await away(stage)

    await desk.say(COORDINATOR, PROOF)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await noted(desk, Happening.CERTIFICATE_EXPIRED) == []


async def test_what_is_found_wrong_is_told_of_and_changes_nothing_that_was_recorded(stage: Stage) -> None:
    desk = await away(stage)
    before = (await desk.progress()).custodians

    await desk.say(TECHNICIAN, DoubtCertificate(reason="Withdrawn by its certifier."))
    told = await until(lambda: _told(desk), bool)

    assert (await desk.progress()).custodians == before
    assert told == ["Withdrawn by its certifier."]


async def _told(desk: OrderDesk) -> list[str]:
    return [message.values["reason"] for message in desk.told("certificate_in_question")]


async def test_goods_that_left_are_noted_with_who_has_them_and_why_they_could(stage: Stage) -> None:
    desk = await away(stage)

    assert await noted(desk, Happening.LEFT_CONTROL) == [
        {
            "taker": "certified recycler",
            "serials": "SN900",
            "vendor": LINDNER.name,
            "version": "1",
            "certificate": "waste_specialist",
            "number": HELD.number,
        }
    ]


async def _exception(stage: Stage) -> AwaitedLine:
    async with stage.database.reading() as session:
        (line,) = await list_awaited(session, AwaitedFilter(exception=True), 10, None)
    return line
