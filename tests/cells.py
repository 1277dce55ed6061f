"""Files as whoever reads lists gets them, made of lines."""

from domain.cells import NOTHING, CellFile, CellRow, CellSheet, ListCell


def text_file(*lines: str, sign: str = ";", name: str = "l.csv") -> CellFile:
    return CellFile(name, "0", (text_sheet("", *lines, sign=sign),))


def text_sheet(name: str, *lines: str, sign: str = ";") -> CellSheet:
    rows = (
        CellRow(number, tuple(ListCell(text) if text else NOTHING for text in line.split(sign)))
        for number, line in enumerate(lines, 1)
    )
    return CellSheet(name, tuple(row for row in rows if any(cell.text for cell in row.cells)))
