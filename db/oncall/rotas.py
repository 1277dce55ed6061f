"""Rotas by version. Who was on call is answered years later by the version in force then, so none is ever changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.contracts import people_by_id
from domain.oncall import rota_versions
from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.rota_checks import people_named
from domain.oncall.rota_versions import InForce
from domain.oncall.shifts import OnCall


class RotaRow(SQLModel, table=True):
    """A version holds from `since` until the next one's."""

    __tablename__ = "rotas"

    id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    customer: str | None = Field(default=None, max_length=64, foreign_key="customers.id", index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)
    rota: str = Field(sa_type=Text)

    def as_rota(self) -> Rota:
        return Rota.model_validate_json(self.rota)


async def rota_in_force(session: AsyncSession, rota_id: str) -> Rota | None:
    row = await _newest(session, rota_id)
    return row.as_rota() if row else None


async def list_rotas(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Rota]:
    newest = select(RotaRow.id, func.max(RotaRow.version).label("version")).group_by(col(RotaRow.id)).subquery()
    query = (
        select(RotaRow)
        .join(newest, (col(RotaRow.id) == newest.c.id) & (col(RotaRow.version) == newest.c.version))
        .order_by(col(RotaRow.id))
    )
    if customers is not None:
        query = query.where(col(RotaRow.customer).in_(customers))
    return [row.as_rota() for row in (await session.execute(query)).scalars()]


async def versions_since(session: AsyncSession, rota_id: str, start: datetime) -> Sequence[InForce]:
    """The version in force then, if there was one, and all after it."""
    before = select(func.max(RotaRow.version)).where(col(RotaRow.id) == rota_id, col(RotaRow.since) <= start)
    first = (await session.execute(before)).scalar_one() or 1
    query = (
        select(RotaRow).where(col(RotaRow.id) == rota_id, col(RotaRow.version) >= first).order_by(col(RotaRow.version))
    )
    return [InForce(row.since, row.as_rota()) for row in (await session.execute(query)).scalars()]


async def on_call_at(session: AsyncSession, rota_id: str, at: datetime) -> OnCall | None:
    """Who is, was or will be on call; None before there was a rota."""
    return rota_versions.on_call_at(await versions_since(session, rota_id, at), at)


async def save_rota(session: AsyncSession, rota: Rota, *, by: str, at: datetime) -> Rota:
    """The rota under the next version, in force at once; unchanged, it stays the version it is.

    It goes on from the shifts that run then.
    """
    newest = await _newest(session, rota.id)
    kept = newest.as_rota() if newest else None
    rota = continued(rota, kept, at)
    if kept is not None and kept.without_past(at) == rota.but(version=kept.version, change=kept.change).without_past(
        at
    ):
        return kept
    saved = rota.but(version=kept.version + 1 if kept else 1).without_past(at)
    row = RotaRow(
        id=saved.id,
        version=saved.version,
        customer=saved.customer,
        # Clocks of several API servers differ; versions follow each other all the same.
        since=max(at, newest.since) if newest else at,
        saved_by=by,
        rota=saved.model_dump_json(),
    )
    session.add(row)
    return saved


async def known_people(session: AsyncSession, rota: Rota) -> frozenset[str]:
    """Of those the rota names, whom we can reach: the provider's own people and the customer's."""
    found = await people_by_id(session, sorted(set(people_named(rota).values())))
    return frozenset(person.id for person in found if person.customer in (None, rota.customer))


async def leaving_people(session: AsyncSession, rota: Rota) -> dict[str, datetime]:
    """Of those the rota names, who leaves, and when."""
    found = await people_by_id(session, sorted(set(people_named(rota).values())))
    return {person.id: person.leaves_at for person in found if person.leaves_at is not None}


async def _newest(session: AsyncSession, rota_id: str) -> RotaRow | None:
    query = select(RotaRow).where(col(RotaRow.id) == rota_id).order_by(col(RotaRow.version).desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()
