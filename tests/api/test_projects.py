"""Move lists over HTTP: staged with everything that is wrong, put right, accepted, and brought again."""

import io
from http import HTTPStatus

import httpx2
import openpyxl
import pytest

from connectors.spreadsheets import read_file
from domain.people import Role
from tests.api.house import House, body

PROJECT = "/api/v1/projects/floors"
FLOORS = {"id": "floors", "customer": "adler", "contract": "adler-2026", "name": "Umzug Haus B", "sites": ["adler-hq"]}
HEADINGS = "Mitarbeiter;Inventarnr.;Raum neu;Platz neu;Umzugsdatum;Bemerkung"
RIGHT = "Anna Vogel;;1.02;7;;"
ON_SUNDAY = "Anna Vogel;;1.02;7;04.07.2083;"


async def desk_of(house: House) -> httpx2.AsyncClient:
    desk = await house.coordinator()
    assert (await desk.put(PROJECT, json=FLOORS)).status_code == HTTPStatus.OK
    return desk


async def bring(desk: httpx2.AsyncClient, *lines: str) -> httpx2.Response:
    content = "\n".join((HEADINGS, *lines)).encode("cp1252")
    return await desk.post(f"{PROJECT}/lists", files={"file": ("liste.csv", content)})


def counts(answer: httpx2.Response) -> dict[str, int]:
    assert answer.status_code == HTTPStatus.OK, answer.text
    return {name: n for name, n in body(answer).items() if isinstance(n, int) and n and name != "version"}


async def test_a_list_is_staged_with_every_issue_worded_and_right_rows_are_kept(cut_off: House) -> None:
    desk = await desk_of(cut_off)

    staged = await bring(desk, RIGHT, "Max Unbekannt;;1.02;8;bald;", ";NB-100;1.02;9;;", "Max Huber;;;;;")
    issues = await desk.get(f"{PROJECT}/issues", params={"lang": "de"})
    ready = await desk.get(f"{PROJECT}/rows", params={"state": "ready"})
    first = await desk.get(f"{PROJECT}/rows", params={"limit": 3})
    rest = await desk.get(f"{PROJECT}/rows", params={"limit": 3, "cursor": body(first)["next"]})

    assert counts(staged) == {"rows": 4, "ready": 1, "with_issues": 3, "added": 4}
    assert [(found["row"], found["column"], found["code"]) for found in body(issues)] == [
        (3, "Umzugsdatum", "date_unreadable"),
        (3, "Mitarbeiter", "person_unknown"),
        (4, "Inventarnr.", "asset_not_ready"),
        (5, "Raum neu", "target_needed"),
        (5, "Mitarbeiter", "nothing_to_move"),
    ]
    assert all(found["message"] and found["to_do"] for found in body(issues))
    assert [row["move"]["assets"] for row in body(ready)["items"]] == [["NB-200"]]
    assert [row["row"] for page in (first, rest) for row in body(page)["items"]] == [2, 3, 4, 5]


async def test_what_is_accepted_stays_accepted_as_long_as_it_is_the_same(cut_off: House) -> None:
    desk = await desk_of(cut_off)

    doubtful = await bring(desk, ON_SUNDAY, "Max Huber;;1.02;8;;")
    wrong = await desk.post(f"{PROJECT}/conflicts/3", json={"reason": "egal"})
    accepted = await desk.post(f"{PROJECT}/conflicts/2", json={"reason": "Mit dem Werkschutz vereinbart."})
    twice = await desk.post(f"{PROJECT}/conflicts/2", json={"reason": "noch einmal"})
    same = await bring(desk, ON_SUNDAY, "Max Huber;;1.02;8;;")
    noted = await bring(desk, f"{ON_SUNDAY}am Tor melden")
    lists = await desk.get(f"{PROJECT}/lists")
    other_day = await bring(desk, ON_SUNDAY.replace("04.07", "11.07"))

    assert counts(doubtful) == {"rows": 2, "with_conflicts": 1, "with_issues": 1, "added": 2}
    assert (wrong.status_code, twice.status_code) == (HTTPStatus.CONFLICT, HTTPStatus.CONFLICT)
    assert body(accepted)["state"] == "accepted"
    assert (body(same)["version"], counts(same)["accepted"]) == (1, 1)
    assert (counts(noted), body(noted)["removed"]) == ({"rows": 1, "accepted": 1, "changed": 1}, [3])
    assert [found["version"] for found in body(lists)] == [2, 1]
    assert counts(other_day) == {"rows": 1, "with_conflicts": 1, "changed": 1}


