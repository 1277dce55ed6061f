"""Whom a page calls when, who owns it, and when it turns red: never silence."""

from datetime import timedelta

import pytest

from domain.cases.page_commands import Acknowledge, Decline
from domain.contracts.paging import PagingPolicy, PagingStep
from domain.ids import page_of, page_workflow_id
from domain.oncall.answers import decide, news_of, stopped
from domain.oncall.calls import again, red, sheet, tried, unheard, wakes_at
from domain.oncall.page import Method, NewsKind, PageState
from domain.people import Role
from domain.refusals import Refused
from tests.domain.oncall.page_samples import NAMED, PAGE, Ladder, answer, minute

NOBODY: tuple[str, ...] = ()
ONE_STEP = PAGE.but(policy=PagingPolicy(steps=(PagingStep(to=Role.SDM),), last_minutes=15))


@pytest.mark.parametrize(
    ("ladder", "minutes", "red_at"),
    [
        pytest.param(Ladder(), (0, 30, 40, 50), 60, id="everybody is silent"),
        pytest.param(
            Ladder(NOBODY, ("p-koch",), ("p-sommer",), ("p-reuter",)),
            (None, 0, 10, 20),
            30,
            id="nobody is the primary: the backup at once, the others as long after as always",
        ),
        pytest.param(
            Ladder(fails=frozenset({"p-lang"})), (0, 0, 10, 20), 30, id="no method of the primary works: on at once"
        ),
        pytest.param(
            Ladder(("p-lang",), ("p-koch",), ("p-sommer",), ("p-sommer",)),
            (0, 30, 40, None),
            50,
            id="who is SDM and BRM is called once and has the last word",
        ),
        pytest.param(
            Ladder(("p-lang",), ("p-lang",), ("p-sommer",), ("p-reuter",)),
            (0, None, 30, 40),
            50,
            id="primary and backup are one person",
        ),
        pytest.param(Ladder(NOBODY, NOBODY, NOBODY, NOBODY), (None,) * 4, 0, id="nobody anywhere is red at once"),
        pytest.param(Ladder(fails=frozenset(NAMED)), (0, 0, 0, 0), 0, id="nothing works: red at once"),
    ],
)
def test_a_page_nobody_answers(ladder: Ladder, minutes: tuple[float | None, ...], red_at: float) -> None:
    ladder.run(int(red_at) + 59)

    called = ladder.first_calls()
    assert tuple(called.get(person) for person in NAMED) == minutes
    assert (ladder.red_at, ladder.progress.state) == (red_at, PageState.UNANSWERED)
    assert wakes_at(ladder.page, ladder.progress) == minute(red_at + 60)


def test_each_person_is_tried_by_chat_then_sms_then_voice() -> None:
    ladder = Ladder().run(10)

    assert ladder.said == [(0, "p-lang", "chat"), (2, "p-lang", "sms"), (5, "p-lang", "voice")]


def test_after_a_method_that_fails_the_next_is_tried_at_once_and_the_one_after_keeps_its_distance() -> None:
    ladder = Ladder(fails=frozenset({"p-lang/chat"})).run(10)

    assert ladder.said == [(0, "p-lang", "chat"), (0, "p-lang", "sms"), (3, "p-lang", "voice")]


def test_two_people_of_one_step_are_called_side_by_side_and_both_must_decline() -> None:
    ladder = Ladder(("p-lang", "p-wolf"), ("p-koch",), ("p-sommer",), ("p-reuter",)).run(1)

    assert ladder.decline("p-lang", 2).first_calls().keys() == {"p-lang", "p-wolf"}
    assert ladder.decline("p-wolf", 3).first_calls()["p-koch"] == 3
    ladder.run(10, start=4)
    assert [person for _, person, method in ladder.said if method == "voice"] == ["p-koch"]


def test_declining_moves_on_at_once_and_the_rest_keeps_its_distance() -> None:
    ladder = Ladder().run(4).decline("p-lang", 5).run(70, start=6)

    assert ladder.first_calls() == {"p-lang": 0, "p-koch": 5, "p-sommer": 15, "p-reuter": 25}
    assert ladder.red_at == 35


def test_the_primary_declining_after_the_backup_was_called_hurries_nobody() -> None:
    ladder = Ladder().run(31).decline("p-lang", 32).run(45, start=33)

    assert ladder.first_calls()["p-sommer"] == 40


