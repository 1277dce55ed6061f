"""Where files of orders are handed in, and kept before anybody speaks of them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.dependencies import Context, InContext, must_have_space
from connectors.space import Space
from db.papers import count_handed_in, hand_in
from domain.keys import Key
from domain.papers import MOST_PAPERS, KeptPaper
from domain.refusals import conflict


@dataclass(frozen=True)
class PaperDesk:
    """Where papers are handed in and asked for."""

    space: Space
    context: Context


async def _paper_desk(request: Request, context: InContext) -> PaperDesk:
    return PaperDesk(request.app.state.space, context)


Papers = Annotated[PaperDesk, Depends(_paper_desk)]


async def keep(case: str, paper: KeptPaper, kept: bytes, caller: Key, papers: PaperDesk) -> None:
    """First the bytes, then the row: whoever is cut off in between leaves no row without them."""
    must_have_space(papers.space)
    context = papers.context
    async with context.database.reading() as session:
        count = await count_handed_in(session, case)
    if count >= MOST_PAPERS:
        raise conflict("too_many_papers", most=f"{MOST_PAPERS}")
    await context.papers.put(paper.digest, kept)
    async with context.database.writing() as session:
        await hand_in(session, paper, case, caller.person, context.now)
