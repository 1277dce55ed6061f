"""To whom goods may be given, and what is recorded of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.cases.lookups import CustodianFound
from domain.cases.order_commands import AddEvidence, ConfirmCustody, DoubtCertificate, SettleCertificate, Skip
from domain.clocks.sla import SlaClock
from domain.contracts.tailoring import certified
from domain.kinds import OrderKind
from domain.orders.awaited import waits
from domain.orders.departures import custodian_of, under_way
from domain.orders.progress import StepStatus
from domain.orders.promises import ladder_of
from domain.orders.sheets import awaited
from domain.people import Role
from domain.refusals import Problem
from domain.vendors.certificates import CertificateKind, VendorCertificate, dated
from tests.domain.orders.paper import Paper, placed
from tests.world import COORDINATOR, RECYCLER, TECHNICIAN

ASKED = CertificateKind.WASTE_SPECIALIST
# The goods leave on 2 March 2026.
HELD = VendorCertificate(
    kind=ASKED, number="EfB-1", valid_from=date(2026, 1, 1), valid_until=date(2026, 12, 31), scope="16 02"
)
GIVER = ConfirmCustody(side="giver", serials=("SN900",))
TAKER = ConfirmCustody(side="taker", serials=("SN900",))


def found(*certificates: VendorCertificate, vendor: str = "lindner", version: int = 3) -> CustodianFound:
    with_days = tuple(dated(one, "Europe/Berlin") for one in certificates)
    return CustodianFound(vendor=vendor, name="Lindner Recycling", version=version, certificates=with_days)


def handing_over(*, asks: bool = True, vendor: str | None = None) -> Paper:
    order = placed(OrderKind.DISPOSE)
    chain = certified(order.chain, ASKED if asks else None)
    steps = tuple(step.but(vendor=vendor) if step.id == "handover" else step for step in chain.steps)
    return Paper(order.but(chain=chain.but(steps=steps))).until("handover")


def refused(paper: Paper, looked_up: CustodianFound | None, command: ConfirmCustody = GIVER) -> list[Problem]:
    return list(paper.refusal(TECHNICIAN, command, looked_up=looked_up).problems)


def test_goods_leave_only_to_a_vendor_with_a_certificate_that_holds_and_that_is_recorded() -> None:
    paper = handing_over()

    paper.say(TECHNICIAN, GIVER, looked_up=found(HELD))
    paper.say(RECYCLER, TAKER, looked_up=found(HELD, version=4))

    (taken,) = paper.progress.custodians
    assert (taken.step, taken.vendor, taken.version) == ("handover", "lindner", 4)
    assert taken.certificate is not None
    assert taken.certificate.certificate == HELD
    assert taken.at == paper.progress.step("handover").closed_at


@pytest.mark.parametrize(
    ("looked_up", "code", "says"),
    [
        pytest.param(None, "custodian_needed", {}, id="nobody is named"),
        pytest.param(found(), "custodian_uncertified", {}, id="no certificate"),
        pytest.param(
            found(
                HELD.but(number="old", valid_until=date(2026, 1, 31)),
                HELD.but(number="older", valid_until=date(2026, 1, 1)),
                HELD.but(number="next", valid_from=date(2026, 4, 1)),
            ),
            "custodian_certificate_ended",
            {"number": "old", "until": "2026-01-31"},
            id="ended",
        ),
        pytest.param(
            found(HELD.but(number="next", valid_from=date(2026, 4, 1))),
            "custodian_certificate_not_begun",
            {"number": "next", "from": "2026-04-01"},
            id="not begun",
        ),
    ],
)
def test_a_refusal_says_which_certificate_is_missing_or_when_it_ended(
    looked_up: CustodianFound | None, code: str, says: dict[str, str]
) -> None:
    (problem,) = refused(handing_over(), looked_up)

    assert (problem.code, problem.at) == (code, "/vendor")
    assert problem.values.items() >= (says | {"certificate": ASKED}).items()


def test_all_that_is_wrong_with_a_handover_is_said_at_once() -> None:
    problems = refused(handing_over(), found(), GIVER.but(serials=("SN1",)))

    assert [one.code for one in problems] == ["serial_not_listed", "serials_missing", "custodian_uncertified"]


def test_a_certificate_that_ends_between_the_two_sides_stops_the_second() -> None:
    paper = handing_over()
    paper.say(TECHNICIAN, GIVER, looked_up=found(HELD))

    paper.now = datetime(2026, 12, 31, 23, tzinfo=UTC)
    (problem,) = refused(paper, found(HELD), TAKER)

    assert problem.code == "custodian_certificate_ended"
    assert paper.progress.custodians == ()


def test_both_sides_name_the_same_vendor() -> None:
    paper = handing_over()
    paper.say(TECHNICIAN, GIVER, looked_up=found(HELD))

    assert [one.code for one in refused(paper, found(HELD, vendor="other"), TAKER)] == ["custodian_differs"]


DRIVERS = (RECYCLER.person, "p-driver")


def test_for_a_vendor_only_its_own_people_take_goods() -> None:
    paper = handing_over(asks=False)
    lindner = found().but(people=DRIVERS)
    paper.say(TECHNICIAN, GIVER, looked_up=lindner)

    (problem,) = paper.refusal(COORDINATOR, TAKER, looked_up=lindner).problems
    paper.say(RECYCLER, TAKER, looked_up=lindner)

    assert (problem.code, problem.at) == ("taker_not_of_vendor", "/side")
    assert problem.values == {"vendor": "Lindner Recycling", "person": COORDINATOR.person}
    assert [one.vendor for one in paper.progress.custodians] == ["lindner"]


def test_a_vendors_people_do_not_hand_over_to_themselves() -> None:
    paper = handing_over(asks=False)

    (problem,) = paper.refusal(RECYCLER, GIVER, looked_up=found().but(people=DRIVERS)).problems

    assert (problem.code, problem.at) == ("giver_of_vendor", "/side")


def test_where_it_was_not_looked_up_who_may_sign_anybody_signs_as_before() -> None:
    paper = handing_over(asks=False)

    paper.say(TECHNICIAN, GIVER, looked_up=found())
    paper.say(COORDINATOR, TAKER, looked_up=found())

    assert [one.vendor for one in paper.progress.custodians] == ["lindner"]


@pytest.mark.parametrize(
    ("stands", "said_before", "says", "meant"),
    [
        pytest.param("lindner", None, None, "lindner", id="as the chain names"),
        pytest.param("lindner", None, "other", "other", id="unless the giver names another"),
        pytest.param("lindner", "other", None, "other", id="whom the taker need not name again"),
        pytest.param(None, None, None, None, id="nobody"),
    ],
)
def test_who_takes_goods(stands: str | None, said_before: str | None, says: str | None, meant: str | None) -> None:
    paper = handing_over(vendor=stands)
    if said_before is not None:
        paper.say(TECHNICIAN, GIVER.but(vendor=said_before), looked_up=found(HELD, vendor=said_before))

    giving = custodian_of(paper.order, paper.progress, None, says)

    assert (giving.vendor if giving else None) == meant


def test_nobody_goes_past_whoever_has_to_be_certified() -> None:
    paper = handing_over()

    assert paper.codes(COORDINATOR, Skip(step="handover", reason="later")) == ["step_mandatory"]


def test_where_no_certificate_is_asked_for_all_goes_on_as_before() -> None:
    paper = handing_over(asks=False)

    paper.say(TECHNICIAN, GIVER)
    paper.say(RECYCLER, TAKER)

    assert paper.status("handover") == StepStatus.DONE
    assert paper.progress.custodians == ()


def test_a_vendor_can_be_named_where_no_certificate_is_asked_for() -> None:
    paper = handing_over(asks=False)

    paper.say(TECHNICIAN, GIVER, looked_up=found())
    paper.say(RECYCLER, TAKER, looked_up=found(), at=paper.now + timedelta(hours=1))

    assert [(one.vendor, one.certificate) for one in paper.progress.custodians] == [("lindner", None)]


def away() -> Paper:
    paper = handing_over()
    paper.say(TECHNICIAN, GIVER, looked_up=found(HELD))
    paper.say(RECYCLER, TAKER, looked_up=found(HELD))
    return paper


DOUBT = DoubtCertificate(reason="The certifier has withdrawn it.")
SETTLE = SettleCertificate(finding="Withdrawn by mistake, and given back.")
PROOF = AddEvidence(document="disposal_proof", document_no="EN-1", serials=("SN900",))


def clock(paper: Paper, name: str) -> SlaClock:
    return next(one for one in paper.progress.clocks if one.name == name)


def test_what_is_found_wrong_later_is_a_new_entry_with_an_owner_and_a_clock() -> None:
    paper = away()
    (recorded,) = paper.progress.custodians

    paper.say(TECHNICIAN, DOUBT)

    (found_wrong,) = paper.progress.in_question
    (asked,) = [one for one in awaited(paper.order, paper.progress) if one.command == "settle_certificate"]
    (shown,) = [one for one in waits(paper.order, paper.progress, None) if one.exception]
    assert paper.progress.custodians == (recorded,)
    assert (found_wrong.custodian, found_wrong.reason) == (recorded, DOUBT.reason)
    assert (asked.step, asked.role, asked.people) == ("handover", Role.COORDINATOR, ("p-koch",))
    assert (shown.problem.code if shown.problem else None) == "certificate_doubted"
    assert clock(paper, found_wrong.clock).started_at == found_wrong.since
    assert clock(paper, found_wrong.clock).target == timedelta(minutes=960)
    assert [row.tell for row in ladder_of(paper.order, clock(paper, found_wrong.clock))] == [
        (Role.COORDINATOR,),
        (Role.COORDINATOR, Role.SDM),
    ]


def test_nothing_is_proven_before_it_is_settled() -> None:
    paper = away()
    paper.say(TECHNICIAN, DOUBT)

    assert paper.codes(COORDINATOR, PROOF) == ["certificate_in_question"]
    assert paper.codes(COORDINATOR, Skip(step="proof", reason="no time")) == ["certificate_in_question"]
    paper.say(COORDINATOR, SETTLE)
    paper.say(COORDINATOR, PROOF)

    (settled,) = paper.progress.exceptions
    assert (settled.settled_by, settled.finding) == (COORDINATOR.person, SETTLE.finding)
    assert clock(paper, settled.clock).stopped_at == settled.settled_at
    assert paper.progress.is_chain_done


def test_a_certificate_that_holds_by_now_is_recorded_with_what_settles_it() -> None:
    paper = away()
    paper.say(TECHNICIAN, DOUBT)
    renewed = HELD.but(number="EfB-2", valid_until=date(2027, 12, 31))

    paper.say(COORDINATOR, SETTLE, looked_up=found(HELD, renewed, version=5))

    first, second = paper.progress.custodians
    assert (first.version, second.version) == (3, 5)
    assert second.certificate is not None
    assert second.certificate.certificate == renewed
    watched = under_way(paper.order, paper.progress)
    assert watched is not None
    assert watched.ends_at == datetime(2027, 12, 31, 23, tzinfo=UTC)


def test_only_what_was_taken_is_doubted_and_only_what_is_in_question_is_settled() -> None:
    unnamed = handing_over(asks=False)
    unnamed.say(TECHNICIAN, GIVER)
    unnamed.say(RECYCLER, TAKER)

    assert handing_over().codes(TECHNICIAN, DOUBT) == ["no_such_step_open"]
    assert unnamed.codes(TECHNICIAN, DOUBT) == ["nobody_has_it"]
    assert away().codes(COORDINATOR, SETTLE) == ["nothing_in_question"]


def test_what_is_proven_is_watched_no_more() -> None:
    paper = away()
    assert under_way(paper.order, paper.progress) is not None

    paper.say(COORDINATOR, PROOF)

    assert under_way(paper.order, paper.progress) is None
