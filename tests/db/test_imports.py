"""Importing lists into a real register: once, again, and after orders have been at work."""

from datetime import UTC, datetime

import pytest

from connectors.spreadsheets import read_file
from db.assets.asset import assets_by_tag, life_of, store_asset
from db.assets.imports import Manner, import_assets, import_run
from db.engine import Database
from db.orders import OrderRow
from domain.assets.asset import Asset, AssetStatus
from domain.assets.imports import ImportResult
from domain.assets.lists import read_assets
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import begin
from domain.places import Place
from domain.refusals import Unknown
from tests.world import COORDINATOR, HQ, furnish, order, request

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HEADINGS = "Inventarnummer;Seriennummer;Modell;Status;Standort;Nutzer"
AS_IT_IS = Manner()
FIRST = (HEADINGS, "T-1;A1;T14;auf Lager;adler-hq;", "T-2;A2;T14;im Einsatz;adler-hq;Eva", "T-3;A3;T14;;Mond;")


async def bring(database: Database, *lines: str, customer: str = "adler", manner: Manner = AS_IT_IS) -> ImportResult:
    found = read_assets(read_file("bestand.csv", "\n".join(lines).encode()), [HQ])
    return await import_assets(database, customer=customer, found=found, actor=COORDINATOR, at=NOW, manner=manner)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.added, result.changed, result.unchanged, result.with_problems


async def registered(database: Database, *tags: str) -> dict[str, Asset]:
    async with database.reading() as session:
        return {asset.tag: asset for asset in await assets_by_tag(session, "adler", tags)}


async def test_good_rows_are_kept_and_the_others_named_with_row_and_column(database: Database) -> None:
    await furnish(database)

    result = await bring(database, *FIRST)

    assert counts(result) == (2, 0, 0, 1)
    assert [(issue.row, issue.column, issue.value, issue.code) for issue in result.issues] == [
        (4, "Standort", "Mond", "site_unknown")
    ]
    known = await registered(database, "T-1", "T-2", "T-3")
    assert {tag: asset.status for tag, asset in known.items()} == {
        "T-1": AssetStatus.IN_STOCK,
        "T-2": AssetStatus.DEPLOYED,
    }
    async with database.reading() as session:
        assert await import_run(session, result.id) == result
        (line,) = await life_of(session, "adler", "T-1")
    assert (line.source, line.before) == (f"import/{result.id}", None)


async def test_a_second_list_changes_only_what_changed(database: Database) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])

    result = await bring(database, FIRST[0], "T-1;A1;T16;auf Lager;adler-hq;", FIRST[2], "T-4;A4;T14;;;")

    assert counts(result) == (1, 1, 1, 0)
    assert [(row.row, row.outcome, row.changed) for row in result.rows] == [
        (2, "changed", ("model",)),
        (3, "unchanged", ()),
        (4, "added", ()),
    ]
    async with database.reading() as session:
        assert len(await life_of(session, "adler", "T-1")) == 2
        assert len(await life_of(session, "adler", "T-2")) == 1


async def test_a_list_from_before_an_order_does_not_undo_what_it_has_done_unless_it_is_to(database: Database) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])
    before = (await registered(database, "T-1"))["T-1"]
    moved = before.but(status=AssetStatus.DEPLOYED, holder="Max Huber", place=Place(site=HQ.id, room="2.14"))
    async with database.writing() as session:
        await store_asset(session, moved, before=before, under="order:1", source="order/1", at=NOW)

    again = await bring(database, *FIRST[:3])

    assert (counts(again), again.kept) == ((0, 0, 1, 0), 1)
    assert [(row.tag, row.outcome, row.order) for row in again.rows] == [
        ("T-1", "kept", "1"),
        ("T-2", "unchanged", None),
    ]
    assert (await registered(database, "T-1"))["T-1"] == moved
    longer = await bring(database, *FIRST[:3], "T-5;A5;T14;;;")
    assert (counts(longer), longer.kept) == ((1, 0, 1, 0), 1)
    overruled = await bring(database, FIRST[0], "T-1;A1;T14;im Einsatz;adler-hq;Eva", manner=Manner(overrule=True))
    assert counts(overruled) == (0, 1, 0, 0)
    assert (await registered(database, "T-1"))["T-1"].holder == "Eva"


async def test_rows_that_had_problems_are_tried_again_with_the_same_file(database: Database) -> None:
    await furnish(database)
    lines = (HEADINGS, "T-1;SN200;T14;;;", "T-2;A2;T14;;;")
    assert counts(await bring(database, *lines)) == (1, 0, 0, 1)
    async with database.writing() as session:
        (bearer,) = await assets_by_tag(session, "adler", ["NB-200"])
        await store_asset(session, bearer.but(serial="SN201"), before=bearer, under="fix", source="fix", at=NOW)

    again = await bring(database, *lines)

    assert counts(again) == (1, 0, 1, 0)
    async with database.reading() as session:
        kept = await import_run(session, again.id)
    assert kept is not None
    assert counts(kept) == (1, 0, 1, 0)


