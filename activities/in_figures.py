"""How late escalations were is counted when they are written down: by whichever activity records them."""

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.records import CaseEntry
from connectors.figures import WORK
from domain.cases.events import Event

LATE = "late_seconds"


class Lateness(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Counting(next)


class _Counting(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # the SDK's names
        done = await super().execute_activity(input)
        for entry in input.args:
            if isinstance(entry, CaseEntry):
                count(entry.events)
        return done


def count(events: tuple[Event, ...]) -> None:
    """Of several that fell due at once those that nobody was told of are counted too: they were late as well."""
    for event in events:
        if LATE in event.values:
            WORK.escalated.add(event.what, float(event.values[LATE]))
