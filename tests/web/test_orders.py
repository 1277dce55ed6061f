"""Orders by pages: found, placed, told what comes next, and nothing typed is lost."""

import re
from datetime import UTC, datetime

import httpx2
import pytest
from pydantic import BaseModel

from db.contracts import save_contract
from documents.wording import LANGUAGES, wording
from domain.cases.events import Event
from domain.cases.order_commands import Book, Window
from domain.contracts.catalogue import Item, ItemQuestion, QuestionKind
from domain.contracts.chains import Evidence
from domain.kinds import OrderKind, OrderState
from domain.orders.order import Order, OrderRequest
from domain.orders.progress import PartStanding, StepProgress, StepStatus
from domain.people import MACHINE, Language, Role
from tests.api.house import INSTALL, happened, write_order
from tests.domain.orders.test_items import LISTING, VIRUS, accepted, wish
from tests.stories.bundle_scripts import BUNDLED, wished
from tests.web.visitors import Site
from tests.world import CONTRACT, COORDINATOR, order, request
from web.forms import FieldShape, flat, shapes_of
from web.order_forms import COMMANDS
from web.words import page_wording

HOSTILE = """<script>alert(1)</script>{{7*7}}'"><img src=x onerror=alert(1)>\u202ejavascript:alert(1)"""
PLACE = "/orders/new?contract=adler-2026&kind=install"


async def written(site: Site, **fields: object) -> Order:
    asked = request(OrderKind.INSTALL, holder="Max Huber", assets=["NB-100"], target=INSTALL["target"], **fields)
    made = order(asked, datetime.now(UTC))
    await write_order(site.house.database, made)
    return made


def hidden(page: str, action: str) -> dict[str, str]:
    """What a form sends without anybody typing."""
    form = page.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


async def test_a_list_can_be_narrowed_and_its_address_says_how(site: Site) -> None:
    made = await written(site)
    browser = await site.signed_in()

    everything, cleaned = await browser.get("/orders"), await browser.get("/orders?state=&kind=install&stuck=")
    none = await browser.get("/orders?state=completed")

    assert made.no in everything.text
    assert cleaned.headers["Location"] == "/orders?kind=install"
    assert made.no not in none.text
    assert "No order fits this selection." in none.text


async def test_an_order_is_placed_by_its_form_once_however_often_it_is_sent(site: Site) -> None:
    browser = await site.signed_in()
    form = await browser.get(PLACE)
    said = {**hidden(form.text, PLACE.replace("&", "&amp;")), "requester": "p-vogel", "site": "adler-hq"}
    said |= {"target.building": "A", "target.floor": "2", "target.room": "2.14", "holder": "Max", "assets": "NB-100"}

    first, again = [await browser.post(PLACE, data=said) for _ in range(2)]

    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert (await browser.get(first.headers["Location"])).status_code == 200


async def test_what_was_typed_is_kept_beside_what_is_wrong_with_it(site: Site) -> None:
    browser = await site.signed_in()
    form = await browser.get(PLACE)
    said = {**hidden(form.text, PLACE.replace("&", "&amp;")), "requester": "p-vogel", "site": "adler-hq"}

    answer = await browser.post(PLACE, data=said | {"assets": "NB-9999", "note": HOSTILE, "holder": "Max"})

    assert answer.status_code == 422
    assert "NB-9999" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text


async def told(browser: httpx2.AsyncClient, no: str, command: str, **said: str) -> httpx2.Response:
    page = await browser.get(f"/orders/{no}/{command}")
    return await browser.post(f"/orders/{no}/{command}", data=hidden(page.text, f"/orders/{no}/{command}") | said)


async def test_an_order_is_told_what_its_form_says_and_shows_it(site: Site) -> None:
    await site.house.worker()
    coordinator, approver = await site.signed_in(), await site.signed_in(Role.APPROVER, "p-huber", "adler")
    caller = await site.house.coordinator()
    no = (await caller.post("/api/v1/orders", json=INSTALL)).json()["no"]

    answer = await told(approver, no, "approve")
    page = await coordinator.get(f"/orders/{no}")

    assert answer.headers.get("Location") == f"/orders/{no}", answer.text
    assert "Max Huber" in page.text
    again = await approver.post(f"/orders/{no}/approve", data={"key": "another", "seq": "1", "step": "approval"})
    assert again.status_code == 409
    assert "Something has happened meanwhile" in again.text


