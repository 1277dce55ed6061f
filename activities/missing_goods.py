"""The incident that looks for what has left us and has not arrived."""

from temporalio import activity

from activities.failures import impossible
from connectors.holidays import with_holidays
from db.assets.asset import assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.engine import Database
from documents.wording import LANGUAGES, word
from domain.incidents.incident import Incident, IncidentRequest, ReportFacts, report
from domain.priorities import Priority
from domain.refusals import Refused, unknown
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


class MissingGoodsDesk:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def incident_of_missing(self, asked: MissingOpening) -> Incident:
        """Of the highest priority, and not to be closed without a finding. Raises `Impossible` as its contract does."""
        async with self._database.reading() as session:
            contract = await contract_in_force(session, asked.contract)
            sites = await sites_by_id(session, [asked.site])
            assets = await assets_by_tag(session, asked.customer, asked.tags) if len(asked.tags) == 1 else ()
        asset = next(iter(assets), None)
        try:
            if contract is None:
                raise unknown("contract", asked.contract)
            known = ReportFacts(
                site=next((site for site in sites if site.customer == asked.customer), None),
                asset=asset,
                in_hours=with_holidays(contract.calendar, asked.at).is_open(asked.at),
            )
            request = _request(asked, asset.tag if asset else None)
            reported = report(contract, request, known, no=asked.no, by=asked.by, at=asked.at)
        except Refused as refused:
            raise impossible(refused) from refused
        return reported.but(needs_finding=True)


def _request(asked: MissingOpening, tag: str | None) -> IncidentRequest:
    """Whoever is called has one title, whatever language they read."""
    names = ", ".join(asked.serials)
    said = " / ".join(word("happening", "item_missing", language) for language in LANGUAGES)
    return IncidentRequest(
        contract=asked.contract,
        site=asked.site,
        asset=tag,
        category=CATEGORY,
        title=clean(f"{said}, {asked.order}: {names}", _LONGEST_TITLE),
        description=clean(names, _LONGEST_TEXT),
        priority=Priority.BLOCKER,
        reference=asked.order,
    )
