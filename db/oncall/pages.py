"""Pages as the tables show them: written by the workflow's record, read by the API and by links."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Index, Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from db.cases.case import CaseRow, Section, narrowed, section_of
from domain.ids import page_workflow_id
from domain.oncall.calls import sheet
from domain.oncall.page import Page, PageProgress, PageSheet, PageState


class PageRow(CaseRow, table=True):
    """`no` is the incident's with the page's own behind a slash; `stuck` is the red state."""

    __tablename__ = "pages"
    __table_args__ = (
        Index("ix_pages_received", "received_at", "no"),
        Index("ix_pages_customer_received", "customer", "received_at", "no"),
        Index("ix_pages_incident_received", "incident", "received_at", "no"),
        Index("ix_pages_state_received", "state", "received_at", "no"),
        Index("ix_pages_updated", "updated_at", "no"),
    )

    incident: str = Field(max_length=64)
    owner: str | None = Field(default=None, max_length=64)
    page: str = Field(sa_type=Text)

    @property
    def workflow_id(self) -> str:
        page = self.as_page()
        return page_workflow_id(page.case, page.no)

    @classmethod
    def made(cls, page: Page) -> "PageRow":
        return PageRow(
            no=page.name,
            incident=page.incident,
            customer=page.customer,
            contract=page.contract,
            state=PageState.CALLING,
            site=page.values.get("site", ""),
            received_at=page.started_at,
            updated_at=page.started_at,
            # Whole: a limit of None is no limit, left out it would be the usual one.
            page=page.model_dump_json(),
            progress="",
        )

    def follow(self, progress: PageProgress) -> None:
        self.state, self.owner = progress.state, progress.owner
        self.stuck = progress.state == PageState.UNANSWERED
        self.progress = progress.model_dump_json(exclude_none=True)

    def as_page(self) -> Page:
        return Page.model_validate_json(self.page)

    def as_progress(self) -> PageProgress:
        return PageProgress.model_validate_json(self.progress)

    def as_sheet(self) -> PageSheet:
        return sheet(self.as_page(), self.as_progress()).but(faults=self.as_faults())


@dataclass(frozen=True)
class PageFilter:
    """What a list is narrowed to; None means any. `customers` is the caller's scope, None being all."""

    customers: tuple[str, ...] | None = None
    incident: str | None = None
    open: bool | None = None


async def page_row(session: AsyncSession, incident: str, no: int) -> PageRow | None:
    return await session.get(PageRow, f"{incident}/{no}")


async def list_pages(session: AsyncSession, wanted: PageFilter, section: Section) -> Sequence[PageRow]:
    """One row more than the limit, so that the caller sees whether there is a next page."""
    query = narrowed(PageRow, {"customer": wanted.customers}, {"incident": wanted.incident})
    if wanted.open is not None:
        is_over = col(PageRow.state) == PageState.STOPPED
        query = query.where(~is_over if wanted.open else is_over)
    return await section_of(session, PageRow, query, section)
