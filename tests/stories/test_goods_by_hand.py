"""Twelve stories of three notebooks that leave, their right values written by hand."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.spreadsheets import read_file
from db.assets.asset import store_asset
from db.vendors.vendor import save_vendor
from domain.assets.waste import Battery, WasteCode
from domain.cases.erasures import ErasedDrive, ErasureReport
from domain.cases.events import Happening
from domain.cases.lookups import ErasureReportFound, RecyclerListFound
from domain.cases.order_commands import (
    AddErasureReport,
    AddEvidence,
    AddRecyclerList,
    Approve,
    Cancel,
    Command,
    ConfirmCustody,
    DeclareWaste,
    RecordErasure,
    SettleCertificate,
    WasteItem,
)
from domain.cases.recycler_lists import RecyclerList, SwappedItem
from domain.contracts.chains import ErasureMethod
from domain.contracts.contract import Contract
from domain.kinds import OrderKind, OrderState
from domain.orders.departures import comparisons, custodian_found, departed
from domain.orders.erasures import ErasureOutcome, erasure_records
from domain.orders.progress import Custodian, StepStatus
from domain.orders.protocols import ProtocolKind, protocol
from domain.orders.recycler_lists import recycler_list
from domain.orders.waste import WasteReport, waste_of, waste_report
from domain.papers import KeptPaper
from domain.refusals import Problem, Unacceptable
from domain.vendors.certificates import CertificateKind
from tests.domain.orders.test_erasures import drive
from tests.patience import until
from tests.stories import scripts
from tests.stories.scripts import CERTIFYING, HELD, LINDNER
from tests.stories.stage import MONDAY, OrderDesk, Stage
from tests.world import APPROVER, ASSETS, CONTRACT, COORDINATOR, RECYCLER, REQUESTER, TECHNICIAN, request

SERIALS = ("SN900", "SN901", "SN902")
# What it takes to make 5,000 of what has left.
STRANGERS = [f"XX-{n:04}" for n in range(4_997)]


async def three(stage: Stage, contract: Contract = CONTRACT) -> OrderDesk:
    """Three notebooks that are to be disposed of."""
    (first,) = (asset for asset in ASSETS if asset.tag == "NB-900")
    async with stage.database.writing() as session:
        for serial in SERIALS[1:]:
            tag = f"NB-{serial[2:]}"
            one = first.but(tag=tag, serial=serial)
            at = datetime(2026, 1, 1, tzinfo=UTC)
            await store_asset(session, one, before=None, under="example", source="example", at=at)
    asked = request(OrderKind.DISPOSE, assets=[f"NB-{serial[2:]}" for serial in SERIALS])
    return await stage.place(asked, contract)


async def erased(stage: Stage, contract: Contract = CONTRACT) -> OrderDesk:
    desk = await three(stage, contract)
    await desk.say(APPROVER, Approve())
    for serial in SERIALS:
        await scripts.erased(desk, serial)
    return desk


async def gone(stage: Stage) -> OrderDesk:
    desk = await erased(stage)
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=SERIALS))
    await desk.say(RECYCLER, ConfirmCustody(side="taker", serials=SERIALS))
    return desk


async def heard(desk: OrderDesk, *rows: str, digest: str = "a" * 64) -> RecyclerList:
    """The recycler's list, read as the API reads it and told to the order. Raises `Unacceptable`."""
    content = "\n".join(("Inventarnummer;Seriennummer", *rows, "")).encode()
    said = recycler_list(read_file("list.csv", content), departed(await desk.progress(), "handover"))
    paper = KeptPaper(digest=digest, media_type="text/csv", size=len(content))
    await desk.say(TECHNICIAN, AddRecyclerList(digest=digest), looked_up=RecyclerListFound(paper=paper, said=said))
    return said


def proof(*serials: str) -> AddEvidence:
    return AddEvidence(document="disposal_proof", document_no="EN-2027-1", serials=serials)


async def ended(desk: OrderDesk) -> OrderState:
    return OrderState((await desk.ended()).state)


async def year(desk: OrderDesk, of: int) -> WasteReport:
    return waste_report([(desk.order, await desk.progress())], "adler", of)


