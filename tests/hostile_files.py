"""Files that nobody should have to read: each a family of what was seen or may come. Made anew, none is kept."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import openpyxl

from tests import open_documents

SHEET = "xl/worksheets/sheet1.xml"
STYLES, BOOK, TYPES = "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
MEGA = 1_000_000

Parts = Mapping[str, str | bytes]


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def plain() -> bytes:
    return workbook(["Tag", "Model"], ["NB-1", "T14"])


def workbook(*lines: list[object]) -> bytes:
    """An honest one with one sheet."""
    book = openpyxl.Workbook()
    for line in lines:
        book.worksheets[0].append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def archive(parts: Parts) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return written.getvalue()


def packed(parts: Parts) -> bytes:
    """A workbook of one sheet in which these parts stand instead of its own, or beside them."""
    return archive(parts_of(plain()) | dict(parts))


def sheet(data: str, *, before: str = "", after: str = "", head: str = "") -> bytes:
    whole = f'{head}<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'
    return packed({SHEET: whole})


def wrapped(root: str, content: str) -> str:
    return f'<{root} xmlns="{MAIN}">{content}</{root}>'


def merged(cells: str, times: int) -> str:
    return "<mergeCells>" + f'<mergeCell ref="{cells}"/>' * times + "</mergeCells>"


def row(cells: str) -> str:
    return f'<row r="1">{cells}</row>'


def related(kind: str, target: str, mode: str = "") -> bytes:
    """The sheet refers to something."""
    relation = f'<Relationship Id="r1" Type="{kind}" Target="{target}" {mode}/>'
    whole = f'<Relationships xmlns="{RELATIONS}">{relation}</Relationships>'
    return packed({"xl/worksheets/_rels/sheet1.xml.rels": whole, "xl/anything.bin": b"x"})


def raw_zip(entries: list[tuple[str, bytes, int, int]]) -> bytes:
    """Names, contents, claimed sizes and checksums as they are given, whatever a library would say to them."""
    body, directory = bytearray(), bytearray()
    for name, content, size, checksum in entries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush()
        said = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(data), size, len(name), 0)
        directory += b"PK\x01\x02\x14\x00" + said + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + said + name.encode() + data
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return bytes(body + directory + end)


def lying(name: str, content: bytes, size: int) -> bytes:
    """One part is larger than the archive says."""
    entries = [
        (part, whole, len(whole), zlib.crc32(whole)) for part, whole in parts_of(plain()).items() if part != name
    ]
    return raw_zip([*entries, (name, content, size, zlib.crc32(content))])


def twice() -> bytes:
    whole = [(name, content, len(content), zlib.crc32(content)) for name, content in parts_of(plain()).items()]
    again = parts_of(sheet(row('<c r="A1"><v>1</v></c>')))[SHEET]
    return raw_zip([*whole, (SHEET, again, len(again), zlib.crc32(again))])


def cell(reference: str, value: str = "<v>1</v>", more: str = "") -> str:
    return f'<c r="{reference}" {more}>{value}</c>'


def laughter() -> str:
    entities = "".join(f'<!ENTITY {b} "' + f"&{a};" * 10 + '">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    return f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>'


def one_text_in_every_cell() -> bytes:
    """A text of 30,000 characters, kept once and shown 200,000 times."""
    parts = parts_of(plain())
    kind = f'<Relationship Id="rX" Type="{KIND}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>'
    relations = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", kind.encode())
    rows = ("<row>" + "<c t='s'><v>0</v></c>" * 100 + "</row>") * 2_000
    return packed(
        {
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>',
            "xl/_rels/workbook.xml.rels": relations,
            SHEET: wrapped("worksheet", f"<sheetData>{rows}</sheetData>"),
        }
    )


def encrypted() -> bytes:
    content = bytearray(plain())
    for header, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(header)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(header, place + 4)
    return bytes(content)


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    # What was seen: patterns that went back and forth over the text of a sheet.
    "cells without an end": lambda: sheet("<c " * 400_000),
    "attributes without an end": lambda: sheet(row("<c " + "a " * 400_000)),
    "blanks in a cell's tag": lambda: sheet(row(f'<c {" " * MEGA}r="A1"><v>1</v></c>')),
    "formulas that nobody closes": lambda: sheet(row('<c r="A1"><f>' * 60_000)),
    "formulas one in the other": lambda: sheet(row('<c r="A1"><f>1</f>' * 60_000 + "</c>" * 60_000)),
    "the far corner in another order": lambda: sheet(row("<c t='n' r='XFD1048576'><v>1</v></c>")),
    "the far corner in small letters": lambda: sheet(row(cell("xfd1048576"))),
    "the far corner of its row": lambda: sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    "200,000 letters": lambda: sheet(row(cell("A" * 200_000 + "1"))),
    "letters that are none": lambda: sheet(row(cell("Ä1") + cell("А1"))),
    # Digits.
    "endless digits of a row": lambda: sheet(f'<row r="{"9" * 300_000}"><c><v>1</v></c></row>'),
    "endless digits of a cell": lambda: sheet(row(cell("A" + "1" * 200_000))),
    "endless digits of a number": lambda: sheet(row(cell("A1", f"<v>{'9' * 300_000}</v>"))),
    "endless digits of a shared text": lambda: sheet(row(cell("A1", f"<v>{'9' * 5_000}</v>", 't="s"'))),
    "endless digits of a style": lambda: sheet(row(cell("A1", more=f's="{"9" * 5_000}"'))),
    "digits of another alphabet": lambda: sheet(row(cell("A1", "<v>٣</v>", 't="s"') + cell("B²", "<v>²</v>"))),
    "a number beyond all": lambda: sheet(row(cell("A1", "<v>1e999</v>"))),
    "no number": lambda: sheet(row(cell("A1", "<v>nan</v>"))),
    "a shared text that is not there": lambda: sheet(row(cell("A1", "<v>4000000</v>", 't="s"'))),
    "a kind nobody knows": lambda: sheet(row(cell("A1", more='t="x"'))),
    # Order.
    "rows backwards": lambda: sheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'),
    "a cell of another row": lambda: sheet(row(cell("A2"))),
    "a cell twice": lambda: sheet(row(cell("A1") * 2)),
    # Size.
    "too many rows": lambda: sheet("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 60_002))),
    "too many columns": lambda: sheet(row("<c><v>1</v></c>" * 300)),
    "too many cells": lambda: sheet(("<row>" + "<c><v>1</v></c>" * 200 + "</row>") * 12_000),
    "much ado about nothing": lambda: sheet("<row/>" * 8 * MEGA),
    "too much text": lambda: sheet(row(cell("A1", f"<is><t>{'x' * 5 * MEGA}</t></is>", 't="inlineStr"'))),
    "one text in every cell": one_text_in_every_cell,
    "merged over and over": lambda: sheet(
        row(cell("A1")) + '<row r="50000"><c r="A50000"><v>1</v></c></row>',
        after=merged("A1:A50000", 9_000),
    ),
    "too many merged": lambda: sheet(row(cell("A1")), after=merged("A1:B1", 20_000)),
    "columns hidden to the end of the world": lambda: sheet(
        "", before='<cols><col min="1" max="99999999999999999999" hidden="1"/></cols>'
    ),
    "too many sheets": lambda: packed(
        {BOOK: wrapped("workbook", "<sheets>" + '<sheet name="a" r:id="x" xmlns:r="r"/>' * 9_999 + "</sheets>")}
    ),
    "too many styles": lambda: packed({STYLES: wrapped("styleSheet", "<cellXfs>" + "<xf/>" * 900_000 + "</cellXfs>")}),
    "a format of a megabyte": lambda: packed(
        {STYLES: wrapped("styleSheet", '<numFmts><numFmt formatCode="' + "[" * 200_000 + '"/></numFmts>')}
    ),
    # XML.
    "laughter": lambda: sheet("<row><c><v>&i;</v></c></row>", head=laughter()),
    "quadratic laughter": lambda: sheet(
        f"<row><c><v>{'&a;' * 50_000}</v></c></row>", head='<!DOCTYPE x [<!ENTITY a "' + "x" * 50_000 + '">]>'
    ),
    "a file of ours": lambda: sheet(
        "<row><c><v>&a;</v></c></row>", head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    ),
    "a document type from the net": lambda: sheet("", head='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "deep": lambda: sheet("<a>" * 500_000),
    "deep and closed": lambda: sheet("<a>" * 200_000 + "</a>" * 200_000),
    "a comment of 20 megabytes": lambda: sheet(f"<!--{'x' * 20 * MEGA}-->"),
    "an attribute of 20 megabytes": lambda: sheet(row('<c r="A1" x="' + "x" * 20 * MEGA + '"/>')),
    "a name of 20 megabytes": lambda: sheet(f"<{'x' * 20 * MEGA}/>"),
    "a million attributes": lambda: sheet("<row " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>"),
    "a million names": lambda: sheet("".join(f"<a{n}/>" for n in range(MEGA))),
    "another root": lambda: packed({SHEET: "<html/>"}),
    "no XML": lambda: packed({SHEET: b"\x00\xff\xfe" * 1_000}),
    "an encoding nobody knows": lambda: packed({SHEET: '<?xml version="1.0" encoding="x-nobody"?><worksheet/>'}),
    "half of it": lambda: packed({SHEET: parts_of(plain())[SHEET][:-30]}),
    # The archive.
    "a bomb": lambda: packed({SHEET: b" " * 110 * MEGA}),
    "a bomb beside the list": lambda: packed({"xl/media/image1.png": bytes(110 * MEGA)}),
    "a bomb that lies": lambda: lying(SHEET, b" " * 110 * MEGA, 1_000),
    "a wrong checksum": lambda: raw_zip([(n, c, len(c), 1) for n, c in parts_of(plain()).items()]),
    "a part twice": twice,
    "a part twice but for its case": lambda: packed({SHEET.upper(): b"<worksheet/>"}),
    "an absolute name": lambda: packed({"/etc/passwd": b"x"}),
    "a name that climbs": lambda: packed({"xl/../../x.xml": b"x"}),
    "a name from Windows": lambda: packed({"xl\\x.xml": b"x"}),
    "20,000 parts": lambda: archive({f"{n}": b"" for n in range(20_000)}),
    "an encrypted part": encrypted,
    "cut off": lambda: plain()[:-200],
    "only its end": lambda: plain()[:4] + plain()[-300:],
    "no parts": lambda: archive({}),
    "no workbook": lambda: archive({"a.txt": b"x"}),
    "a sheet that is elsewhere": lambda: packed(
        {"xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"/>'}
    ),
    # What a list has no need of.
    "macros": lambda: packed({"xl/vbaProject.bin": b"x"}),
    "macros by another name": lambda: related("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "x"),
    "macros by their kind": lambda: packed(
        {TYPES: parts_of(plain())[TYPES].replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")}
    ),
    "macros of old": lambda: packed({"xl/macrosheets/sheet1.xml": b"<x/>"}),
    "an old document": lambda: packed({"xl/media/image1.png": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)}),
    "a package in the package": lambda: packed({"xl/media/image1.png": plain()}),
    "embedded": lambda: related(f"{KIND}/oleObject", "../anything.bin"),
    "embedded in the sheet": lambda: sheet("", after='<oleObjects><oleObject progId="x"/></oleObjects>'),
    "a control": lambda: sheet("", after="<controls><control/></controls>"),
    "a query table": lambda: packed({"xl/queryTables/queryTable1.xml": b"<x/>"}),
    "a query table by another name": lambda: related(f"{KIND}/queryTable", "../anything.bin"),
    "a connection": lambda: packed({"xl/connections.xml": b"<x/>"}),
    "another workbook": lambda: packed({"xl/externalLinks/externalLink1.xml": b"<x/>"}),
    "another workbook by another name": lambda: related(
        f"{KIND}/externalLinkPath", "http://x/", 'TargetMode="External"'
    ),
    "a template from the net": lambda: related(f"{KIND}/attachedTemplate", "http://x/", 'TargetMode="External"'),
}


def written(rows: str, **parts: str | bytes) -> bytes:
    return open_documents.document(open_documents.spreadsheet(open_documents.table(rows)), parts)


def typed(head: str) -> bytes:
    """An ODS document with that document type, whose first entity is shown."""
    rows = open_documents.row(open_documents.text("&a;"))
    return open_documents.document(open_documents.spreadsheet(open_documents.table(rows)), head=head)


def repeated(cells: int, rows: int, said: str = "x") -> bytes:
    cell = open_documents.text(said, f'table:number-columns-repeated="{cells}"')
    return written(open_documents.row(cell, f'table:number-rows-repeated="{rows}"'))


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    # A few bytes that stand for millions of cells.
    "rows without an end": lambda: repeated(1, 1_048_576),
    "columns without an end": lambda: repeated(16_384, 1),
    "a cell repeated to the limit of both": lambda: repeated(200, 49_999),
    "a long text repeated": lambda: repeated(199, 2_000, "x" * 30_000),
    "endless digits of a repeat": lambda: written(
        open_documents.row(open_documents.text("x"), f'table:number-rows-repeated="{"9" * 9_000}"')
    ),
    "digits of another alphabet in a repeat": lambda: written(
        open_documents.row(open_documents.text("x"), 'table:number-rows-repeated="٣"')
    ),
    "a million blanks": lambda: written(open_documents.row(open_documents.text('<text:s text:c="1000000"/>' * 1_000))),
    "lines without an end": lambda: written(open_documents.row(open_documents.text("<text:line-break/>" * MEGA))),
    "too much text": lambda: written(open_documents.row(open_documents.text("x" * 5 * MEGA))),
    "merged over and over": lambda: written(
        open_documents.row(open_documents.text("x", 'table:number-rows-spanned="50000"') * 150) * 100
    ),
    "endless digits of a number": lambda: written(
        open_documents.row(f'<table:table-cell office:value-type="float" office:value="{"9" * 300_000}"/>')
    ),
    "no number": lambda: written(
        open_documents.row('<table:table-cell office:value-type="float" office:value="nan"/>')
    ),
    "too many sheets": lambda: open_documents.document(open_documents.spreadsheet(open_documents.table("") * 5_000)),
    "a sheet in a sheet": lambda: written(open_documents.row(f"<table:table-cell>{open_documents.table('')}")),
    "styles that are each other's parents": lambda: written(
        open_documents.row(open_documents.text("x", 'table:style-name="a"')),
        **{
            "styles.xml": f'<office:document-styles xmlns:office="{OFFICE}:office:1.0" xmlns:s="{OFFICE}:style:1.0">'
            '<s:style s:family="table-cell" s:name="a" s:parent-style-name="b"/>'
            '<s:style s:family="table-cell" s:name="b" s:parent-style-name="a"/></office:document-styles>'
        },
    ),
    # XML.
    "laughter": lambda: typed(laughter()),
    "a file of ours": lambda: typed('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
    "a document type from the net": lambda: typed('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "deep": lambda: written("<text:a>" * 500_000),
    "a comment of 20 megabytes": lambda: written(f"<!--{'x' * 20 * MEGA}-->"),
    "an attribute of 20 megabytes": lambda: written(f'<text:a x="{"x" * 20 * MEGA}"/>'),
    "another root": lambda: open_documents.document("<html/>"),
    "no XML": lambda: open_documents.document("", {"content.xml": bytes(1_000)}),
    "half of it": lambda: open_documents.document(open_documents.spreadsheet("")[:-30]),
    "a manifest of another kind": lambda: written("", **{"META-INF/manifest.xml": "<html/>"}),
    # The archive, and what a list has no need of.
    "a bomb": lambda: open_documents.document("", {"content.xml": b" " * 110 * MEGA}),
    "a bomb beside the list": lambda: written("", **{"Pictures/a.png": bytes(110 * MEGA)}),
    "an endless kind": lambda: open_documents.document("", {"mimetype": b"x" * 90 * MEGA}),
    "a name that climbs": lambda: written("", **{"Pictures/../../x": b"x"}),
    "a package in the package": lambda: written("", **{"Object 1": plain()}),
    "macros": lambda: written("", **{"Basic/Standard/Module1.xml": b"<x/>"}),
    "scripts": lambda: written("", **{"Scripts/python/a.py": b"x"}),
    "a listener": lambda: written('<script:event-listener script:event-name="dom:load"/>'),
    "another workbook": lambda: written('<table:table-source xlink:href="http://127.0.0.1:9/" xmlns:xlink="x"/>'),
    "a part of another workbook": lambda: written('<table:cell-range-source table:name="a"/>'),
    "another program": lambda: written('<office:dde-source office:dde-application="soffice"/>'),
    "an old document": lambda: written('<draw:object-ole xlink:href="./Object 1" xmlns:xlink="x"/>'),
}


TEXTS: dict[str, Callable[[], bytes]] = {
    "one line": lambda: b"Tag;" + b"x" * 19_000_000,
    "one line of cells": lambda: b"Tag" + b";" * 19_000_000,
    "NULs": lambda: b"Tag;Model\n" + bytes(10 * MEGA),
    "quotes": lambda: b'"' * MEGA,
    "odd quotes": lambda: b'Tag;Model\n"' + b'""' * MEGA + b"\n",
    "quotes in every cell": lambda: b"Tag;Model\n" + b'"a"b;' * MEGA,
    "rows": lambda: b"Tag\n" * 4 * MEGA,
    "half an encoding": lambda: b"\xff\xfe" + b"a" * 1_001,
    "no encoding": lambda: b"Tag;\x81\x8d\x8f\n",
    "a headline of separators": lambda: b"sep=" + b"=" * MEGA,
    "an old document": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000),
    "a locked document": lambda: b"\xd0\xcf\x11\xe0" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500),
}
# Cells that are read, but that what comes after has to cope with; the headings are of both kinds of lists.
_ASSET, _MOVE = "Tag;Model;Status;Standort", "Mitarbeiter;Raum alt;Raum neu;Umzugsdatum;Uhrzeit;Geräte"


def cells(text: str) -> tuple[bytes, bytes]:
    """A list of either kind that has the same in every cell."""
    return tuple(
        f"{headings}\n{';'.join([text] * headings.count(';')) + ';' + text}\n".encode() for headings in (_ASSET, _MOVE)
    )  # type: ignore[return-value]


CELLS: dict[str, str] = {
    "digits": "9" * 6_000,
    "small digits": "²" * 40,
    "other digits": "٣" * 6_000,
    "blanks": "a" + " " * 30_000 + "b",
    "line ends": '"a' + "\n" * 30_000 + 'b"',
    "blanks and words": "a" + " und " * 6_000,
    "dates": "1" * 3 + "." * 30_000,
    "letters of a date": "1 " + "a" * 30_000 + " 2026",
    "the last day": "31.12.9999",
    "no day": "00.00.0000",
    "exponents": "1" * 15_000 + "e" + "1" * 15_000,
    "zeros": "1." + "0" * 30_000 + "1",
    "apostrophes": "'" + "=" * 30_000,
    "half a character": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") * 50,
    "bidirectional": "\u202e\u2066" * 500,
    "combining": "a" + "\u0301" * 30_000,
    "combining out of order": "a" + "\u0301\u0316" * 15_000,
    "controls": "a\x01\x1b\x7f\x85\u2028b",
}


# What costs seconds to find out, within every limit.
HEAVY = frozenset(
    {"too many cells", "much ado about nothing", "a million names", "CSV: one line of cells", "CSV: rows"}
)


def families(heavy: bool) -> Iterator[tuple[str, str, bytes]]:
    """Family, file name, content."""
    makers = {name: ("list.xlsx", make) for name, make in WORKBOOKS.items()}
    makers |= {f"ODS: {name}": ("list.ods", make) for name, make in DOCUMENTS.items()}
    makers |= {f"CSV: {name}": ("list.csv", make) for name, make in TEXTS.items()}
    for family, (name, make) in makers.items():
        if (family in HEAVY) == heavy:
            yield family, name, make()
    for family, text in CELLS.items() if not heavy else ():
        for kind, content in zip(("assets", "moves"), cells(text), strict=True):
            yield f"cells of {kind}: {family}", "list.csv", content
