"""Everything that is told or done otherwise than by saving it under a name, so that many do it at once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx2

from api.examples import COMMANDS, COSTS, INCIDENT_COMMANDS, PROJECT_COMMANDS, SIMULATIONS, WAVE_COMMANDS
from domain.keys import key_id_of
from domain.people import Role
from tests.api.contenders import API, planned_project
from tests.api.house import INCIDENTS, INSTALL, ORDERS, TROUBLE, House, body
from tests.api.test_alerts import ALERTS, ONE, WEBHOOK, WINDOWS, window
from tests.api.test_channels import SMS
from tests.api.test_launches import planned, until
from tests.api.test_matrix import FILE
from tests.api.test_plans import MONDAY as MOVING_DAY
from tests.api.test_plans import PLANS, REQUEST
from tests.api.test_projects import ON_SUNDAY, PROJECT, bring, desk_of
from tests.api.test_rotas import MONDAY, NIGHT, TODAY, WEEK, override, rota, rotation
from tests.api.test_sla import placed
from tests.domain.alerts.test_alertmanager import SENT
from tests.erasure_reports import Drive, blancco
from tests.photos import jpeg

AT_ONCE = 5
ALL = AT_ONCE
Call = Callable[[int], Awaitable[httpx2.Response]]
Ready = Callable[[House], Awaitable[Call]]


@dataclass(frozen=True)
class Contested:
    """`ready` puts everything in place and gives back what the n-th caller does. At least `least` get through."""

    method: str
    path: str
    ready: Ready
    least: int = 1
    needs_temporal: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def post(path: str, sent: object) -> Ready:
    async def ready(house: House) -> Call:
        admin = await house.caller(Role.ADMIN, "p-koch")
        return lambda _: admin.post(path, json=sent)

    return ready


async def _with_rota(house: House) -> httpx2.AsyncClient:
    caller = await house.caller(Role.SDM, "p-sommer")
    assert (await caller.put(NIGHT, json=rota())).is_success
    return caller


async def overriding(house: House) -> Call:
    caller = await _with_rota(house)
    return lambda n: caller.post(
        f"{NIGHT}/overrides", json=override("p-wolf", TODAY + n * WEEK, TODAY + (n + 1) * WEEK)
    )


async def dropping(house: House) -> Call:
    caller = await _with_rota(house)
    start = TODAY + WEEK
    await caller.post(f"{NIGHT}/overrides", json=override("p-wolf", start, start + WEEK))
    return lambda _: caller.delete(f"{NIGHT}/overrides/primary/{start.strftime('%Y-%m-%dT%H:%M:%SZ')}")


async def swapping(house: House) -> Call:
    caller = await house.caller(Role.SDM, "p-sommer")
    apart = {"primary": rotation("p-koch", "p-wolf"), "backup": rotation("p-lang", "p-sommer")}
    assert (await caller.put(NIGHT, json=rota(**apart))).is_success
    turns = []
    for weeks in (1, 2):
        at = (MONDAY + weeks * WEEK + timedelta(hours=1)).isoformat()
        found = body(await caller.get(f"{NIGHT}/on-call", params={"at": at}))
        turns.append({"layer": "primary", "person": found["primary"], "at": at})
    return lambda _: caller.post(f"{NIGHT}/swaps", json={"first": turns[0], "second": turns[1]})


async def exchanging(house: House) -> Call:
    caller = await _with_rota(house)
    at = (MONDAY + WEEK).isoformat()
    until = (MONDAY + 2 * WEEK).isoformat()
    backup = body(await caller.get(f"{NIGHT}/on-call", params={"at": at}))["backup"]
    sent = {"primary": backup, "start": at, "end": until}
    return lambda _: caller.post(f"{NIGHT}/layer-swaps", json=sent)


async def following(house: House) -> Call:
    caller = await _with_rota(house)
    return lambda _: caller.post(f"{NIGHT}/calendar-feeds", json={"person": "p-koch"})


async def unfollowing(house: House) -> Call:
    caller = await _with_rota(house)
    feed = body(await caller.post(f"{NIGHT}/calendar-feeds", json={"person": "p-koch"}))["id"]
    return lambda _: caller.delete(f"{NIGHT}/calendar-feeds/{feed}")


async def leaving(house: House) -> Call:
    await _with_rota(house)
    admin = await house.caller(Role.ADMIN, "p-sommer")
    sent = {"last_day": (MONDAY + WEEK).date().isoformat(), "successor": "p-wolf"}
    return lambda _: admin.post(f"{API}/people/p-koch/leaving", json=sent)


async def calling_off(house: House) -> Call:
    desk = await house.caller(Role.SERVICE_DESK, "p-koch")
    await desk.put(f"{WINDOWS}/m1", json=window())
    return lambda _: desk.delete(f"{WINDOWS}/m1")


async def with_channel(house: House) -> httpx2.AsyncClient:
    admin = await house.caller(Role.ADMIN)
    assert (await admin.put(f"{API}/channels/sms", json=SMS)).is_success
    return admin


async def removing(house: House) -> Call:
    admin = await with_channel(house)
    return lambda _: admin.delete(f"{API}/channels/sms")


async def trying(house: House) -> Call:
    admin = await house.caller(Role.ADMIN)
    return lambda _: admin.post(f"{API}/channels/mail/test", json={"address": "a@b.example"})


async def confirming(house: House) -> Call:
    first, second = [await house.caller(Role.ADMIN, person) for person in ("p-sommer", "p-koch")]
    proposed = body(await first.post(f"{API}/keys", json={"role": "admin", "person": "p-lang"}))
    return lambda _: second.post(f"{API}/keys/{proposed['id']}/confirmation")


async def revoking(house: House) -> Call:
    admin = await house.caller(Role.ADMIN)
    key = key_id_of(await house.key(Role.AUDITOR, customer="adler"))
    return lambda _: admin.delete(f"{API}/keys/{key}")


async def bringing(house: House) -> Call:
    desk = await desk_of(house)
    return lambda n: bring(desk, f"Anna Vogel;;1.02;{n + 1};;")


async def accepting(house: House) -> Call:
    desk = await desk_of(house)
    await bring(desk, ON_SUNDAY)
    return lambda n: desk.post(f"{PROJECT}/conflicts/2", json={"reason": f"agreed {n}"})


async def planning(house: House) -> Call:
    desk = await desk_of(house)
    await planned_project(house)
    return lambda _: desk.post(PLANS, json=REQUEST)


async def rescheduling(house: House) -> Call:
    await planned_project(house)
    desk = await house.coordinator()
    later = {"wave": "w1", "start": f"{MOVING_DAY}T12:00:00Z"}
    return lambda _: desk.post(f"{PLANS}/1/reschedule", json=later)


async def approving(house: House) -> Call:
    await planned_project(house)
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    return lambda n: approver.post(f"{PLANS}/1/approval", json={"reason": f"good {n}"})


async def importing(house: House) -> Call:
    desk = await house.coordinator()
    return lambda n: desk.post(
        f"{API}/imports/assets",
        params={"customer": "adler"},
        files={"file": ("list.csv", f"tag;model\nNB-500;T14 {n}\nNB-50{n};T14\n".encode())},
    )


async def asking(house: House) -> Call:
    asked, desk = await placed(house), await house.coordinator()
    what_if = {"case": f"order/{asked.no}", "calendar": {"zone": "Europe/Berlin", "always": True}}
    return lambda _: desk.post(f"{API}/sla/whatif", json=what_if)


async def attaching(house: House) -> Call:
    desk = await house.coordinator()
    order = (await desk.post(ORDERS, json=INSTALL)).headers["Location"]
    sent = {"file": ("photo.jpg", jpeg())}
    return lambda _: desk.post(f"{order}/papers", files=sent, headers={"Idempotency-Key": "same"})


async def proving(house: House) -> Call:
    desk, huber = await house.coordinator(), await house.caller(Role.APPROVER, "p-huber", "adler")
    asked = {name: INSTALL[name] for name in ("contract", "requester", "site")} | {"kind": "dispose"}
    order = (await desk.post(ORDERS, json=asked | {"assets": ["NB-900"]})).headers["Location"]
    assert (await huber.post(f"{order}/commands", json={"type": "approve"})).is_success
    sent = {"file": ("report.xml", blancco([Drive("SN900")]))}
    said = {"operator": "p-lang", "verifier": "p-koch", "place": "Werkstatt", "validation": "zurückgelesen"}
    where = f"{order}/erasure-reports"
    return lambda _: desk.post(where, params=said, files=sent, headers={"Idempotency-Key": "same"})


async def certifying(house: House) -> Call:
    desk = await house.coordinator()
    call = await proving(house)
    where = (await call(0)).headers["Location"].rpartition("/papers")[0]
    return lambda _: desk.post(f"{where}/protocols/erasure_certificate", headers={"Idempotency-Key": "same"})


async def listing(house: House) -> Call:
    desk = await house.coordinator()
    wolf = await house.caller(Role.TECHNICIAN, "p-wolf")
    where = (await (await proving(house))(0)).headers["Location"].rpartition("/papers")[0]
    for caller, side in ((desk, "giver"), (wolf, "taker")):
        told = {"type": "confirm_custody", "side": side, "serials": ["SN900"]}
        answer = await caller.post(f"{where}/commands", json=told)
        assert answer.is_success, answer.text
    sent = {"file": ("list.csv", b"Seriennummer\nSN900\n")}
    return lambda _: desk.post(f"{where}/recycler-lists", files=sent, headers={"Idempotency-Key": "same"})


async def placing(house: House) -> Call:
    desk = await house.coordinator()
    return lambda _: desk.post(ORDERS, json=INSTALL, headers={"Idempotency-Key": "same"})


async def reporting(house: House) -> Call:
    desk = await house.coordinator()
    return lambda _: desk.post(INCIDENTS, json=TROUBLE, headers={"Idempotency-Key": "same"})


async def mending(house: House) -> Call:
    desk = await house.coordinator()
    incident = (await desk.post(INCIDENTS, json=TROUBLE)).headers["Location"]
    return lambda _: desk.post(f"{incident}/orders", json=INSTALL, headers={"Idempotency-Key": "same"})


async def ready_to_launch(house: House) -> str:
    """A project with one wave, which the customer's approver opens."""
    url, _, approver = await planned(house)
    assert (await approver.post(f"{url}/plans/1/approval", json={})).is_success
    return url


