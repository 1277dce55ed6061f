"""What people say to a page."""

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.order_commands import CommandBase


class Acknowledge(CommandBase):
    """I take it over."""

    type: Literal["acknowledge"] = "acknowledge"


class Decline(CommandBase):
    """I cannot: call the next one. From whoever had taken it over, it gives it back."""

    type: Literal["decline"] = "decline"


PageCommand = Annotated[Acknowledge | Decline, Field(discriminator="type")]
