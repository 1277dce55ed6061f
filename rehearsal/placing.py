"""Legs looked up in the pack, and orders placed in the engine: what `activities.moves` does with tables and server."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.failures import impossible
from activities.moves import Expected, LegsAsked, Outlook, Placed, TellOrder, Told, Unheard
from domain.ids import order_workflow_id
from domain.moves.launched.trips import LegGround, PlaceLeg, order_for, request_for, trip_of
from domain.moves.launched.wave_news import WaveLegs
from domain.moves.plans.versions import legs_of
from domain.moves.rehearsals.rehearsal import RehearsalPack
from domain.orders.order import Order, Registers
from domain.refusals import Problem, Refused, unknown
from rehearsal.engine import Engine
from rehearsal.executions import Gone
from rehearsal.stand_ins import ShelfRegister
from workflows.order import OrderWorkflow
from workflows.receipts import Receipt
from workflows.refusals import as_refusal


class Dispatcher:
    """A rehearsal follows one plan from launch to end."""

    engine: Engine

    def __init__(self, pack: RehearsalPack, register: ShelfRegister) -> None:
        self._pack = pack
        self._register = register

    @property
    def acts(self) -> Sequence[Callable[..., Any]]:
        return self.legs_of_wave, self.show_outlook, self.place_order, self.lost_orders, self.tell_order

    async def legs_of_wave(self, asked: LegsAsked) -> WaveLegs:
        return WaveLegs(legs=legs_of(self._pack.plan, asked.wave))

    async def show_outlook(self, outlook: Outlook) -> Expected:
        """Nobody looks."""
        return Expected()

    async def place_order(self, asked: PlaceLeg) -> Placed:
        workflow_id = order_workflow_id(asked.order_no)
        if not self.engine.has(workflow_id):
            try:
                self.engine.start(OrderWorkflow, self._order(asked), workflow_id)
            except Refused as refused:
                raise impossible(refused) from refused
        return Placed(order=asked.order_no)

    async def lost_orders(self, unheard: Unheard) -> Unheard:
        return Unheard(orders=tuple(no for no in unheard.orders if not self.engine.has(order_workflow_id(no))))

    async def tell_order(self, asked: TellOrder) -> Told:
        try:
            await self.engine.update(order_workflow_id(asked.order), "command", asked.instruction, Receipt)
        except Gone:
            return Told(problem=Problem(code="order_is_over"))
        except ApplicationError as error:
            refused = as_refusal(error)
            if refused is None:
                raise
            return Told(problem=refused.problems[0])
        return Told()

    def _order(self, asked: PlaceLeg) -> Order:
        pack = self._pack
        row = pack.rows.get(asked.workplace)
        if row is None or row.move is None:
            raise unknown("workplace", asked.workplace)
        trip = trip_of(pack.plan, row.move, asked.workplace, asked.leg, asked.at)
        request = request_for(pack.project, row, trip, asked.placed_by)
        customer = pack.contract.customer
        sites = tuple(site for site in pack.sites if site.id in request.site_ids)
        known = Registers(sites, self._register.of(customer, request.assets))
        there = tuple(self._register.at(customer, trip.desk)) if trip.desk else ()
        return order_for(asked, row, trip, request, pack.contract, LegGround(known, there))
