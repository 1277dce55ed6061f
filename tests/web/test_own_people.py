"""Steps that the customer's own IT has, by pages: given to them, shown to both sides, and given back."""

from http import HTTPStatus

from domain.people import Role
from tests.api.test_own_people import at_work
from tests.web.test_orders import hidden
from tests.web.test_papers import booked
from tests.web.visitors import Site


async def test_a_step_goes_to_the_customers_own_it_and_back_by_its_page(site: Site) -> None:
    no = (await at_work(site.house)).rpartition("/")[2]
    place = f"/orders/{no}/hand_over"
    ours = await site.signed_in(Role.TECHNICIAN, "p-lang")
    own_it = await site.signed_in(Role.CONTACT, "p-huber", "adler")
    other = await site.signed_in(Role.CONTACT, "p-vogel", "adler")

    before = (await own_it.get(f"/orders/{no}")).text
    form = (await ours.get(place)).text
    given = await ours.post(place, data=hidden(form, place) | {"kind": "customer", "to": "contact"})
    theirs, others = [(await browser.get(f"/orders/{no}")).text for browser in (own_it, other)]
    asked = (await own_it.get(place)).text
    refused = await other.get(place)
    back = await own_it.post(place, data=hidden(asked, place) | {"kind": "team", "to": "service_desk"})
    after = (await ours.get(f"/orders/{no}")).text

    assert place not in before
    assert 'value="customer"' in form
    assert 'value="contact"' in form
    assert "p-lang" not in form.split("<form", 1)[1]
    assert given.status_code == HTTPStatus.SEE_OTHER, given.text
    assert place in theirs
    assert "With the customer&#39;s IT" in theirs
    assert place not in others
    assert 'value="service_desk"' in asked
    assert 'value="contact"' not in asked
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert back.status_code == HTTPStatus.SEE_OTHER, back.text
    assert "min, not charged" in after


async def test_where_the_contract_names_nobody_nothing_is_offered(site: Site) -> None:
    no = await booked(site)
    browser = await site.signed_in(Role.TECHNICIAN, "p-lang")

    assert f"/orders/{no}/hand_over" not in (await browser.get(f"/orders/{no}")).text