def test_after_an_outage_everything_overdue_is_done_together_and_says_how_late_it_was() -> None:
    ladder = Ladder().at(45)

    assert ladder.first_calls() == {"p-lang": 45, "p-koch": 45, "p-sommer": 45}
    late = {call.person: call.attempts[0].late for call in ladder.progress.calls}
    assert late == {
        "p-lang": timedelta(minutes=45),
        "p-koch": timedelta(minutes=15),
        "p-sommer": timedelta(minutes=5),
    }
    assert ladder.run(120, start=46).red_at == 60


def test_acknowledging_stops_every_call_and_names_the_owner() -> None:
    ladder = Ladder().run(1).acknowledge("p-lang", 1.5).run(59, start=2)

    assert ladder.said == [(0, "p-lang", "chat")]
    assert (ladder.progress.state, ladder.progress.owner) == (PageState.ACKNOWLEDGED, "p-lang")
    assert wakes_at(PAGE, ladder.progress) == minute(61.5)


def test_whoever_stays_silent_after_acknowledging_is_paged_again_from_the_first_step_on() -> None:
    ladder = Ladder().run(1).acknowledge("p-lang", 2)
    ladder.progress = again(PAGE, ladder.progress)

    ladder.run(100, start=62)

    assert (ladder.progress.round, ladder.progress.owner) == (2, None)
    assert [call.person for call in ladder.progress.calls_now] == ["p-lang", "p-koch"]
    assert [number for number, person, method in ladder.said if method == "chat"] == [0, 62, 92]


def test_a_page_nobody_takes_calls_everybody_again_until_the_policy_ends_it() -> None:
    weary = PAGE.but(policy=PAGE.policy.but(repeat_minutes=30, repeat_hours=4))

    ladder = Ladder(page=weary).run(1000)

    assert ladder.reds == [60, 150, 240]
    assert [number for number, person, method in ladder.said if (person, method) == ("p-lang", "chat")] == [0, 90, 180]
    assert (ladder.progress.state, wakes_at(weary, ladder.progress)) == (PageState.UNANSWERED, None)


def test_whoever_declined_is_called_again_with_the_next_round_and_may_take_it_then() -> None:
    ladder = Ladder().run(1).decline("p-lang", 2).run(95, start=3).acknowledge("p-lang", 96)

    assert ladder.reds == [32]
    assert [number for number, person, method in ladder.said if (person, method) == ("p-lang", "chat")] == [0, 92]
    assert (ladder.progress.owner, ladder.run(130, start=97).progress.round) == ("p-lang", 2)


def test_red_late_after_an_outage_the_next_round_waits_as_long_as_ever_and_happens_once() -> None:
    progress = red(Ladder().run(50).progress, timedelta(hours=10))

    due = wakes_at(PAGE, progress)

    assert due == minute(60 + 600 + 60)
    assert again(PAGE, progress).begun_at == due


def test_a_page_that_goes_on_for_days_keeps_its_last_rounds() -> None:
    ladder = Ladder().run(72 * 60 - 1)

    assert ladder.progress.round == 36
    assert {call.round for call in ladder.progress.calls} == {31, 32, 33, 34, 35, 36}


def test_a_call_that_is_still_under_way_is_kept_however_long_it_takes() -> None:
    ladder = Ladder(page=PAGE.but(policy=PAGE.policy.but(repeat_minutes=1))).run(1)
    slow = ladder.progress.calls[0]
    begun = slow.but(attempts=(slow.attempts[0].but(ended_at=None, reached=None),))
    ladder.progress = ladder.progress.but(calls=(begun,))

    ladder.run(1000, start=2)

    assert ladder.progress.round > 7
    assert tried(PAGE, ladder.progress, begun, True, minute(1000)).calls[0].attempts[0].reached


def test_a_policy_without_a_limit_leaves_whoever_acknowledged_alone() -> None:
    ladder = Ladder(page=PAGE.but(policy=PagingPolicy(acknowledged_minutes=None))).run(1).acknowledge("p-lang", 2)

    assert wakes_at(ladder.page, ladder.progress) is None


def test_whoever_has_it_may_give_it_back_and_the_next_is_called_at_once() -> None:
    ladder = Ladder().run(1).acknowledge("p-lang", 2).decline("p-lang", 50).run(61, start=51)

    assert ladder.first_calls() == {"p-lang": 0, "p-koch": 50, "p-sommer": 60}
    assert ladder.progress.owner is None


