"""Customers, and everything that is agreed with one of them in a single document."""

from domain.values import Line, Slug, Value


class Customer(Value):
    id: Slug
    name: Line