async def test_a_form_sent_twice_is_done_once(site: Site) -> None:
    await site.house.worker()
    browser = await site.signed_in()
    caller = await site.house.coordinator()
    no = (await caller.post("/api/v1/orders", json=INSTALL)).json()["no"]
    page = await browser.get(f"/orders/{no}/hold")
    said = hidden(page.text, f"/orders/{no}/hold")
    said |= {"code": "waiting_customer", "reason": "Room is locked", "max_until": "2099-12-01T08:00"}

    answers = [await browser.post(f"/orders/{no}/hold", data=said) for _ in range(2)]
    timeline = (await caller.get(f"/api/v1/orders/{no}/timeline")).json()

    assert [answer.status_code for answer in answers] == [303, 303], answers[0].text
    assert [event["what"] for event in timeline].count("hold") == 1


async def test_a_page_of_yesterday_says_what_has_happened_and_keeps_what_was_typed(site: Site) -> None:
    made = await written(site)
    browser = await site.signed_in()
    held = Event(seq=2, at=made.received_at, what="log_work", actor=COORDINATOR)
    await happened(site.house.database, made, held)

    said = {"key": "old", "seq": "1", "code": "site_closed", "reason": "Fire drill", "max_until": "2099-12-01T08:00"}
    answer = await browser.post(f"/orders/{made.no}/hold", data=said)

    assert answer.status_code == 409
    assert 'value="Fire drill"' in answer.text
    assert "Something has happened meanwhile" in answer.text


async def test_with_the_engine_away_reading_goes_on_and_nothing_typed_is_lost(site: Site) -> None:
    made = await written(site)
    browser = await site.signed_in()
    page = await browser.get(f"/orders/{made.no}/hold")
    said = hidden(page.text, f"/orders/{made.no}/hold")
    said |= {"code": "site_closed", "reason": "Fire drill", "max_until": "2099-12-01T08:00"}

    answer = await browser.post(f"/orders/{made.no}/hold", data=said)

    assert answer.status_code in (422, 503)
    assert 'value="Fire drill"' in answer.text


@pytest.mark.parametrize("path", ["", "/hold", "/nothing"])
async def test_an_order_of_another_customer_is_as_unknown_as_none(site: Site, path: str) -> None:
    made = await written(site)
    await site.house.second_customer()
    browser = await site.signed_in(Role.COORDINATOR, "p-koch", "falke")

    answers = [await browser.get(f"/orders/{no}{path}") for no in (made.no, "O-NONE0-NONE0")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace(made.no, "") == answers[1].text.replace("O-NONE0-NONE0", "")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.TECHNICIAN, Role.APPROVER, Role.REQUESTER])
async def test_no_button_is_there_that_would_be_refused_for_the_role(site: Site, role: Role) -> None:
    made = await written(site)
    browser = await site.signed_in(role, "p-lang", "adler")
    page = (await browser.get(f"/orders/{made.no}")).text
    offered = set(re.findall(rf"/orders/{made.no}/(\w+)", page))

    for command in COMMANDS:
        status = (await browser.get(f"/orders/{made.no}/{command}")).status_code
        assert status == (200 if status != 403 else 403)
        assert not (command in offered and status == 403), command


async def test_hostile_text_stays_text(site: Site) -> None:
    made = await written(site, reference=HOSTILE.replace("\u202e", "\u202e")[:150], note=HOSTILE)
    browser = await site.signed_in()

    for address in (f"/orders/{made.no}", "/orders"):
        page = (await browser.get(address)).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "49" not in re.findall(r"<bdi[^>]*>([^<]*)</bdi>", page)


