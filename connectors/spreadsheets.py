"""Lists as bytes: CSV, XLSX or ODS, whatever they claim to be, as cells or refused with the reason.

Files of strangers are read in a process of their own, where `read_list` is at home.
"""

import hashlib
import re
from pathlib import PurePath

from connectors.files.limits import MAX_BYTES, refused
from connectors.files.open_documents import OpenDocument, is_open_document, read_open_document
from connectors.files.packages import OfficePackage, Package
from connectors.files.parcels import Parcel, laid_out, packed
from connectors.files.texts import read_text
from connectors.files.workbooks import WorkbookCells, read_workbook
from domain.cells import CellFile

_CSV_NAMES, _WORKBOOK_NAMES = ("", ".csv", ".tsv", ".txt"), ("", ".xlsx", ".ods")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# How an old document lists its parts: a binary workbook, or what wraps an encrypted one.
_WORKBOOK, _ENCRYPTED = (name.encode("utf-16-le") for name in ("Workbook", "EncryptedPackage"))
# What programs write that call a table in a page, or in XML, a workbook.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:!doctype|!--|html|head|body|meta|table|div|style|\?xml)[\s>/-]", re.IGNORECASE
)
_BINARY = frozenset(range(9)) | {11, 12} | frozenset(range(14, 27))


def read_list(file_name: str, content: bytes) -> bytes:
    """The file's cells as a parcel. Raises `Unacceptable`."""
    return packed(_read(file_name, content))


def read_file(file_name: str, content: bytes) -> CellFile:
    """The same for whoever is in no need of a process of its own."""
    return laid_out(_read(file_name, content))


def _read(file_name: str, content: bytes) -> Parcel:
    """Raises `Unacceptable` when the file is empty, too large, damaged, dangerous or of another type."""
    name = "".join(sign for sign in PurePath(file_name).name if sign.isprintable())[:200].strip() or "list"
    suffix = PurePath(name).suffix.lower()
    if not content:
        raise refused("file_empty", file=name)
    if len(content) > MAX_BYTES:
        raise refused("file_too_large", file=name, limit=str(MAX_BYTES))
    if suffix == ".xlsm":
        raise refused("macros_refused", file=name)
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(_OLE):
        raise refused(_old_document(suffix, content), file=name)
    if content.startswith(_ZIP) and suffix in _WORKBOOK_NAMES:
        found = _workbook(content)
        return Parcel(name, digest, found.sheets, found.unread)
    if _PAGE.match(content):
        raise refused("page_by_other_name", file=name)
    if suffix in _CSV_NAMES and not content.startswith(_ZIP):
        return Parcel(name, digest, [read_text(content)], [])
    raise refused(_mistaken(suffix, content), file=name)


def _workbook(content: bytes) -> WorkbookCells | OpenDocument:
    """Whichever kind it is: names are given by people."""
    package = Package(content)
    return read_open_document(package) if is_open_document(package) else read_workbook(OfficePackage(content))


def _old_document(suffix: str, content: bytes) -> str:
    """A password makes an old document of a new one, which then keeps its name."""
    if _ENCRYPTED in content or (suffix == ".xlsx" and _WORKBOOK not in content):
        return "file_encrypted"
    return "binary_workbook" if suffix in (".xls", ".xlsx") or _WORKBOOK in content else "file_type_unknown"


def _mistaken(suffix: str, content: bytes) -> str:
    """What a file is that its name does not say."""
    if content.startswith(_ZIP):
        return "workbook_by_other_name" if suffix in _CSV_NAMES else "file_type_unknown"
    if suffix in (".xlsx", ".xls", ".ods") and not _BINARY.intersection(content[:1_000]):
        return "text_by_workbook_name"
    return "file_type_unknown"
