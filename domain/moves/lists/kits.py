"""Whom and what each row of a move list means: people, their assets, and where these stand now."""

from collections.abc import Sequence
from datetime import date, time

from domain.assets.asset import MOST_ASSETS, Asset
from domain.contracts.chains import STARTS
from domain.kinds import OrderKind
from domain.lists import DataIssue, Table
from domain.moves.lists.known import PeopleAndAssets
from domain.moves.lists.rows import WITH_TARGET, StatedMove, covers, is_kit
from domain.moves.lists.templates import now_there
from domain.moves.project import Project, exists
from domain.names import same_name
from domain.people import Person
from domain.place_names import agrees, differs, spot
from domain.places import Place
from domain.values import AssetTag, Line, Slug, Value

# "Everything of theirs" is in use; what is installed or disposed of is not.
_NAMED_ONLY = frozenset({OrderKind.INSTALL, OrderKind.DISPOSE})


class KitMove(Value):
    """What a right row has done: assets change places. `person` is known to us, `holder` to the register.

    `source` is None when the assets stand nowhere yet, `target` when they are taken down or disposed of.
    """

    kind: OrderKind = OrderKind.MOVE
    person: Slug | None = None
    holder: Line | None = None
    assets: tuple[AssetTag, ...]
    source: Place | None
    target: Place | None = None
    day: date | None = None
    hour: time | None = None
    wave: Line | None = None