@pytest.mark.parametrize("name", ["hold", "verify", "complete", "log_work"])
async def test_an_unknown_field_is_refused_by_name(site: Site, name: str) -> None:
    made = await written(site)
    browser = await site.signed_in()

    answer = await browser.post(f"/orders/{made.no}/{name}", data={"seq": "1", "key": "k", "role": "admin"})

    assert answer.status_code == 422
    assert "role" in answer.text


def fields(kind: type[BaseModel]) -> list[FieldShape]:
    return list(flat(shapes_of(kind)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*COMMANDS.values(), OrderRequest], ids=lambda kind: kind.__name__)
def test_every_field_is_called_something(kind: type[BaseModel], language: Language) -> None:
    known = page_wording(language).fields.keys() | wording(language).words["field"].keys()

    assert {shape.last for shape in fields(kind)} - known == set()


@pytest.mark.parametrize("kind", [*COMMANDS.values(), OrderRequest], ids=lambda kind: kind.__name__)
def test_a_browser_insists_on_nothing_that_can_be_left_out_as_a_whole(kind: type[BaseModel]) -> None:
    """Else it would not send a form of three empty rows of which one is filled."""
    wholes = [shape for shape in shapes_of(kind) if shape.parts and not shape.is_needed]

    assert not [part.name for part in flat(wholes) if part.is_required]


async def test_one_render_serves_all_who_read_the_same_page(site: Site) -> None:
    made = await written(site)
    browsers = [await site.signed_in() for _ in range(3)]
    before = site.house.app.state.renders.count

    pages = [await browser.get(f"/orders/{made.no}") for browser in browsers]

    assert len({page.headers["ETag"] for page in pages}) == 1
    assert site.house.app.state.renders.count <= before + 2


async def test_a_contracts_own_steps_are_called_as_it_says_wherever_they_are_shown(site: Site) -> None:
    asked = request(OrderKind.INSTALL, holder="Max Huber", assets=["NB-100"], target=INSTALL["target"])
    made = order(asked, datetime.now(UTC))
    photo = Evidence(id="photo", titles={"de": "Foto vom Platz", "en": "Photo of the desk"})
    made = made.but(chain=made.chain.but(steps=(photo, *made.chain.steps)))
    await write_order(site.house.database, made)
    await happened(
        site.house.database, made, Event(seq=2, at=made.received_at, what="step_opened", actor=MACHINE, step="photo")
    )
    browser = await site.signed_in()

    english = [await browser.get(f"{at}/{made.no}") for at in ("/orders", "/audit")]
    await browser.post("/me/look", data={"language": "de"})
    german = [await browser.get(f"{at}/{made.no}") for at in ("/orders", "/audit")]

    assert all("Photo of the desk" in page.text for page in english)
    assert all("Foto vom Platz" in page.text for page in german)


ITEM = f"/orders/new?contract={CONTRACT.id}&item=virus"


async def listed(site: Site, *items: Item) -> None:
    async with site.house.database.writing() as session:
        await save_contract(session, CONTRACT.but(catalogue=items))


async def test_a_customer_is_offered_what_they_may_order_in_their_own_words(site: Site) -> None:
    others = VIRUS.but(id="others", requesters=("p-huber",), name={"de": "Für andere", "en": "For others"})
    await listed(site, VIRUS, others, VIRUS.but(id="old", withdrawn=True))
    requester = await site.signed_in(Role.REQUESTER, "p-vogel", "adler")
    desk = await site.signed_in()

    offered = [set(re.findall(r"item=(\w+)", (await one.get("/orders/new")).text)) for one in (requester, desk)]
    contract = await requester.get(f"/contracts/{CONTRACT.id}")

    assert offered == [{"virus"}, {"virus", "others"}]
    assert VIRUS.name["en"] in contract.text
    assert (await desk.get(ITEM.replace("virus", "paint"))).status_code == 404