async def test_the_list_goes_back_with_what_to_do_and_may_come_again_as_it_is(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    await bring(desk, RIGHT, "Max Huber;;1.02;8;;=HYPERLINK(1)")

    sent = await desk.get(f"{PROJECT}/list.xlsx", params={"lang": "de"})
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(sent.content)).worksheets[0]]
    again = await desk.post(f"{PROJECT}/lists", files={"file": ("zurück.xlsx", sent.content)})

    assert cells[0][:2] == ["Hinweis", "Mitarbeiter"]
    assert (cells[1][0], cells[2][6]) == (None, "'=HYPERLINK(1)")
    assert str(cells[2][0]).startswith("Laut Bestand hat Max Huber keine Geräte im Einsatz. Nennen Sie")
    assert counts(again) == {"rows": 2, "ready": 1, "with_issues": 1, "unchanged": 2}
    assert read_file("zurück.xlsx", sent.content).sheets[0].rows[2].cells[6].text == "=HYPERLINK(1)"


async def test_the_list_goes_back_with_each_row_where_it_stood(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    lines = ("Umzug Haus B;;;;;", "", HEADINGS, RIGHT, "", "Anna Vogel;;1.02;7;;noch einmal")
    sent = {"file": ("liste.csv", "\n".join(lines).encode("cp1252"))}

    first = await desk.post(f"{PROJECT}/lists", files=sent)
    back = (await desk.get(f"{PROJECT}/list.xlsx", params={"lang": "de"})).content
    cells = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(back)).worksheets[0]]
    again = await desk.post(f"{PROJECT}/lists", files={"file": ("zurück.xlsx", back)})

    assert counts(first) == {"rows": 2, "ready": 1, "with_issues": 1, "added": 2}
    assert (cells[2][1], cells[3][1], cells[5][6]) == ("Mitarbeiter", "Anna Vogel", "noch einmal")
    assert str(cells[5][0]).startswith("Diese Zeile sagt dasselbe wie Zeile 4.")
    assert counts(again) == {"rows": 2, "ready": 1, "with_issues": 1, "unchanged": 2}


async def test_a_list_of_headings_alone_is_no_list(cut_off: House) -> None:
    answer = await bring(await desk_of(cut_off))

    assert [fault["code"] for fault in body(answer)["errors"]] == ["list_without_rows"]


async def test_columns_nobody_can_guess_are_mapped_once_for_the_customer(cut_off: House) -> None:
    desk = await desk_of(cut_off)
    sent = {"file": ("l.csv", b"Mitarbeiter;Bemerkung;Zuk. Sitz\nAnna Vogel;;1.02\n")}

    refused = await desk.post(f"{PROJECT}/lists", files=sent)
    mapped = await desk.put(f"{PROJECT}/mapping", json={"columns": {"Zuk. Sitz": "to_room"}})
    done = await desk.post(f"{PROJECT}/lists", files=sent)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert [fault["code"] for fault in body(refused)["errors"]] == ["target_column_missing"]
    assert "Zuk. Sitz" in body(refused)["detail"]
    assert body(mapped) == body(await desk.get(f"{PROJECT}/mapping"))
    assert counts(done) == {"rows": 1, "ready": 1, "added": 1}


async def test_a_project_must_fit_what_is_known_and_every_problem_is_named(cut_off: House) -> None:
    await cut_off.second_customer()
    desk = await cut_off.coordinator()
    wrong = FLOORS | {"contract": "falke-2026", "sites": ["falke-hq", "adler-hq"]}

    answer = await desk.put(PROJECT, json=wrong | {"closed": [{"site": "moon"}]})

    assert [(fault["code"], fault["at"]) for fault in body(answer)["errors"]] == [
        ("contract_of_another", "/contract"),
        ("site_unknown", "/sites/0"),
        ("site_unknown", "/closed/0/site"),
    ]


@pytest.mark.parametrize("path", ["", "/mapping", "/lists", "/issues", "/rows", "/list.xlsx"])
async def test_another_customers_project_does_not_exist(cut_off: House, path: str) -> None:
    await bring(await desk_of(cut_off), RIGHT)
    falke = await cut_off.caller(Role.COORDINATOR, "p-koch", "falke")
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")

    answers = await falke.get(f"{PROJECT}{path}"), await technician.get(f"{PROJECT}{path}")

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND, HTTPStatus.OK]


async def test_technicians_read_lists_and_bring_none(cut_off: House) -> None:
    technician = await cut_off.caller(Role.TECHNICIAN, "p-lang", "adler")

    assert (await bring(technician, RIGHT)).status_code == HTTPStatus.FORBIDDEN
