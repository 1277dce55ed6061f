"""ODS files as programs write them, and as nobody should."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from tests.workbooks import Shown

_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in {
        **{name: name for name in ("office", "table", "text", "style", "script", "manifest")},
        "draw": "drawing",
        "fo": "xsl-fo-compatible",
    }.items()
)
_MORE = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
MIME_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
STYLES = (
    '<style:style style:name="struck" style:family="table-cell">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="piece" style:family="text">'
    '<style:text-properties style:text-line-through-type="single"/></style:style>'
    '<style:style style:name="unshown" style:family="table"><style:table-properties table:display="false"/>'
    "</style:style>"
)


def document(content: str, more: Mapping[str, str | bytes] | None = None, *, head: str = "") -> bytes:
    """The package of that content, with other parts beside it."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {"mimetype": MIME_TYPE, "content.xml": f"{head}{content}"} | dict(more or {})
        for name, part in parts.items():
            archive.writestr(name, part)
    return written.getvalue()


def spreadsheet(tables: str, *, before: str = "", styles: str = "") -> str:
    return (
        f"<office:document-content {_SPACES} {_MORE}><office:scripts/>"
        f"<office:automatic-styles>{STYLES}{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{before}{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def table(rows: str, *, name: str = "Tabelle1", more: str = "") -> str:
    return f"<table:table table:name={quoteattr(name)} {more}><table:table-column/>{rows}</table:table>"


def row(cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{cells}</table:table-row>"


def text(said: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{said}</text:p></table:table-cell>'


def sheets(**named: Sequence[Sequence[object]]) -> bytes:
    """The same that `tests.workbooks.workbook` makes, as ODS."""
    made = (
        table("".join(row("".join(map(_cell, cells))) for cells in rows), name=name) for name, rows in named.items()
    )
    return document(spreadsheet("".join(made)))


def _cell(said: object) -> str:
    shown = said if isinstance(said, Shown) else Shown(said)
    struck = 'table:style-name="struck"' if shown.struck else ""
    match shown.value:
        case None | "":
            return "<table:table-cell/>"
        case bool(value):
            return (
                f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}" {struck}/>'
            )
        case datetime() | date() as value:
            at = f'office:date-value="{value.isoformat()}"'
            return f'<table:table-cell office:value-type="date" {at} {struck}>{_shown(f"{value:%d.%m.%y}")}'
        case time() as value:
            at = f'office:time-value="{value:PT%HH%MM%SS}"'
            return f'<table:table-cell office:value-type="time" {at} {struck}>{_shown(f"{value:%H:%M}")}'
        case int(value) | float(value):
            number = f'office:value-type="float" office:value="{value!r}"'
            return f"<table:table-cell {number} {struck}>{_shown(escape(shown.format))}"
        case value:
            paragraphs = "</text:p><text:p>".join(map(_blanks, escape(f"{value}").split("\n")))
            return text(paragraphs, struck)


def _shown(said: str) -> str:
    return f"<text:p>{said}</text:p></table:table-cell>"


def _blanks(said: str) -> str:
    """As programs write them: XML would make one of several."""
    return said.replace("\t", "<text:tab/>").replace("  ", ' <text:s text:c="1"/>')