async def test_an_item_is_ordered_by_answering_its_questions(site: Site) -> None:
    await listed(site, VIRUS)
    browser = await site.signed_in()
    form = await browser.get(ITEM)
    said = {**hidden(form.text, ITEM.replace("&", "&amp;")), "requester": "p-vogel", "site": "adler-hq"}

    unanswered = await browser.post(ITEM, data=said | {"answers.count": HOSTILE, "answers.since": "2026-02-30"})
    placed = await browser.post(ITEM, data=said | {"answers.noticed": HOSTILE, "answers.still": "no"})
    order = await browser.get(placed.headers["Location"])

    assert 'name="answers.noticed"' in form.text
    assert unanswered.status_code == 422
    assert unanswered.text.count('class="complaint"') == 3
    assert "<script>alert" not in unanswered.text + order.text
    assert placed.status_code == 303
    assert VIRUS.name["en"] in order.text
    assert "nein (en)" in order.text


async def test_what_was_answered_is_read_by_names_and_days_in_the_readers_form(site: Site) -> None:
    asked = {"since": QuestionKind.DATE, "whom": QuestionKind.PERSON, "where": QuestionKind.PLACE}
    questions = tuple(ItemQuestion(id=one, text={"de": one, "en": one}, kind=kind) for one, kind in asked.items())
    await listed(site, VIRUS.but(questions=questions))
    browser = await site.signed_in()
    form = await browser.get(ITEM)
    said = {**hidden(form.text, ITEM.replace("&", "&amp;")), "requester": "p-vogel", "site": "adler-hq"}
    answers = {"answers.since": "2026-12-14", "answers.whom": "p-vogel", "answers.where": "adler-hq / A / 2"}

    placed = await browser.post(ITEM, data=said | answers)
    order = (await browser.get(placed.headers["Location"])).text

    assert "<bdi>14 Dec 2026</bdi>" in order
    assert "<bdi>Anna Vogel</bdi>" in order
    assert "<bdi>Adler Maschinenbau, Werk Augsburg / A / 2</bdi>" in order


@pytest.mark.parametrize(
    ("kind", "needed", "last"),
    [
        pytest.param("install", set(), {"new_model", "risk", "reference", "incident"}, id="an installation"),
        pytest.param("move", {"assets"}, {"wanted", "new_model", "risk", "reference", "incident"}, id="a move"),
        pytest.param("change", {"assets"}, {"wanted", "reference", "incident"}, id="a change"),
        pytest.param("break_fix", set(), {"wanted", "new_model", "risk", "reference"}, id="a repair"),
    ],
)
async def test_what_a_kind_of_order_has_no_use_for_is_asked_last_and_what_it_needs_is_said(
    site: Site, kind: str, needed: set[str], last: set[str]
) -> None:
    browser = await site.signed_in()

    first, more = (await browser.get(PLACE.replace("install", kind))).text.split('<details class="more">')

    whole = "wanted.0.model"
    assert {name for name in last if f'name="{whole if name == "wanted" else name}"' in more} == last
    assert not [name for name in last if f'name="{whole if name == "wanted" else name}"' in first]
    assert set(re.findall(r'name="(assets|wanted\.0\.model)"[^>]* required', first)) == needed


async def test_who_goes_there_is_asked_for_with_the_time_of_the_visit(site: Site) -> None:
    now = datetime.now(UTC)
    made = order(request(OrderKind.INSTALL, assets=["NB-100"], target=INSTALL["target"]), now)
    states = {"appointment": StepStatus.OPEN}
    steps = tuple(
        StepProgress(id=one.id, type=one.type, status=states.get(one.id, StepStatus.WAITING))
        for one in made.chain.steps
    )
    await write_order(site.house.database, made, steps=steps)
    browser = await site.signed_in()

    asked = (await browser.get(f"/orders/{made.no}")).text.partition('id="questions"')[2].partition("<details")[0]

    assert 'name="window.start"' in asked
    assert 'name="technician"' in asked


