"""The operating manual over HTTP: for its own customer, the same for whoever asks, and of each version."""

from http import HTTPStatus

from domain.people import Role
from tests.api.house import House, body
from tests.api.test_matrix import ADLER, sdm

MANUAL = f"{ADLER}/manual.pdf"


async def test_the_manual_is_the_same_for_customer_and_provider_and_differs_by_language_and_version(
    cut_off: House,
) -> None:
    ours, theirs = await sdm(cut_off), await cut_off.caller(Role.APPROVER, "p-huber", "adler")

    seen = [await caller.get(MANUAL, params={"lang": "de"}) for caller in (ours, theirs)]
    others: tuple[dict[str, str], ...] = ({"lang": "en"}, {"lang": "de", "version": "1"})
    english, earlier = [await theirs.get(MANUAL, params=asked) for asked in others]

    assert seen[0].content == seen[1].content
    assert seen[0].content.startswith(b"%PDF-")
    assert len({answer.content for answer in (seen[0], english, earlier)}) == 3
    assert seen[0].headers["Content-Language"] == "de"
    assert 'filename="manual-adler-2026-2-de.pdf"' in seen[0].headers["Content-Disposition"]
    assert 'filename="manual-adler-2026-1-de.pdf"' in earlier.headers["Content-Disposition"]


async def test_another_customers_manual_does_not_exist_and_prices_are_not_for_everybody(cut_off: House) -> None:
    await sdm(cut_off)
    await cut_off.second_customer()
    stranger = await cut_off.caller(Role.APPROVER, "p-falke", "falke")
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang")

    hidden, nowhere = [await stranger.get(address) for address in (MANUAL, MANUAL.replace("adler-2026", "none"))]
    without_prices = await technician.get(MANUAL)
    no_version = await (await sdm(cut_off)).get(MANUAL, params={"version": 99})

    assert (hidden.status_code, body(hidden)["errors"][0]["code"]) == (HTTPStatus.NOT_FOUND, "contract_unknown")
    assert nowhere.status_code == HTTPStatus.NOT_FOUND
    assert without_prices.status_code == HTTPStatus.FORBIDDEN
    assert (no_version.status_code, body(no_version)["errors"][0]["at"]) == (HTTPStatus.NOT_FOUND, "/query/version")
