"""Alert rules: which alerts become incidents under which contract, and which of them are one and the same."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from pydantic import Field

from domain.alerts.alert import Alert, Flapping
from domain.alerts.labels import LabelName, Patterns, fits
from domain.contracts.contract import Contract
from domain.priorities import Priority
from domain.refusals import Problem
from domain.values import Line, Slug, Value

_PRESSING = list(Priority)
MOST_MINUTES = 129_600
# Not named for so long, an alert is silent if nothing else is said, be it that no rule has it (proposal).
STALE_AFTER_MINUTES = 720


class AlertRule(Value):
    """One version of a rule. The rule with the lowest `position` that fits an alert has it.

    A rule that asks for nothing fits whatever no other rule does. `site_label` and `asset_label` name labels that name
    the site and the asset; a site nobody knows gives way to `site`. `priorities` are by severity, a severity that bears
    the name of a priority is one; `priority` is for all others. Alerts with the same values of `group_by` are one group
    and have one incident. Resolved for `quiet_seconds`, they propose that it is resolved. A rule that does not heed
    maintenance opens incidents all the same.

    `repeat_minutes` is how often the sender repeats what still fires. An alert that was not named for
    `stale_after_minutes` is silent: nobody can say any more whether it fires. A rule with `expect_every_minutes` has
    signs of life, which open nothing: their absence is an alert. When people have solved an incident its alerts may go
    on firing for `heal_minutes`; after that another one begins. `null` is never.
    """

    id: Slug
    version: int = Field(default=1, ge=1)
    customer: Slug
    name: Line
    enabled: bool = True
    position: int = Field(default=100, ge=0, le=9_999)
    source: Slug | None = None
    match: Patterns = {}
    contract: Slug
    site: Slug
    site_label: LabelName | None = None
    asset_label: LabelName | None = None
    category: Slug = "monitoring"
    priority: Priority = Priority.MAJOR
    priorities: dict[Line, Priority] = Field(default={}, max_length=50)
    group_by: tuple[LabelName, ...] = Field(default=(), max_length=10)
    flapping: Flapping = Flapping()
    quiet_seconds: int = Field(default=300, ge=0, le=86_400)
    heeds_maintenance: bool = True
    repeat_minutes: int = Field(default=240, gt=0, le=MOST_MINUTES)
    stale_after_minutes: int | None = Field(default=STALE_AFTER_MINUTES, gt=0, le=MOST_MINUTES)
    expect_every_minutes: int | None = Field(default=None, gt=0, le=MOST_MINUTES)
    heal_minutes: int | None = Field(default=30, gt=0, le=MOST_MINUTES)

    @property
    def allowed_silence(self) -> timedelta | None:
        """How long an alert of its may not be named and still be taken for firing."""
        minutes = self.expect_every_minutes or self.stale_after_minutes
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def expects_signs_of_life(self) -> bool:
        return self.enabled and self.expect_every_minutes is not None

    @property
    def asks_for_nothing(self) -> bool:
        return self.source is None and not self.match

    def suits(self, alert: Alert) -> bool:
        return self.enabled and self.source in (None, alert.source) and fits(self.match, alert.facts)

    def priority_of(self, severity: str | None) -> Priority:
        if severity in self.priorities:
            return self.priorities[severity]
        return Priority(severity) if severity in _PRESSING else self.priority

    def group_labels(self, alert: Alert) -> dict[str, str]:
        return {name: alert.facts.get(name, "") for name in self.group_by}

    def site_of(self, alert: Alert, known: Collection[str]) -> str:
        named = alert.facts.get(self.site_label) if self.site_label else None
        return named if named is not None and named in known else self.site

    def asset_of(self, alert: Alert) -> str | None:
        return alert.facts.get(self.asset_label) if self.asset_label else None


def in_order(rules: Iterable[AlertRule]) -> list[AlertRule]:
    """As they are asked: those that ask for nothing come last."""
    return sorted(rules, key=lambda rule: (rule.asks_for_nothing, rule.position, rule.id))


def rule_for(alert: Alert, rules: Sequence[AlertRule]) -> AlertRule | None:
    """The first that suits, of rules in their order."""
    return next((rule for rule in rules if rule.suits(alert)), None)


def most_pressing(priorities: Iterable[Priority]) -> Priority:
    return min(priorities, key=_PRESSING.index)


def problems_of(rule: AlertRule, contract: Contract | None, sites: Iterable[str]) -> list[Problem]:
    """What keeps a rule from being saved. `sites` are those of its customer."""
    problems = []
    if contract is None or contract.customer != rule.customer:
        problems.append(Problem(code="contract_unknown", at="/contract", values={"contract": rule.contract}))
    elif contract.matrix is None:
        problems.append(Problem(code="incidents_not_offered", at="/contract", values={"contract": rule.contract}))
    if rule.site not in sites:
        problems.append(Problem(code="site_unknown", at="/site", values={"site": rule.site}))
    return [*problems, *_silence_problems(rule)]


def _silence_problems(rule: AlertRule) -> Iterator[Problem]:
    """A sender that is heard again only after the time that is allowed would always have fallen silent."""
    allowed = {"expect_every_minutes": rule.expect_every_minutes, "stale_after_minutes": rule.stale_after_minutes}
    for name, minutes in allowed.items():
        if minutes is not None and minutes <= rule.repeat_minutes:
            values = {"minutes": str(minutes), "repeat": str(rule.repeat_minutes)}
            yield Problem(code="silent_before_repeat", at=f"/{name}", values=values)
    if rule.expect_every_minutes is not None and rule.asks_for_nothing:
        yield Problem(code="signs_of_life_of_everything", at="/match")
    if rule.expect_every_minutes is not None and rule.group_by:
        yield Problem(code="signs_of_life_are_one_group", at="/group_by")