async def test_what_was_agreed_of_a_visit_stands_in_the_form_that_moves_it(site: Site) -> None:
    now = datetime.now(UTC)
    made = order(request(OrderKind.INSTALL, assets=["NB-100"], target=INSTALL["target"]), now)
    # Half past nine to half past eleven in Augsburg, in winter.
    agreed = Window(start=datetime(2083, 1, 12, 8, 30, tzinfo=UTC), end=datetime(2083, 1, 12, 10, 30, tzinfo=UTC))
    visit = Book(window=agreed, technician="p-lang", customer_asked=True)
    work = {"appointment": StepStatus.DONE, "work": StepStatus.OPEN}
    steps = tuple(
        StepProgress(id=one.id, type=one.type, status=work.get(one.id, StepStatus.WAITING)) for one in made.chain.steps
    )
    await write_order(site.house.database, made, steps=steps, appointment=visit, state=OrderState.SCHEDULED)
    browser = await site.signed_in()
    here = f"/orders/{made.no}/reschedule"

    asked = (await browser.get(here)).text
    typed = {"window.start": "2083-01-12T09:30", "window.end": "2083-01-12T12:00", "technician": "p-lang"}
    unsaid = (await browser.post(here, data=hidden(asked, here) | typed)).text

    assert re.search(r'name="window.start"[^>]* value="2083-01-12T09:30"', asked)
    assert re.search(r'name="window.end"[^>]* value="2083-01-12T11:30"', asked)
    assert re.search(r'name="customer_asked"[^>]* checked', asked)
    assert re.search(r'<option value="p-lang" selected', asked)
    # Without a reason it is refused, and what was written over stays so.
    assert re.search(r'name="window.end"[^>]* value="2083-01-12T12:00"', unsaid)


async def test_a_bundle_is_ordered_by_one_form_that_asks_for_what_its_items_take(site: Site) -> None:
    await listed(site, *BUNDLED.catalogue)
    browser = await site.signed_in()
    place = ITEM.replace("virus", "newcomer")
    form = await browser.get(place)
    said = {**hidden(form.text, place.replace("&", "&amp;")), "requester": "p-vogel", "site": "adler-hq"}

    placed = await browser.post(place, data=said | {"target.building": "A", "answers.notebook_first-day": "Montag"})
    page = await browser.get(placed.headers["Location"])

    assert 'name="answers.spare_first-day"' in form.text
    assert not [name for name in ("assets", "new_model", "incident") if f'name="{name}"' in form.text]
    assert placed.status_code == 303, placed.text
    assert "Neue Mitarbeiterin (en)" in page.text
    assert "Montag" in page.text


async def test_the_page_of_a_bundle_leads_to_its_orders_and_asks_what_becomes_of_them(site: Site) -> None:
    bundle, alone = order(wished(), datetime.now(UTC), BUNDLED), await written(site)
    part = next(part for part in bundle.parts if part.request.item == "phone").but(no="O-PART")
    await write_order(site.house.database, bundle, parts=(PartStanding(step="phone", order=part.no),))
    await write_order(site.house.database, part)
    browser = await site.signed_in()

    above, below = [await browser.get(f"/orders/{no}") for no in (bundle.no, part.no)]
    asked, unasked = [await browser.get(f"/orders/{no}/cancel") for no in (bundle.no, alone.no)]

    assert 'href="/orders/O-PART"' in above.text
    assert f'href="/orders/{bundle.no}"' in below.text
    assert 'name="rest"' in asked.text
    assert 'name="rest"' not in unasked.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_calls_an_order_by_its_item_in_the_readers_language(site: Site, language: Language) -> None:
    item = VIRUS.but(name={"de": "Viren <raus>", "en": "Remove <viruses>"})
    made = accepted(wish(), LISTING.but(catalogue=(item,))).but(no="O-4711-ABCDE", received_at=datetime.now(UTC))
    await write_order(site.house.database, made)
    browser = await site.signed_in()
    await browser.post("/me/look", data={"language": language})
    pages = ("/orders", f"/orders/{made.no}", f"/audit/{made.no}", "/audit", "/search?q=O-4711")

    shown = {address: (await browser.get(address)).text for address in pages}

    called = {"de": "Viren &lt;raus&gt;", "en": "Remove &lt;viruses&gt;"}[language]
    assert {address for address, page in shown.items() if called not in page} == set()
    assert f"<title>{called} {made.no}" in shown[f"/orders/{made.no}"]
    assert wording(language).words["order_kind"]["break_fix"] not in shown[f"/orders/{made.no}"].partition("</h1>")[0]
