"""From a group of alerts to the incident it opens, and what that makes of further news."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from domain.alerts.counts import Member
from domain.alerts.groups import AlertNews, News
from domain.alerts.rules import AlertRule, most_pressing
from domain.incidents.incident import OLDEST_REPORT, IncidentRequest
from domain.incidents.progress import IncidentProgress
from domain.priorities import Priority
from domain.times import Instant
from domain.values import Slug, Value

# What is older was not reported in time for anything; a group may have waited long under maintenance.
_OLDEST = OLDEST_REPORT - timedelta(hours=1)


class Opening(Value):
    """A group opens an incident of this number. `follows` is its last one, `solved_at` is when people solved that."""

    group: Slug
    no: Slug
    follows: Slug | None = None
    solved_at: Instant | None = None
    at: Instant


def request_for(rule: AlertRule, members: Sequence[Member], opening: Opening, assets: Sequence[str]) -> IncidentRequest:
    """The report of the alerts that count, the most pressing one first. `assets` are the tags the register knows.

    Promises count from when we heard of the first of them, or from the solution that did not end them: what came before
    it was promised of the incident that this one follows.
    """
    first = members[0]
    alert = first.record.alert
    asset = rule.asset_of(alert)
    heard_at = min(member.record.changed_at for member in members)
    return IncidentRequest(
        contract=rule.contract,
        site=first.site,
        asset=asset if asset in assets else None,
        category=rule.category,
        title=_title(alert.title, len(members)),
        description=_description(members, None if asset in assets else asset),
        priority=most_pressing(member.priority for member in members),
        received_at=max(heard_at, opening.at - _OLDEST, opening.solved_at or heard_at),
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
    """`graver` is the priority to which it is to be raised, if it is."""

    progress: IncidentProgress
    what: News
    graver: Priority | None = None


def hear(progress: IncidentProgress, news: AlertNews, reported: Priority | None = None) -> Hearing | None:
    """What an incident makes of news, if anything. Only people resolve and reopen it, and only they lower its priority.

    `reported` is the priority of the alerts it came from. One that people have set against these is theirs, until
    something graver than all alerts before joins them.
    """
    is_solved = not progress.state.is_unsolved
    proposes = news.what == News.CLEARED or (news.what == News.SILENT and news.counts.is_at_rest)
    is_said_in_vain = proposes or news.what in (News.SILENT, News.TRUNCATED) if is_solved else news.what == News.STILL
    if is_said_in_vain:
        return None
    if proposes:
        return Hearing(progress.but(proposed_at=news.at), news.what)
    if news.what in (News.SILENT, News.TRUNCATED, News.STILL):
        return Hearing(progress, news.what)
    heard = progress.but(proposed_at=None)
    if is_solved:
        return Hearing(heard, News.AGAIN if news.what == News.MORE else news.what)
    said, before = news.counts.priority, progress.alerts_priority or reported or progress.priority
    if said is None or not said.is_graver_than(before):
        return Hearing(heard, news.what)
    graver = said if said.is_graver_than(progress.priority) else None
    return Hearing(heard.but(alerts_priority=said), news.what, graver)


def facts_of(news: AlertNews) -> dict[str, str]:
    """What the journal keeps of news, and messages may say."""
    counts = news.counts
    numbers = {"firing": counts.firing, "flapping": counts.flapping, "alerts": counts.total}
    rare = {"silent": counts.silent, "truncated": counts.truncated}
    numbers |= {name: number for name, number in rare.items() if number}
    facts = {name: str(number) for name, number in numbers.items()}
    facts |= {"group": news.group, "titles": "; ".join(counts.titles)}
    facts |= {"follows_at": news.follows_at.isoformat()} if news.follows_at else {}
    return facts | ({"followed_by": news.followed_by} if news.followed_by else {})
