"""The incident that looks for what has left us and has not arrived."""

from domain.assets.asset import Asset
from domain.contracts.contract import Contract
from domain.incidents.incident import Incident, IncidentRequest, ReportFacts, report
from domain.places import Site
from domain.priorities import Priority
from domain.refusals import unknown
from domain.times import Instant
from domain.values import AssetTag, Line, Slug, Value, clean

_LONGEST_TITLE = 200
_LONGEST_TEXT = 4_000
CATEGORY = "item_missing"


class MissingOpening(Value):
    """`serials`, or tags, of goods that may bear data; `by` has brought the list on which they are not."""

    no: Slug
    order: Slug
    customer: Slug
    contract: Slug
    site: Slug
    serials: tuple[Line, ...]
    tags: tuple[AssetTag, ...]
    by: Slug
    at: Instant


def missing_incident(
    asked: MissingOpening,
    contract: Contract | None,
    sites: tuple[Site, ...],
    assets: tuple[Asset, ...],
    *,
    called: str,
    in_hours: bool,
) -> Incident:
    """Of the highest priority, and not to be closed without a finding; `called` says in every language what it is.

    Raises `Refused` as reporting it does.
    """
    if contract is None:
        raise unknown("contract", asked.contract)
    # Of several, none is what it is about.
    asset = assets[0] if len(asked.tags) == 1 and assets else None
    known = ReportFacts(
        site=next((site for site in sites if site.customer == asked.customer), None), asset=asset, in_hours=in_hours
    )
    request = _request(asked, called, asset.tag if asset else None)
    return report(contract, request, known, no=asked.no, by=asked.by, at=asked.at).but(needs_finding=True)


def _request(asked: MissingOpening, called: str, tag: str | None) -> IncidentRequest:
    names = ", ".join(asked.serials)
    return IncidentRequest(
        contract=asked.contract,
        site=asked.site,
        asset=tag,
        category=CATEGORY,
        title=clean(f"{called}, {asked.order}: {names}", _LONGEST_TITLE),
        description=clean(names, _LONGEST_TEXT),
        priority=Priority.BLOCKER,
        reference=asked.order,
    )