async def launching(house: House) -> Call:
    url, desk = await ready_to_launch(house), await house.coordinator()
    return lambda _: desk.post(f"{url}/launch")


async def an_order(house: House) -> str:
    desk = await house.coordinator()
    return f"{(await desk.post(ORDERS, json=INSTALL)).headers['Location']}/commands"


async def an_incident(house: House) -> str:
    desk = await house.coordinator()
    return f"{(await desk.post(INCIDENTS, json=TROUBLE)).headers['Location']}/commands"


async def a_project(house: House) -> str:
    url, desk = await ready_to_launch(house), await house.coordinator()
    assert (await desk.post(f"{url}/launch")).is_success
    return f"{url}/commands"


async def a_wave(house: House) -> str:
    told = await a_project(house)
    approver = await house.caller(Role.APPROVER, "p-huber", "adler")
    await approver.post(told, json={"type": "go", "wave": "w1"})
    url = told.removesuffix("/commands")
    await until(await house.coordinator(), url, "in_flight")
    return f"{url}/waves/w1/commands"


async def previewing(house: House) -> Call:
    url, desk = (await a_project(house)).removesuffix("/commands"), await house.coordinator()
    return lambda _: desk.post(f"{url}/call-off-preview", json=PROJECT_COMMANDS["call_off"]["value"])