async def test_1_batteries_make_hazardous_waste_of_what_has_them_inside(stage: Stage) -> None:
    desk = await erased(stage)
    items = (
        WasteItem(serial="SN900", code=WasteCode.DEVICE_HAZARDOUS, grams=1480, battery=Battery.INSIDE),
        WasteItem(serial="SN901", code=WasteCode.DEVICE, grams=1320, battery=Battery.TAKEN_OUT),
        WasteItem(serial="SN902", code=WasteCode.DEVICE, grams=1500, weighed=False, battery=Battery.TAKEN_OUT),
    )
    wrong = items[0].but(code=WasteCode.DEVICE)

    unexplained = await desk.tries(TECHNICIAN, DeclareWaste(items=(wrong,)))
    await desk.say(TECHNICIAN, DeclareWaste(items=items))
    before = await year(desk, 2027)
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=SERIALS))
    await desk.say(RECYCLER, ConfirmCustody(side="taker", serials=SERIALS))
    found, other = await year(desk, 2027), await year(desk, 2026)

    assert unexplained == ["waste_code_needs_reason"]
    assert [(total.code, total.hazardous, total.items, total.grams) for total in found.totals] == [
        ("16 02 13*", True, 1, 1480),
        ("16 02 14", False, 2, 2820),
    ]
    assert (found.grams, found.undeclared) == (4300, 0)
    # As long as nothing has left nothing is waste, and never in another year.
    assert before.lines == other.lines == ()


async def test_2_a_certificate_that_ends_between_handover_and_proof_is_settled_first(stage: Stage) -> None:
    async with stage.database.writing() as session:
        vendor = await save_vendor(session, LINDNER, by="p-koch", at=MONDAY)
    found = custodian_found(vendor, CertificateKind.WASTE_SPECIALIST, "Europe/Berlin")
    desk = await erased(stage, CERTIFYING)
    for actor, side in ((TECHNICIAN, "giver"), (RECYCLER, "taker")):
        told = ConfirmCustody.model_validate({"side": side, "serials": SERIALS, "vendor": "lindner"})
        await desk.say(actor, told, looked_up=found)
    (custodian,) = (await desk.progress()).custodians
    await desk.later(days=9)
    await until(lambda: desk.events(Happening.CERTIFICATE_EXPIRED), bool)

    (open_,) = (await desk.progress()).in_question
    early = await desk.tries(COORDINATOR, proof(*SERIALS))
    await desk.say(COORDINATOR, SettleCertificate(finding="shredded on 23 November, says their log"))
    await desk.say(COORDINATOR, proof(*SERIALS))

    assert isinstance(custodian, Custodian)
    assert custodian.certificate is not None
    assert (custodian.certificate.certificate, HELD.valid_until) == (HELD, date(2027, 11, 30))
    assert open_.since == datetime.fromisoformat("2027-12-01T00:00:00+01:00")
    assert early == ["certificate_in_question"]
    assert await ended(desk) == OrderState.COMPLETED


async def test_3_of_one_that_is_missing_nothing_is_proven_before_it_has_come(stage: Stage) -> None:
    desk = await gone(stage)

    await heard(desk, ";SN900", ";SN902")
    (first,) = comparisons(await desk.progress())
    refused = await desk.tries(COORDINATOR, proof(*SERIALS))
    await desk.say(COORDINATOR, proof("SN900", "SN902"))
    await heard(desk, *(f";{serial}" for serial in SERIALS), digest="b" * 64)
    await desk.say(COORDINATOR, proof("SN901"))

    assert (first.left, first.received, first.extra, first.swapped) == (3, 2, (), ())
    assert [(item.tag, item.serial, item.data_bearing) for item in first.missing] == [("NB-901", "SN901", True)]
    assert first.missing[0].incident is not None
    assert refused == ["missing_at_recycler"]
    assert await ended(desk) == OrderState.COMPLETED


async def test_4_one_that_is_theirs_alone_is_named_and_keeps_nothing_waiting(stage: Stage) -> None:
    desk = await gone(stage)

    said = await heard(desk, *(f";{serial}" for serial in SERIALS), ";XX-1")
    (found,) = comparisons(await desk.progress())
    await desk.say(COORDINATOR, proof(*SERIALS))

    assert (said.rows, found.left, found.received, found.extra, found.missing) == (4, 3, 3, ("XX-1",), ())
    assert await desk.events(Happening.ITEM_MISSING) == []
    assert await ended(desk) == OrderState.COMPLETED