class Kits:
    """Goes through the rows and says everything that is wrong with each."""

    def __init__(self, table: Table, project: Project, known: PeopleAndAssets, today: date) -> None:
        self.issues: list[DataIssue] = []
        self._table = table
        self._project = project
        self._known = known
        self._today = today

    def move(self, stated: StatedMove) -> KitMove | None:
        before = len(self.issues)
        person, holder = self._mover(stated)
        assets = self._assets(stated, holder) if len(self.issues) == before else ()
        if len(assets) > MOST_ASSETS:
            values = {"assets": str(len(assets)), "most": str(MOST_ASSETS)}
            self._say(stated, subject(stated) if holder else _source(stated), "too_many_assets", **values)
        source = assets[0].place if assets else stated.source
        self._check_target(stated, source)
        if stated.day is not None and stated.day < self._today:
            self._say(stated, "date", "move_in_the_past")
        if len(self.issues) > before or not assets or stated.kind is None:
            if now_there(stated, self._known) is not None:
                self._say(stated, "stand", "row_outdated")
            return None
        if (stated.target is None) == (stated.kind in WITH_TARGET):
            return None
        return KitMove(
            kind=stated.kind,
            person=person,
            holder=holder or assets[0].holder,
            assets=tuple(asset.tag for asset in assets),
            source=source or stated.source,
            target=self._known.places.spelled(self._known.places.completed(stated.target)) if stated.target else None,
            day=stated.day,
            hour=stated.hour,
            wave=stated.wave,
        )

    def _say(self, stated: StatedMove, field: str, code: str, **values: str) -> None:
        self.issues.append(self._table.issue(stated.row, field, code, **values))

    def _mover(self, stated: StatedMove) -> tuple[str | None, str | None]:
        """The id and the name of whoever moves; nobody, where only things do."""
        name = stated.email or stated.person
        if name is None:
            return None, None
        field = next(field for field in ("email", "person", "last_name", "first_name") if field in stated.said)
        people = self._known.people(name) or (self._known.people(stated.person) if stated.person else [])
        if stated.email and stated.person:
            self._check_address(stated, people)
        if len(people) > 1:
            self._say(stated, field, "person_ambiguous", person=name, people=", ".join(one.id for one in people))
        if people:
            return people[0].id, people[0].name
        holder = self._known.holder(stated.person) if stated.person else None
        if holder is None:
            nearest = self._known.nearest_name(stated.person or "")
            self._say(stated, field, "person_unknown", person=name, nearest=nearest)
        return None, holder

    def _check_address(self, stated: StatedMove, people: Sequence[Person]) -> None:
        """Name and address of one row are one person's."""
        named = self._known.people(stated.person or "")
        holder = self._known.holder(stated.person or "")
        if any(one in named for one in people) or not (named or holder):
            return
        if people and not any(same_name(one.name) == same_name(holder or "") for one in people):
            values = {"person": stated.person or "", "other": people[0].name}
            self._say(stated, "email", "address_of_another", **values)

    def _assets(self, stated: StatedMove, holder: str | None) -> Sequence[Asset]:
        named = self._named(stated)
        if stated.kind in _NAMED_ONLY and not stated.tags:
            field = "asset" if "asset" in self._table.positions else "kit"
            self._say(stated, field, "assets_needed", kind=stated.kind)
        if not stated.everything or stated.kind in _NAMED_ONLY:
            return named
        if holder is not None:
            all_ = [asset for asset in self._known.held_by(holder) if asset.tag not in stated.tags]
        elif stated.source is not None:
            all_ = [asset for asset in self._known.within(stated.source) if asset.tag not in stated.tags]
        else:
            if not stated.tags and subject(stated) not in stated.said:
                self._say(stated, "person", "subject_needed")
            return named
        here = [asset for asset in all_ if covers(stated.source, asset.place)]
        self._check_all(stated, holder, all_, here, named)
        return [*named, *here]

    def _named(self, stated: StatedMove) -> list[Asset]:
        found = []
        for tag in stated.tags:
            field = _where(stated, tag)
            asset = self._known.asset(tag)
            if asset is None:
                nearest = self._known.nearest_tag(tag[:64])
                if nearest:
                    self._say(stated, field, "asset_almost_known", tag=tag[:64], nearest=nearest)
                else:
                    self._say(stated, field, "asset_unknown", tag=tag[:64])
                continue
            found.append(asset)
            if stated.kind is not None and asset.status not in STARTS[stated.kind]:
                self._say(stated, field, "asset_not_ready", tag=tag, status=asset.status, kind=stated.kind)
            elif not covers(stated.source, asset.place):
                self._say_elsewhere(stated, field, asset, str(asset.place or "–"))
        return found

    def _say_elsewhere(self, stated: StatedMove, field: str, asset: Asset, places: str) -> None:
        """At the column of what differs first, where the row says anything of it."""
        if stated.source is None or asset.place is None:
            nothing = {"part": "", "said": "", "known": ""}
            self._say(stated, field, "asset_not_at_from", tag=asset.tag, place=places, **nothing)
            return
        part = differs(stated.source, asset.place)[0]
        values = {"said": getattr(stated.source, part), "known": getattr(asset.place, part) or "–", "part": part}
        self._say(stated, column_of(stated, "from", part), "asset_not_at_from", tag=asset.tag, place=places, **values)

    def _check_all(
        self,
        stated: StatedMove,
        holder: str | None,
        all_: Sequence[Asset],
        here: Sequence[Asset],
        named: Sequence[Asset],
    ) -> None:
        field = "kit" if "kit" in stated.said else subject(stated)
        if not here and not named:
            if all_:
                place = ", ".join(sorted({str(asset.place or "–") for asset in all_}))
                self._say_elsewhere(stated, _source(stated), all_[0], place)
            elif holder is None:
                self._say(stated, _source(stated), "nothing_there", place=str(stated.source))
            else:
                self._say(stated, field, "nothing_to_move", person=holder)
        desks = {spot(asset.place) for asset in here if asset.place is not None}
        if stated.source is None and len(desks) > 1:
            places = ", ".join(sorted({str(asset.place) for asset in here if asset.place is not None}))
            self._say(stated, field, "source_needed", places=places)

    def _check_target(self, stated: StatedMove, source: Place | None) -> None:
        if stated.target is None:
            return
        field = "to_room" if "to_room" in stated.said else "to_desk"
        if not exists(stated.target, self._project):
            self._say(stated, field, "place_unknown", place=str(stated.target))
        if source is None or stated.kind == OrderKind.INSTALL:
            return
        if agrees(stated.target, source) and (stated.target.desk or not source.desk):
            self._say(stated, field, "same_place", place=str(source))


def column_of(stated: StatedMove, side: str, part: str) -> str:
    """Where the row says this part of a place: in a column of its own, or in the one for rooms with the whole place."""
    fields = (f"{side}_{part}", part, f"{side}_room", f"{side}_desk")
    return next((field for field in fields if field in stated.said), f"{side}_room")


def _where(stated: StatedMove, tag: str) -> str:
    kits = [field for field in stated.said if is_kit(field)]
    return next((field for field in kits if tag in stated.said[field]), kits[0])


def subject(stated: StatedMove) -> str:
    return next((field for field in ("person", "email", "last_name", "asset") if field in stated.said), "person")


def _source(stated: StatedMove) -> str:
    return next((field for field in ("from_room", "from_desk", "from_site") if field in stated.said), "from_room")
