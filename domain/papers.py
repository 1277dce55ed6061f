"""Papers: photos, signatures, documents and reports that are kept as files, named by the digest of what is kept."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.values import Value

# In bytes; what somebody hands in as well as what is kept of it.
LARGEST_PAPER = 5_000_000
# Whoever shows a picture makes four bytes of each of its dots, however few bytes it has come in.
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 16_000
# Of one case.
MOST_PAPERS = 100

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", max_length=64)]
MediaType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "application/xml",
    "text/plain",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
]
MEDIA_TYPES: dict[MediaType, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "application/xml": "xml",
    "text/plain": "txt",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
# The others are only kept of what was read and understood.
ATTACHED: frozenset[MediaType] = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


class PaperKind(StrEnum):
    """What people attach."""

    PHOTO = "photo"
    SIGNATURE = "signature"
    DOCUMENT = "document"


class KeptKind(StrEnum):
    """What is kept of an order: what people attach, and what tools and recyclers have written."""

    PHOTO = "photo"
    SIGNATURE = "signature"
    DOCUMENT = "document"
    ERASURE_REPORT = "erasure_report"
    RECYCLER_LIST = "recycler_list"


class KeptPaper(Value):
    """What is known of a file that is kept: its digest (SHA-256), what its bytes say it is, and how many there are."""

    digest: Digest
    media_type: MediaType
    size: int
