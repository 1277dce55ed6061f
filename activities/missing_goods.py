"""The incident that looks for what has left us and has not arrived."""

from temporalio import activity

from activities.failures import impossible
from connectors.holidays import with_holidays
from db.assets.asset import assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.engine import Database
from documents.wording import in_all_languages
from domain.incidents.incident import Incident
from domain.incidents.missing_goods import CATEGORY, MissingOpening, missing_incident
from domain.refusals import Refused


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
        in_hours = contract is not None and with_holidays(contract.calendar, asked.at).is_open(asked.at)
        # Whoever is called has one title, whatever language they read.
        called = in_all_languages("happening", CATEGORY)
        try:
            return missing_incident(asked, contract, sites, assets, called=called, in_hours=in_hours)
        except Refused as refused:
            raise impossible(refused) from refused