async def test_a_dry_run_says_the_same_and_leaves_nothing(database: Database) -> None:
    await furnish(database)

    tried = await bring(database, *FIRST, manner=Manner(dry_run=True))

    assert counts(tried) == (2, 0, 0, 1)
    assert await registered(database, "T-1", "T-2") == {}
    async with database.reading() as session:
        assert await import_run(session, tried.id) is None
    assert counts(await bring(database, *FIRST)) == counts(tried)


async def test_nothing_is_imported_for_a_customer_nobody_knows(database: Database) -> None:
    await furnish(database)

    with pytest.raises(Unknown):
        await bring(database, *FIRST, customer="nobody")


async def test_a_list_longer_than_one_question_to_the_database(database: Database) -> None:
    await furnish(database)
    lines = [HEADINGS, *(f"X-{number};S-{number};T14;;adler-hq;" for number in range(6_000))]

    assert counts(await bring(database, *lines)) == (6_000, 0, 0, 0)
    assert counts(await bring(database, *lines, "X-1;S-1;T14;;adler-hq;")) == (0, 0, 6_000, 1)


async def test_a_new_tag_beside_a_known_serial_is_given_on_demand_only(database: Database) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])
    part = (await registered(database, "T-1"))["T-1"].but(tag="P-1", serial="P1", part_of="T-2")
    async with database.writing() as session:
        await store_asset(session, part, before=None, under="parts", source="example", at=NOW)
    again = (HEADINGS, "NEW-2;a2;T14;;;")

    refused = await bring(database, *again)
    tried = await bring(database, *again, manner=Manner(dry_run=True, retag=True))
    between = await registered(database, "T-2", "NEW-2")
    done = await bring(database, *again, manner=Manner(retag=True))
    twice = await bring(database, *again, manner=Manner(retag=True))

    assert [issue.code for issue in refused.issues] == ["serial_taken"]
    assert (tried.rows[0].old["tag"], tried.rows[0].new["tag"], set(between)) == ("T-2", "NEW-2", {"T-2"})
    assert (counts(done), counts(twice)) == ((0, 1, 0, 0), (0, 0, 1, 0))
    known = await registered(database, "T-2", "NEW-2", "P-1")
    assert known.keys() == {"NEW-2", "P-1"}
    assert (known["NEW-2"].holder, known["P-1"].part_of) == ("Eva", "NEW-2")
    async with database.reading() as session:
        life = await life_of(session, "adler", "NEW-2")
    assert [row.tag for row in life] == ["T-2", "NEW-2"]


async def test_what_an_order_holds_gets_no_new_tag(database: Database) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])
    held = (await registered(database, "T-2"))["T-2"].but(reserved_for="O-1")
    async with database.writing() as session:
        await store_asset(session, held, before=None, under="held", source="example", at=NOW)

    refused = await bring(database, HEADINGS, "NEW-2;A2;T14;;;", manner=Manner(retag=True))

    assert [issue.code for issue in refused.issues] == ["asset_held_by_order"]


@pytest.mark.parametrize(
    ("state", "codes"), [(OrderState.SCHEDULED, ["asset_named_by_order"]), (OrderState.COMPLETED, [])]
)
async def test_what_an_order_under_way_names_gets_no_new_tag(
    database: Database, state: OrderState, codes: list[str]
) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])
    wanted = request(OrderKind.ADD, assets=("T-1", "T-2"), wanted=({"model": "Dock"},))
    placed = order(request(OrderKind.ADD, assets=("NB-200",), wanted=({"model": "Dock"},)), NOW).but(request=wanted)
    row = OrderRow.made(placed, begin(placed, ()))
    row.state, row.progress = state, "{}"
    async with database.writing() as session:
        session.add(row)

    refused = await bring(database, HEADINGS, "NEW-2;A2;T14;;;", manner=Manner(retag=True))

    assert [issue.code for issue in refused.issues] == codes
    assert refused.issues == () or refused.issues[0].values == {"tag": "T-2", "order": placed.no}


async def test_a_tag_of_the_register_in_other_letters_is_named(database: Database) -> None:
    await furnish(database)
    await bring(database, *FIRST[:3])

    refused = await bring(database, HEADINGS, "t-1;B1;T14;;;", "X-9;a1;T14;;;")

    assert [issue.code for issue in refused.issues] == ["tag_known_in_other_letters", "serial_taken"]
