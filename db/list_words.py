"""What headings and words in lists mean to each customer."""

from sqlalchemy import Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from domain.assets.columns import ListWords


class ListWordsRow(SQLModel, table=True):
    __tablename__ = "list_words"

    customer: str = Field(primary_key=True, max_length=64, foreign_key="customers.id")
    words: str = Field(sa_type=Text)


async def list_words(session: AsyncSession, customer: str) -> ListWords:
    row = await session.get(ListWordsRow, customer)
    return ListWords.model_validate_json(row.words) if row else ListWords(customer=customer)


async def save_list_words(session: AsyncSession, words: ListWords) -> None:
    await session.merge(ListWordsRow(customer=words.customer, words=words.model_dump_json()))
