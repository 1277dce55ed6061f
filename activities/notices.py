"""Telling people: who they are is resolved now, every attempt is written down, nobody is told twice."""

from temporalio import activity

from domain.events import Message
from domain.values import Value


class Outgoing(Value):
    messages: tuple[Message, ...]


class Notices:
    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        """Placeholder until channels are there."""
