"""The answer to a command."""

from domain.values import Slug, Value


class Receipt(Value):
    """Where the case stands once it has come to rest again."""

    no: Slug
    state: Slug
    seq: int
