"""What an XLSX file is made of, looked at before anything of it is opened: it is a zip, and zips lie."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from domain.refusals import Problem, Unacceptable

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELLS = 2_000_000
MAX_UNPACKED = 100_000_000
MAX_PARTS = 1_000
_CHUNK = 65_536
_LOCAL_HEADER = struct.Struct("<26xHH")
_MACROS = re.compile(r"vbaproject\.bin$", re.IGNORECASE)
_EXTERNAL = re.compile(r"(^|/)xl/(externalLinks/|connections\.xml$)", re.IGNORECASE)
_REFERENCE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s[^>]*?\br\s*=\s*["']([A-Z]*)(\d+)["']""")
_NO_VALUE = re.compile(
    rb"""<c\s[^>]*?\br=["']([A-Z]+\d+)["'][^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"""
)


def check_workbook(content: bytes) -> None:
    """Raises `Unacceptable` for macros, links to other files, too much unpacked and cells far too distant."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _refused("workbook_broken") from error
    if any(_MACROS.search(part.filename) for part in parts):
        raise _refused("macros_refused", file="")
    if any(_EXTERNAL.search(part.filename) for part in parts):
        raise _refused("external_links_refused")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _refused("unpacks_too_large", limit=str(MAX_UNPACKED))
    left = MAX_UNPACKED
    for part in parts:
        # Every part is looked at: a sheet may lie under any name.
        unpacked = bytearray()
        for chunk in _unpacked(content, part):
            left -= len(chunk)
            if left < 0:
                raise _refused("unpacks_too_large", limit=str(MAX_UNPACKED))
            unpacked += chunk
        _check_cells(unpacked)


def _refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, values=values))


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What really comes out, piece by piece: the sizes that a zip states are only claims."""
    try:
        names, extra = _LOCAL_HEADER.unpack_from(content, part.header_offset)
        start = part.header_offset + _LOCAL_HEADER.size + names + extra
        packed = content[start : start + part.compress_size]
        if part.compress_type == zipfile.ZIP_STORED:
            yield packed
        elif part.compress_type == zipfile.ZIP_DEFLATED:
            inflater = zlib.decompressobj(-zlib.MAX_WBITS)
            while packed and not inflater.eof:
                yield inflater.decompress(packed, _CHUNK)
                packed = inflater.unconsumed_tail
        else:
            raise _refused("workbook_broken")
    except (struct.error, zlib.error) as error:
        raise _refused("workbook_broken") from error


def _check_cells(sheet: bytearray) -> None:
    """One cell at the far corner of a sheet makes a reader lay out all cells before it."""
    rows = columns = 0
    for found in _REFERENCE.finditer(sheet):
        rows, columns = max(rows, int(found[2])), max(columns, _position(found[1]))
    if rows > MAX_ROWS:
        raise _refused("too_many_rows", limit=str(MAX_ROWS))
    if columns > MAX_COLUMNS:
        raise _refused("too_many_columns", limit=str(MAX_COLUMNS))
    if rows * columns > MAX_CELLS:
        raise _refused("too_many_cells", limit=str(MAX_CELLS))
    # Programs that write formulas without computing them leave cells that would read as empty.
    unvalued = _NO_VALUE.search(sheet)
    if unvalued:
        raise _refused("formula_without_value", cell=unvalued[1].decode())


def _position(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
