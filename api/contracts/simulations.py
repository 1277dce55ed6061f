"""What a contract would cost: invoices from the terms and the facts that are sent. Nothing is read, nothing is kept."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.dependencies import InContext, May
from api.examples import SIMULATIONS
from api.gate.routes import BoundedRoute
from api.jobs import simulate
from api.policy import Operation
from domain.billing.agreement import Simulation
from domain.billing.invoices import Rated
from domain.keys import Key

router = APIRouter(route_class=BoundedRoute, prefix="/simulations", tags=["contracts"])


@router.post("", operation_id="previewInvoices", response_model_exclude_defaults=True)
async def simulate_invoices(
    asked: Annotated[Simulation, Body(openapi_examples=SIMULATIONS)],
    _: Annotated[Key, Depends(May(Operation.SIMULATE_INVOICES))],
    context: InContext,
) -> Rated:
    """Work out the invoices that these terms and facts come to. Nothing is changed."""
    return await context.workshop.make(simulate, asked)
