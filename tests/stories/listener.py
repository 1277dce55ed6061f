"""Who waits for news of an order."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.orders import OrderNews


@workflow.defn
class Listener:
    """Ends with the first news it hears."""

    @workflow.init
    def __init__(self) -> None:
        self._heard: list[OrderNews] = []

    @workflow.run
    async def run(self) -> OrderNews:
        await workflow.wait_condition(lambda: bool(self._heard))
        return self._heard[0]

    @workflow.signal
    def order_news(self, news: OrderNews) -> None:
        self._heard.append(news)
