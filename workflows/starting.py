"""What every case is started with, by the API or by another workflow."""

from datetime import timedelta

from temporalio.common import Priority, SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

# A worker that died over a task is noticed sooner than by default.
TASK_TIMEOUT = timedelta(seconds=5)

KIND = SearchAttributeKey.for_keyword("ImacKind")
CUSTOMER = SearchAttributeKey.for_keyword("ImacCustomer")
SITE = SearchAttributeKey.for_keyword("ImacSite")
SEARCHABLE = (KIND, CUSTOMER, SITE)


def search_attributes(kind: str, customer: str, site: str | None = None) -> TypedSearchAttributes:
    given = ((KIND, kind), (CUSTOMER, customer), (SITE, site))
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in given if value is not None])


def priority(customer: str, *, of_project: bool = False) -> Priority:
    """When tasks queue, customers take turns; hundreds of moves come after whatever somebody waits for (3 is usual)."""
    return Priority(priority_key=4 if of_project else 3, fairness_key=customer)
