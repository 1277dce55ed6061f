"""From a group of alerts to the incident it opens, and what that makes of further news."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from domain.alerts.groups import AlertNews, Member, News
from domain.alerts.rules import AlertRule, most_pressing
from domain.incidents.incident import OLDEST_REPORT, IncidentRequest
from domain.incidents.progress import IncidentProgress
from domain.times import Instant
from domain.values import Slug, Value

# What is older was not reported in time for anything; a group may have waited long under maintenance.
_OLDEST = OLDEST_REPORT - timedelta(hours=1)


class Opening(Value):
    """A group opens an incident of this number. `follows` is its last one, which is over."""

    group: Slug
    no: Slug
    follows: Slug | None = None
    at: Instant


def request_for(rule: AlertRule, members: Sequence[Member], opening: Opening, assets: Sequence[str]) -> IncidentRequest:
    """The report of the alerts that count, the most pressing one first. `assets` are the tags the register knows.

    Promises count from when we heard of the first of them.
    """
    first = members[0]
    alert = first.record.alert
    asset = rule.asset_of(alert)
    return IncidentRequest(
        contract=rule.contract,
        site=first.site,
        asset=asset if asset in assets else None,
        category=rule.category,
        title=_title(alert.title, len(members)),
        description=_description(members, None if asset in assets else asset),
        priority=most_pressing(member.priority for member in members),
        received_at=max(min(member.record.changed_at for member in members), opening.at - _OLDEST),
        follows=opening.follows,
        reference=opening.group,
    )


def _title(title: str, alerts: int) -> str:
    more = f" (+{alerts - 1})" if alerts > 1 else ""
    return f"{title[: 200 - len(more)].rstrip()}{more}"


def _description(members: Sequence[Member], unknown_asset: str | None) -> str:
    """Data only, so that it reads alike in every language."""
    alert = members[0].record.alert
    labels = ", ".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    titles = dict.fromkeys(member.record.alert.title for member in members)
    lines = [alert.description, labels, *(f"- {title}" for title in titles if len(titles) > 1)]
    return "\n".join(line for line in (*lines, unknown_asset) if line)[:4000]


class Hearing(NamedTuple):
    progress: IncidentProgress
    what: News


def hear(progress: IncidentProgress, news: AlertNews) -> Hearing | None:
    """What an incident makes of news, if anything. Only people resolve and reopen it."""
    is_solved = not progress.state.is_unsolved
    if news.what == News.CLEARED:
        return None if is_solved else Hearing(progress.but(proposed_at=news.at), news.what)
    what = News.AGAIN if is_solved and news.what == News.MORE else news.what
    return Hearing(progress.but(proposed_at=None), what)


def facts_of(news: AlertNews) -> dict[str, str]:
    """What the journal keeps of news, and messages may say."""
    counts = news.counts
    numbers = {"firing": counts.firing, "flapping": counts.flapping, "alerts": counts.total}
    return {name: str(number) for name, number in numbers.items()} | {
        "group": news.group,
        "titles": "; ".join(counts.titles),
    }