async def test_5_of_tags_that_were_swapped_the_serials_count(stage: Stage) -> None:
    desk = await gone(stage)

    await heard(desk, "NB-900;SN901", "NB-901;SN900", "NB-902;SN902")
    (found,) = comparisons(await desk.progress())

    assert (found.received, found.missing, found.extra) == (3, (), ())
    assert found.swapped == (
        SwappedItem(tag="NB-900", serial="SN900", found="SN901"),
        SwappedItem(tag="NB-901", serial="SN901", found="SN900"),
    )
    assert await desk.events(Happening.ITEM_MISSING) == []


async def test_6_what_failed_to_be_erased_twice_is_destroyed_and_certified_as_that(stage: Stage) -> None:
    desk = await three(stage)
    await desk.say(APPROVER, Approve())
    await _report(desk, [drive("SN900"), drive("SN901", passed=False), drive("SN902")], "a" * 64)
    await _report(desk, [drive("SN901", passed=False)], "b" * 64)
    waiting = (await desk.progress()).step("erasure").status

    await scripts.erased(desk, "SN902")
    still = (await desk.progress()).step("erasure").status
    record = {"serial": "SN901", "method": "destroy", "tool": "shredder", "passed": True, "verification": "looked at"}
    people = {"operator": TECHNICIAN.person, "verifier": COORDINATOR.person, "place": "Werkstatt"}
    await desk.say(TECHNICIAN, RecordErasure.model_validate(record | people | {"done_at": await desk.now()}))

    progress = await desk.progress()
    records = [one for one in erasure_records(desk.order, progress) if one.asset == "NB-901"]
    paper = protocol(desk.order, progress, ProtocolKind.ERASURE_CERTIFICATE)
    assert (waiting, still, progress.step("erasure").status) == (
        StepStatus.STARTED,
        StepStatus.STARTED,
        StepStatus.DONE,
    )
    assert [one.outcome for one in records] == [ErasureOutcome.FAILED, ErasureOutcome.FAILED, ErasureOutcome.PROVEN]
    assert [(line.serial, line.method) for line in paper.lines] == [
        ("SN900", ErasureMethod.PURGE),
        ("SN901", ErasureMethod.DESTROY),
        ("SN902", ErasureMethod.PURGE),
    ]


async def test_7_what_has_left_is_called_off_no_more_and_before_it_has_nothing_is_gone(stage: Stage) -> None:
    desk = await gone(stage)
    late = await desk.tries(REQUESTER, Cancel(reason="we keep them"))
    await desk.say(COORDINATOR, proof(*SERIALS))

    assert late == ["past_cutoff"]
    assert await ended(desk) == OrderState.COMPLETED
    assert len(await desk.events(Happening.LEFT_CONTROL)) == 1


async def test_7_what_only_we_have_confirmed_is_called_off_and_has_not_left(stage: Stage) -> None:
    desk = await erased(stage)
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=SERIALS))

    await desk.say(REQUESTER, Cancel(reason="we keep them"))

    assert await ended(desk) == OrderState.CANCELLED
    assert await desk.events(Happening.LEFT_CONTROL) == []
    assert (await year(desk, 2027)).lines == ()


async def test_8_a_proof_that_names_serials_of_another_order_proves_nothing(stage: Stage) -> None:
    desk = await gone(stage)

    refused = await _refusal(desk, proof("SN900", "SN100", "SN200", "SN900"))
    step = (await desk.progress()).step("proof")

    assert [(one.code, one.at) for one in refused] == [
        ("serial_not_listed", "/serials/1"),
        ("serial_not_listed", "/serials/2"),
        ("serial_twice", "/serials"),
    ]
    assert step.status == StepStatus.OPEN


async def test_9_five_thousand_serials_are_read_and_one_more_is_not(stage: Stage) -> None:
    desk = await gone(stage)
    rows = [f";{serial}" for serial in (*SERIALS, *STRANGERS)]
    doubled = [f";{serial}" for serial in (*STRANGERS[:2500], *STRANGERS[:2500])]

    with pytest.raises(Unacceptable) as longer:
        await heard(desk, *rows, ";ONE-MORE")
    with pytest.raises(Unacceptable) as twice:
        await heard(desk, *doubled)
    nothing = comparisons(await desk.progress())
    await heard(desk, *rows)
    (found,) = comparisons(await desk.progress())

    assert [(one.code, one.values) for one in longer.value.problems] == [("list_too_long", {"most": "5000"})]
    assert {one.code for one in twice.value.problems} == {"serial_in_two_rows"}
    assert len(twice.value.problems) == 2500
    assert nothing == ()
    assert (found.left, found.received, len(found.extra), found.missing) == (3, 3, 4997, ())


