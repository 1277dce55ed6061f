"""Many at once: whatever is saved, told or done, by several at the same moment; nobody loses and nothing breaks."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.saving import Saving
from domain.people import Role
from settings import Settings
from tests.api.contenders import CONTENDERS, Contender
from tests.api.contested import AT_ONCE, CONTESTED, TOLD, Contested
from tests.api.house import House, body

# Raced in test_pages, where somebody is paged.
PAGED = {"POST /api/v1/pages/{incident}/{no}/answers", "POST /p/{token}", "POST /a/{token}"}
every = pytest.mark.parametrize("contender", CONTENDERS, ids=[each.route for each in CONTENDERS])
SHARED = [each for each in CONTENDERS if each.shared]
every_shared = pytest.mark.parametrize("contender", SHARED, ids=[each.route for each in SHARED])


def routes(tmp_path: Path) -> Iterator[tuple[str, APIRoute]]:
    app = create_app(Settings(data_dir=tmp_path))
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        for method in context.methods or ():
            if isinstance(route, APIRoute) and method not in ("GET", "HEAD"):
                yield f"{method} {context.path}", route


def test_whatever_changes_something_is_raced(tmp_path: Path) -> None:
    raced = {f"PUT {each.route}" for each in CONTENDERS} | {each.name for each in CONTESTED}

    assert {name for name, _ in routes(tmp_path)} == raced | {f"POST {path}" for path in TOLD} | PAGED


def test_whatever_is_saved_by_name_is_saved_the_one_way(tmp_path: Path) -> None:
    def hands_out(dependant: Dependant) -> bool:
        given = getattr(dependant.call, "__annotations__", {}).get("return")
        return given is Saving or any(map(hands_out, dependant.dependencies))

    puts = {name: route for name, route in routes(tmp_path) if name.startswith("PUT ")}

    assert len(puts) == len(CONTENDERS)
    assert [name for name, route in puts.items() if not hands_out(route.dependant)] == []


def statuses(answers: list[httpx2.Response]) -> set[int]:
    return {answer.status_code for answer in answers}


async def together(house: House, contender: Contender, customer: str, name: str, **said: str) -> list[httpx2.Response]:
    callers = [await contender.caller(house, customer) for _ in range(AT_ONCE)]
    return await asyncio.gather(
        *(contender.save(caller, customer, name, f"{customer} {n}", **said) for n, caller in enumerate(callers))
    )


@every
async def test_all_who_save_their_own_at_once_get_through(cut_off: House, contender: Contender) -> None:
    await contender.before(cut_off)

    answers = await together(cut_off, contender, "adler", "new")
    kept = await contender.load(await contender.caller(cut_off, "adler"), "adler", "new")

    assert statuses(answers) == {HTTPStatus.OK}, [answer.text for answer in answers]
    assert body(kept) in [body(answer) for answer in answers]
    versions = sorted(body(answer).get("version", 0) for answer in answers)
    assert versions in ([0] * AT_ONCE, list(range(1, AT_ONCE + 1)))
    assert body(kept).get("version", 0) == versions[-1]


@every_shared
async def test_a_name_belongs_to_one_customer_however_many_want_it(cut_off: House, contender: Contender) -> None:
    await cut_off.second_customer()

    for name in ("first", "second", "third"):
        both = await asyncio.gather(*(together(cut_off, contender, whose, name) for whose in ("adler", "falke")))
        told = [statuses(answers) for answers in both]
        loser = ("adler", "falke")[told.index({HTTPStatus.CONFLICT})]
        winner = ("adler", "falke")[told.index({HTTPStatus.OK})]
        (refusal,) = {answer.text for answer in both[told.index({HTTPStatus.CONFLICT})]}

        assert loser != winner
        assert '"name_taken"' in refusal
        assert winner not in refusal
        assert (await contender.load(await contender.caller(cut_off, loser), loser, name)).status_code == 404
        kept = await contender.load(await contender.caller(cut_off, winner), winner, name)
        assert body(kept)["customer"] == winner


@every
async def test_whoever_has_seen_an_earlier_version_saves_nothing(cut_off: House, contender: Contender) -> None:
    await contender.before(cut_off)
    caller = await contender.caller(cut_off, "adler")

    async def save(mark: int, match: str) -> httpx2.Response:
        return await contender.save(caller, "adler", "new", f"adler {mark}", if_match=match)

    first = await contender.save(caller, "adler", "new", "adler 0")
    read = (await contender.load(caller, "adler", "new")).headers["ETag"]
    second = await save(1, read)
    stale = await save(2, read)
    weak = await save(2, f"W/{second.headers['ETag']}")
    malformed = [await save(2, wrong) for wrong in ("", "3", '"3', '"a" "b"', "*, *", f'"{"x" * 2_000}"')]
    kept = await contender.load(caller, "adler", "new")
    one_of = await save(3, f'"other", {kept.headers["ETag"]}')
    whatever = await save(4, "*")

    assert first.headers["ETag"] == read
    assert [answer.status_code for answer in (second, stale, weak)] == [200, 412, 412], stale.text
    assert body(stale)["errors"][0]["code"] == "changed_since_read"
    assert statuses(malformed) == {HTTPStatus.UNPROCESSABLE_ENTITY}
    assert (body(kept), kept.headers["ETag"]) == (body(second), second.headers["ETag"])
    assert [answer.status_code for answer in (one_of, whatever)] == [200, 200], one_of.text


@every
async def test_of_all_who_have_seen_the_same_one_saves(cut_off: House, contender: Contender) -> None:
    await contender.before(cut_off)
    caller = await contender.caller(cut_off, "adler")
    seen = (await contender.save(caller, "adler", "new", "adler 9")).headers["ETag"]

    answers = await together(cut_off, contender, "adler", "new", if_match=seen)

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (AT_ONCE - 1)


@every_shared
async def test_what_is_not_there_matches_nothing(cut_off: House, contender: Contender) -> None:
    caller = await contender.caller(cut_off, "adler")

    answers = [await contender.save(caller, "adler", "new", "adler 1", if_match=match) for match in ("*", '"1"')]

    assert [body(answer)["errors"][0]["code"] for answer in answers] == ["nothing_to_match"] * 2


TABLES = [each for each in CONTESTED if not each.needs_temporal]


@pytest.mark.parametrize("contested", TABLES, ids=[each.name for each in TABLES])
async def test_what_is_done_at_once_is_done_or_refused(cut_off: House, contested: Contested) -> None:
    call = await contested.ready(cut_off)

    answers = await asyncio.gather(*map(call, range(AT_ONCE)))

    assert max(statuses(answers)) < 500, [answer.text for answer in answers]
    assert sum(answer.is_success for answer in answers) >= contested.least, [answer.text for answer in answers]
    if contested.path.endswith(("/lists", "/plans", "/reschedule", "/overrides")):
        versions = [body(answer)["version"] for answer in answers]
        assert sorted(versions) == list(range(min(versions), min(versions) + AT_ONCE))


STARTED = [each for each in CONTESTED if each.needs_temporal]


@pytest.mark.parametrize("contested", STARTED, ids=[each.name for each in STARTED])
async def test_what_is_started_at_once_is_started_once(house: House, contested: Contested) -> None:
    await house.worker()
    call = await contested.ready(house)

    answers = await asyncio.gather(*map(call, range(AT_ONCE)))

    assert sum(answer.is_success for answer in answers) >= contested.least, [answer.text for answer in answers]
    assert len({answer.headers.get("Location") for answer in answers}) == 1


@pytest.mark.parametrize("path", TOLD)
async def test_every_command_given_at_once_is_heard_or_refused(house: House, path: str) -> None:
    await house.worker()
    where, examples = TOLD[path]
    told = await where(house)
    admin = await house.caller(Role.ADMIN, "p-huber")
    # What ends the case comes last.
    last = ("reject", "cancel", "call_off", "close", "resolve")
    said = sorted(examples.items(), key=lambda each: each[0] in last)

    for _, example in said:
        answers = await asyncio.gather(*(admin.post(told, json=example["value"]) for _ in range(3)))

        # A machine with much to do may ask them to come back; nothing has happened then.
        broken = [answer for answer in answers if answer.is_server_error and "Retry-After" not in answer.headers]
        assert [answer.text for answer in broken] == []