def test_whoever_takes_a_red_page_owns_it() -> None:
    ladder = Ladder().run(60)
    before = ladder.progress

    ladder.acknowledge("p-koch", 90)

    assert (ladder.progress.state, ladder.progress.owner) == (PageState.ACKNOWLEDGED, "p-koch")
    assert news_of(before, ladder.progress.given[-1]) == NewsKind.LATE


def test_whoever_acknowledges_after_another_is_heard_and_changes_nothing() -> None:
    ladder = Ladder().run(31).acknowledge("p-koch", 32)
    before = ladder.progress

    ladder.acknowledge("p-lang", 33)

    assert (ladder.progress.owner, ladder.progress.acknowledged_at) == ("p-koch", minute(32))
    assert news_of(before, ladder.progress.given[-1]) == NewsKind.LATE
    assert len(ladder.progress.given) == 2


def test_somebody_nobody_called_may_take_it_over() -> None:
    assert Ladder().run(1).acknowledge("p-sommer", 2).progress.owner == "p-sommer"


def test_the_same_request_twice_is_one_answer() -> None:
    ladder = Ladder().run(1).acknowledge("p-lang", 2)

    assert decide(PAGE, ladder.progress, answer("p-lang", Acknowledge(), minute(2))) is ladder.progress


@pytest.mark.parametrize(
    ("ladder", "person", "command", "code"),
    [
        pytest.param(Ladder().run(1), "p-koch", Decline(), "page_not_for_you", id="declining what one was not asked"),
        pytest.param(
            Ladder().run(1).decline("p-lang", 2), "p-lang", Decline(), "page_declined_before", id="declining twice"
        ),
        pytest.param(
            Ladder().run(31).acknowledge("p-koch", 32),
            "p-lang",
            Decline(),
            "page_is_taken",
            id="declining what another has taken",
        ),
        pytest.param(
            Ladder().run(1).acknowledge("p-lang", 2), "p-lang", Acknowledge(), "page_is_yours", id="taking one's own"
        ),
    ],
)
def test_an_answer_that_means_nothing_is_refused(
    ladder: Ladder, person: str, command: Acknowledge | Decline, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        decide(PAGE, ladder.progress, answer(person, command, minute(35)))

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_page_that_was_stopped_calls_nobody_and_hears_nobody() -> None:
    progress = stopped(Ladder().run(1).progress, "responded")

    assert wakes_at(PAGE, progress) is None
    assert stopped(progress, "cancelled").stopped == "responded"
    with pytest.raises(Refused):
        decide(PAGE, progress, answer("p-lang", Acknowledge(), minute(3)))


def test_a_request_id_used_for_another_answer_is_refused() -> None:
    progress = decide(PAGE, Ladder().run(1).progress, answer("p-lang", Decline(), minute(2), "r-1"))

    with pytest.raises(Refused) as refused:
        decide(PAGE, progress, answer("p-lang", Acknowledge(), minute(3), "r-1"))

    assert refused.value.problems[0].code == "request_id_reused"


@pytest.mark.parametrize(
    ("fails", "nobody_heard"),
    [
        pytest.param({"p-lang", "p-wolf"}, True, id="no method of anybody works"),
        pytest.param({"p-lang"}, False, id="the other one was reached"),
        pytest.param({"p-lang", "p-wolf/chat"}, False, id="the other one was reached by a second method"),
    ],
)
def test_whether_the_owner_of_the_rota_must_know(fails: set[str], nobody_heard: bool) -> None:
    ladder = Ladder(("p-lang", "p-wolf"), ("p-koch",), ("p-sommer",), ("p-reuter",), fails=frozenset(fails)).at(5)

    assert unheard(ladder.progress, ladder.progress.calls[0]) is nobody_heard


def test_a_single_step_has_its_time_too() -> None:
    assert Ladder(("p-sommer",), page=ONE_STEP).run(30).red_at == 15


def test_two_addresses_on_one_channel_have_names_of_their_own() -> None:
    assert [Method(channel="voice").name, Method(channel="voice", nth=2).name] == ["voice", "voice.2"]


def test_the_sheet_says_what_comes_next() -> None:
    shown = sheet(PAGE, Ladder().run(10).progress)

    assert (shown.incident, shown.state, shown.due_at) == ("I-1", PageState.CALLING, minute(30))


def test_pages_have_ids_with_inverses() -> None:
    assert page_of(page_workflow_id("incident/I-1", 2)) == ("incident/I-1", 2)
    for other in ("incident/I-1", "incident/I-1/page/x", "/page/1"):
        with pytest.raises(ValueError, match=other):
            page_of(other)
