"""Customers, and everything that is agreed with one of them in a single document."""

from domain.contracts import Contract
from domain.people import Person
from domain.places import Site
from domain.rotas import Rota
from domain.values import Line, Slug, Value


class Customer(Value):
    id: Slug
    name: Line


class CustomerFile(Value):
    """What is brought in together. Each part is what the API takes for it, so any of them may come alone."""

    customer: Customer | None = None
    sites: tuple[Site, ...] = ()
    people: tuple[Person, ...] = ()
    rotas: tuple[Rota, ...] = ()
    contracts: tuple[Contract, ...] = ()
