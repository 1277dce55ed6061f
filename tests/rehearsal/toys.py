"""Small workflows that do one thing each."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

from domain.values import Value

with workflow.unsafe.imports_passed_through():
    from tests.rehearsal import toy_acts

HOUR = timedelta(hours=1)


class Errand(Value):
    what: str


@workflow.defn
class Patient:
    """Has something done until it is done."""

    @workflow.run
    async def run(self, errand: Errand) -> str:
        policy = RetryPolicy(initial_interval=timedelta(minutes=1), maximum_interval=10 * timedelta(minutes=1))
        done = await workflow.execute_activity(
            toy_acts.do, errand.what, start_to_close_timeout=HOUR, retry_policy=policy
        )
        return f"{done} at {workflow.now():%H:%M}"


@workflow.defn
class Hasty:
    """Tries once, and says what has come of it."""

    @workflow.run
    async def run(self, errand: Errand) -> str:
        try:
            return await workflow.execute_local_activity(
                toy_acts.do,
                errand.what,
                start_to_close_timeout=timedelta(seconds=2),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except TimeoutError:
            return f"too slow by {workflow.now():%H:%M:%S}"
        except ApplicationError as error:
            return f"refused: {error.type}"


@workflow.defn
class Fickle:
    """Calls off what it wanted after a while."""

    @workflow.run
    async def run(self, errand: Errand) -> str:
        doing = workflow.start_activity(toy_acts.do, errand.what, start_to_close_timeout=100 * HOUR)
        await workflow.sleep(HOUR)
        doing.cancel()
        try:
            return await doing
        except ActivityError as error:
            return type(error.cause).__name__


@workflow.defn
class Parent:
    """Has another one do it."""

    @workflow.run
    async def run(self, errand: Errand) -> str:
        child = await workflow.start_child_workflow(Waiting.run, errand, id="child")
        await child.signal("ring", "once")
        try:
            await workflow.get_external_workflow_handle("nobody").signal("ring", "twice")
        except ApplicationError as error:
            return f"{await child}; {error.message}"
        return "somebody"


@workflow.defn
class Waiting:
    def __init__(self) -> None:
        self.rung: list[str] = []

    @workflow.run
    async def run(self, errand: Errand) -> str:
        await workflow.wait_condition(lambda: bool(self.rung))
        return f"{errand.what} {self.rung}"

    @workflow.signal
    def ring(self, how: str) -> None:
        self.rung.append(how)


@workflow.defn
class Moody:
    """Does not do the same again: what it waits for hangs on something outside."""

    waits = HOUR

    @workflow.run
    async def run(self, errand: Errand) -> str:
        await workflow.sleep(Moody.waits)
        return errand.what
