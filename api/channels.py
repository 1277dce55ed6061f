"""The operator's channels: set, listed without their secrets, tried out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Header, Request, Response

from api.dependencies import May, Tables
from api.door.visit import DoorVisit, visit_of
from api.examples import CHANNELS
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from connectors.channels import Channel, Letter, Undeliverable, Unreached
from connectors.guarded_http import GuardedHttp, host_problems
from connectors.sending import send_by
from db import channels as kept
from db.access.door import write_entries
from db.turns import saving_turn
from documents.notices import write
from documents.wording import language_of
from domain.cases.notices import DeliveryOutcome
from domain.channels.channel import MAIL, AnyChannel, Hosted, Mail
from domain.channels.contacts import address_problems
from domain.door import AtDoor
from domain.keys import Key, must_see
from domain.people import Language
from domain.refusals import Problem, Refused, refuse_if, unknown
from domain.values import Address, Slug, Value

router = APIRouter(route_class=BoundedRoute, prefix="/channels", tags=["channels"])

Managing = Annotated[Key, Depends(May(Operation.MANAGE_CHANNELS))]
Reading = Annotated[Key, Depends(May(Operation.READ_CHANNELS))]


class Trial(Value):
    """Where the test message goes, as the channel writes addresses."""

    address: Address = ""


class TrialResult(Value):
    """`detail` is what the other side said or did, for whoever sets the channel up."""

    outcome: DeliveryOutcome
    detail: str | None = None


@dataclass(frozen=True)
class WaysOut:
    mail: Channel
    door: GuardedHttp

    async def send(self, channel: AnyChannel, address: str, letter: Letter) -> None:
        """Raises `Undeliverable` or `Unreached`."""
        if isinstance(channel, Mail):
            await self.mail.send(letter.but(email=address))
        else:
            await send_by(channel, address, letter, self.door)


async def _ways_out(request: Request) -> WaysOut:
    ways: WaysOut = request.app.state.ways_out
    return ways


Ways = Annotated[WaysOut, Depends(_ways_out)]


async def _visit(request: Request) -> DoorVisit:
    return visit_of(request)


Visited = Annotated[DoorVisit, Depends(_visit)]


@router.get("", operation_id="listChannels")
async def show_channels(caller: Reading, database: Tables, ways: Ways) -> Sequence[AnyChannel]:
    """List channels without their secrets, built-in mail first."""
    if not caller.sees(None):
        return []
    async with database.reading() as session:
        return [_built_in(ways), *await kept.list_channels(session)]


@router.get("/{channel_id}", operation_id="getChannel")
async def show_channel(
    channel_id: Slug, caller: Reading, database: Tables, ways: Ways, response: Response
) -> AnyChannel:
    """Get a channel without its secrets."""
    channel = await _known(channel_id, caller, database, ways)
    async with database.reading() as session:
        return tagged(response, channel, await kept.last_saved(session, channel_id))


@router.put("/{channel_id}", operation_id="putChannel")
async def put_channel(
    channel_id: Slug,
    channel: Annotated[AnyChannel, Body(openapi_examples=CHANNELS)],
    caller: Managing,
    saving: BySaving,
    ways: Ways,
    visit: Visited,
) -> AnyChannel:
    """Save a channel, including its secrets. Its type cannot be changed, because people's addresses depend on it."""
    must_see(caller, None, unknown("channel", channel_id))
    _must_not_be_built_in(channel_id)
    problems = [Problem(code="id_differs", at="/id")] if channel.id != channel_id else []
    problems += [Problem(code="channel_built_in", at="/type")] if isinstance(channel, Mail) else []
    problems += await host_problems(ways.door, channel.url, "/url") if isinstance(channel, Hosted) else []
    refuse_if(problems)
    async with saving.turn(f"channel/{channel_id}", None) as session:
        before = await kept.channel_by_id(session, channel_id)
        saving.must_match(before, await kept.last_saved(session, channel_id))
        if before is not None and before.type != channel.type:
            raise Refused(Problem(code="channel_type_fixed", at="/type", values={"type": before.type}))
        await kept.save_channel(session, channel, by=caller.person, at=visit.at)
        write_entries(session, [visit.entry(AtDoor.CHANNEL_SAVED, about=channel_id)])
    return saving.answer(channel, visit.at.isoformat())


@router.delete("/{channel_id}", operation_id="deleteChannel", status_code=204)
async def drop_channel(channel_id: Slug, caller: Managing, database: Tables, visit: Visited) -> None:
    """Remove an unused channel."""
    must_see(caller, None, unknown("channel", channel_id))
    _must_not_be_built_in(channel_id)
    async with saving_turn(database, f"channel/{channel_id}", None) as session:
        if await kept.channel_by_id(session, channel_id) is None:
            raise unknown("channel", channel_id)
        people = await kept.people_reached_by(session, channel_id)
        if people:
            raise Refused(Problem(code="channel_in_use", values={"people": ", ".join(people)}))
        await kept.remove_channel(session, channel_id)
        write_entries(session, [visit.entry(AtDoor.CHANNEL_REMOVED, about=channel_id)])


@router.post("/{channel_id}/test", operation_id="tryChannel")
async def try_channel(
    channel_id: Slug,
    trial: Trial,
    caller: Managing,
    database: Tables,
    ways: Ways,
    accept_language: Annotated[str | None, Header(max_length=1000)] = None,
) -> TrialResult:
    """Send a test message now and return the result."""
    channel = await _known(channel_id, caller, database, ways)
    problems = address_problems(channel, trial.address, "/address")
    problems += [Problem(code="missing", at="/address")] if isinstance(channel, Mail) and not trial.address else []
    refuse_if(problems)
    letter = _test_letter(channel, caller.person, language_of(accept_language))
    try:
        await ways.send(channel, trial.address, letter)
    except Undeliverable as error:
        return TrialResult(outcome=DeliveryOutcome.UNDELIVERABLE, detail=str(error))
    except Unreached as error:
        return TrialResult(outcome=DeliveryOutcome.FAILED, detail=str(error))
    return TrialResult(outcome=DeliveryOutcome.SENT)


async def _known(channel_id: str, caller: Key, database: Tables, ways: WaysOut) -> AnyChannel:
    must_see(caller, None, unknown("channel", channel_id))
    if channel_id == MAIL:
        return _built_in(ways)
    async with database.reading() as session:
        channel = await kept.channel_by_id(session, channel_id)
    if channel is None:
        raise unknown("channel", channel_id)
    return channel


def _built_in(ways: WaysOut) -> Mail:
    return Mail(id=MAIL, name=ways.mail.name)


def _must_not_be_built_in(channel_id: str) -> None:
    if channel_id == MAIL:
        raise Refused(Problem(code="channel_built_in"))


def _test_letter(channel: AnyChannel, person: str, language: Language) -> Letter:
    written = write("channel_test", {"channel": channel.name}, name=person, language=language)
    return Letter(
        key=f"test:{channel.id}/{secrets.token_hex(8)}",
        person=person,
        name=person,
        email="",
        language=language,
        subject=written.subject,
        text=written.text,
    )
