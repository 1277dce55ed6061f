"""A list of the API as commands read it."""

from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class AnsweredPage(BaseModel, Generic[T]):
    items: tuple[T, ...]
    next: str | None = None