async def test_10_one_person_confirms_one_side_whoever_they_say_they_are(stage: Stage) -> None:
    desk = await erased(stage)
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=SERIALS))

    ours = await desk.tries(TECHNICIAN, ConfirmCustody(side="taker", serials=SERIALS))
    few = await desk.tries(RECYCLER, ConfirmCustody(side="taker", serials=SERIALS[:2]))
    step = (await desk.progress()).step("handover").status
    await desk.say(RECYCLER, ConfirmCustody(side="taker", serials=SERIALS))

    assert (ours, few, step) == (["both_sides_same_person"], ["serials_missing"], StepStatus.STARTED)
    assert (await desk.progress()).step("handover").status == StepStatus.DONE


async def test_11_a_serial_that_only_looks_like_ours_is_not_ours(stage: Stage) -> None:
    desk = await three(stage)
    await desk.say(APPROVER, Approve())
    # The first letter is Cyrillic.
    typed = {"serial": "ЅN900", "method": "purge", "tool": "nwipe", "passed": True, "verification": "sampled"}
    people = {"operator": TECHNICIAN.person, "verifier": COORDINATOR.person, "place": "Werkstatt"}
    record = RecordErasure.model_validate(typed | people | {"done_at": await desk.now()})
    erasing = await desk.tries(TECHNICIAN, record)
    for serial in SERIALS:
        await scripts.erased(desk, serial)
    giving = await desk.tries(TECHNICIAN, ConfirmCustody(side="giver", serials=("SN9O0", *SERIALS[1:])))
    await desk.say(TECHNICIAN, ConfirmCustody(side="giver", serials=SERIALS))
    await desk.say(RECYCLER, ConfirmCustody(side="taker", serials=SERIALS))

    with pytest.raises(Unacceptable) as listing:
        await heard(desk, ";SN9O0", ";SN901", ";SN9O2")

    assert erasing == ["serial_not_listed"]
    assert giving == ["serial_not_listed", "serials_missing"]
    assert [(one.code, one.values["meant"]) for one in listing.value.problems] == [
        ("serial_looks_alike", "SN900"),
        ("serial_looks_alike", "SN902"),
    ]
    assert comparisons(await desk.progress()) == ()


async def test_12_nothing_weighs_nothing_or_less(stage: Stage) -> None:
    desk = await erased(stage)
    weights = [0, -5, 1_000_001, 1500]
    items = [
        {"serial": serial, "code": "16 02 14", "grams": grams, "battery": "taken_out"}
        for serial, grams in zip((*SERIALS, "SN900"), weights, strict=True)
    ]
    commands: TypeAdapter[Command] = TypeAdapter(Command)

    with pytest.raises(ValidationError) as refused:
        commands.validate_python({"type": "declare_waste", "items": items})

    assert [(error["loc"][-2:], error["type"]) for error in refused.value.errors()] == [
        ((0, "grams"), "greater_than"),
        ((1, "grams"), "greater_than"),
        ((2, "grams"), "less_than_equal"),
    ]
    assert [line.grams for line in waste_of(desk.order, await desk.progress())] == [None] * 3


async def _report(desk: OrderDesk, drives: list[ErasedDrive], digest: str) -> None:
    told = AddErasureReport(
        digest=digest,
        validation="five read back",
        operator=TECHNICIAN.person,
        verifier=COORDINATOR.person,
        place="Werkstatt",
    )
    paper = KeptPaper(digest=digest, media_type="application/xml", size=9)
    found = ErasureReportFound(paper=paper, report=ErasureReport(tool="Blancco", drives=tuple(drives)))
    await desk.say(TECHNICIAN, told, looked_up=found)


async def _refusal(desk: OrderDesk, command: AddEvidence) -> tuple[Problem, ...]:
    with pytest.raises(Unacceptable) as refused:
        await desk.say(COORDINATOR, command)
    return tuple(refused.value.problems)
