"""What an incident makes of news from monitoring: only people resolve and reopen it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.counts import Counts
from domain.alerts.groups import AlertNews, News
from domain.alerts.incidents import facts_of, hear
from domain.cases.events import Happening
from domain.clocks.sla import SERVICE
from domain.incidents.progress import IncidentProgress, IncidentState, begin
from tests.world import incident, trouble

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BEGUN = begin(incident(trouble(), NOW), SERVICE)
PROPOSED = BEGUN.but(proposed_at=NOW - timedelta(hours=1))
SOLVED = BEGUN.but(state=IncidentState.RESOLVED)


def news(what: News) -> AlertNews:
    return AlertNews(event_id="e-1", what=what, group="g-1", counts=Counts(total=9, firing=7), at=NOW)


@pytest.mark.parametrize(
    ("progress", "what", "heard", "proposed_at"),
    [
        pytest.param(BEGUN, News.MORE, News.MORE, None, id="more"),
        pytest.param(BEGUN, News.FLAPPING, News.FLAPPING, None, id="flapping"),
        pytest.param(BEGUN, News.CLEARED, News.CLEARED, NOW, id="the all-clear proposes the resolution"),
        pytest.param(PROPOSED, News.AGAIN, News.AGAIN, None, id="what fires again withdraws the proposal"),
        pytest.param(PROPOSED, News.FLAPPING, News.FLAPPING, None, id="so does flapping"),
        pytest.param(SOLVED, News.MORE, News.AGAIN, None, id="after the solution more is again"),
        pytest.param(SOLVED, News.CLEARED, None, None, id="the all-clear after the solution says nothing"),
    ],
)
def test_what_is_heard(
    progress: IncidentProgress, what: News, heard: News | None, proposed_at: datetime | None
) -> None:
    found = hear(progress, news(what))

    assert (found and found.what) == heard
    if found is not None:
        assert (found.progress.proposed_at, found.progress.state) == (proposed_at, progress.state)


def test_news_are_named_as_the_journal_names_them() -> None:
    assert {*News} <= {*Happening}
    assert facts_of(news(News.MORE))["alerts"] == "9"