async def batching(house: House) -> Call:
    url, desk = (await an_incident(house)).removesuffix("/commands"), await house.coordinator()
    command = {"type": "classify", "category": "printer"}
    return lambda _: desk.post(f"{INCIDENTS}/batches", json={"incidents": [url.rpartition("/")[2]], "command": command})


# Who tells what at once, and by which route.
TOLD = {
    f"{API}/orders/{{no}}/commands": (an_order, COMMANDS),
    f"{API}/incidents/{{no}}/commands": (an_incident, INCIDENT_COMMANDS),
    f"{API}/projects/{{project_id}}/commands": (a_project, PROJECT_COMMANDS),
    f"{API}/projects/{{project_id}}/waves/{{wave_id}}/commands": (a_wave, WAVE_COMMANDS),
}
CONTESTED = (
    Contested("POST", f"{API}/orders", placing, ALL, needs_temporal=True),
    Contested("POST", f"{API}/orders/{{no}}/papers", attaching, ALL, needs_temporal=True),
    Contested("POST", f"{API}/orders/{{no}}/erasure-reports", proving, ALL, needs_temporal=True),
    Contested("POST", f"{API}/orders/{{no}}/recycler-lists", listing, ALL, needs_temporal=True),
    Contested("POST", f"{API}/orders/{{no}}/protocols/{{kind}}", certifying, ALL, needs_temporal=True),
    Contested("POST", f"{API}/incidents", reporting, ALL, needs_temporal=True),
    Contested("POST", f"{API}/incidents/batches", batching, ALL, needs_temporal=True),
    Contested("POST", f"{API}/incidents/{{no}}/orders", mending, ALL, needs_temporal=True),
    Contested("POST", f"{API}/projects/{{project_id}}/launch", launching, ALL, needs_temporal=True),
    Contested("POST", f"{API}/projects/{{project_id}}/call-off-preview", previewing, ALL, needs_temporal=True),
    Contested("POST", f"{API}/contract-checks", post(f"{API}/contract-checks", FILE), ALL),
    Contested("POST", f"{API}/sla/whatif", asking, ALL),
    Contested("POST", f"{API}/simulations", post(f"{API}/simulations", SIMULATIONS["month"]["value"]), ALL),
    Contested(
        "POST",
        f"{API}/contracts/{{contract_id}}/cost",
        post(f"{API}/contracts/adler-2026/cost", COSTS["quota"]["value"]),
        ALL,
    ),
    Contested(
        "POST",
        f"{API}/sla/migrations/preview",
        post(f"{API}/sla/migrations/preview", {"contract": "adler-2026"}),
        ALL,
    ),
    Contested("POST", f"{API}/rotas/{{rota_id}}/overrides", overriding, ALL),
    Contested("DELETE", f"{API}/rotas/{{rota_id}}/overrides/{{layer}}/{{start}}", dropping),
    Contested("POST", f"{API}/rotas/{{rota_id}}/swaps", swapping, ALL),
    Contested("POST", f"{API}/rotas/{{rota_id}}/calendar-feeds", following, ALL),
    Contested("DELETE", f"{API}/rotas/{{rota_id}}/calendar-feeds/{{feed_id}}", unfollowing, ALL),
    Contested("POST", f"{API}/people/{{person_id}}/leaving", leaving, ALL),
    Contested("POST", f"{API}/rotas/{{rota_id}}/layer-swaps", exchanging, ALL),
    Contested("POST", f"{API}/alerts/alertmanager", post(WEBHOOK, SENT), ALL),
    Contested("POST", f"{API}/alerts", post(ALERTS, [ONE, ONE | {"key": "fw-2"}]), ALL),
    Contested("DELETE", f"{API}/maintenance/{{window_id}}", calling_off),
    Contested("POST", f"{API}/projects/{{project_id}}/lists", bringing, ALL),
    Contested("POST", f"{API}/projects/{{project_id}}/conflicts/{{row}}", accepting),
    Contested("POST", f"{API}/projects/{{project_id}}/plans", planning, ALL),
    Contested("POST", f"{API}/projects/{{project_id}}/plans/{{version}}/reschedule", rescheduling, ALL),
    Contested("POST", f"{API}/projects/{{project_id}}/plans/{{version}}/approval", approving, ALL),
    Contested("POST", f"{API}/imports/assets", importing, ALL),
    Contested("DELETE", f"{API}/channels/{{channel_id}}", removing),
    Contested("POST", f"{API}/channels/{{channel_id}}/test", trying, ALL),
    Contested("POST", f"{API}/checks", post(f"{API}/checks", {}), ALL, needs_temporal=True),
    Contested("POST", f"{API}/keys", post(f"{API}/keys", {"role": "auditor"}), ALL),
    Contested("POST", f"{API}/keys/{{key_id}}/confirmation", confirming),
    Contested("DELETE", f"{API}/keys/{{key_id}}", revoking, ALL),
    Contested("POST", f"{API}/sign-in-links", post(f"{API}/sign-in-links", {}), ALL),
)
