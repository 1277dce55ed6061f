"""Whatever an activity logs names the case that it works for."""

from structlog.contextvars import bound_contextvars
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class CaseInLogs(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Named(next)


class _Named(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # the SDK's names
        info = activity.info()
        with bound_contextvars(case=info.workflow_id, activity=info.activity_type):
            return await super().execute_activity(input)
