"""A customer with its sites, people, rotas and contracts, as one file brings them in."""

from domain.contracts.contract import Contract
from domain.contracts.customers import Customer
from domain.oncall.rota import Rota
from domain.people import Person
from domain.places import Site
from domain.values import Few, Hundreds, Thousands, Value


class CustomerFile(Value):
    """What is brought in together. Each part is what the API takes for it, so any of them may come alone."""

    customer: Customer | None = None
    sites: Hundreds[Site] = ()
    people: Thousands[Person] = ()
    rotas: Hundreds[Rota] = ()
    contracts: Few[Contract] = ()
