"""What every case is started with, by the API or by another workflow."""

from datetime import timedelta

from temporalio.common import Priority, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.cases.ranks import Rank, rank_by
from domain.incidents.incident import Incident

# A worker that died over a task is noticed sooner than by default.
TASK_TIMEOUT = timedelta(seconds=5)

KIND = SearchAttributeKey.for_keyword("ImacKind")
CUSTOMER = SearchAttributeKey.for_keyword("ImacCustomer")
SITE = SearchAttributeKey.for_keyword("ImacSite")
SEARCHABLE = (KIND, CUSTOMER, SITE)


def search_attributes(kind: str, customer: str, site: str | None = None) -> TypedSearchAttributes:
    given = ((KIND, kind), (CUSTOMER, customer), (SITE, site))
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in given if value is not None])


def priority(customer: str, rank: Rank = Rank.USUAL) -> Priority:
    """Customers of one rank take turns."""
    return Priority(priority_key=rank, fairness_key=customer)


def rank_of(incident: Incident) -> Rank:
    """The one it begins with; `Records` has it follow the priority from then on."""
    return rank_by(incident.request.asked_priority)


def paging_queue(task_queue: str) -> str:
    """Whoever calls people has a queue of its own: slow mail cannot take its places."""
    return f"{task_queue}-paging"
