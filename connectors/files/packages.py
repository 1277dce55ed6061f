"""A workbook is a zip of parts that name each other. Zips lie, and so do the names of parts."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import NamedTuple

from connectors.files.limits import MAX_PARTS, MAX_UNPACKED, broken, limited, refused
from connectors.files.markup import Attributes, Markup

_CHUNK = 65_536
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_ENCRYPTED = 0x1
_TYPES = "[content_types].xml"
_MACROS = ("vbaproject", "vbadata", "macroenabled", "macrosheet", "dialogsheet", "activex")
_OUTSIDE = ("externallink", "connections", "querytable", "oleobject", "embeddings/", "webextension")
# What a link in a cell needs, and what pictures may have: none of it is ever followed.
_HARMLESS_OUTSIDE = ("/hyperlink", "/image")


class Relation(NamedTuple):
    kind: str
    target: str


class Package:
    """The parts of a workbook by their names, none of which matters in upper or lower case."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise broken() from error
        self._parts = _by_name(self._archive.infolist())
        self._left = MAX_UNPACKED
        for name, part in self._parts.items():
            _refuse_name(name)
            # Something packed into a package is no list, whatever it is called: an old document, another archive.
            with _unbroken():
                start = self._archive.open(part).read(len(_ZIP)) if part.file_size else b""
            if start.startswith((_OLE, _ZIP)):
                raise refused("embedded_refused")

    @property
    def names(self) -> Iterable[str]:
        """In small letters."""
        return self._parts.keys()

    def has(self, name: str) -> bool:
        return name.lower() in self._parts

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part as it unpacks; what a zip says of its sizes is a claim that is cut off and found out."""
        part = self._parts.get(name.lower())
        if part is None:
            raise broken()
        with _unbroken(), self._archive.open(part) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise refused("unpacks_too_large", limit=str(MAX_UNPACKED))
                yield chunk


class OfficePackage(Package):
    """The package of an XLSX file: it says of each part what is in it and what it refers to."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        if not self.has(_TYPES):
            raise broken()
        types = ContentTypes()
        types.read(self.chunks(_TYPES))
        for kind in types.kinds:
            _refuse_name(kind)
        for name in self.names:
            if name.endswith(".rels"):
                self._relations(name)

    def relations(self, name: str) -> Mapping[str, Relation]:
        """What a part refers to, by the id it uses, with whole names."""
        path = PurePosixPath(name)
        beside = f"{path.parent}/_rels/{path.name}.rels" if f"{path.parent}" != "." else f"_rels/{path.name}.rels"
        if not self.has(beside):
            return {}
        return {
            one: Relation(relation.kind, _whole(f"{path.parent}", relation.target))
            for one, relation in self._relations(beside).items()
        }

    def _relations(self, name: str) -> Mapping[str, Relation]:
        found = Relationships()
        found.read(self.chunks(name))
        return found.relations


def _by_name(parts: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise refused("unpacks_too_large", limit=str(MAX_UNPACKED))
    named: dict[str, zipfile.ZipInfo] = {}
    for part in parts:
        name = part.filename.lower()
        steps = name.split("/")
        if name in named or "\\" in name or name.startswith("/") or ".." in steps:
            raise broken()
        if part.flag_bits & _ENCRYPTED:
            raise refused("file_encrypted")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise broken()
        if not name.endswith("/"):
            named[name] = part
    return named


@contextmanager
def _unbroken() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise broken() from error


def _refuse_name(name: str) -> None:
    """Names of parts, kinds of contents and kinds of relations alike say what is behind them."""
    lowered = name.lower()
    if any(word in lowered for word in _MACROS):
        raise refused("macros_refused", file="")
    if any(word in lowered for word in _OUTSIDE) or lowered.endswith("/package"):
        raise refused("external_links_refused")


def _whole(folder: str, target: str) -> str:
    steps: list[str] = [] if target.startswith("/") or folder == "." else folder.split("/")
    for step in target.strip("/").split("/"):
        if step == "..":
            if not steps:
                raise broken()
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


class ContentTypes(Markup):
    root = "Types"

    def __init__(self) -> None:
        super().__init__()
        self.kinds: set[str] = set()

    def opened(self, name: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType")
        if kind is not None:
            self.kinds.add(kind)


class Relationships(Markup):
    root = "Relationships"

    def __init__(self) -> None:
        super().__init__()
        self.relations: dict[str, Relation] = {}

    def opened(self, name: str, attributes: Attributes) -> None:
        if name != "Relationship":
            return
        limited("workbook_broken", len(self.relations), MAX_PARTS * 50)
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        if attributes.get("TargetMode", "").lower() == "external":
            if not kind.lower().endswith(_HARMLESS_OUTSIDE):
                raise refused("external_links_refused")
            return
        _refuse_name(kind)
        self.relations[attributes.get("Id", "")] = Relation(kind, target)
