"""Who is on call, by the hours and holidays of the rota in force then."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from connectors.holidays import all_dated
from db.oncall.rotas import versions_since
from domain.oncall import rota_versions
from domain.oncall.shifts import OnCall


async def on_call_at(session: AsyncSession, rota_id: str, at: datetime) -> OnCall | None:
    """None before there was a rota."""
    return rota_versions.on_call_at(all_dated(await versions_since(session, rota_id, at), at), at)
