"""XML of strangers, read as it comes in: no document type, no entity, and nothing without a limit."""

from collections.abc import Iterable, Mapping
from xml.parsers import expat

from connectors.files.limits import MAX_CELLS, MAX_DEPTH, MAX_ELEMENTS, MAX_TAG, broken, refused

Attributes = dict[str, str]
# Both ways to write the same: as Office does, and strictly by the standard.
_OF_OFFICE = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/package/2006/content-types",
    "http://schemas.openxmlformats.org/package/2006/relationships",
)
_NAMES_KEPT = 1_000


class _Names(dict[str, str]):
    """Names as they are asked for, with a short word or none for the namespaces that are ours to read."""

    def __init__(self, spaces: Mapping[str, str]) -> None:
        super().__init__()
        self._spaces = spaces

    def __missing__(self, name: str) -> str:
        namespace, _, local = name.rpartition(" ")
        known = f"{self._spaces[namespace]}{local}" if namespace in self._spaces else name
        if len(self) < _NAMES_KEPT:
            self[name] = known
        return known


class Markup:
    """One part. Elements of other namespaces come with theirs before the name; `depth` of the root is 1."""

    root: str
    # What stands before the names of a namespace.
    spaces: Mapping[str, str] = dict.fromkeys(_OF_OFFICE, "")

    def __init__(self) -> None:
        self.depth = 0
        self._elements = 0
        self._names = _Names(self.spaces)
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.buffer_size = 32_768
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def read(self, chunks: Iterable[bytes]) -> None:
        """Raises `Unacceptable` for whatever is no such part."""
        came = 0
        try:
            for chunk in chunks:
                came += len(chunk)
                self._parser.Parse(chunk, False)
                if came - self._parser.CurrentByteIndex > MAX_TAG:
                    raise broken()
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            # The latter two are of encodings that nobody knows.
            raise broken() from error
        finally:
            # The parser holds our methods and we hold the parser.
            self._parser.StartElementHandler = self._parser.EndElementHandler = None
            self._parser.CharacterDataHandler = None

    def listen(self, wanted: bool) -> None:
        self._parser.CharacterDataHandler = self.said if wanted else None

    def may_be_root(self, name: str) -> bool:
        return name == self.root

    def opened(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def closed(self, name: str) -> None:
        """An element ends."""

    def said(self, text: str) -> None:
        """A piece of text, while somebody listens."""

    def _open(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        self._elements += 1
        local = self._names[name]
        if self.depth > MAX_DEPTH or (self.depth == 1 and not self.may_be_root(local)):
            raise broken()
        if self._elements > MAX_ELEMENTS:
            raise refused("too_many_cells", limit=str(MAX_CELLS))
        self.opened(local, attributes)

    def _close(self, name: str) -> None:
        self.closed(self._names[name])
        self.depth -= 1

    def _refuse(self, *_: object) -> None:
        raise broken()
