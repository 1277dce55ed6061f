"""Labels: the names and values by which monitoring systems tell their alerts apart."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from domain.values import in_one_line, printable

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(in_one_line)]
LabelValue = Annotated[str, StringConstraints(max_length=1000), AfterValidator(printable)]
Labels = Annotated[dict[LabelName, LabelValue], Field(max_length=100)]

Pattern = Annotated[str, StringConstraints(max_length=200), AfterValidator(in_one_line)]
# For each label the values it may have; `*` stands for anything, `?` for one sign, "" for a label that is not there.
Patterns = Annotated[
    dict[LabelName, Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=100)]], Field(max_length=20)
]


def fits(patterns: Mapping[str, tuple[str, ...]], labels: Mapping[str, str]) -> bool:
    """Whether every label that is named has one of its values."""
    return all(any(fnmatchcase(labels.get(name, ""), value) for value in values) for name, values in patterns.items())
