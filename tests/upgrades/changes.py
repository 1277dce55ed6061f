"""Twenty changes of the code as people make them: under ten of them cases that run would stand still, under ten not."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).parents[2]
PARTS = ("activities", "api", "cli", "connectors", "db", "documents", "domain", "migrations", "rehearsal", "workflows")
PROGRAMS = ("settings.py", "worker.py")


@dataclass(frozen=True)
class Change:
    """One text in one file becomes another."""

    what: str
    file: str
    old: str
    new: str

    def make(self, tree: Path) -> None:
        """Raises `AssertionError` when the code is no longer as the change takes it to be."""
        file = tree / self.file
        text = file.read_text()
        assert text.count(self.old) == 1, f"{self.what}: {self.file}"
        file.write_text(text.replace(self.old, self.new))


BREAKING = (
    Change(
        "an order waits before it begins",
        "workflows/order.py",
        "        await self.case.hours.all_until(workflow.now())\n",
        "        await workflow.sleep(60)\n        await self.case.hours.all_until(workflow.now())\n",
    ),
    Change(
        "an incident waits before it begins",
        "workflows/incident.py",
        "        await self.case.reachable()\n        beside",
        "        await workflow.sleep(60)\n        await self.case.reachable()\n        beside",
    ),
    Change(
        "what writes a page down has another name",
        "activities/records.py",
        "    @activity.defn\n    async def record_page(",
        '    @activity.defn(name="write_page")\n    async def record_page(',
    ),
    Change(
        "what delivers letters has another name",
        "activities/notices.py",
        "    @activity.defn\n    async def deliver(",
        '    @activity.defn(name="send_letters")\n    async def deliver(',
    ),
    Change(
        "activities are never tried quickly",
        "workflows/case.py",
        "            return await quickly(activity, asked, summary=summary)\n",
        "            raise Slow\n",
    ),
    Change(
        "clocks are not watched",
        "workflows/sla_watch.py",
        "    left = None if due is None else max(due - workflow.now(), TICK)\n",
        "    left = None\n",
    ),
    Change(
        "an order has to name what older ones do not have",
        "domain/orders/order.py",
        "class Order(Value):\n",
        "class Order(Value):\n    cost_centre: str\n",
    ),
    Change(
        "answers have to name what nobody gives them",
        "workflows/receipts.py",
        "    no: Slug\n",
        "    branch: Slug\n    no: Slug\n",
    ),
    Change(
        "a project waits before it looks at its waves",
        "workflows/move_project.py",
        "    async def run(self, launch: Launch) -> Receipt:\n",
        "    async def run(self, launch: Launch) -> Receipt:\n        await workflow.sleep(60)\n",
    ),
    Change(
        "a group of alerts waits before it looks",
        "workflows/alert_group.py",
        "    async def run(self, watch: Watch) -> None:\n",
        "    async def run(self, watch: Watch) -> None:\n        await workflow.sleep(60)\n",
    ),
)

FITTING = (
    Change(
        "a comment",
        "workflows/order.py",
        '"""One order from request to charge."""',
        '"""One order, from its request to its charge."""',
    ),
    Change(
        "what an order does at its end, guarded",
        "workflows/order.py",
        "        await self.case.all_told()\n        await workflow.wait_condition(workflow.all_handlers_finished)\n",
        '        if workflow.patched("upgrade-rests"):\n            await workflow.sleep(1)\n'
        "        await self.case.all_told()\n        await workflow.wait_condition(workflow.all_handlers_finished)\n",
    ),
    Change(
        "what every case does when it is told to look, guarded",
        "workflows/case_workflow.py",
        "        self.case.write_whole()\n",
        '        workflow.patched("upgrade-looks")\n        self.case.write_whole()\n',
    ),
    Change(
        "a field that older cases need not have",
        "domain/orders/order.py",
        "class Order(Value):\n",
        'class Order(Value):\n    cost_centre: str = ""\n',
    ),
    Change(
        "a query more",
        "workflows/case_workflow.py",
        "    @workflow.query\n    def progress(",
        "    @workflow.query\n    def number(self) -> str:\n        return self.case.no\n\n"
        "    @workflow.query\n    def progress(",
    ),
    Change(
        "a signal more",
        "workflows/incident.py",
        "    @workflow.signal\n    def order_news(",
        "    @workflow.signal\n    def nudge(self) -> None:\n        self.case.write_whole()\n\n"
        "    @workflow.signal\n    def order_news(",
    ),
    Change(
        "patient activities may take longer",
        "workflows/effects.py",
        "MINUTE = timedelta(minutes=1)",
        "MINUTE = timedelta(minutes=2)",
    ),
    Change(
        "a timer is called otherwise",
        "workflows/sla_watch.py",
        'f"next deadline step at {',
        'f"the next deadline step is at {',
    ),
    Change(
        "what delivers letters is written otherwise",
        "activities/notices.py",
        "    @activity.defn\n    async def deliver(self, outgoing: Outgoing) -> None:\n",
        "    @activity.defn\n    async def deliver(self, outgoing: Outgoing) -> None:\n"
        "        assert outgoing.messages is not None\n",
    ),
    Change(
        "a list is made otherwise",
        "workflows/runner.py",
        "REGISTERED = (*WORKFLOWS, *(recurring.workflow for recurring in RECURRING))",
        "REGISTERED = tuple(dict.fromkeys((*WORKFLOWS, *(recurring.workflow for recurring in RECURRING))))",
    ),
)


def tree_with(folder: Path, changes: Iterable[Change]) -> Path:
    """The sources with these changes; what is compiled of the others is taken over."""
    for part in PARTS:
        shutil.copytree(PLACE / part, folder / part)
    for program in PROGRAMS:
        shutil.copy2(PLACE / program, folder / program)
    for change in changes:
        change.make(folder)
    return folder
