"""What is put on paper of work: every hour as it was told, and by whom it was taken over."""

from datetime import timedelta

import pytest

from domain.cases.lookups import PaperFound
from domain.cases.order_commands import Accept, AddPaper, Complete, DeclineAcceptance, LogWork, PartUse
from domain.kinds import OrderKind
from domain.orders.protocols import Protocol, ProtocolKind, protocol, ready_protocols
from domain.papers import KeptPaper, PaperKind
from domain.people import Role
from domain.refusals import Refused
from tests.domain.orders.paper import HOUR, Paper, placed
from tests.world import COORDINATOR, REQUESTER, TECHNICIAN

KINDS = (ProtocolKind.TIME_SHEET, ProtocolKind.ACCEPTANCE_PROTOCOL)


def worked() -> Paper:
    """Forty minutes with a cable, and twenty-five afterwards; nobody has taken it over yet."""
    paper = Paper(placed(OrderKind.INSTALL)).until("work")
    part = PartUse(part="cable", quantity=2, unit_price="4.50")
    began = paper.now
    paper.say(TECHNICIAN, LogWork(step="work", minutes=40, started_at=began, parts=(part,)), at=began + HOUR)
    said = Complete(step="work", minutes=25, started_at=began + HOUR, reason="printer driver renewed")
    paper.say(TECHNICIAN, said, at=began + 2 * HOUR)
    return paper


def made(paper: Paper, kind: ProtocolKind) -> Protocol:
    return protocol(paper.order, paper.progress, kind)


def test_a_time_sheet_has_every_stretch_as_it_was_told_and_their_sum() -> None:
    sheet = made(worked(), ProtocolKind.TIME_SHEET)

    assert sheet.times is not None
    assert [(one.minutes, one.person, one.note) for one in sheet.times.stretches] == [
        (40, TECHNICIAN.person, None),
        (25, TECHNICIAN.person, "printer driver renewed"),
    ]
    assert [[(use.part, use.quantity) for use in one.parts] for one in sheet.times.stretches] == [[("cable", 2)], []]
    assert (sheet.times.minutes, sheet.step) == (65, "work")
    assert sheet.dated == sheet.times.stretches[-1].started_at + timedelta(minutes=25)
    assert sheet.people == {TECHNICIAN.person}


def test_a_visit_for_nothing_stands_on_the_time_sheet() -> None:
    paper = Paper(placed(OrderKind.INSTALL)).until("work")
    paper.say(TECHNICIAN, Complete(step="work", outcome="wasted_visit", reason="door locked"))

    sheet = made(paper, ProtocolKind.TIME_SHEET)

    assert sheet.times is not None
    assert [(one.minutes, one.wasted, one.note) for one in sheet.times.stretches] == [(0, True, "door locked")]


def test_an_acceptance_names_who_took_it_over_and_what_was_done() -> None:
    paper = worked()
    paper.say(REQUESTER, Accept())

    accepted = made(paper, ProtocolKind.ACCEPTANCE_PROTOCOL)

    assert accepted.accepted is not None
    assert (accepted.accepted.person, accepted.accepted.role) == (REQUESTER.person, Role.REQUESTER)
    assert accepted.dated == accepted.accepted.at == paper.progress.step("acceptance").closed_at
    assert [(one.step, one.person, one.checklist) for one in accepted.accepted.done] == [
        ("work", TECHNICIAN.person, ("set up", "configure", "test"))
    ]
    assert [(line.tag, line.place) for line in accepted.lines] == [("NB-100", paper.order.request.target)]


def test_what_was_sent_back_first_is_named_and_only_the_last_work_counts() -> None:
    paper = worked()
    paper.say(REQUESTER, DeclineAcceptance(step="acceptance", reason="no sound"))
    paper.say(TECHNICIAN, Complete(step="work", minutes=10))
    paper.say(REQUESTER, Accept())

    accepted = made(paper, ProtocolKind.ACCEPTANCE_PROTOCOL).accepted

    assert accepted is not None
    assert [(one.person, one.reason) for one in accepted.sent_back] == [(REQUESTER.person, "no sound")]
    assert [one.step for one in accepted.done] == ["work"]
    assert accepted.done[0].at > accepted.sent_back[0].at


def test_signed_on_paper_it_says_why_and_which_file_has_the_signature() -> None:
    paper = worked()
    digest = "c" * 64
    photo = PaperFound(paper=KeptPaper(digest=digest, media_type="image/png", size=100))
    paper.say(COORDINATOR, AddPaper(step="acceptance", digest=digest, kind=PaperKind.SIGNATURE), looked_up=photo)
    paper.say(COORDINATOR, Accept(reason="signed on paper"))

    accepted = made(paper, ProtocolKind.ACCEPTANCE_PROTOCOL).accepted

    assert accepted is not None
    assert (accepted.person, accepted.role, accepted.reason) == (
        COORDINATOR.person,
        COORDINATOR.role,
        "signed on paper",
    )
    assert accepted.signatures == (digest,)


def test_what_nobody_objected_to_is_accepted_by_nobody() -> None:
    paper = worked()
    paper.progress = paper.progress.settled("acceptance", paper.now + 72 * HOUR)

    accepted = made(paper, ProtocolKind.ACCEPTANCE_PROTOCOL).accepted

    assert accepted is not None
    assert (accepted.person, accepted.role, accepted.deemed_after_days) == (None, None, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_before_anybody_has_worked_or_accepted_there_is_no_paper_of_it(kind: ProtocolKind) -> None:
    paper = Paper(placed(OrderKind.INSTALL)).until("work")

    with pytest.raises(Refused) as refused:
        made(paper, kind)

    assert [problem.code for problem in refused.value.problems] == ["nothing_to_certify"]


def test_it_is_said_which_papers_can_be_made() -> None:
    paper = worked()
    before = ready_protocols(paper.order, paper.progress)
    paper.say(REQUESTER, Accept())

    assert [one.kind for one in before] == [ProtocolKind.TIME_SHEET]
    assert [(one.kind, one.step) for one in ready_protocols(paper.order, paper.progress)] == [
        (ProtocolKind.TIME_SHEET, "work"),
        (ProtocolKind.ACCEPTANCE_PROTOCOL, "acceptance"),
    ]


def test_an_order_without_devices_is_accepted_by_its_work() -> None:
    paper = Paper(placed(OrderKind.ASSIST)).finish()

    accepted = made(paper, ProtocolKind.ACCEPTANCE_PROTOCOL)

    assert accepted.lines == ()
    assert accepted.accepted is not None
    assert [one.step for one in accepted.accepted.done] == ["work"]
