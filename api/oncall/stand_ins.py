"""Stand-ins and swaps: who is on call instead of whoever would be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import May, Tables
from api.gate.routes import BoundedRoute
from api.oncall.rota_checks import changed_by, known_rota, rota_problems
from api.oncall.telling import Change, Making
from api.policy import Operation
from api.saving import BySaving, Saving
from connectors.holidays import dated
from db.engine import Database
from db.oncall import rotas as kept
from db.turns import saving_turn
from domain.keys import Key
from domain.oncall.layer_swaps import LayerSwap
from domain.oncall.rota import Override, Rota, Swap
from domain.oncall.shifts import Layer
from domain.refusals import Problem, Unacceptable, Unknown, refuse_if
from domain.times import Instant
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/rotas", tags=["rotas"])

Changing = Annotated[Key, Depends(May(Operation.CHANGE_SHIFTS))]


@dataclass(frozen=True)
class ShiftChanging:
    database: Database
    making: Change
    saving: Saving

    async def made(self, rota_id: str, change: Callable[[Rota], Rota], caller: Key) -> Rota:
        """Refused when it is wrong, makes gaps, or the rota is not the one the caller has seen."""
        now = self.making.now
        async with self.database.reading() as session:
            whose = (await known_rota(session, rota_id, caller)).customer
        async with saving_turn(self.database, f"rota/{rota_id}", whose) as session:
            in_force = await known_rota(session, rota_id, caller)
            self.saving.must_match(in_force)
            current = in_force.without_past(now)
            after = change(current)
            problems = await rota_problems(session, after, now, before=current)
            refuse_if([_of_the_body(problem, current) for problem in problems])
            after = after.but(change=await changed_by(session, current, after, now))
            if self.making.preview:
                return self.saving.answer(after)
            after = await kept.save_rota(session, after, by=caller.person, at=now)
        self.making.teller.soon(after)
        return self.saving.answer(after)


async def _change(database: Tables, making: Making, saving: BySaving) -> ShiftChanging:
    return ShiftChanging(database, making, saving)


ToChange = Annotated[ShiftChanging, Depends(_change)]


@router.post("/{rota_id}/overrides", operation_id="addOverride")
async def add_override(rota_id: Slug, override: Override, caller: Changing, asked: ToChange) -> Rota:
    """Add an override. The past is not changed; repeating it has no effect."""
    if override.end <= asked.making.now:
        raise Unacceptable(Problem(code="in_the_past", at="/end"))

    def added(rota: Rota) -> Rota:
        return rota if override in rota.overrides else rota.but(overrides=(*rota.overrides, override))

    return await asked.made(rota_id, added, caller)


@router.delete("/{rota_id}/overrides/{layer}/{start}", operation_id="deleteOverride")
async def drop_override(rota_id: Slug, layer: Layer, start: Instant, caller: Changing, asked: ToChange) -> Rota:
    """Remove the override of a layer starting at that time, or end it now. The past is not changed."""

    def without(rota: Rota) -> Rota:
        left = tuple(o for o in rota.overrides if (o.layer, o.start) != (layer, start))
        if left == rota.overrides:
            raise Unknown(Problem(code="override_unknown", at="/path/start"))
        return rota.but(overrides=left)

    return await asked.made(rota_id, without, caller)


@router.post("/{rota_id}/swaps", operation_id="addSwap")
async def add_swap(rota_id: Slug, swap: Swap, caller: Changing, asked: ToChange) -> Rota:
    """Swap two shifts, each given by its person and a time within it."""

    def swapped(rota: Rota) -> Rota:
        if swap in rota.swaps[-1:]:
            return rota
        refuse_if(
            [
                Problem(code="in_the_past", at=f"/{side}/at")
                for side, turn in (("first", swap.first), ("second", swap.second))
                if rota.shift_of(turn)[1] <= asked.making.now
            ]
        )
        return rota.but(swaps=(*rota.swaps, swap))

    return await asked.made(rota_id, swapped, caller)


@router.post("/{rota_id}/layer-swaps", operation_id="addLayerSwap")
async def add_layer_swap(rota_id: Slug, swap: LayerSwap, caller: Changing, asked: ToChange) -> Rota:
    """Swap primary and backup for a period; without one, until who is on call changes next. Repeating has no effect."""

    def exchanged(rota: Rota) -> Rota:
        return rota.but(overrides=swap.made(dated(rota, asked.making.now), asked.making.now).overrides)

    return await asked.made(rota_id, exchanged, caller)


def _of_the_body(problem: Problem, before: Rota) -> Problem:
    """The rota's last override or swap is the whole body here."""
    at = problem.at.removeprefix(f"/overrides/{len(before.overrides)}").removeprefix(f"/swaps/{len(before.swaps)}")
    return problem.but(at=at)
